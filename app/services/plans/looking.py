"""What each date of a plan would be, before anybody confirms it. Reads only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.domain import recurrence
from app.domain.errors import InvalidInput, RuleViolation
from app.domain.pricing import content_hash
from app.domain.recurrence import Repeats
from app.extensions import db
from app.models import Holiday, PlanOccurrence, Quote
from app.services import clock
from app.services.orders import prices
from app.services.orders.prices import Prices
from app.services.plans import openings
from app.services.plans.openings import HOLIDAY, TOO_FAR, FreeTimes, horizon, start_on
from app.services.roster.house import PAST_HORIZON

ON_HOLIDAYS = ("skip", "keep")
# Shown beyond the horizon, so that the rule can be seen; they are checked when they come near.
BEYOND = timedelta(days=31)


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
    """One date. `otherwise`: what a holiday would be, were it kept. `day_kind`: rest or working.

    `total_fen`: what it costs as prices are now; `near_fen`: the same of each alternative.
    """

    on: date
    starts_at: datetime
    state: str
    total_fen: int
    reason: str = ""
    otherwise: str = ""
    alternatives: Sequence[datetime] = ()
    near_fen: Sequence[int] = ()
    day_kind: str = ""
    day_name: str = ""
    day_name_en: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """All dates, and the hash by which they are confirmed."""

    rule: str
    quote: Quote
    dates: Sequence[Seen]
    free: FreeTimes
    hash: str


def day_of(row: PlanOccurrence) -> date:
    """The city's day on which the date takes place, which may be another one than the rule's."""
    return clock.city_date(row.starts_at)


def preview(quote: Quote, wish: Wish) -> Preview:
    """Every date within the horizon with its state, and some beyond it.

    Raises InvalidInput (repeat_invalid, plan_days_invalid, plan_without_dates), RuleViolation
    (not_repeatable).
    """
    rule = recurrence.rule_of(wish.repeats)
    _check_days(wish)
    if quote.content.get("days", 1) > 1:
        raise RuleViolation(
            _l(
                "Services of several days cannot be repeated: one worker must be free on all of "
                "their days. Please order them one by one"
            ),
            code="not_repeatable",
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
    free, holidays = openings.free_times(quote, near, wish.worker_id), holidays_among(days)
    now = prices.in_force(quote.area_id)
    dates = [
        _seen(quote, day, free if day in near else None, holidays.get(day), wish, now)
        for day in days
    ]
    return Preview(rule, quote, dates, free, _hash(quote, rule, wish, dates))


def holidays_among(days: Iterable[date]) -> dict[date, Holiday]:
    query = sa.select(Holiday).where(Holiday.day.in_(list(days)))
    return {holiday.day: holiday for holiday in db.session.scalars(query)}


def _seen(
    quote: Quote,
    day: date,
    free: FreeTimes | None,
    holiday: Holiday | None,
    wish: Wish,
    now: Prices,
) -> Seen:
    start = start_on(day, wish.start_minute)
    told: dict[str, Any] = {}
    if holiday is not None:
        told = {
            "day_kind": holiday.kind, "day_name": holiday.name, "day_name_en": holiday.name_en,
        }  # fmt: skip
    state, reason, near = free.state_of(start) if free else (TOO_FAR, PAST_HORIZON, ())
    costs = now.totals(quote.content, [start, *near])
    told["near_fen"] = [costs[other] for other in near]
    if is_left_out(holiday, wish.on_holidays):
        return Seen(day, start, HOLIDAY, costs[start], "", state, near, **told)
    return Seen(day, start, state, costs[start], reason, "", near, **told)


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
            "dates": [[str(one.on), one.state, one.total_fen] for one in dates],
        }
    )
