"""Judging many start times at once, for visits of one day or of several in a row.

Loaded when somebody looks for free time: numpy takes a twentieth of a start.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from app.domain import free_time, obstacles
from app.domain.eligibility import BLOCKED, HOURLY_RULES, RULES, WantedVisit
from app.domain.free_time import Request
from app.domain.geo import Point
from app.domain.ranks import Array
from app.services import clock
from app.services.roster import _columns as columns
from app.services.roster import live, workforce
from app.services.roster._columns import Workers
from app.services.roster._packed import NONE_BROKEN
from app.services.system import parameters

NOBODY = "no_worker"
SECONDS = 60
# The rules of the hour in the order in which a time is explained, by their places.
EXPLAINED = [HOURLY_RULES.index(rule) for rule in RULES if rule in HOURLY_RULES]


@dataclass(frozen=True, slots=True)
class Judged:
    """How many could come, what it would cost the best of them in minutes, or why too few can."""

    workers: int
    cost: float
    reason: str


def judge(
    branch_id: int,
    wanted: WantedVisit,
    starts: Mapping[date, Sequence[datetime]],
    crew_size: int,
    days: int = 1,
    only: int | None = None,
    near: Mapping[int, Point] | None = None,
) -> Mapping[datetime, Judged]:
    """Each of these starts, for a crew who comes on that many days in a row.

    `only`: who must be among them. `near`: where workers are now; only these can come, and from
    there.
    """
    if only is not None and crew_size > 1:
        his = judge(branch_id, wanted, starts, 1, days, only, near)
        crew = judge(branch_id, wanted, starts, crew_size, days, None, near)
        return {start: his[start] if his[start].reason else crew[start] for start in crew}
    if days == 1:
        people = _people(branch_id, days_of(starts), wanted, only, near)
        return judged(people, wanted, starts, crew_size)
    return _judged_in_rows(branch_id, wanted, starts, crew_size, days, only)


def _people(
    branch_id: int,
    days: list[date],
    wanted: WantedVisit,
    only: int | None,
    near: Mapping[int, Point] | None,
) -> Workers:
    people = columns.workers(branch_id, days, wanted, live.only_ids(only, near))
    return people if near is None else columns.coming_from(people, near, clock.now())


def days_of(starts: Mapping[date, Sequence[datetime]]) -> list[date]:
    """The days on which these visits begin: those of a night may begin after midnight."""
    return sorted({clock.city_date(start) for day in starts.values() for start in day})


def free_for(
    branch_id: int,
    wanted: WantedVisit,
    only: int | None,
    near: Mapping[int, Point] | None,
) -> list[tuple[int, int, float]]:
    """Id, visits on the first day and metres to the address of each who can take all visits."""
    starts = [visit.start for visit in wanted.visits]
    days = sorted({visit.service_on for visit in wanted.visits})
    people = _people(branch_id, days, wanted, only, near)
    request = _request(wanted, days, starts)
    taken = free_time.obstacles_of(people.calendar, request, workforce.travel_model())
    free = free_time.openings(people.calendar, request, taken, people.shut)
    able, _cost = free_time.grid(free, request, people.calendar.size, _sellable())
    together: Array = np.all(able, axis=1)
    chosen = together.nonzero()[0]
    busy = free_time.visits_by_day(people.calendar, request)[:, 0]
    place = people.able[chosen]
    away = free_time.distances_m(people.lat[place], people.lng[place], wanted.place)
    rows = zip(people.ids[place].tolist(), busy[chosen].tolist(), away.tolist(), strict=True)
    return list(rows)


def judged(
    people: Workers,
    wanted: WantedVisit,
    starts: Mapping[date, Sequence[datetime]],
    crew_size: int,
) -> dict[datetime, Judged]:
    """Each start of visits of one day."""
    instants = [start for day in starts.values() for start in day]
    request = _request(wanted, days_of(starts), instants)
    taken = free_time.obstacles_of(people.calendar, request, workforce.travel_model())
    free = free_time.openings(people.calendar, request, taken, people.shut)
    count, least = free_time.counted(free, request, _sellable())
    reasons = np.full(len(instants), "", dtype=object)
    few = (count < crew_size).nonzero()[0]
    if len(few):
        broken = obstacles.first_broken(people.calendar, request.at(few), taken)
        reasons[few] = _reasons(people, people.broken, request.day[few], broken, crew_size)
    return _answers(instants, count, least, reasons)


def _judged_in_rows(
    branch_id: int,
    wanted: WantedVisit,
    starts: Mapping[date, Sequence[datetime]],
    crew_size: int,
    days: int,
    only: int | None,
) -> dict[datetime, Judged]:
    """Each start of visits at one time on several days in a row, which the same people take."""
    every = _every_day(list(starts), days)
    times = sorted({start - clock.start_of(day) for day in starts for start in starts[day]})
    instants = [clock.start_of(day) + time for day in every for time in times]
    calendar_days = days_of({every[0]: instants})
    people = _people(branch_id, calendar_days, wanted, only, None)
    request = _request(wanted, calendar_days, instants)
    rows = len(every) - days + 1

    def windows(grid: Array) -> Array:
        apart = grid.reshape(len(grid), len(every), len(times))
        return np.lib.stride_tricks.sliding_window_view(apart, days, axis=1)

    def least(grid: Array) -> Array:
        folded: Array = windows(grid).min(axis=-1).reshape(len(grid), rows * len(times))
        return folded

    taken = free_time.obstacles_of(people.calendar, request, workforce.travel_model())
    free = free_time.openings(people.calendar, request, taken, people.shut)
    able, cost = free_time.grid(free, request, people.calendar.size, _sellable())
    together = least(able)
    spent = windows(cost).sum(axis=-1).reshape(together.shape) // days
    count = together.sum(axis=0)
    best = np.where(together, spent, free_time.FAR_AHEAD).min(axis=0, initial=free_time.FAR_AHEAD)
    reasons = np.full(len(count), "", dtype=object)
    few = (count < crew_size).nonzero()[0]
    if len(few):
        unbroken = np.where(people.broken == NONE_BROKEN, len(RULES), people.broken)
        standing = np.lib.stride_tricks.sliding_window_view(unbroken, days, axis=0).min(axis=-1)
        standing = np.where(standing == len(RULES), NONE_BROKEN, standing)
        broken = obstacles.first_broken(people.calendar, request, taken, least)[:, few]
        reasons[few] = _reasons(people, standing, request.day[few], broken, crew_size)
    found = _answers(instants[: len(count)], count, best, reasons)
    return {start: found[start] for day in starts.values() for start in day}


def _every_day(days: list[date], in_a_row: int) -> list[date]:
    number = (days[-1] - days[0]).days + in_a_row
    return [days[0] + timedelta(days=n) for n in range(number)]


def _request(wanted: WantedVisit, days: list[date], instants: Sequence[datetime]) -> Request:
    bounds = [workforce.city_day(day) for day in days]
    return free_time.request_of(wanted, [(day.start, day.end) for day in bounds], instants)


def _sellable() -> int:
    gap = timedelta(minutes=parameters.get("booking.shortest_gap_minutes"))
    return gap // free_time.TICK


def _answers(
    instants: Sequence[datetime], count: Array, least: Array, reasons: Array
) -> dict[datetime, Judged]:
    minutes = least / (SECONDS * free_time.SECOND)
    cells = zip(instants, count.tolist(), minutes.tolist(), reasons.tolist(), strict=True)
    return {start: Judged(*found) for start, *found in cells}


def _reasons(
    people: Workers, standing: Array, day: Array, broken: Array, crew_size: int
) -> list[str]:
    """By start: the rule after which too few are left, first of those that always hold.

    Whom another rule keeps away does not matter: what one of the others who could come is booked
    for, takes the time, however many are not on shift.
    """
    found = []
    able = standing[:, people.able] == NONE_BROKEN
    enough = able.sum(axis=1) >= crew_size
    for column, row in enumerate(day.tolist()):
        if not enough[row]:
            found.append(_leaves_too_few(standing[row], crew_size))
            continue
        said = np.bincount(broken[able[row], column], minlength=obstacles.FREE + 1)
        left = len(broken[able[row]]) - np.cumsum(said[EXPLAINED])
        found.append(HOURLY_RULES[EXPLAINED[(left < crew_size).argmax()]])
    return found


def _leaves_too_few(broken: Array, crew_size: int) -> str:
    """The first rule after which there are not enough left."""
    left = len(broken)
    said = Counter(broken.tolist())
    for place, rule in enumerate(RULES):
        left -= said[place]
        if said[place] and left < crew_size:
            return NOBODY if rule == BLOCKED else rule
    return NOBODY
