"""What each date of a plan would be, before anybody confirms it. Reads only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.domain import recurrence
from app.domain.errors import InvalidInput, RuleViolation
from app.domain.pricing import content_hash
from app.domain.recurrence import Repeats
from app.extensions import db
from app.models import Holiday, PlanOccurrence, Quote, Shift, Worker
from app.services import clock
from app.services.orders import quotes
from app.services.roster import slots
from app.services.roster.house import PAST_HORIZON
from app.services.system import parameters

FREE, OTHER_WORKER, OTHER_TIME = "free", "other_worker", "other_time"
IMPOSSIBLE, HOLIDAY, TOO_FAR = "impossible", "holiday", "too_far"
STATES = (FREE, OTHER_WORKER, OTHER_TIME, IMPOSSIBLE, HOLIDAY, TOO_FAR)
SERVED = (FREE, OTHER_WORKER)
NO_ROSTER = "no_roster"  # nobody's shifts are known yet on that day
ON_HOLIDAYS = ("skip", "keep")
# Shown beyond the horizon, so that the rule can be seen; they are checked when they come near.
BEYOND = timedelta(days=31)
NEARBY = timedelta(days=3)
MOST_ALTERNATIVES = 5


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall be repeated when. `start_minute` is of the city's day."""

    repeats: Repeats
    starts_on: date
    start_minute: int
    ends_on: date | None = None
    worker_id: int | None = None
    on_holidays: str = "skip"


@dataclass(frozen=True, slots=True)
class Seen:
    """One date. `otherwise`: what a holiday would be, were it kept. `day_kind`: rest or working."""

    on: date
    starts_at: datetime
    state: str
    reason: str = ""
    otherwise: str = ""
    alternatives: Sequence[datetime] = ()
    day_kind: str = ""
    day_name: str = ""
    day_name_en: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """All dates, and the hash by which they are confirmed."""

    rule: str
    quote: Quote
    dates: Sequence[Seen]
    free: "FreeTimes"
    hash: str


@dataclass(frozen=True, slots=True)
class FreeTimes:
    """When somebody could come, and when the wished worker could; days without, and why.

    `rostered`: the days for which shifts are known.
    """

    anybody: frozenset[datetime]
    wished: frozenset[datetime]
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
        reason = self.reasons.get(clock.city_date(start), "") or "time_taken"
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


def day_of(row: PlanOccurrence) -> date:
    """The city's day on which the date takes place, which may be another one than the rule's."""
    return clock.city_date(row.starts_at)


def horizon() -> date:
    """The last day on which customers can book."""
    return clock.today() + timedelta(days=parameters.get("booking.horizon_days"))


def preview(quote: Quote, wish: Wish) -> Preview:
    """Every date within the horizon with its state, and some beyond it.

    Raises InvalidInput (repeat_invalid, plan_days_invalid, plan_without_dates), RuleViolation
    (not_repeatable).
    """
    rule = recurrence.rule_of(wish.repeats)
    _check_days(wish)
    if quote.content.get("days", 1) > 1:
        raise RuleViolation(
            _l("Services of several days cannot be repeated"), code="not_repeatable"
        )
    if quote.content.get("coupon"):
        raise RuleViolation(
            _l("A coupon is for one order, not for a plan"), code="coupon_not_for_plans"
        )
    days = [
        day
        for day in recurrence.days_of(rule, wish.starts_on, clock.today(), _last_shown(wish))
        if start_on(day, wish.start_minute) > clock.now()
    ]
    if not days:
        raise InvalidInput(
            _l("This plan has no date"), code="plan_without_dates", field="starts_on"
        )
    near = [day for day in days if day <= horizon()]
    free, holidays = free_times(quote, near, wish.worker_id), holidays_among(days)
    dates = [_seen(day, free if day in near else None, holidays.get(day), wish) for day in days]
    return Preview(rule, quote, dates, free, _hash(quote, rule, wish, dates))


def holidays_among(days: Iterable[date]) -> dict[date, Holiday]:
    query = sa.select(Holiday).where(Holiday.day.in_(list(days)))
    return {holiday.day: holiday for holiday in db.session.scalars(query)}


def free_times(quote: Quote, days: Sequence[date], worker_id: int | None) -> FreeTimes:
    """The free times of these days and of those around them."""
    if not days:
        return FreeTimes(frozenset(), frozenset(), {}, frozenset())
    first, last = max(min(days) - NEARBY, clock.today()), min(max(days) + NEARBY, horizon())
    found = _spans(quote, first, last, None)
    anybody = frozenset(slot.starts_at for day in found for slot in day.slots)
    wished = anybody
    # Of a crew, only whether it is complete can be told.
    if worker_id is not None and quote.content["crew_size"] == 1:
        hers = _spans(quote, first, last, worker_id)
        wished = anybody & {slot.starts_at for day in hers for slot in day.slots}
    reasons = {day.on: day.reason for day in found}
    return FreeTimes(anybody, wished, reasons, _rostered(quote, first, last))


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


def _seen(day: date, free: FreeTimes | None, holiday: Holiday | None, wish: Wish) -> Seen:
    start = start_on(day, wish.start_minute)
    told: dict[str, Any] = {}
    if holiday is not None:
        told = {
            "day_kind": holiday.kind, "day_name": holiday.name, "day_name_en": holiday.name_en,
        }  # fmt: skip
    state, reason, near = free.state_of(start) if free else (TOO_FAR, PAST_HORIZON, ())
    if is_left_out(holiday, wish.on_holidays):
        return Seen(day, start, HOLIDAY, "", state, near, **told)
    return Seen(day, start, state, reason, "", near, **told)


def is_left_out(holiday: Holiday | None, on_holidays: str) -> bool:
    """A rest day of a plan that rests on holidays; a weekend that is worked is a day like any."""
    return holiday is not None and holiday.kind == "rest" and on_holidays == "skip"


def _last_shown(wish: Wish) -> date:
    last = max(horizon(), wish.starts_on) + BEYOND
    return min(last, wish.ends_on) if wish.ends_on else last


def _check_days(wish: Wish) -> None:
    too_late = wish.starts_on > horizon()
    if too_late or (wish.ends_on and not wish.starts_on <= wish.ends_on):
        raise InvalidInput(
            _l("The first day must come before the last one and can be booked today"),
            code="plan_days_invalid",
            field="starts_on" if too_late else "ends_on",
        )
    if not 0 <= wish.start_minute < 24 * 60 or wish.on_holidays not in ON_HOLIDAYS:
        raise InvalidInput(_l("Some values are missing or wrong"))


def _hash(quote: Quote, rule: str, wish: Wish, dates: Sequence[Seen]) -> str:
    """Of what was shown and would be done; alternatives are checked when one is chosen."""
    return content_hash(
        {
            "price": quote.hash,
            "rule": rule,
            "minute": wish.start_minute,
            "days": [str(wish.starts_on), str(wish.ends_on), wish.on_holidays],
            "worker": wish.worker_id,
            "dates": [[str(one.on), one.state] for one in dates],
        }
    )
