"""Free times for a quote: each offered one can be held, each day without any says why."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal

from flask_babel import lazy_gettext as _l

from app.domain import eligibility
from app.domain.eligibility import WantedVisit
from app.domain.errors import RuleViolation
from app.domain.geo import Point
from app.models import Quote
from app.services import clock
from app.services.roster import workforce
from app.services.system import parameters

if TYPE_CHECKING:
    from app.domain.free_time import Array, Verdict
    from app.services.roster._columns import Workers

TOO_SOON = "too_soon"
PAST_HORIZON = "past_horizon"
NOBODY = "no_worker"
LONGEST_SPAN_DAYS = 31
Grade = Literal["recommended", "fine", "tight"]
GRADES: tuple[Grade, ...] = ("recommended", "fine", "tight")
# Minutes of travel and of gaps too short to sell that a visit may cost for the first two grades.
COSTS = (60, 120)


@dataclass(frozen=True, slots=True)
class Slot:
    """A start time, how many workers could come, and how well it fits the day of the best one."""

    starts_at: datetime
    ends_at: datetime
    workers: int
    grade: Grade


@dataclass(frozen=True, slots=True)
class Day:
    on: date
    slots: list[Slot]
    reason: str


def free_times(
    quote: Quote, branch_id: int, first: date, last: date, worker_id: int | None = None
) -> list[Day]:
    """Free times of each day, for anybody or one chosen worker. Raises RuleViolation."""
    if not first <= last <= first + timedelta(days=LONGEST_SPAN_DAYS - 1):
        raise RuleViolation(
            _l("Ask for 1 to %(days)s days", days=LONGEST_SPAN_DAYS),
            code="span_invalid",
            days=LONGEST_SPAN_DAYS,
        )
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    starts = {day: start_times(day, quote.minutes) for day in days if day <= _horizon()}
    open_days = {day: starts[day] for day in starts if starts[day]}
    found = _found(quote, branch_id, open_days, worker_id) if open_days else {}
    return [found.get(day) or Day(day, [], _closed(day)) for day in days]


def start_times(day: date, minutes: int) -> list[datetime]:
    """All starts that the house rules allow on that day, whoever is free."""
    opens, closes = parameters.get("booking.opens_minute"), parameters.get("booking.closes_minute")
    step = parameters.get("booking.step_minutes")
    midnight = datetime.combine(day, time.min, clock.city_zone())
    earliest = clock.now() + timedelta(minutes=parameters.get("booking.lead_minutes"))
    starts = (midnight + timedelta(minutes=m) for m in range(opens, closes - minutes + 1, step))
    return [start.astimezone(UTC) for start in starts if start >= earliest]


def wanted_visit(quote: Quote, start: datetime, owner: str = "") -> WantedVisit:
    """The visit that a quote would become at that time."""
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
    )


def _horizon() -> date:
    return clock.today() + timedelta(days=parameters.get("booking.horizon_days"))


def _closed(day: date) -> str:
    return PAST_HORIZON if day > _horizon() else TOO_SOON


def _found(
    quote: Quote, branch_id: int, starts: dict[date, list[datetime]], worker_id: int | None
) -> dict[date, Day]:
    # Loaded late: most processes that import this module never look for free time.
    from app.services.roster import _columns as columns

    wanted = wanted_visit(quote, next(iter(starts.values()))[0])
    return judged(quote, columns.workers(branch_id, list(starts), wanted, worker_id), starts)


def judged(quote: Quote, workers: "Workers", starts: dict[date, list[datetime]]) -> dict[date, Day]:
    """Each of these days, on all of which there are starts."""
    from app.domain import free_time

    instants = [start for day in starts.values() for start in day]
    bounds = [workforce.city_day(day) for day in starts]
    request = free_time.request_of(
        wanted_visit(quote, instants[0]), [(day.start, day.end) for day in bounds], instants
    )
    sellable = timedelta(minutes=parameters.get("booking.shortest_gap_minutes"))
    verdict = free_time.verdict(
        workers.calendar, request, workforce.travel_model(), sellable // free_time.TICK
    )
    found, column = {}, 0
    for day, broken in zip(starts, workers.broken, strict=True):
        columns = slice(column, column := column + len(starts[day]))
        found[day] = _day(quote, day, starts[day], broken, verdict.of(columns))
    return found


def _day(
    quote: Quote, day: date, starts: list[datetime], broken: "Array", verdict: "Verdict"
) -> Day:
    able = broken < 0
    counts, costs = verdict.costs(able)
    crew_size: int = quote.content["crew_size"]
    length = timedelta(minutes=quote.minutes)
    slots = [
        Slot(start, start + length, count, _grade(cost))
        for start, count, cost in zip(starts, counts, costs, strict=True)
        if count >= crew_size
    ]
    if slots:
        return Day(day, slots, "")
    if able.sum() >= crew_size:  # they could come: what keeps them, hour by hour?
        return Day(day, [], _most(verdict.reasons(able)))
    return Day(day, [], _most(Counter(eligibility.RULES[place] for place in broken[~able])))


def _grade(minutes: float) -> Grade:
    return GRADES[sum(minutes > most for most in COSTS)]


def _most(counted: Counter[str]) -> str:
    """What stands most in the way."""
    return max(counted, key=lambda code: counted[code]) if counted else NOBODY
