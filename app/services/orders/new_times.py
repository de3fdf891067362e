"""An order's visit at another time: whether it is offered, and who could come then."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.domain.eligibility import WantedVisit, WorkerFacts, broken_rules
from app.domain.errors import Conflict, RuleViolation
from app.domain.geo import distance_m
from app.domain.states import VisitStatus
from app.extensions import db
from app.models import Order, Visit
from app.services import clock
from app.services.roster import claims, slots, workforce
from app.services.roster.house import Hours, house
from app.services.system import parameters
from app.services.transactions import locked

SPARE_CANDIDATES = 5
DAYS_AROUND = 3
MOST_NEAR = 6


def wanted_at(order: Order, visit: Visit, start: datetime) -> WantedVisit:
    """What the visit would ask of a worker at that time; the order's own claims do not count."""
    day = clock.city_date(start)
    return replace(
        workforce.wanted_by(order),
        start=start,
        end=start + (visit.planned_end - visit.planned_start),
        service_on=day,
        day=workforce.city_day(day),
        later=(),
    )


def check_offered(order: Order, visit: Visit, start: datetime) -> None:
    """Raise RuleViolation unless the company offers this visit at this time, a new one."""
    if start == visit.planned_start:
        raise RuleViolation(_l("It is at this time already"), code="same_time", field="starts_at")
    check_start(_minutes(visit), start, _hours(order))


def check_start(minutes: int, start: datetime, hours: Hours | None = None) -> None:
    """Raise RuleViolation unless the company offers a visit of this length at this time."""
    day = clock.city_date(start)
    horizon = clock.today() + timedelta(days=parameters.get("booking.horizon_days"))
    if day > horizon or start not in slots.start_times(day, minutes, hours):
        raise RuleViolation(
            _l("This time is not offered"), code="slot_not_offered", field="starts_at"
        )


def free_near(order: Order, *, but_not: Collection[int] = ()) -> list[datetime]:
    """The free times of the order's next visit that are nearest to its own, in order of time."""
    visit = next((one for one in order.visits if one.status == VisitStatus.PLANNED), None)
    if visit is None:
        return []
    around = timedelta(days=DAYS_AROUND)
    first = max(visit.service_on - around, clock.today())
    last = max(visit.service_on + around, first)
    found = free_starts(order, visit, first, last, but_not=but_not)
    nearest = sorted(found, key=lambda start: abs(start - visit.planned_start))
    return sorted(nearest[:MOST_NEAR])


def free_starts(
    order: Order, visit: Visit, first: date, last: date, *, but_not: Collection[int] = ()
) -> list[datetime]:
    """Other times of these days at which a whole crew could come, as things are now."""
    from app.services.roster import _judging  # numpy takes long to load

    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    rules, hours = house(first, last), _hours(order)
    minutes = _minutes(visit)
    starts = {day: found for day in days if (found := rules.starts(day, minutes, hours))}
    if not starts:
        return []
    wanted = wanted_at(order, visit, next(iter(starts.values()))[0])
    wanted = replace(wanted, blocked=wanted.blocked | set(but_not))
    judged = _judging.judge(order.branch_id, wanted, starts, order.crew_size)
    return [
        start
        for start, found in judged.items()
        if not found.reason and start != visit.planned_start
    ]


def _hours(order: Order) -> Hours | None:
    return slots.hours_of(order.quote) if order.quote else None


def _minutes(visit: Visit) -> int:
    return (visit.planned_end - visit.planned_start) // timedelta(minutes=1)


def next_visit(order: Order) -> Visit:
    """The order's next visit that has not begun, locked. Raises RuleViolation."""
    session = db.session()
    planned = sa.select(Visit.id).filter_by(order_id=order.id, status=VisitStatus.PLANNED.value)
    visit_id = session.scalar(planned.order_by(Visit.planned_start, Visit.id).limit(1))
    if visit_id is None:
        raise RuleViolation(
            _l("No visit of this order is still to come"), code="no_visit", status=order.status
        )
    return locked(session, Visit, visit_id)


def write(order: Order, visit: Visit, start: datetime) -> None:
    """The visit is at that time; the promised window moves with it."""
    way = start - visit.planned_start
    visit.planned_start, visit.planned_end = start, visit.planned_end + way
    visit.service_on = order.service_on = clock.city_date(start)
    order.promised_from, order.promised_to = order.promised_from + way, order.promised_to + way
    order.planned_start, order.planned_end = start, visit.planned_end


def lock_crew(
    order: Order,
    wanted: WantedVisit,
    *,
    prefer: Collection[int],
    also: Collection[int] = (),
    but_not: Collection[int] = (),
) -> list[int]:
    """Lock likely workers and return a crew that is free for certain, those in `prefer` first.

    `also` are locked with them, in one go; `but_not` are no choice. Raises Conflict.
    """
    day, travel = wanted.service_on, workforce.travel_model()
    likely = [
        worker
        for worker in workforce.workers_of(order.branch_id, day, day)
        if worker.id not in but_not and not broken_rules(worker, wanted, travel)
    ]
    ranked = sorted(likely, key=lambda worker: _preference(worker, wanted, prefer))
    chosen = [worker.id for worker in ranked[: order.crew_size + SPARE_CANDIDATES]]
    claims.lock_workers([*chosen, *also])
    verdicts = claims.still_free(order.branch_id, chosen, wanted)
    free = [worker_id for worker_id in chosen if verdicts.get(worker_id) == []]
    if len(free) < order.crew_size:
        raise not_free()
    return free[: order.crew_size]


def not_free(code: str = "slot_taken", **details: Any) -> Conflict:
    return Conflict(_l("Nobody is free then. Please choose another time"), code=code, **details)


def _preference(
    worker: WorkerFacts, wanted: WantedVisit, wished: Collection[int]
) -> tuple[bool, int, float, int]:
    busy = sum(wanted.day.start <= taken.visit_start < wanted.day.end for taken in worker.taken)
    return worker.id not in wished, busy, distance_m(worker.home, wanted.place), worker.id
