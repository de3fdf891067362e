"""To which times an order can be moved; what it claims itself stands in nobody's way."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.domain.states import VisitStatus
from app.extensions import db
from app.models import Order, Visit
from app.services.dispatch import crew
from app.services.orders import move_price, move_rules, new_times
from app.services.orders.move_rules import Side
from app.services.roster import slots
from app.services.roster.house import house


@dataclass(frozen=True, slots=True)
class MoveTime:
    """`same_worker`: those who have accepted could come then too. `difference_fen`: how much more
    the order costs then.
    """

    starts_at: datetime
    ends_at: datetime
    same_worker: bool
    difference_fen: int


@dataclass(frozen=True, slots=True)
class MoveDay:
    """`reason` tells why there is no time at all."""

    on: date
    times: list[MoveTime]
    reason: str


def move_times(
    order_id: int, first: date, last: date, *, side: Side, visit_id: int | None = None
) -> list[MoveDay]:
    """Day by day, as things are now, for the order's next visit or for `visit_id`.

    Raises what `moving.propose` would refuse at any time, and RuleViolation (span_invalid).
    """
    slots.check_span(first, last)
    order = db.session.get_one(Order, order_id)
    visit = _next(order, visit_id)
    move_rules.check(db.session(), order, visit, side)
    starts = new_times.offered_starts(order, visit, first, last)
    anybody = {
        **new_times.why_not_at(order, visit, starts),
        **new_times.own_visits_at(order, visit, starts),
    }
    hers = [
        new_times.why_not_at(order, visit, starts, only=worker_id)
        for worker_id in crew.on_visits([visit])
    ]
    every = [start for day in starts.values() for start in day]
    dearer = move_price.differences(order, every, side)
    return list(_days(order, visit, starts, anybody, hers, dearer))


def _days(
    order: Order,
    visit: Visit,
    starts: Mapping[date, Sequence[datetime]],
    anybody: Mapping[datetime, str],
    hers: Sequence[Mapping[datetime, str]],
    dearer: Mapping[datetime, int],
) -> Iterator[MoveDay]:
    length = visit.planned_end - visit.planned_start
    days = sorted(starts)
    rules, hours = house(days[0], days[-1]), new_times.hours_of(order)
    for day in days:
        times = [
            MoveTime(
                start,
                start + length,
                bool(hers) and not any(one[start] for one in hers),
                dearer[start],
            )
            for start in starts[day]
            if not anybody[start] and start != visit.planned_start
        ]
        reasons = [anybody[start] for start in starts[day] if anybody[start]]
        why = rules.why_closed(day, length // timedelta(minutes=1), hours)
        if reasons:
            why = max(dict.fromkeys(reasons), key=reasons.count)
        yield MoveDay(day, times, "" if times else why)


def _next(order: Order, visit_id: int | None) -> Visit:
    planned = [
        visit
        for visit in order.visits
        if visit.status == VisitStatus.PLANNED and visit_id in (None, visit.id)
    ]
    if not planned:
        raise new_times.no_visit(order)
    return min(planned, key=lambda visit: visit.planned_start)
