"""What every connection to a database needs, whoever opens it."""

import sqlite3
import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import Pool

RESTS_SINCE = "rests_since"
RESTS_UNASKED = 1.0  # seconds
# What is asked all the time is some hundreds of statements. The driver's own limit of 100 would
# prepare each of them again and again.
MOST_PREPARED = 300


def install() -> None:
    """Listen to every engine of the process. Safe to call again."""
    if sa.event.contains(Engine, "connect", _configure):
        return
    sa.event.listen(Engine, "do_connect", _connect)
    sa.event.listen(Engine, "connect", _configure)
    sa.event.listen(Engine, "begin", _begin_sqlite)
    sa.event.listen(Pool, "checkin", _note_rest)
    sa.event.listen(Pool, "checkout", _ask_whether_alive)


def _connect(dialect: sa.Dialect, _record: Any, given: Any, named: Any) -> Any:
    """None: as the dialect does it."""
    if dialect.name != "postgresql":
        return None
    # Loaded late: an installation with SQLite never needs the driver.
    from app.postgresql import Connection

    return Connection.connect(*given, **named)


def _configure(connection: Any, _record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        _configure_sqlite(connection)
    else:
        connection.prepared_max = MOST_PREPARED


def _configure_sqlite(connection: sqlite3.Connection) -> None:
    connection.isolation_level = None  # SQLAlchemy, not the driver, decides when one begins
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        kind = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {kind}")


def _note_rest(_connection: Any, record: Any) -> None:
    record.info[RESTS_SINCE] = time.monotonic()


def _ask_whether_alive(connection: Any, record: Any, _proxy: Any) -> None:
    """A server may have gone while a connection rested. SQLAlchemy's pre-ping would ask at each
    use, several times a request; who was used just now answers that by the next statement.
    """
    since = record.info.get(RESTS_SINCE)
    if since is None or isinstance(connection, sqlite3.Connection):
        return
    if time.monotonic() - since < RESTS_UNASKED:
        return
    import psycopg  # loaded already: it made the connection

    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        connection.rollback()
    except psycopg.Error as exc:
        raise InvalidatePoolError from exc
