"""Free times for a quote: each offered one can be held, each day without any says why."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from flask_babel import lazy_gettext as _l

from app.domain import eligibility
from app.domain.eligibility import WantedVisit, WorkerFacts
from app.domain.errors import RuleViolation
from app.domain.geo import Point, TravelModel
from app.models import Quote
from app.services import clock
from app.services.roster import workforce
from app.services.system import parameters

TOO_SOON = "too_soon"
PAST_HORIZON = "past_horizon"
NOBODY = "no_worker"
LONGEST_SPAN_DAYS = 31


@dataclass(frozen=True, slots=True)
class Slot:
    """A start time, and how many workers could come."""

    starts_at: datetime
    ends_at: datetime
    workers: int


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
    only = None if worker_id is None else [worker_id]
    workers = workforce.workers_of(branch_id, first, last, only=only)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    travel = workforce.travel_model()
    return [_day(quote, workers, day, travel) for day in days]


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


def _day(quote: Quote, workers: list[WorkerFacts], day: date, travel: TravelModel) -> Day:
    horizon = clock.today() + timedelta(days=parameters.get("booking.horizon_days"))
    if day > horizon:
        return Day(day, [], PAST_HORIZON)
    starts = start_times(day, quote.minutes)
    if not starts:
        return Day(day, [], TOO_SOON)
    crew_size: int = quote.content["crew_size"]
    able, broken = _able(workers, wanted_visit(quote, starts[0]))
    slots = []
    for start in starts:
        wanted = wanted_visit(quote, start)
        reasons = [eligibility.time_rules(worker, wanted, travel) for worker in able]
        free = sum(not rules for rules in reasons)
        broken.update(rules[0] for rules in reasons if rules)
        if free >= crew_size:
            slots.append(Slot(start, wanted.end, free))
    return Day(day, slots, "" if slots else _reason(len(able), crew_size, broken))


def _able(
    workers: list[WorkerFacts], wanted: WantedVisit
) -> tuple[list[WorkerFacts], Counter[str]]:
    able, broken = [], Counter[str]()
    for worker in workers:
        rules = eligibility.standing_rules(worker, wanted)
        if rules:
            broken[rules[0]] += 1
        else:
            able.append(worker)
    return able, broken


def _reason(able: int, crew_size: int, broken: Counter[str]) -> str:
    """What stands most in the way: of those who could come, else of all."""
    hourly = {eligibility.OFF_SHIFT, eligibility.BUSY, eligibility.TRAVEL, eligibility.DAILY_CAP}
    counted = {code: n for code, n in broken.items() if (code in hourly) == (able >= crew_size)}
    return max(counted, key=lambda code: counted[code]) if counted else NOBODY
