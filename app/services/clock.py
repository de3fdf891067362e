"""The one clock. Tests freeze it; the demo can travel, production cannot."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.pool import NullPool

from app.domain.actors import Actor
from app.domain.errors import Forbidden, RuleViolation
from app.extensions import db
from app.models import Installation
from app.models.base import now as now
from app.services.transactions import locked, transaction

OFFSET_IS_FRESH_FOR = 0.5  # seconds of real time


class Clock(Protocol):
    def now(self) -> datetime: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class FrozenClock:
    """Stands still until told to move. For tests."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def now(self) -> datetime:
        return self.instant

    def travel(self, by: timedelta) -> None:
        self.instant += by


class DemoClock:
    """Real time plus the offset that one row holds for all processes of the demo."""

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._monotonic, self._wait = monotonic, wait
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._offset = timedelta()
        self._engine: sa.Engine | None = None

    def now(self) -> datetime:
        return datetime.now(UTC) + self._current_offset()

    def await_everywhere(self) -> None:
        """Return when no process still goes by the offset from before the caller's commit."""
        self._read_at = float("-inf")
        self._wait(OFFSET_IS_FRESH_FOR)

    def _current_offset(self) -> timedelta:
        with self._lock:
            if self._monotonic() - self._read_at >= OFFSET_IS_FRESH_FOR:
                with self._own_engine().connect() as connection:
                    seconds = connection.scalar(sa.select(Installation.clock_offset_seconds))
                self._offset = timedelta(seconds=seconds or 0)
                self._read_at = self._monotonic()
            return self._offset

    def _own_engine(self) -> sa.Engine:
        """The caller's transaction must not notice. Nor may one that takes the last connection of
        the pool wait here for another to get one more, who waits for the first.
        """
        url = db.engine.url
        if self._engine is None or self._engine.url != url:
            self._engine = sa.create_engine(url, poolclass=NullPool)
        return self._engine


def today() -> date:
    return city_date(now())


def city_zone() -> ZoneInfo:
    return ZoneInfo(current_app.config["CITY_TIMEZONE"])


def city_date(instant: datetime) -> date:
    """The calendar day in the city at that instant."""
    return instant.astimezone(city_zone()).date()


def start_of(day: date) -> datetime:
    """The instant at which that day begins in the city."""
    return datetime.combine(day, datetime.min.time(), city_zone()).astimezone(UTC)


def city_time(instant: datetime) -> datetime:
    return instant.astimezone(city_zone())


def travel(by: timedelta, *, actor: Actor) -> datetime:
    """Move the demo's clock forward. Raises Forbidden outside the demo."""
    if not current_app.config["DEMO"]:
        raise Forbidden(_l("Only the demo's clock can travel"))
    if by <= timedelta():
        raise RuleViolation(_l("The clock only moves forward"))
    with transaction(actor) as session:
        installation = locked(session, Installation, 1)
        installation.clock_offset_seconds += int(by.total_seconds())
    clock = current_app.extensions["clock"]
    if isinstance(clock, DemoClock):
        clock.await_everywhere()
    return now()
