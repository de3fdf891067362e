"""One row a run of a job: how far it is, that it lives, and that its period is done."""

import re
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import Conflict, DomainError, RuleViolation
from app.extensions import db
from app.models import JobRun
from app.services import audit, clock
from app.services.queue import start_job
from app.services.system import job_processes
from app.services.transactions import after_commit, locked, transaction

DEAD_AFTER = timedelta(minutes=15)  # without a sign of life: its process is gone
QUIET = timedelta(minutes=1)  # after so long we look whether the process still is there
SIGN_OF_LIFE = 1.0  # seconds of real time between two writes of the progress
KEPT = timedelta(days=90)
CANCELLED, LOST = "cancelled", "lost"
LONGEST_TRACE = 20_000
VALUES = re.compile(r"\[parameters: .*|DETAIL: .*")  # of an SQL statement: they may be somebody's


class AlreadyRan(Conflict):
    """The period's work is done, or another process is doing it."""

    code = "already_ran"


class Cancelled(DomainError):
    """Somebody asked the run to stop; it raises this at its next step."""

    code = "cancelled"


class Run:
    """A running job's handle on its row."""

    def __init__(self, run_id: int) -> None:
        self.id = run_id
        self._told_at = float("-inf")

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Tell how far the job is; cheap enough for every item. Not inside a transaction().

        Raises Cancelled when somebody asked the run to stop.
        """
        if time.monotonic() - self._told_at < SIGN_OF_LIFE and done != total:
            return
        self._told_at = time.monotonic()
        if self._write(done=done, total=total, message=message[:300], heartbeat_at=clock.now()):
            raise Cancelled(_l("This was cancelled"))

    def finish(self, status: str, message: str | None = None, **more: Any) -> None:
        words = {} if message is None else {"message": message[:300]}
        now = clock.now()
        self._write(status=status, heartbeat_at=now, finished_at=now, **words, **more)

    def fail(self, error: BaseException) -> None:
        """End as failed: the error's class and sentence for everybody, its trace beside them."""
        if isinstance(error, Cancelled):
            self.finish("failed", ending=CANCELLED)
            return
        trace = VALUES.sub("[values hidden]", "".join(traceback.format_exception(error)))
        trace = trace[-LONGEST_TRACE:]
        self.finish("failed", sentence_of(error), error_class=type(error).__name__, trace=trace)

    def _write(self, **values: Any) -> bool:
        """Returns whether the run was asked to stop."""
        with transaction() as session:
            asked = session.scalar(
                sa.update(JobRun)
                .where(JobRun.id == self.id)
                .values(**values)
                .returning(JobRun.cancel_asked_at)
            )
        return asked is not None


def sentence_of(error: BaseException) -> str:
    """An error's words on one line, of a database's error without the SQL and its values."""
    words = VALUES.sub("", str(getattr(error, "orig", error)))
    return " ".join(words.split()) or type(error).__name__


@contextmanager
def run_of(
    job: str,
    period: str | None = None,
    *,
    args: tuple[Any, ...] | None = None,
    asked_by: int | None = None,
) -> Iterator[Run]:
    """Record a run. With a period ("2030-05-06"): at most one success in that period.

    A failed run, or one whose process died, may be repeated. Raises AlreadyRan otherwise.
    `args` are what `app.jobs.<job>.run` was started with; only with them can it be retried.
    """
    run = Run(_begin(job, period, args, asked_by))
    try:
        yield run
    except BaseException as exc:
        db.session.rollback()
        run.fail(exc)
        raise
    run.finish("succeeded")


def ask_to_cancel(run_id: int, *, actor: Actor) -> None:
    """Ask a run to stop at its next step. Raises RuleViolation when it has ended."""
    with transaction(actor) as session:
        run = locked(session, JobRun, run_id)
        if run.status != "running":
            raise RuleViolation(_l("This run has ended already"))
        run.cancel_asked_at = run.cancel_asked_at or clock.now()
        audit.record("cancel", "job_run", run_id, {"job": run.job}, actor=actor)


def retry(run_id: int, *, actor: Actor) -> None:
    """Start the job of a run that did not succeed again, with the same arguments."""
    with transaction(actor) as session:
        run = locked(session, JobRun, run_id)
        if not can_retry(run):
            raise RuleViolation(_l("This run cannot be repeated"))
        audit.record("retry", "job_run", run_id, {"job": run.job}, actor=actor)
        path, args = f"app.jobs.{run.job}.run", run.args or []
        after_commit(lambda: start_job(path, *args))


def can_retry(run: JobRun) -> bool:
    return run.status == "failed" and run.args is not None


def has_succeeded(job: str, period: str) -> bool:
    succeeded = sa.select(JobRun.id).filter_by(job=job, period=period, status="succeeded")
    return db.session.scalar(succeeded) is not None


def find_lost() -> list[int]:
    """Mark the runs whose process died without a word; returns their keys."""
    now = clock.now()
    quiet = sa.select(JobRun.id, JobRun.process, JobRun.heartbeat_at).where(
        JobRun.status == "running", JobRun.heartbeat_at < now - QUIET
    )
    dead = [row.id for row in db.session.execute(quiet) if _is_dead(row)]
    return [run_id for run_id in dead if _mark_lost(run_id)]


def _is_dead(row: Any) -> bool:
    alive = job_processes.lives(row.process)
    return bool(row.heartbeat_at < clock.now() - DEAD_AFTER) if alive is None else not alive


def _mark_lost(run_id: int) -> bool:
    now = clock.now()
    lost = (
        sa.update(JobRun)
        .where(JobRun.id == run_id, JobRun.status == "running", JobRun.heartbeat_at < now - QUIET)
        .values(status="failed", ending=LOST, error_class="", finished_at=now)
        .returning(JobRun.id)
    )
    with transaction() as session:
        return session.scalar(lost) is not None


def prune() -> int:
    """Delete runs of long ago; returns how many."""
    old = sa.delete(JobRun).where(JobRun.started_at < clock.now() - KEPT).returning(JobRun.id)
    with transaction() as session:
        return len(session.scalars(old).all())


def _begin(job: str, period: str | None, args: tuple[Any, ...] | None, asked_by: int | None) -> int:
    now = clock.now()
    begun = {
        "started_at": now,
        "heartbeat_at": now,
        "process": job_processes.own_name(),
        "args": None if args is None else list(args),
        "asked_by_id": asked_by,
    }
    try:
        with transaction() as session:
            taken = _take_over(job, period, begun) if period else None
            if taken is not None:
                return taken
            row = JobRun(job=job, period=period, **begun)
            session.add(row)
            session.flush()
            return row.id
    except Conflict as exc:
        raise AlreadyRan(
            _l("This job has already run for this period"), job=job, period=period
        ) from exc


ANEW = {
    "status": "running", "finished_at": None, "done": 0, "total": None, "message": "",
    "ending": "", "error_class": "", "trace": None, "cancel_asked_at": None,
}  # fmt: skip


def _take_over(job: str, period: str | None, begun: dict[str, Any]) -> int | None:
    """Begin a run of this period again that failed or died. One of two rivals gets the row."""
    given_up = sa.or_(
        JobRun.status == "failed",
        sa.and_(JobRun.status == "running", JobRun.heartbeat_at < clock.now() - DEAD_AFTER),
    )
    return db.session.execute(
        sa.update(JobRun)
        .where(JobRun.job == job, JobRun.period == period, given_up)
        .values(**ANEW, **begun)
        .returning(JobRun.id)
    ).scalar()
