"""May this worker take this visit? The hard rules, in one place for slots, offers and claims.

Each rule has a stable code. Nothing here reads the database or the clock.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.domain.geo import Point, TravelModel, distance_m

REQUIRED_DOCUMENTS = ("id_card", "health")

NOT_ACTIVE = "not_active"
SKILL = "skill_missing"
LEVEL = "skill_level"
DOCUMENT = "document_invalid"
AREA = "area_not_served"
RADIUS = "too_far"
BLOCKED = "blocked_pair"
REJECTED = "rejected_before"
OFF_SHIFT = "off_shift"
BUSY = "time_taken"
TRAVEL = "travel_too_long"
DAILY_CAP = "daily_cap"
HELD = "time_held"

# In the order in which a time that is not free is explained: the one that leaves too few.
RULES = (
    NOT_ACTIVE, AREA, RADIUS, SKILL, LEVEL, DOCUMENT, BLOCKED, REJECTED, OFF_SHIFT, DAILY_CAP, BUSY,
    TRAVEL, HELD,
)  # fmt: skip
# In the order in which they are asked for an hour: the first that is broken is the reason.
HOURLY_RULES = (OFF_SHIFT, BUSY, TRAVEL, DAILY_CAP, HELD)


@dataclass(frozen=True, slots=True)
class HeldSkill:
    level: int
    valid_from: date
    valid_to: date | None

    def valid_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Taken:
    """Time of a worker that somebody has: [start, end) with buffers, the visit inside it."""

    owner: str
    start: datetime
    end: datetime
    visit_start: datetime
    visit_end: datetime
    place: Point | None
    is_visit: bool
    is_hold: bool = False


@dataclass(frozen=True, slots=True)
class Interval:
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class WorkerFacts:
    """All that the rules need to know of one worker in a span of days."""

    id: int
    active: bool
    home: Point
    radius_km: int
    daily_cap: int
    rating_sum: int
    rating_count: int
    skills: Mapping[int, HeldSkill]
    areas: frozenset[int]
    documents: Mapping[str, date]
    shifts: Sequence[Interval]
    taken: Sequence[Taken]


@dataclass(frozen=True, slots=True)
class WantedVisit:
    """The visit that somebody shall take, and the `later` ones of the same order.

    Claims of `owner` and of `own` are no obstacle to it; those in `blocked` do not meet the
    customer.
    """

    start: datetime
    end: datetime
    service_on: date
    day: Interval
    place: Point
    area_id: int
    skills: Mapping[int, int]
    buffer_before: timedelta
    buffer_after: timedelta
    owner: str = ""
    own: frozenset[str] = frozenset()
    blocked: frozenset[int] = frozenset()
    documents: Sequence[str] = REQUIRED_DOCUMENTS
    later: Sequence["WantedVisit"] = ()

    @property
    def visits(self) -> Sequence["WantedVisit"]:
        """All that the same people shall take, in the order of time."""
        return (self, *self.later)

    @property
    def last_on(self) -> date:
        return self.visits[-1].service_on

    @property
    def claim(self) -> Interval:
        return Interval(self.start - self.buffer_before, self.end + self.buffer_after)


def broken_rules(
    worker: WorkerFacts,
    wanted: WantedVisit,
    travel: TravelModel,
    rejected_by: Iterable[int] = (),
) -> list[str]:
    """Codes of all hard rules that keep the worker from the visit; empty when she can take it."""
    return [
        *standing_rules(worker, wanted, rejected_by),
        *time_rules(worker, wanted, travel),
    ]


def standing_rules(
    worker: WorkerFacts, wanted: WantedVisit, rejected_by: Iterable[int] = ()
) -> list[str]:
    """Rules that do not depend on the hour: who she is, what she can, where she goes."""
    broken = []
    if not worker.active:
        broken.append(NOT_ACTIVE)
    if wanted.area_id not in worker.areas:
        broken.append(AREA)
    if distance_m(worker.home, wanted.place) > worker.radius_km * 1000:
        broken.append(RADIUS)
    days = {visit.service_on for visit in wanted.visits}
    broken.extend(_skill_rules(worker, wanted, days))
    if any(worker.documents.get(kind, date.min) < max(days) for kind in wanted.documents):
        broken.append(DOCUMENT)
    if worker.id in wanted.blocked:
        broken.append(BLOCKED)
    if worker.id in rejected_by:
        broken.append(REJECTED)
    return broken


def time_rules(worker: WorkerFacts, wanted: WantedVisit, travel: TravelModel) -> list[str]:
    """Rules of the hour: shift, other visits with buffers and travel, visits a day.

    HELD alone when she would be free but for what others hold while they order.
    """
    others = [
        taken
        for taken in worker.taken
        if taken.owner != wanted.owner and taken.owner not in wanted.own
    ]
    broken = _rules_of_all(worker, others, wanted, travel)
    if broken and any(taken.is_hold for taken in others):
        settled = [taken for taken in others if not taken.is_hold]
        return broken if _rules_of_all(worker, settled, wanted, travel) else [HELD]
    return broken


def _rules_of_all(
    worker: WorkerFacts, others: Sequence[Taken], wanted: WantedVisit, travel: TravelModel
) -> list[str]:
    found = [_rules_of_one(worker, others, visit, travel) for visit in wanted.visits]
    if len(found) == 1:
        return found[0]
    return sorted({rule for rules in found for rule in rules}, key=HOURLY_RULES.index)


def _rules_of_one(
    worker: WorkerFacts, others: Sequence[Taken], wanted: WantedVisit, travel: TravelModel
) -> list[str]:
    claim = wanted.claim
    broken = []
    if not _inside_a_shift(worker, wanted, travel):
        broken.append(OFF_SHIFT)
    if any(taken.start < claim.end and claim.start < taken.end for taken in others):
        broken.append(BUSY)
    elif not _reachable(others, wanted, travel):
        broken.append(TRAVEL)
    if _visits_on_the_day(others, wanted) >= worker.daily_cap:
        broken.append(DAILY_CAP)
    return broken


def _skill_rules(worker: WorkerFacts, wanted: WantedVisit, days: Iterable[date]) -> list[str]:
    broken = []
    for skill_id, level in wanted.skills.items():
        held = worker.skills.get(skill_id)
        if held is None or not all(held.valid_on(day) for day in days):
            broken.append(SKILL)
        elif held.level < level:
            broken.append(LEVEL)
    return sorted(set(broken), key=RULES.index)


def _inside_a_shift(worker: WorkerFacts, wanted: WantedVisit, travel: TravelModel) -> bool:
    """She leaves home when her shift begins and is home when it ends."""
    way = timedelta(seconds=travel.seconds(worker.home, wanted.place))
    return any(
        shift.start <= wanted.start - way and wanted.end + way <= shift.end
        for shift in worker.shifts
    )


def _reachable(others: Iterable[Taken], wanted: WantedVisit, travel: TravelModel) -> bool:
    for taken in others:
        if taken.place is None:
            continue
        way = timedelta(seconds=travel.seconds(taken.place, wanted.place))
        comes_before = taken.visit_end <= wanted.start
        gap = wanted.start - taken.visit_end if comes_before else taken.visit_start - wanted.end
        if gap < way:
            return False
    return True


def _visits_on_the_day(others: Iterable[Taken], wanted: WantedVisit) -> int:
    owners = {
        taken.owner
        for taken in others
        if taken.is_visit and wanted.day.start <= taken.visit_start < wanted.day.end
    }
    return len(owners)
