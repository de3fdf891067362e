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

Array = np.ndarray[Any, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
SECOND = 1_000_000
DAY = 24 * 60 * 60 * SECOND
FAR_AHEAD = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Calendar:
    """Shifts and claims of workers, one column a fact; `worker` counts from 0."""

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

    `before` and `after` are the ways from what she does before and to what she does next.
    """

    worker: Array
    first: Array
    last: Array
    before: Array
    after: Array


@dataclass(frozen=True, slots=True)
class Obstacles:
    """Spans of starts that a worker's claims forbid, their ends not among them; and the way."""

    worker: Array
    after: Array
    until: Array
    way: Array


def calendar_of(workers: Sequence[WorkerFacts], ignoring: Iterable[str] = ()) -> Calendar:
    """Columns of these workers' facts, without the claims of some owners."""
    owners: dict[str, int] = {}
    ignored = frozenset(ignoring)
    shifts = [(n, _at(s.start), _at(s.end)) for n, w in enumerate(workers) for s in w.shifts]
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


def openings(
    calendar: Calendar, wanted: Request, travel: TravelModel, shut: Array | None = None
) -> Openings:
    """When each worker could begin. `shut` tells (day, worker) on which she may not at all."""
    line = _Line(calendar.size, wanted.starts)
    taken = obstacles_of(calendar, wanted, travel)
    home = ways(travel, calendar.home_lat, calendar.home_lng, wanted)[calendar.shift_worker]
    opens = calendar.shift_start + home
    closes = calendar.shift_end - wanted.length - home
    possible = opens <= closes
    shift_worker = calendar.shift_worker[possible]
    return _left_over(
        line,
        _gaps(line, _with_whole_days(line, taken, wanted, full_days(calendar, wanted), shut)),
        _Spans(
            line.key(shift_worker, opens[possible]),
            line.key(shift_worker, closes[possible]),
            home[possible],
            home[possible],
        ),
    )


def counted(free: Openings, wanted: Request, sellable: int) -> tuple[Array, Array]:
    """By start: how many are free, and the least microseconds that a visit there would cost.

    It costs the ways before and after, and the gaps around it that are too short to be sold:
    shorter than `sellable`.
    """
    cells, column = _cells(free, wanted.starts)
    count = np.bincount(column, minlength=len(wanted.starts))
    least = np.full(len(wanted.starts), FAR_AHEAD)
    np.minimum.at(least, column, costs(free, wanted, sellable, cells, column))
    return count, least


def costs(free: Openings, wanted: Request, sellable: int, cells: Array, column: Array) -> Array:
    start = wanted.starts[column]
    since, until = start - free.first[cells], free.last[cells] - start
    lost = np.where(since < sellable, since, 0) + np.where(until < sellable, until, 0)
    return lost + (free.before + free.after)[cells]


def grid(free: Openings, wanted: Request, workers: int, sellable: int) -> tuple[Array, Array]:
    """Worker by start: whether she is free, and what a visit would cost her day."""
    cells, column = _cells(free, wanted.starts)
    able = np.zeros((workers, len(wanted.starts)), dtype=bool)
    cost = np.zeros(able.shape, dtype=np.int64)
    able[free.worker[cells], column] = True
    cost[free.worker[cells], column] = costs(free, wanted, sellable, cells, column)
    return able, cost


def obstacles_of(calendar: Calendar, wanted: Request, travel: TravelModel) -> Obstacles:
    """What each claim forbids: to overlap it with buffers, and to come or leave too late."""
    way = ways(travel, calendar.lat, calendar.lng, wanted)
    way[np.isnan(calendar.lat)] = 0
    after = np.minimum(calendar.start - wanted.after, calendar.visit_start - way) - wanted.length
    until = np.maximum(calendar.end + wanted.before, calendar.visit_end + way)
    return Obstacles(calendar.worker, after, until, way)


def full_days(calendar: Calendar, wanted: Request) -> Array:
    """By worker and day: whether she has her most visits already."""
    full: Array = visits_by_day(calendar, wanted) >= calendar.daily_cap[:, None]
    return full


def visits_by_day(calendar: Calendar, wanted: Request) -> Array:
    """By worker and day: for how many owners she has visits."""
    visits = calendar.is_visit
    day = np.searchsorted(wanted.day_start, calendar.visit_start[visits], side="right") - 1
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
    """Spans on the one line of all workers, ascending; the ways at their two ends."""

    first: Array
    last: Array
    way_first: Array
    way_last: Array


class _Line:
    """Puts the instants of all workers one after the other, so that they are sorted together."""

    def __init__(self, workers: int, starts: Array) -> None:
        self.workers = workers
        # Wide enough that what lies beyond keeps nobody from anything, nor makes a gap too short.
        self.first, self.last = starts[0] - 2 * DAY, starts[-1] + 2 * DAY
        self.width = self.last - self.first + 1

    def key(self, worker: Array, instant: Array) -> Array:
        inside = np.minimum(np.maximum(instant, self.first), self.last)
        return worker * self.width + (inside - self.first)

    def back(self, key: Array) -> tuple[Array, Array]:
        worker, passed = np.divmod(key, self.width)
        return worker, passed + self.first


def _with_whole_days(
    line: _Line, taken: Obstacles, wanted: Request, full: Array, shut: Array | None
) -> _Spans:
    """What forbids starts, with the days on which a worker may not come, and the line's ends."""
    closed = full if shut is None else full | shut.T
    who, day = closed.nonzero()
    everybody = np.arange(line.workers)
    worker = np.concatenate([taken.worker, who, everybody, everybody])
    nothing = np.zeros(len(who) + 2 * line.workers, dtype=np.int64)
    ends = np.full(line.workers, line.first), np.full(line.workers, line.last)
    first = np.concatenate([taken.after, wanted.day_start[day] - 1, *ends])
    last = np.concatenate([taken.until, wanted.day_end[day], *ends])
    way = np.concatenate([taken.way, nothing])
    return _Spans(line.key(worker, first), line.key(worker, last), way, way)


def _merged(spans: _Spans, *, touching: bool) -> _Spans:
    """Spans that overlap become one; such as only touch do when `touching`."""
    if not len(spans.first):
        return spans
    order = np.argsort(spans.first, kind="stable")
    first, last = spans.first[order], spans.last[order]
    reach = np.maximum.accumulate(last)
    new = np.ones(len(first), dtype=bool)
    new[1:] = first[1:] > reach[:-1] if touching else first[1:] >= reach[:-1]
    begins = new.nonzero()[0]
    ends = np.append(begins[1:], len(first)) - 1
    farthest = np.ones(len(first), dtype=bool)
    farthest[1:] = reach[1:] > reach[:-1]
    # Of each span the place of that which reaches farthest.
    far = np.maximum.accumulate(np.where(farthest, np.arange(len(first)), 0))[ends]
    return _Spans(
        first[begins], reach[ends], spans.way_first[order][begins], spans.way_last[order][far]
    )


def _gaps(line: _Line, forbidden: _Spans) -> _Spans:
    """What lies between: the ends of what is forbidden can be taken."""
    merged = _merged(forbidden, touching=False)
    same = merged.first[1:] // line.width == merged.last[:-1] // line.width
    return _Spans(
        merged.last[:-1][same],
        merged.first[1:][same],
        merged.way_last[:-1][same],
        merged.way_first[1:][same],
    )


def _left_over(line: _Line, gaps: _Spans, shifts: _Spans) -> Openings:
    """The part of the gaps that lies in shifts."""
    shifts = _merged(shifts, touching=True)
    low = np.searchsorted(gaps.last, shifts.first, side="left")
    high = np.searchsorted(gaps.first, shifts.last, side="right")
    number = np.maximum(high - low, 0)
    shift = np.repeat(np.arange(len(shifts.first)), number)
    gap = np.arange(len(shift)) - np.repeat(np.cumsum(number) - number, number) + low[shift]
    early, late = gaps.first[gap], gaps.last[gap]
    opens, closes = shifts.first[shift], shifts.last[shift]
    worker, first = line.back(np.maximum(early, opens))
    return Openings(
        worker,
        first,
        line.back(np.minimum(late, closes))[1],
        np.where(early > opens, gaps.way_first[gap], shifts.way_first[shift]),
        np.where(late < closes, gaps.way_last[gap], shifts.way_last[shift]),
    )


def _cells(free: Openings, starts: Array) -> tuple[Array, Array]:
    """Each opening once for each start in it: its place, and the start's."""
    low = np.searchsorted(starts, free.first, side="left")
    high = np.searchsorted(starts, free.last, side="right")
    number = np.maximum(high - low, 0)
    cells = np.repeat(np.arange(len(low)), number)
    column = np.arange(len(cells)) - np.repeat(np.cumsum(number) - number, number) + low[cells]
    return cells, column


def _at(instant: datetime) -> int:
    return (instant - EPOCH) // TICK


def _columns(rows: Sequence[tuple[Any, ...]], kinds: Sequence[type]) -> list[Array]:
    cells = zip(*rows, strict=True) if rows else ([] for _ in kinds)
    return [np.array(list(one), dtype=kind) for one, kind in zip(cells, kinds, strict=True)]
