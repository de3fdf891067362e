"""One row a run of a job: how far it is, that it lives, and that its period is done."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.domain.errors import Conflict
from app.extensions import db
from app.models import JobRun
from app.services import clock
from app.services.transactions import transaction

DEAD_AFTER = timedelta(minutes=15)  # without a sign of life: its process is gone
SIGN_OF_LIFE = 1.0  # seconds of real time between two writes of the progress
KEPT = timedelta(days=90)


class AlreadyRan(Conflict):
    """The period's work is done, or another process is doing it."""

    code = "already_ran"


class Run:
    """A running job's handle on its row."""

    def __init__(self, run_id: int) -> None:
        self.id = run_id
        self._told_at = float("-inf")

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Tell how far the job is; cheap enough for every item. Not inside a transaction()."""
        if time.monotonic() - self._told_at < SIGN_OF_LIFE and done != total:
            return
        self._told_at = time.monotonic()
        self._write(done=done, total=total, message=message[:300], heartbeat_at=clock.now())

    def finish(self, status: str, message: str | None = None) -> None:
        words = {} if message is None else {"message": message[:300]}
        now = clock.now()
        self._write(status=status, heartbeat_at=now, finished_at=now, **words)

    def _write(self, **values: Any) -> None:
        with transaction() as session:
            session.execute(sa.update(JobRun).where(JobRun.id == self.id).values(**values))


@contextmanager
def run_of(job: str, period: str | None = None) -> Iterator[Run]:
    """Record a run. With a period ("2030-05-06"): at most one success in that period.

    A failed run, or one whose process died, may be repeated. Raises AlreadyRan otherwise.
    """
    run = Run(_begin(job, period))
    try:
        yield run
    except BaseException as exc:
        db.session.rollback()
        run.finish("failed", repr(exc))
        raise
    run.finish("succeeded")


def has_succeeded(job: str, period: str) -> bool:
    succeeded = sa.select(JobRun.id).filter_by(job=job, period=period, status="succeeded")
    return db.session.scalar(succeeded) is not None


def prune() -> int:
    """Delete runs of long ago; returns how many."""
    old = sa.delete(JobRun).where(JobRun.started_at < clock.now() - KEPT).returning(JobRun.id)
    with transaction() as session:
        return len(session.scalars(old).all())


def _begin(job: str, period: str | None) -> int:
    now = clock.now()
    try:
        with transaction() as session:
            taken = _take_over(job, period) if period else None
            if taken is not None:
                return taken
            row = JobRun(job=job, period=period, started_at=now, heartbeat_at=now)
            session.add(row)
            session.flush()
            return row.id
    except Conflict as exc:
        raise AlreadyRan(
            _l("This job has already run for this period"), job=job, period=period
        ) from exc


def _take_over(job: str, period: str | None) -> int | None:
    """Begin a run of this period again that failed or died. One of two rivals gets the row."""
    now = clock.now()
    given_up = sa.or_(
        JobRun.status == "failed",
        sa.and_(JobRun.status == "running", JobRun.heartbeat_at < now - DEAD_AFTER),
    )
    return db.session.execute(
        sa.update(JobRun)
        .where(JobRun.job == job, JobRun.period == period, given_up)
        .values(status="running", started_at=now, heartbeat_at=now, finished_at=None, done=0)
        .returning(JobRun.id)
    ).scalar()
