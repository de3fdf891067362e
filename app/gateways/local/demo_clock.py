"""The demo's clock, read from where every other process of the demo reads it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

CACHE_SECONDS = 0.5
_OFFSET = sa.text("SELECT clock_offset_seconds FROM installation WHERE id = 1")


class DemoClock:
    """Real time plus the offset in the product's database; real time while there is none.

    The offset is read at most every half second; refresh() makes the next reading a fresh one.
    """

    def __init__(
        self, database_url: str | None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = _engine(database_url) if database_url else None
        self._monotonic = monotonic
        self._offset, self._read_at = timedelta(), float("-inf")

    def __call__(self) -> datetime:
        if self._monotonic() - self._read_at >= CACHE_SECONDS:
            self._offset, self._read_at = self._read(), self._monotonic()
        return datetime.now(UTC) + self._offset

    def refresh(self) -> None:
        self._read_at = float("-inf")

    def _read(self) -> timedelta:
        if self._engine is None:
            return timedelta()
        try:
            with self._engine.connect() as connection:
                seconds = connection.execute(_OFFSET).scalar()
        except SQLAlchemyError:
            # Not migrated yet, or being written right now: what was last known still holds.
            return self._offset
        return timedelta(seconds=int(seconds or 0))


def _engine(url: str) -> sa.Engine:
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        # Read-only: asking for the time must not create an empty database.
        location = f"file:{quote(parsed.database)}?mode=ro"
        return sa.create_engine(f"sqlite:///{location}&uri=true", poolclass=NullPool)
    return sa.create_engine(parsed, poolclass=NullPool)
