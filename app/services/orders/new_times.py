"""An order's visit at another time: whether it is offered, and who could come then."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.domain.eligibility import WantedVisit
from app.domain.errors import Conflict, RuleViolation
from app.domain.states import VisitStatus
from app.extensions import db
from app.models import Order, Visit
from app.services import clock
from app.services.dispatch.crew import TO_COME
from app.services.orders import following
from app.services.roster import claims, crews, slots, workforce
from app.services.roster.house import Hours, house
from app.services.transactions import locked

SPARE_CANDIDATES = 5
DAYS_AROUND = 3
MOST_NEAR = 6
OWN_VISIT = "own_visit"


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
    _check_apart(order, visit, start)
    check_start(_minutes(visit), start, hours_of(order))


def _check_apart(order: Order, visit: Visit, start: datetime) -> None:
    """Two visits of one order are not at one time: its own claims do not refuse that."""
    if own_visits_at(order, visit, {visit.service_on: [start]}):
        raise RuleViolation(
            _l("Another visit of this order is at that time"), code=OWN_VISIT, field="starts_at"
        )


def own_visits_at(
    order: Order, visit: Visit, starts: Mapping[date, Sequence[datetime]]
) -> dict[datetime, str]:
    """The starts at which another visit of the order would be in the way, with that as reason."""
    if order.visit_count == 1:
        return {}
    others = sa.select(Visit.planned_start, Visit.planned_end).where(
        Visit.order_id == order.id, Visit.id != visit.id,
        Visit.status.in_((*TO_COME, VisitStatus.IN_SERVICE.value)),
    )  # fmt: skip
    taken, length = db.session.execute(others).all(), visit.planned_end - visit.planned_start
    return {
        start: OWN_VISIT
        for found in starts.values()
        for start in found
        if any(begins < start + length and start < ends for begins, ends in taken)
    }


def check_start(minutes: int, start: datetime, hours: Hours | None = None) -> None:
    """Raise RuleViolation unless the company offers a visit of this length at this time."""
    day = clock.city_date(start)
    # What begins after midnight may belong to the hours of the day before.
    reason = house(day - timedelta(days=1), day).why_not(start, minutes, hours)
    if reason:
        raise RuleViolation(
            _l("This time is not offered"), code="slot_not_offered", field="starts_at",
            reason=reason,
        )  # fmt: skip


def free_near(
    order: Order, visit: Visit | None = None, *, but_not: Collection[int] = ()
) -> list[datetime]:
    """The free times of the visit, or of the order's next one, that are nearest to its own, in
    order of time; none when it is not planned any more.
    """
    planned = [one for one in order.visits if one.status == VisitStatus.PLANNED]
    wanted = [one for one in planned if visit is None or one.id == visit.id]
    if not wanted:
        return []
    visit = min(wanted, key=lambda one: one.planned_start)
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
    starts = offered_starts(order, visit, first, last)
    reasons = why_not_at(order, visit, starts, but_not=but_not)
    reasons |= own_visits_at(order, visit, starts)
    return [start for start, why in reasons.items() if not why and start != visit.planned_start]


def offered_starts(
    order: Order, visit: Visit, first: date, last: date
) -> dict[date, list[datetime]]:
    """Of each of these days the times that the company offers for this visit."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    rules, hours = house(first, last), hours_of(order)
    return {day: rules.starts(day, _minutes(visit), hours) for day in days}


def why_not_at(
    order: Order,
    visit: Visit,
    starts: Mapping[date, Sequence[datetime]],
    *,
    only: int | None = None,
    but_not: Collection[int] = (),
) -> dict[datetime, str]:
    """Why too few could come at each of these starts, or this one worker; empty when they could."""
    from app.services.roster import _judging  # numpy takes long to load

    some = {day: found for day, found in starts.items() if found}
    if not some:
        return {}
    wanted = wanted_at(order, visit, next(iter(some.values()))[0])
    wanted = replace(wanted, blocked=wanted.blocked | set(but_not))
    crew_size = order.crew_size if only is None else 1
    judged = _judging.judge(order.branch_id, wanted, some, crew_size, only=only)
    return {start: found.reason for start, found in judged.items()}


def hours_of(order: Order) -> Hours | None:
    return slots.hours_of(order.quote) if order.quote else None


def _minutes(visit: Visit) -> int:
    return (visit.planned_end - visit.planned_start) // timedelta(minutes=1)


def next_visit(order: Order, visit_id: int | None = None) -> Visit:
    """The order's next visit that has not begun, or this one, locked. Raises RuleViolation."""
    session = db.session()
    planned = sa.select(Visit.id).filter_by(order_id=order.id, status=VisitStatus.PLANNED.value)
    if visit_id is not None:
        planned = planned.where(Visit.id == visit_id)
    visit_id = session.scalar(planned.order_by(Visit.planned_start, Visit.id).limit(1))
    if visit_id is None:
        raise no_visit(order)
    return locked(session, Visit, visit_id)


def no_visit(order: Order) -> RuleViolation:
    return RuleViolation(
        _l("No visit of this order is still to come"), code="no_visit", status=order.status
    )


def write(order: Order, visit: Visit, start: datetime) -> None:
    """The visit is at that time; the promised window moves with the next one."""
    visit.planned_end += start - visit.planned_start
    visit.planned_start, visit.service_on = start, clock.city_date(start)
    db.session.flush()
    following.follow(order)


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
    likely = [one.id for one in crews.likely(order.branch_id, wanted) if one.id not in but_not]
    ranked = sorted(likely, key=lambda worker_id: worker_id not in prefer)
    chosen = ranked[: order.crew_size + SPARE_CANDIDATES]
    claims.lock_workers([*chosen, *also])
    verdicts = claims.still_free(order.branch_id, chosen, wanted)
    free = [worker_id for worker_id in chosen if verdicts.get(worker_id) == []]
    if len(free) < order.crew_size:
        raise not_free()
    return free[: order.crew_size]


def not_free(code: str = "slot_taken", **details: Any) -> Conflict:
    return Conflict(_l("Nobody is free then. Please choose another time"), code=code, **details)
