"""The demo's clock, read from where every other process of the demo reads it."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

CACHE_SECONDS = 0.5
_OFFSET = "SELECT clock_offset_seconds FROM installation WHERE id = 1"


class DemoClock:
    """Real time plus the offset in the product's database; real time while there is none.

    The offset is read at most every half second; refresh() makes the next reading a fresh one.
    """

    def __init__(
        self, database_url: str | None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._reader = _reader(database_url) if database_url else lambda: 0
        self._monotonic = monotonic
        self._offset, self._read_at = timedelta(), float("-inf")

    def __call__(self) -> datetime:
        if self._monotonic() - self._read_at >= CACHE_SECONDS:
            self._offset, self._read_at = self._read(), self._monotonic()
        return datetime.now(UTC) + self._offset

    def refresh(self) -> None:
        self._read_at = float("-inf")

    def _read(self) -> timedelta:
        try:
            return timedelta(seconds=int(self._reader() or 0))
        except (SQLAlchemyError, sqlite3.Error):
            # Not migrated yet, or being written right now: what was last known still holds.
            return self._offset


def _reader(url: str) -> Callable[[], int | None]:
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        # Read-only, and not through SQLAlchemy: asking for the time must not create an empty
        # database, nor run what the product runs on each of its own connections.
        location = f"file:{quote(parsed.database)}?mode=ro"
        return lambda: _from_sqlite(location)
    engine = sa.create_engine(parsed, poolclass=NullPool)
    return lambda: _from_server(engine)


def _from_sqlite(location: str) -> int | None:
    with closing(sqlite3.connect(location, uri=True)) as connection:
        row = connection.execute(_OFFSET).fetchone()
    return row[0] if row else None


def _from_server(engine: sa.Engine) -> int | None:
    with engine.connect() as connection:
        found: int | None = connection.execute(sa.text(_OFFSET)).scalar()
    return found
