"""The only module that commits. Services open a block; nobody else calls commit()."""

import functools
import logging
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, class_mapper
from sqlalchemy.orm.exc import StaleDataError

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import Busy, Conflict, NotFound
from app.extensions import db

logger = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

CALLBACKS = "after_commit"
TRIES = 4
UNIQUE_OR_EXCLUSION = {"23505", "23P01"}
DEADLOCK_OR_SERIALISATION = {"40P01", "40001"}
LOCK_NOT_AVAILABLE = "55P03"
NO_CONNECTION = ("connection failed", "connection timeout")
SQLITE_CONFLICTS = ("UNIQUE constraint failed", "worker_busy_overlap")


@contextmanager
def transaction(actor: Actor | None = None) -> Iterator[Session]:
    """Commit on success, roll back on any error. A nested block joins the outer one.

    `actor` is written into the audit rows; without one it is the system. Raises Conflict when
    a unique or exclusion constraint, or a row version, says that somebody else was first, and
    Busy when the database cannot begin or get a lock in time.
    """
    session: Session = db.session()
    if CALLBACKS in session.info:
        yield session
        return
    _begin(session)
    callbacks: list[Callable[[], Any]] = []
    session.info.update({CALLBACKS: callbacks, "actor": actor or SYSTEM})
    try:
        yield session
        session.commit()
    except BaseException as exc:
        session.rollback()
        _translate(exc)
        raise
    finally:
        session.info.pop(CALLBACKS, None)
        session.info.pop("actor", None)
    _run(callbacks)


@contextmanager
def snapshot() -> Iterator[Session]:
    """Let many reads see one moment, whatever others commit meanwhile. Nothing may be written.

    SQLite's read transactions do so by themselves; PostgreSQL needs REPEATABLE READ.
    """
    session: Session = db.session()
    session.rollback()
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        yield session
    finally:
        session.rollback()


def after_commit(callback: Callable[[], Any]) -> None:
    """Run `callback` once the current transaction is safely on disk, and only then.

    A callback that fails is logged; the periodic sweeps do what it would have done.
    """
    session = db.session()
    if CALLBACKS not in session.info:
        raise RuntimeError("after_commit() needs an open transaction() block")
    session.info[CALLBACKS].append(callback)


def locked(session: Session, model: type[T], key: Any) -> T:
    """Load a row under its lock, as it is now and not as it was loaded earlier."""
    # Not session.get(): with a lock it refuses a row whose version moved since it was first read.
    primary_key = class_mapper(model).primary_key[0]
    query = sa.select(model).where(primary_key == key).with_for_update()
    row = session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound(_l("This record does not exist"), kind=model.__tablename__)  # type: ignore[attr-defined]
    return row


def retrying(function: Callable[P, R]) -> Callable[P, R]:
    """Run a whole service function again after a deadlock or a serialisation failure."""

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        for left in reversed(range(TRIES)):
            try:
                return function(*args, **kwargs)
            except DBAPIError as exc:
                if _sqlstate(exc) not in DEADLOCK_OR_SERIALISATION or in_block():
                    raise
                if not left:
                    raise Busy(_l("The system is busy. Please try again")) from exc
            time.sleep(random.uniform(0.01, 0.05) * (TRIES - left))  # noqa: S311
        raise AssertionError("unreachable")

    return wrapper


def in_block() -> bool:
    """Whether a transaction() of this context is open."""
    return CALLBACKS in db.session().info


def _begin(session: Session) -> None:
    """End any read transaction, then begin; on SQLite as a writer from the start.

    A SQLite read that turns into a write fails at once, whatever the busy time-out.
    """
    changed = [*session.new, *session.deleted, *filter(session.is_modified, session.dirty)]
    if changed:
        raise RuntimeError(f"Changed outside transaction(): {changed!r}")
    session.rollback()
    for left in reversed(range(TRIES)):
        try:
            session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})
            return
        except OperationalError as exc:
            session.rollback()
            if "database is locked" not in str(exc.orig):
                raise
            if not left:
                raise Busy(_l("The system is busy. Please try again")) from exc


def _translate(exc: BaseException) -> None:
    # A NOT NULL or CHECK failure is our bug, not a race, and stays a 500.
    if isinstance(exc, StaleDataError):
        raise Conflict(
            _l("Somebody else changed this at the same moment. Please look again")
        ) from exc
    if isinstance(exc, IntegrityError) and _lost_a_race(exc):
        raise Conflict(
            _l("Somebody else was faster. Please look again"), constraint=constraint_of(exc)
        ) from exc
    if isinstance(exc, OperationalError) and (
        _sqlstate(exc) == LOCK_NOT_AVAILABLE or "database is locked" in str(exc.orig)
    ):
        raise Busy(_l("The system is busy. Please try again")) from exc


def was_not_reached(exc: Exception) -> bool:
    """Whether the database was not even asked: it takes no more connections, or we have no more."""
    if isinstance(exc, PoolTimeout):
        return True
    return isinstance(exc, OperationalError) and str(exc.orig).startswith(NO_CONNECTION)


def _lost_a_race(exc: IntegrityError) -> bool:
    text = str(exc.orig)
    return _sqlstate(exc) in UNIQUE_OR_EXCLUSION or any(word in text for word in SQLITE_CONFLICTS)


def constraint_of(exc: IntegrityError) -> str:
    """The constraint's name (PostgreSQL), or SQLite's list of columns; never SQL text."""
    diagnosis = getattr(exc.orig, "diag", None)
    if diagnosis is not None:
        return str(diagnosis.constraint_name or "")
    return str(exc.orig).removeprefix("UNIQUE constraint failed: ")


def _sqlstate(exc: DBAPIError) -> str:
    return getattr(exc.orig, "sqlstate", None) or ""


def _run(callbacks: list[Callable[[], Any]]) -> None:
    for callback in callbacks:
        try:
            callback()
        except Exception:
            logger.exception("A callback after commit failed; the sweep will make up for it")
