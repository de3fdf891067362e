"""Exactly one scheduler. Others wait and take over when its lease or connection ends.

Two leaders for a moment would do no harm, only double work: jobs are idempotent in the database.
"""

from typing import Any, Protocol

import sqlalchemy as sa
from flask import Flask

from app.extensions import db
from app.services import queue

LEASE_SECONDS = 15
LOCK_NAME = "backoffice:scheduler"
LOCK_KEY = 0x5C4ED01E  # any number that nothing else in this database locks


class Leadership(Protocol):
    def hold(self) -> bool:
        """Become or stay the leader. Ask every few seconds: a lease runs out."""

    def release(self) -> None: ...


def build(app: Flask) -> Leadership:
    redis_url = app.config.get("REDIS_URL")
    if redis_url:
        return RedisLeadership(redis_url)
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql"):
        return PostgresqlLeadership(app)
    return SoleLeadership()


class SoleLeadership:
    """SQLite: the lock on the data folder admits one server anyway."""

    def hold(self) -> bool:
        return True

    def release(self) -> None:
        pass


class RedisLeadership:
    def __init__(self, redis_url: str) -> None:
        # Imported here: the embedded mode does not need it.
        import redis

        self._lock = queue.connect(redis_url).lock(
            LOCK_NAME, timeout=LEASE_SECONDS, thread_local=False
        )
        self._not_owned = redis.exceptions.LockError
        self._leads = False

    def hold(self) -> bool:
        if self._leads:
            try:
                self._lock.reacquire()
            except self._not_owned:
                self._leads = False
        if not self._leads:
            self._leads = bool(self._lock.acquire(blocking=False))
        return self._leads

    def release(self) -> None:
        if self._leads:
            self._leads = False
            try:
                self._lock.release()
            except self._not_owned:
                return  # the lease ran out before


class PostgresqlLeadership:
    """A lock of one connection: when the process or the connection dies, so does the lock."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._connection: Any = None

    def hold(self) -> bool:
        if self._connection is not None:
            try:
                self._connection.execute(sa.text("SELECT 1"))
                return True
            except sa.exc.DBAPIError:
                self._forget()
        return self._try()

    def release(self) -> None:
        if self._connection is not None:
            self._connection.execute(sa.select(sa.func.pg_advisory_unlock(LOCK_KEY)))
            self._forget()

    def _try(self) -> bool:
        with self._app.app_context():
            connection = db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if connection.scalar(sa.select(sa.func.pg_try_advisory_lock(LOCK_KEY))):
            self._connection = connection
            return True
        connection.close()
        return False

    def _forget(self) -> None:
        connection, self._connection = self._connection, None
        connection.invalidate()
        connection.close()
