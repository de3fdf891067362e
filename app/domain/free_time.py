"""Free time of many workers at many start times at once: app.domain.eligibility in columns.

Each obstacle forbids one span of start times: a claim those that would overlap it with buffers or
could not be reached, a shift all outside of it, a full day the whole day. What is left of a
worker's shifts are her openings: a handful a day, so that a thousand workers and two weeks are a
few operations on columns. The rules themselves, and the words for them, stand in
app.domain.eligibility; a test holds both to the same answers. Why a start is not free is counted
in app.domain.obstacles.

Instants and lengths of time are integer microseconds (instants since the epoch), places GCJ-02
degrees.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from app.domain.eligibility import WantedVisit, WorkerFacts
from app.domain.geo import EARTH_RADIUS_M, Point, TravelModel
from app.domain.ranks import Array, Ranks

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
SECOND = 1_000_000
DAY = 24 * 60 * 60 * SECOND
FAR_AHEAD = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Calendar:
    """Shifts and claims of workers, one column a fact; `worker` counts from 0.

    Shifts stand by worker and start. Claims are found sooner when they do, too.
    """

    home_lat: Array
    home_lng: Array
    daily_cap: Array
    shift_worker: Array
    shift_start: Array
    shift_end: Array
    worker: Array
    owner: Array  # a number for each owner of claims
    start: Array
    end: Array
    visit_start: Array
    visit_end: Array
    lat: Array  # NaN where the claim is at no place: leave, breaks, blocked time
    lng: Array
    is_visit: Array
    is_hold: Array

    @property
    def size(self) -> int:
        return len(self.home_lat)

    def with_claims(self, chosen: Array) -> "Calendar":
        """The same workers with some of the claims."""
        return replace(self, **{name: getattr(self, name)[chosen] for name in CLAIM_COLUMNS})


CLAIM_COLUMNS = [field.name for field in fields(Calendar)][6:]


@dataclass(frozen=True, slots=True)
class Request:
    """The visit that somebody wants, at each of these starts (ascending)."""

    starts: Array
    day: Array  # of each start, counted from 0
    day_start: Array
    day_end: Array
    length: int
    before: int
    after: int
    place: Point

    def at(self, columns: Array) -> "Request":
        """At some of the starts."""
        return replace(self, starts=self.starts[columns], day=self.day[columns])


@dataclass(frozen=True, slots=True)
class Openings:
    """Spans of starts at which a worker is free: both ends can be taken.

    `low` to `high` are the places of the starts in it, the second not among them. `before` and
    `after` are the ways from what she does before and to what she does next.
    """

    worker: Array
    first: Array
    last: Array
    low: Array
    high: Array
    before: Array
    after: Array


@dataclass(frozen=True, slots=True)
class Obstacles:
    """Spans of starts that each claim forbids, their ends not among them; and the way to it.

    Also by worker the way from home, and by worker and day whether she has her most visits.
    """

    after: Array
    until: Array
    way: Array
    home: Array
    full: Array


def calendar_of(workers: Sequence[WorkerFacts], ignoring: Iterable[str] = ()) -> Calendar:
    """Columns of these workers' facts, without the claims of some owners."""
    owners: dict[str, int] = {}
    ignored = frozenset(ignoring)
    shifts = [
        (n, _at(s.start), _at(s.end))
        for n, worker in enumerate(workers)
        for s in sorted(worker.shifts, key=lambda shift: shift.start)
    ]
    claims = [
        (n, owners.setdefault(t.owner, len(owners)), _at(t.start), _at(t.end), _at(t.visit_start),
         _at(t.visit_end), t.place.lat if t.place else np.nan, t.place.lng if t.place else np.nan,
         t.is_visit, t.is_hold)
        for n, worker in enumerate(workers)
        for t in worker.taken
        if t.owner not in ignored
    ]  # fmt: skip
    homes = [(w.home.lat, w.home.lng, w.daily_cap) for w in workers]
    lat, lng, cap = _columns(homes, (float, float, int))
    whole = (int,) * 3
    claimed = _columns(claims, (int, int, int, int, int, int, float, float, bool, bool))
    return Calendar(lat, lng, cap, *_columns(shifts, whole), *claimed)


def request_of(
    wanted: WantedVisit, days: Sequence[tuple[datetime, datetime]], starts: Iterable[datetime]
) -> Request:
    """`wanted` at each start; `days` are the bounds of the days that the starts lie in."""
    at = np.array(sorted(_at(start) for start in starts), dtype=np.int64)
    day_start = np.array([_at(first) for first, _end in days], dtype=np.int64)
    return Request(
        starts=at,
        day=np.searchsorted(day_start, at, side="right") - 1,
        day_start=day_start,
        day_end=np.array([_at(end) for _first, end in days], dtype=np.int64),
        length=(wanted.end - wanted.start) // TICK,
        before=wanted.buffer_before // TICK,
        after=wanted.buffer_after // TICK,
        place=wanted.place,
    )


def obstacles_of(calendar: Calendar, wanted: Request, travel: TravelModel) -> Obstacles:
    """What claims forbid: to overlap them with buffers, and to come or leave too late."""
    way = ways(travel, calendar.lat, calendar.lng, wanted)
    way[np.isnan(calendar.lat)] = 0
    after = np.minimum(calendar.start - wanted.after, calendar.visit_start - way) - wanted.length
    until = np.maximum(calendar.end + wanted.before, calendar.visit_end + way)
    home = ways(travel, calendar.home_lat, calendar.home_lng, wanted)
    return Obstacles(after, until, way, home, full_days(calendar, wanted))


def openings(
    calendar: Calendar, wanted: Request, obstacles: Obstacles, shut: Array | None = None
) -> Openings:
    """When each worker could begin. `shut` tells (day, worker) on which she may not at all."""
    line = _Line(calendar.size, wanted.starts)
    taken = _Spans(
        line.key(calendar.worker, obstacles.after), line.key(calendar.worker, obstacles.until),
        obstacles.way, obstacles.way,
    )  # fmt: skip
    off_shift = _off_shift(line, calendar, wanted.length, obstacles.home[calendar.shift_worker])
    closed = obstacles.full if shut is None else obstacles.full | shut.T
    return _between(line, _together(taken, off_shift, _closed(line, wanted, closed)), wanted)


def counted(free: Openings, wanted: Request, sellable: int) -> tuple[Array, Array]:
    """By start: how many are free, and the least microseconds that a visit there would cost.

    It costs the ways before and after, and the gaps around it that are too short to be sold:
    shorter than `sellable`.
    """
    columns = len(wanted.starts)
    begun = np.bincount(free.low, minlength=columns + 1)
    over = np.bincount(free.high, minlength=columns + 1)
    return np.cumsum(begun - over)[:columns], _least_costs(free, wanted, sellable)


def _least_costs(free: Openings, wanted: Request, sellable: int) -> Array:
    """By start: the first starts of all openings, then their second ones, and so on.

    Ordered by the places of the first, all of them are; so each turn is one pass without a sort.
    """
    least = np.full(len(wanted.starts), FAR_AHEAD)
    # Numbers of two bytes are sorted by their digits.
    order = np.argsort(free.low.astype(np.uint16), kind="stable")
    column, end, first, last, way = (
        one[order] for one in (free.low, free.high, free.first, free.last, free.before + free.after)
    )
    while len(column):
        cost = _costs(wanted.starts[column], first, last, way, sellable)
        heads = np.diff(column, prepend=-1).nonzero()[0]
        places = column[heads]
        least[places] = np.minimum(least[places], np.minimum.reduceat(cost, heads))
        column = column + 1
        more = (column < end).nonzero()[0]
        column, end, first, last, way = (one[more] for one in (column, end, first, last, way))
    return least


def _costs(start: Array, first: Array, last: Array, way: Array, sellable: int) -> Array:
    since, until = start - first, last - start
    since[since >= sellable] = 0
    until[until >= sellable] = 0
    since += until
    since += way
    return since


def grid(free: Openings, wanted: Request, workers: int, sellable: int) -> tuple[Array, Array]:
    """Worker by start: whether she is free, and what a visit would cost her day."""
    cells, column = _cells(free)
    able = np.zeros((workers, len(wanted.starts)), dtype=bool)
    cost = np.zeros(able.shape, dtype=np.int64)
    able[free.worker[cells], column] = True
    way = free.before + free.after
    cost[free.worker[cells], column] = _costs(
        wanted.starts[column], free.first[cells], free.last[cells], way[cells], sellable
    )
    return able, cost


def full_days(calendar: Calendar, wanted: Request) -> Array:
    """By worker and day: whether she has her most visits already."""
    full: Array = visits_by_day(calendar, wanted) >= calendar.daily_cap[:, None]
    return full


def visits_by_day(calendar: Calendar, wanted: Request) -> Array:
    """By worker and day: for how many owners she has visits."""
    visits = calendar.is_visit
    day = Ranks(wanted.day_start).up_to(calendar.visit_start[visits]) - 1
    inside = (day >= 0) & (calendar.visit_start[visits] < wanted.day_end[day])
    days = len(wanted.day_start)
    place = (calendar.worker[visits] * days + day)[inside]
    counts = np.bincount(place, minlength=calendar.size * days)
    if (counts >= np.repeat(calendar.daily_cap, days)).any():
        # Only now: an order counts once, while it is being moved too.
        owner = calendar.owner[visits][inside]
        order = np.lexsort((owner, place))
        place, owner = place[order], owner[order]
        other = np.ones(len(place), dtype=bool)
        other[1:] = (place[1:] != place[:-1]) | (owner[1:] != owner[:-1])
        counts = np.bincount(place[other], minlength=calendar.size * days)
    return counts.reshape(calendar.size, days)


def ways(travel: TravelModel, lat: Array, lng: Array, wanted: Request) -> Array:
    """Travel between these places and the visit, as TravelModel.seconds counts it."""
    metres = np.nan_to_num(distances_m(lat, lng, wanted.place)) * travel.factor_percent / 100
    seconds = np.maximum(np.ceil(metres * 3.6 / travel.speed_kmh), travel.min_minutes * 60)
    same = (lat == wanted.place.lat) & (lng == wanted.place.lng)
    return np.where(same, 0, seconds.astype(np.int64) * SECOND)


def distances_m(lat: Array, lng: Array, place: Point) -> Array:
    """app.domain.geo.distance_m, for many."""
    lat1, lat2 = np.radians(lat), np.radians(place.lat)
    half_lat, half_lng = (lat2 - lat1) / 2, np.radians(place.lng - lng) / 2
    chord = np.sin(half_lat) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin(half_lng) ** 2
    return 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(chord))


@dataclass(frozen=True, slots=True)
class _Spans:
    """What forbids starts on the one line of all workers; the ways at their two ends."""

    after: Array
    until: Array
    way_after: Array
    way_until: Array


class _Line:
    """Puts the instants of all workers one after the other, so that they are sorted together."""

    def __init__(self, workers: int, starts: Array) -> None:
        # Wide enough that what lies beyond keeps nobody from anything, nor makes a gap too short.
        self.first, self.last = starts[0] - 2 * DAY, starts[-1] + 2 * DAY
        self.width = self.last - self.first + 1
        self.end = workers * self.width

    def key(self, worker: Array, instant: Array) -> Array:
        inside = np.clip(instant, self.first, self.last)
        inside -= self.first
        inside += worker * self.width
        return inside

    def back(self, key: Array) -> tuple[Array, Array]:
        worker = key // self.width
        return worker, key - worker * self.width + self.first


def _off_shift(line: _Line, calendar: Calendar, length: int, way: Array) -> _Spans:
    """From one shift to the next, of whomever, and before the first and after the last."""
    opens = line.key(calendar.shift_worker, calendar.shift_start + way)
    closes = line.key(calendar.shift_worker, calendar.shift_end - (length + way))
    after = np.concatenate([[-1], np.maximum.accumulate(closes)])
    until = np.concatenate([opens, [line.end]])
    apart = after < until  # shifts may overlap
    none = np.zeros(1, dtype=np.int64)
    return _Spans(
        after[apart],
        until[apart],
        np.concatenate([none, way])[apart],
        np.concatenate([way, none])[apart],
    )


def _closed(line: _Line, wanted: Request, closed: Array) -> _Spans:
    """The days on which a worker may not come."""
    worker, day = closed.nonzero()
    none = np.zeros(len(worker), dtype=np.int64)
    return _Spans(
        line.key(worker, wanted.day_start[day] - 1),
        line.key(worker, wanted.day_end[day]),
        none,
        none,
    )


def _together(*spans: _Spans) -> _Spans:
    """All of them, ascending."""
    names = [field.name for field in fields(_Spans)]
    parts = {name: np.concatenate([getattr(one, name) for one in spans]) for name in names}
    # Each part is all but sorted; a stable sort finds that out.
    order = np.argsort(parts["after"], kind="stable")
    return _Spans(**{name: column[order] for name, column in parts.items()})


def _between(line: _Line, forbidden: _Spans, wanted: Request) -> Openings:
    """What lies between and has a start: the ends of what is forbidden can be taken."""
    reach = np.maximum.accumulate(forbidden.until)
    gap = (forbidden.after[1:] >= reach[:-1]).nonzero()[0]
    worker, first = line.back(reach[gap])
    last = forbidden.after[gap + 1] - worker * line.width + line.first
    ranks = Ranks(wanted.starts)
    low, high = ranks.before(first), ranks.up_to(last)
    some = (low < high).nonzero()[0]
    # Of each gap the place of that which reaches farthest before it.
    farthest = np.where(forbidden.until == reach, np.arange(len(reach)), 0)
    before = np.maximum.accumulate(farthest)[gap[some]]
    return Openings(
        worker[some], first[some], last[some], low[some], high[some],
        forbidden.way_until[before], forbidden.way_after[gap[some] + 1],
    )  # fmt: skip


def _cells(free: Openings) -> tuple[Array, Array]:
    """Each opening once for each start in it: its place, and the start's."""
    number = free.high - free.low
    cells = np.repeat(np.arange(len(number)), number)
    column = np.arange(len(cells)) - np.repeat(np.cumsum(number) - number - free.low, number)
    return cells, column


def _at(instant: datetime) -> int:
    return (instant - EPOCH) // TICK


def _columns(rows: Sequence[tuple[Any, ...]], kinds: Sequence[type]) -> list[Array]:
    cells = zip(*rows, strict=True) if rows else ([] for _ in kinds)
    return [np.array(list(one), dtype=kind) for one, kind in zip(cells, kinds, strict=True)]
