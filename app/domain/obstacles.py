"""Why a start is not free, worker by worker: the first rule of the hour that is broken.

Asked for the few starts that too few workers could take; app.domain.free_time finds those.
"""

from collections.abc import Callable

import numpy as np

from app.domain.eligibility import BUSY, DAILY_CAP, HELD, HOURLY_RULES, OFF_SHIFT, TRAVEL
from app.domain.free_time import Array, Calendar, Request, full_days, ways
from app.domain.geo import TravelModel

FREE = len(HOURLY_RULES)
Fold = Callable[[Array], Array]


def first_broken(
    calendar: Calendar, wanted: Request, travel: TravelModel, fold: Fold = lambda grid: grid
) -> Array:
    """Worker by start: the place of the rule in HOURLY_RULES, or FREE.

    `fold` makes one column of those that belong together: the days of one order.
    """
    found = fold(_first(calendar, wanted, travel))
    holding = np.unique(calendar.worker[calendar.is_hold])
    if len(holding):
        settled = calendar.with_claims(~calendar.is_hold & np.isin(calendar.worker, holding))
        without = fold(_first(settled, wanted, travel))
        others = (without == FREE) & (found != FREE)
        others[np.setdiff1d(np.arange(calendar.size), holding)] = False
        found[others] = HOURLY_RULES.index(HELD)
    return found


def _first(calendar: Calendar, wanted: Request, travel: TravelModel) -> Array:
    home = ways(travel, calendar.home_lat, calendar.home_lng, wanted)[calendar.shift_worker]
    way = ways(travel, calendar.lat, calendar.lng, wanted)
    placed = ~np.isnan(calendar.lat)
    marks = _Marks(calendar.size, wanted.starts)
    on_shift = marks.covered(
        calendar.shift_worker,
        calendar.shift_start + home,
        calendar.shift_end - wanted.length - home,
        closed=True,
    )
    busy = marks.covered(
        calendar.worker,
        calendar.start - wanted.length - wanted.after,
        calendar.end + wanted.before,
    )
    unreachable = marks.covered(
        calendar.worker[placed],
        (calendar.visit_start - wanted.length - way)[placed],
        (calendar.visit_end + way)[placed],
    )
    full = full_days(calendar, wanted)[:, wanted.day]
    found = np.full(on_shift.shape, FREE, dtype=np.int8)
    # The last that is written stands: the first in the order of the rules.
    for rule, hit in (
        (DAILY_CAP, full),
        (TRAVEL, unreachable),
        (BUSY, busy),
        (OFF_SHIFT, ~on_shift),
    ):
        found[hit] = HOURLY_RULES.index(rule)
    return found


class _Marks:
    """Spans of start times on worker x start, marked by differences and running sums."""

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

    def _counted(self, who: Array, column: Array) -> Array:
        cells = np.bincount(
            who * self._shape[1] + column, minlength=self._shape[0] * self._shape[1]
        )
        return cells.reshape(self._shape)
