"""Free times for a quote: each offered one can be held, each other one says why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from flask_babel import lazy_gettext as _l

from app.domain.eligibility import WantedVisit
from app.domain.errors import RuleViolation
from app.domain.geo import Point
from app.models import Quote
from app.services import clock
from app.services.roster import live, workforce
from app.services.roster.house import CLOSED_DAY, OUTSIDE_HOURS, Hours, house
from app.services.system import parameters

if TYPE_CHECKING:
    from app.services.roster._judging import Judged

LONGEST_SPAN_DAYS = 31
NOBODY_NEAR = "nobody_near"
Grade = Literal["recommended", "fine", "tight"]
GRADES: tuple[Grade, ...] = ("recommended", "fine", "tight")
# Minutes of travel and of gaps too short to sell that a visit may cost for the first two grades.
COSTS = (60, 120)


@dataclass(frozen=True, slots=True)
class Slot:
    """A start time, how many workers could come, and how well it fits the day of the best one.

    `total_fen`: what it costs then, where prices were asked for.
    """

    starts_at: datetime
    ends_at: datetime
    workers: int
    grade: Grade
    total_fen: int = 0


@dataclass(frozen=True, slots=True)
class Withheld:
    """A start at which too few could come, and what keeps most of the others."""

    starts_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Day:
    """`reason` tells why there is no slot at all."""

    on: date
    slots: list[Slot]
    reason: str
    withheld: list[Withheld]


def free_times(
    quote: Quote,
    branch_id: int,
    first: date,
    last: date,
    worker_id: int | None = None,
    *,
    own: frozenset[str] = frozenset(),
) -> list[Day]:
    """Free times of each day, for anybody or one chosen worker. Raises RuleViolation.

    `own` are owners of claims that stand in nobody's way: what the asker himself holds.
    """
    check_span(first, last)
    rules, hours = house(first, last), hours_of(quote)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    starts = {day: rules.starts(day, quote.minutes, hours) for day in days}
    open_days = {day: found for day, found in starts.items() if found}
    judged = _judged(quote, branch_id, open_days, worker_id, own) if open_days else {}
    return [
        _day(quote, day, starts[day], judged)
        if starts[day]
        else Day(day, [], rules.why_closed(day, quote.minutes, hours), [])
        for day in days
    ]


def check_span(first: date, last: date) -> None:
    """Raises RuleViolation for days that are none or too many."""
    if not first <= last <= first + timedelta(days=LONGEST_SPAN_DAYS - 1):
        raise RuleViolation(
            _l("Ask for 1 to %(days)s days", days=LONGEST_SPAN_DAYS),
            code="span_invalid",
            days=LONGEST_SPAN_DAYS,
        )


def start_times(day: date, minutes: int, hours: Hours | None = None) -> list[datetime]:
    """All starts that the house rules allow on that day, whoever is free."""
    return house(day, day).starts(day, minutes, hours)


def hours_of(quote: Quote) -> Hours | None:
    """The hours of services that do not keep those of the house."""
    own = quote.content.get("hours")
    return (own[0], own[1]) if own else None


def wanted_visit(quote: Quote, start: datetime, owner: str = "") -> WantedVisit:
    """What a quote would become at that time: one visit, or one on each of its days."""
    visits = [_visit(quote, start + timedelta(days=n), owner) for n in range(days_of(quote))]
    return replace(visits[0], later=visits[1:])


def days_of(quote: Quote) -> int:
    """On how many days in a row somebody comes."""
    return int(quote.content.get("days", 1))


def times_for_now(quote: Quote, branch_id: int, worker_id: int | None = None) -> Day:
    """Starts within the next minutes, of workers who are idle and near. Raises RuleViolation."""
    check_instant(quote)
    today = clock.today()
    rules, hours = house(today, today), hours_of(quote)
    starts = rules.instant_starts(quote.minutes, hours)
    if not starts:
        reason = OUTSIDE_HOURS if rules.is_open(today) else CLOSED_DAY
        return Day(today, [], reason, [])
    from app.services.roster import _judging

    near = live.idle(branch_id)
    judged = _judging.judge(
        branch_id, _visit(quote, starts[0], ""), {today: starts}, quote.content["crew_size"],
        only=worker_id, near=near,
    )  # fmt: skip
    found = _day(quote, today, starts, judged)
    if not live.is_missing(near, worker_id):
        return found
    nobody = [Withheld(one.starts_at, NOBODY_NEAR) for one in found.withheld]
    return replace(found, reason=NOBODY_NEAR, withheld=nobody)


def check_instant(quote: Quote) -> None:
    """Raises RuleViolation when visits for now are not offered, or not this one."""
    if not parameters.get("booking.instant") or days_of(quote) > 1:
        raise RuleViolation(_l("This cannot be booked for now"), code="instant_off")


def why_not(
    quote: Quote,
    branch_id: int,
    wanted: WantedVisit,
    worker_id: int | None = None,
    *,
    near: Mapping[int, Point] | None = None,
) -> str:
    """Why too few workers could take this visit now; empty when they could."""
    from app.services.roster import _judging

    if near is not None and live.is_missing(near, worker_id):
        return NOBODY_NEAR
    judged = _judging.judge(
        branch_id, replace(wanted, later=()), {wanted.service_on: [wanted.start]},
        quote.content["crew_size"], 1 + len(wanted.later), worker_id, near,
    )  # fmt: skip
    return judged[wanted.start].reason


def _visit(quote: Quote, start: datetime, owner: str) -> WantedVisit:
    content = quote.content
    day = clock.city_date(start)
    return WantedVisit(
        start=start,
        end=start + timedelta(minutes=quote.minutes),
        service_on=day,
        day=workforce.city_day(day),
        place=Point(quote.address.lat, quote.address.lng),
        area_id=quote.area_id,
        skills={int(skill): level for skill, level in content["skills"].items()},
        buffer_before=timedelta(minutes=content["buffer_before_minutes"]),
        buffer_after=timedelta(minutes=content["buffer_after_minutes"]),
        owner=owner,
        blocked=workforce.blocked_for(quote.customer_id),
        documents=workforce.needed_documents(),
    )


def _judged(
    quote: Quote,
    branch_id: int,
    starts: Mapping[date, Sequence[datetime]],
    worker_id: int | None,
    own: frozenset[str],
) -> Mapping[datetime, "Judged"]:
    # Loaded late: most processes that import this module never look for free time.
    from app.services.roster import _judging

    wanted = replace(_visit(quote, next(iter(starts.values()))[0], ""), own=own)
    crew_size: int = quote.content["crew_size"]
    return _judging.judge(branch_id, wanted, starts, crew_size, days_of(quote), worker_id)


def _day(
    quote: Quote, day: date, starts: list[datetime], judged: Mapping[datetime, "Judged"]
) -> Day:
    length = timedelta(minutes=quote.minutes)
    slots, withheld = [], []
    for start in starts:
        found = judged[start]
        if found.reason:
            withheld.append(Withheld(start, found.reason))
        else:
            slots.append(Slot(start, start + length, found.workers, _grade(found.cost)))
    return Day(day, slots, "" if slots else _most(withheld), withheld)


def _grade(minutes: float) -> Grade:
    return GRADES[sum(minutes > most for most in COSTS)]


def _most(withheld: Sequence[Withheld]) -> str:
    """What stands most in the way."""
    reasons = [one.reason for one in withheld]
    return max(dict.fromkeys(reasons), key=reasons.count)
