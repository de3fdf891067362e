"""The whole timetable: what runs by itself, and when.

Sweeps run every few seconds and find their work in the database; running one twice does nothing
twice. Daily jobs get the city's day as their period, and `run_of` lets each period succeed once.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.services import clock
from app.services.queue import start_job
from app.services.system.job_runs import has_succeeded
from app.services.system.timetable import Daily, Sweep, path_of

ASK_AGAIN = timedelta(minutes=15)  # for a daily job that has not succeeded yet


SWEEPS = (
    Sweep("relay_outbox", timedelta(seconds=5)),
    Sweep("fire_timers", timedelta(seconds=5)),
    Sweep("query_payments", timedelta(seconds=60)),
    Sweep("refresh_refunds", timedelta(seconds=60)),
    Sweep("refresh_withdrawals", timedelta(seconds=60)),
    Sweep("sweep_holds", timedelta(seconds=60)),
    Sweep("sweep_runs", timedelta(seconds=60)),
    Sweep("seal_audit", timedelta(seconds=60)),
    Sweep("sweep_exports", timedelta(seconds=60)),
    Sweep("sweep_deadlines", timedelta(minutes=5)),
    Sweep("order_plans", timedelta(hours=1)),
)
DAILY = (Daily("prune", "03:10"), Daily("prove_ledger", "03:40"))


@dataclass
class Timetable:
    """What is due. Remembers only to be quick: everything it forgets, the database knows."""

    monotonic: Callable[[], float] = time.monotonic
    _next: dict[str, float] = field(default_factory=dict)
    _done: set[tuple[str, str]] = field(default_factory=set)

    def start_due(self) -> list[str]:
        """Start the jobs that are due; returns their names."""
        return [*self._sweeps(), *self._daily()]

    def _sweeps(self) -> Iterator[str]:
        for sweep in SWEEPS:
            if self._is_due(sweep.name, sweep.every):
                # What waited a whole round is not worth running: the next one does the same.
                start_job(path_of(sweep.name), expires_after=sweep.every * 2)
                yield sweep.name

    def _daily(self) -> Iterator[str]:
        local = clock.city_time(clock.now())
        period = local.date().isoformat()
        for daily in DAILY:
            if self._waits(daily, local, period) and self._is_due(
                f"{daily.name} {period}", ASK_AGAIN
            ):
                start_job(path_of(daily.name), period, expires_after=ASK_AGAIN)
                yield daily.name

    def _waits(self, daily: Daily, local: datetime, period: str) -> bool:
        if local.strftime("%H:%M") < daily.at or (daily.name, period) in self._done:
            return False
        if has_succeeded(daily.name, period):
            self._done.add((daily.name, period))
            return False
        return True

    def _is_due(self, name: str, every: timedelta) -> bool:
        now = self.monotonic()
        if now < self._next.get(name, float("-inf")):
            return False
        self._next[name] = now + every.total_seconds()
        return True
