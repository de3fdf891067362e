"""Why a start is not free, worker by worker: the first rule of the hour that is broken.

Asked for the few starts that too few workers could take; app.domain.free_time finds those.
"""

from collections.abc import Callable

import numpy as np

from app.domain.eligibility import BUSY, DAILY_CAP, HELD, HOURLY_RULES, OFF_SHIFT, TRAVEL
from app.domain.free_time import Calendar, Obstacles, Request, full_days
from app.domain.ranks import Array, Ranks

FREE = len(HOURLY_RULES)
Fold = Callable[[Array], Array]


def first_broken(
    calendar: Calendar, wanted: Request, obstacles: Obstacles, fold: Fold = lambda grid: grid
) -> Array:
    """Worker by start: the place of the rule in HOURLY_RULES, or FREE.

    `fold` makes one column of those that belong together: the days of one order.
    """
    every = np.ones(len(calendar.worker), dtype=bool)
    found = fold(_first(calendar, wanted, obstacles, every, obstacles.full))
    holding = np.unique(calendar.worker[calendar.is_hold])
    if len(holding):
        settled = ~calendar.is_hold & np.isin(calendar.worker, holding)
        full = full_days(calendar.with_claims(settled), wanted)
        without = fold(_first(calendar, wanted, obstacles, settled, full))
        others = (without == FREE) & (found != FREE)
        others[np.setdiff1d(np.arange(calendar.size), holding)] = False
        found[others] = HOURLY_RULES.index(HELD)
    return found


def _first(
    calendar: Calendar, wanted: Request, obstacles: Obstacles, counted: Array, full: Array
) -> Array:
    """The same when only some claims are counted."""
    home = obstacles.home[calendar.shift_worker]
    on_shift = _Marks(calendar.size, wanted.starts).covered(
        calendar.shift_worker,
        calendar.shift_start + home,
        calendar.shift_end - wanted.length - home,
        closed=True,
    )
    found = np.full(on_shift.shape, HOURLY_RULES.index(OFF_SHIFT), dtype=np.int8)
    # At the first and the last start of a day nobody is: the way from home.
    some = np.unique(on_shift.nonzero()[1])
    if len(some):
        inner = _when_on_shift(calendar, wanted.at(some), obstacles, counted, full)
        found[:, some] = np.where(on_shift[:, some], inner, found[:, some])
    return found


def _when_on_shift(
    calendar: Calendar, wanted: Request, obstacles: Obstacles, counted: Array, full: Array
) -> Array:
    ranks = Ranks(wanted.starts)
    near = counted & (ranks.up_to(obstacles.after) < ranks.before(obstacles.until))
    chosen = near.nonzero()[0]
    placed = chosen[~np.isnan(calendar.lat[chosen])]
    marks, way = _Marks(calendar.size, wanted.starts), obstacles.way[placed]
    busy = marks.covered(
        calendar.worker[chosen],
        calendar.start[chosen] - wanted.length - wanted.after,
        calendar.end[chosen] + wanted.before,
    )
    unreachable = marks.covered(
        calendar.worker[placed],
        calendar.visit_start[placed] - wanted.length - way,
        calendar.visit_end[placed] + way,
    )
    found = np.full(busy.shape, FREE, dtype=np.int8)
    # The last that is written stands: the first in the order of the rules.
    for rule, hit in ((DAILY_CAP, full[:, wanted.day]), (TRAVEL, unreachable), (BUSY, busy)):
        found[hit] = HOURLY_RULES.index(rule)
    return found


class _Marks:
    """Spans of start times on worker x start, marked by differences and running sums."""

    def __init__(self, workers: int, starts: Array) -> None:
        self._ranks = Ranks(starts)
        self._shape = (workers, len(starts) + 1)

    def covered(self, who: Array, low: Array, high: Array, *, closed: bool = False) -> Array:
        """Starts within any of a worker's spans, which hold their ends when closed."""
        before, up_to = self._ranks.before, self._ranks.up_to
        first, last = (before(low), up_to(high)) if closed else (up_to(low), before(high))
        some = last > first
        marks = self._counted(who[some], first[some]) - self._counted(who[some], last[some])
        return np.cumsum(marks, axis=1)[:, :-1] > 0

    def _counted(self, who: Array, column: Array) -> Array:
        cells = np.bincount(
            who * self._shape[1] + column, minlength=self._shape[0] * self._shape[1]
        )
        return cells.reshape(self._shape)
