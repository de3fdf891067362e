"""Free time of many workers at many start times at once: app.domain.eligibility in columns.

Each obstacle forbids one span of start times: a claim those that would overlap it with buffers or
could not be reached, a shift all outside of it. The spans of all workers are marked on one grid
(worker x start) by differences and running sums, so that a thousand workers and two weeks are a
handful of array operations. The rules themselves, and the words for them, stand in
app.domain.eligibility; a test holds both to the same answers.

Instants and lengths of time are integer microseconds (instants since the epoch), places GCJ-02
degrees.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from app.domain.eligibility import BUSY, DAILY_CAP, OFF_SHIFT, TRAVEL, WantedVisit, WorkerFacts
from app.domain.geo import EARTH_RADIUS_M, Point, TravelModel

Array = np.ndarray[Any, Any]
# As the rules are asked for each hour: the first that is broken is the reason.
HOURLY_RULES = (OFF_SHIFT, BUSY, TRAVEL, DAILY_CAP)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
SECOND = 1_000_000
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
    lat: Array  # NaN where the claim is at no place: leave, blocked time
    lng: Array
    is_visit: Array

    @property
    def size(self) -> int:
        return len(self.home_lat)


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


@dataclass(frozen=True, slots=True)
class Verdict:
    """What keeps each worker (row) from each start (column), and what a visit there would cost.

    `lost`: time before and after the visit, up to its neighbours or the shift's ends, that are
    too short to be sold. `way`: travel from and to them. Both are 0 where
    she is not free.
    """

    free: Array
    broken: dict[str, Array]
    lost: Array
    way: Array

    def of(self, columns: slice) -> "Verdict":
        """Of some of the starts."""
        broken = {rule: cells[:, columns] for rule, cells in self.broken.items()}
        return Verdict(self.free[:, columns], broken, self.lost[:, columns], self.way[:, columns])

    def costs(self, able: Array) -> tuple[list[int], list[float]]:
        """By start: how many of these workers are free, and the least minutes that it costs."""
        free = self.free[able]
        cost = np.where(free, self.lost[able] + self.way[able], FAR_AHEAD)
        least = cost.min(axis=0, initial=FAR_AHEAD) / (60 * SECOND)
        return free.sum(axis=0).tolist(), least.tolist()

    def reasons(self, able: Array) -> Counter[str]:
        """How often each rule is the first that keeps one of these workers from a start."""
        counted: Counter[str] = Counter()
        open_ = np.ones(self.free[able].shape, dtype=bool)
        for rule in HOURLY_RULES:
            hit = open_ & self.broken[rule][able]
            counted[rule] += int(hit.sum())
            open_ &= ~hit
        return +counted


def calendar_of(workers: Sequence[WorkerFacts], ignoring: str = "") -> Calendar:
    """Columns of these workers' facts, without the claims of one owner."""
    owners: dict[str, int] = {}
    shifts = [(n, _at(s.start), _at(s.end)) for n, w in enumerate(workers) for s in w.shifts]
    claims = [
        (n, owners.setdefault(t.owner, len(owners)), _at(t.start), _at(t.end), _at(t.visit_start),
         _at(t.visit_end), t.place.lat if t.place else np.nan, t.place.lng if t.place else np.nan,
         t.is_visit)
        for n, worker in enumerate(workers)
        for t in worker.taken
        if t.owner != ignoring
    ]  # fmt: skip
    homes = [(w.home.lat, w.home.lng, w.daily_cap) for w in workers]
    lat, lng, cap = _columns(homes, (float, float, int))
    whole = (int,) * 3
    claimed = _columns(claims, (int, int, int, int, int, int, float, float, bool))
    return Calendar(lat, lng, cap, *_columns(shifts, whole), *claimed)


def verdict(calendar: Calendar, wanted: Request, travel: TravelModel, sellable: int) -> Verdict:
    """Judge every worker at every start. `sellable`: the shortest gap that could be sold."""
    home_way = _ways(travel, calendar.home_lat, calendar.home_lng, wanted)
    way = _ways(travel, calendar.lat, calendar.lng, wanted)
    nowhere = np.isnan(calendar.lat)
    way[nowhere] = 0
    taken_from = calendar.start - wanted.length - wanted.after
    taken_to = calendar.end + wanted.before
    leaves = calendar.visit_start - wanted.length - way
    arrives = calendar.visit_end + way
    opens = calendar.shift_start + home_way[calendar.shift_worker]
    closes = calendar.shift_end - wanted.length - home_way[calendar.shift_worker]

    grid = _Grid(calendar.size, wanted.starts)
    on_shift = grid.covered(calendar.shift_worker, opens, closes, closed=True)
    busy = grid.covered(calendar.worker, taken_from, taken_to)
    placed = ~nowhere
    unreachable = grid.covered(calendar.worker[placed], leaves[placed], arrives[placed]) & ~busy
    full = _full_days(calendar, wanted)
    broken = dict(zip(HOURLY_RULES, (~on_shift, busy, unreachable, full), strict=True))

    after = np.concatenate([np.maximum(taken_to, arrives), opens])
    until = np.concatenate([np.minimum(taken_from, leaves), closes])
    who = np.concatenate([calendar.worker, calendar.shift_worker])
    ways = np.concatenate([way, home_way[calendar.shift_worker]])
    free = on_shift & ~busy & ~unreachable & ~full
    lost, spent = np.zeros(free.shape, dtype=np.int64), np.zeros(free.shape, dtype=np.int64)
    for gap, travelled in (grid.since(who, after, ways, free), grid.until(who, until, ways, free)):
        lost[free] += np.where(gap < sellable, gap, 0)
        spent[free] += travelled
    return Verdict(free, broken, lost, spent)


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


class _Grid:
    """Spans of start times on worker x start."""

    def __init__(self, workers: int, starts: Array) -> None:
        self._starts = starts
        self._shape = (workers, len(starts) + 1)

    def covered(self, who: Array, low: Array, high: Array, *, closed: bool = False) -> Array:
        """Starts within any of a worker's spans, which hold their ends when closed."""
        first = np.searchsorted(self._starts, low, side="left" if closed else "right")
        last = np.searchsorted(self._starts, high, side="right" if closed else "left")
        some = last > first
        marks = self._counted(who[some], first[some]) - self._counted(who[some], last[some])
        return np.cumsum(marks, axis=1)[:, :-1] > 0

    def since(self, who: Array, instants: Array, ways: Array, cells: Array) -> tuple[Array, Array]:
        """In these cells: how long since a worker's last of these instants, and its way."""
        order = np.argsort(instants, kind="stable")
        column = np.searchsorted(self._starts, instants[order], side="left")
        latest = np.maximum.accumulate(self._ranked(who[order], column), axis=1)[:, :-1][cells]
        return self._starts[cells.nonzero()[1]] - instants[order][latest], ways[order][latest]

    def until(self, who: Array, instants: Array, ways: Array, cells: Array) -> tuple[Array, Array]:
        """In these cells: how long until a worker's next of these instants, and its way."""
        order = np.argsort(-instants, kind="stable")
        column = np.searchsorted(self._starts, instants[order], side="right")
        ranked = self._ranked(who[order], column)[:, ::-1]
        next_ = np.maximum.accumulate(ranked, axis=1)[:, ::-1][:, 1:][cells]
        return instants[order][next_] - self._starts[cells.nonzero()[1]], ways[order][next_]

    def _ranked(self, who: Array, column: Array) -> Array:
        """In each cell the highest place of those that fall into it. A free cell lies in a shift,
        so that there is one before it and one after.
        """
        rank = np.full(self._shape, -1, dtype=np.int32)
        np.maximum.at(rank, (who, column), np.arange(len(who), dtype=np.int32))
        return rank

    def _counted(self, who: Array, column: Array) -> Array:
        cells = np.bincount(
            who * self._shape[1] + column, minlength=self._shape[0] * self._shape[1]
        )
        return cells.reshape(self._shape)


def _full_days(calendar: Calendar, wanted: Request) -> Array:
    """Days on which a worker has her most visits already."""
    visits = calendar.is_visit
    day = np.searchsorted(wanted.day_start, calendar.visit_start[visits], side="right") - 1
    inside = (day >= 0) & (calendar.visit_start[visits] < wanted.day_end[day])
    days = len(wanted.day_start)
    place = (calendar.worker[visits] * days + day)[inside]
    owner = calendar.owner[visits][inside]
    order = np.lexsort((owner, place))
    place, owner = place[order], owner[order]
    other = np.ones(len(place), dtype=bool)  # an order counts once, while it is moved too
    other[1:] = (place[1:] != place[:-1]) | (owner[1:] != owner[:-1])
    counts = np.bincount(place[other], minlength=calendar.size * days)
    full = counts.reshape(calendar.size, days) >= calendar.daily_cap[:, None]
    return full[:, wanted.day]


def _ways(travel: TravelModel, lat: Array, lng: Array, wanted: Request) -> Array:
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


def _at(instant: datetime) -> int:
    return (instant - EPOCH) // TICK


def _columns(rows: Sequence[tuple[Any, ...]], kinds: Sequence[type]) -> list[Array]:
    cells = zip(*rows, strict=True) if rows else ([] for _ in kinds)
    return [np.array(list(one), dtype=kind) for one, kind in zip(cells, kinds, strict=True)]
