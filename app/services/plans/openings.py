"""When somebody could come on the days of a plan, and near them. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa

from app.extensions import db
from app.models import Quote, Shift, Worker
from app.services import clock
from app.services.orders import quotes
from app.services.roster import slots
from app.services.system import parameters

FREE, OTHER_WORKER, OTHER_TIME = "free", "other_worker", "other_time"
IMPOSSIBLE, HOLIDAY, TOO_FAR = "impossible", "holiday", "too_far"
STATES = (FREE, OTHER_WORKER, OTHER_TIME, IMPOSSIBLE, HOLIDAY, TOO_FAR)
SERVED = (FREE, OTHER_WORKER)
NO_ROSTER = "no_roster"  # nobody's shifts are known yet on that day
NOT_OFFERED = "slot_not_offered"  # outside the hours, or between two starts
NEARBY = timedelta(days=3)
MOST_ALTERNATIVES = 5


@dataclass(frozen=True, slots=True)
class FreeTimes:
    """When somebody could come, and when the wished worker could; times and days without, and why.

    `rostered`: the days for which shifts are known.
    """

    anybody: frozenset[datetime]
    wished: frozenset[datetime]
    withheld: Mapping[datetime, str]
    reasons: Mapping[date, str]
    rostered: frozenset[date]

    def state_of(self, start: datetime) -> tuple[str, str, Sequence[datetime]]:
        """State, reason and alternatives of a visit that would start then."""
        if start in self.wished:
            return FREE, "", ()
        if start in self.anybody:
            return OTHER_WORKER, "", ()
        if clock.city_date(start) not in self.rostered:
            return TOO_FAR, NO_ROSTER, ()
        near = self.near(start)
        of_day = self.reasons.get(clock.city_date(start))
        reason = self.withheld.get(start) or of_day or NOT_OFFERED
        return (OTHER_TIME if near else IMPOSSIBLE), reason, near

    def near(self, start: datetime) -> list[datetime]:
        """The nearest other times: the same day first, then the wished worker's, then the hour."""
        day, hour = clock.city_date(start), _seconds(start)
        found = [
            (abs(there - day), other not in self.wished, abs(_seconds(other) - hour), other)
            for other in self.anybody
            if abs((there := clock.city_date(other)) - day) <= NEARBY
        ]
        return [other for *_distance, other in sorted(found)[:MOST_ALTERNATIVES]]


def _seconds(instant: datetime) -> int:
    """Of the city's clock since midnight."""
    local = clock.city_time(instant)
    return local.hour * 3600 + local.minute * 60 + local.second


def start_on(day: date, minute: int) -> datetime:
    """The instant of a minute of the city's day."""
    local = datetime.combine(day, time(minute // 60, minute % 60), clock.city_zone())
    return local.astimezone(UTC)


def horizon() -> date:
    """The last day on which customers can book."""
    return clock.today() + timedelta(days=parameters.get("booking.horizon_days"))


def free_times(quote: Quote, days: Sequence[date], worker_id: int | None) -> FreeTimes:
    """The free times of these days and of those around them."""
    if not days:
        return FreeTimes(frozenset(), frozenset(), {}, {}, frozenset())
    first, last = max(min(days) - NEARBY, clock.today()), min(max(days) + NEARBY, horizon())
    found = _spans(quote, first, last, None)
    anybody = frozenset(slot.starts_at for day in found for slot in day.slots)
    wished = anybody
    # Of a crew, only whether it is complete can be told.
    if worker_id is not None and quote.content["crew_size"] == 1:
        hers = _spans(quote, first, last, worker_id)
        wished = anybody & {slot.starts_at for day in hers for slot in day.slots}
    withheld = {one.starts_at: one.reason for day in found for one in day.withheld}
    reasons = {day.on: day.reason for day in found}
    return FreeTimes(anybody, wished, withheld, reasons, _rostered(quote, first, last))


def _rostered(quote: Quote, first: date, last: date) -> frozenset[date]:
    """Days for which shifts are known: nobody can tell who is free on the others."""
    query = (
        sa.select(Shift.service_on)
        .join(Worker, Worker.id == Shift.worker_id)
        .where(Worker.branch_id == quotes.branch_of(quote), Shift.service_on.between(first, last))
    )
    return frozenset(db.session.scalars(query.distinct()))


def _spans(quote: Quote, first: date, last: date, worker_id: int | None) -> list[slots.Day]:
    branch_id, days = quotes.branch_of(quote), []
    while first <= last:
        end = min(first + timedelta(days=slots.LONGEST_SPAN_DAYS - 1), last)
        days += slots.free_times(quote, branch_id, first, end, worker_id)
        first = end + timedelta(days=1)
    return days
