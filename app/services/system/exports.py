"""Lists as files: asked for, made by a job, fetched by who asked, gone after some days.

What is written is decided by the application's exporter (the admin UI), which replays the list as
the person who asked: his columns, filters, rows and language.
"""

import secrets
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import DomainError, NotFound, RuleViolation
from app.domain.states import ExportStatus as S
from app.domain.states import move
from app.extensions import db
from app.models import Export, JobRun
from app.services import audit, clock
from app.services.queue import start_job
from app.services.system import job_processes, job_runs, parameters
from app.services.system.job_runs import Cancelled, Run, run_of
from app.services.transactions import after_commit, locked, transaction

JOB = "app.jobs.export.run"
FORGOTTEN = timedelta(minutes=2)  # in the queue: its start was lost
KEPT = timedelta(days=90)  # the row, after its file
LONGEST_QUERY = 4000
# Why there is no file, as codes; anything else in `failure` is a sentence.
BROKEN, LOST = "broken", "lost"
# (export, file to write, progress(done, total)) -> how many rows
Exporter = Callable[[Export, Path, Callable[[int, int], None]], int]


def ask(kind: str, title: str, query: str, *, locale: str, actor: Actor) -> int:
    """Ask for a list as a file; returns the export's key. Raises RuleViolation."""
    if len(query) > LONGEST_QUERY:
        raise RuleViolation(_l("These filters are too long to be kept"))
    with transaction(actor) as session:
        export = Export(
            key=secrets.token_urlsafe(24), staff_id=actor.id, kind=kind, title=title[:120],
            asked={"query": query}, locale=locale,
        )  # fmt: skip
        session.add(export)
        session.flush()
        told = {"list": kind, "query": query}
        audit.record("export", "export", export.id, told, actor=actor)
        _start(export.id)
        return export.id


def ask_again(export_id: int, *, actor: Actor) -> int:
    """The same list anew, as it is now; returns the key of the export."""
    export = own(export_id, actor=actor)
    if export.status not in {S.FAILED, S.CANCELLED}:
        query = str(export.asked.get("query", ""))
        return ask(export.kind, export.title, query, locale=export.locale, actor=actor)
    with transaction(actor) as session:
        export = locked(session, Export, export_id)
        move(export, S.WAITING)
        export.failure, export.job_run_id, export.finished_at = "", None, None
        told = {"list": export.kind, "query": export.asked.get("query", "")}
        audit.record("export", "export", export_id, told, actor=actor)
        _start(export_id)
    return export_id


def cancel(export_id: int, *, actor: Actor) -> None:
    """Ask the job to stop; what waits in the queue is not begun."""
    with transaction(actor) as session:
        own(export_id, actor=actor)
        export = locked(session, Export, export_id)
        if export.status == S.WAITING:
            move(export, S.CANCELLED)
        elif export.status == S.RUNNING and export.job_run_id is not None:
            job_runs.ask_to_cancel(export.job_run_id, actor=actor)
        else:
            raise RuleViolation(_l("This file is not being made any more"))


def open_file(export_id: int, *, actor: Actor) -> tuple[Export, BinaryIO]:
    """The file for who asked for it, counted and written down. Raises NotFound, RuleViolation."""
    with transaction(actor) as session:
        own(export_id, actor=actor)
        export = locked(session, Export, export_id)
        if export.status != S.READY or _is_over(export):
            raise RuleViolation(_l("This file is not there any more. Ask for it again."))
        file = current_app.extensions["gateways"].storage.open(export.storage_key)
        export.downloads += 1
        told = {"list": export.kind, "rows": export.rows, "sha256": export.sha256}
        audit.record("download", "export", export_id, told, actor=actor)
    return export, file


def remove(export_id: int, *, actor: Actor) -> None:
    """Delete the file and its row; the audit log keeps that there was one."""
    with transaction(actor) as session:
        own(export_id, actor=actor)
        export = locked(session, Export, export_id)
        if export.status == S.RUNNING:
            raise RuleViolation(_l("This file is just being made. Cancel it first."))
        _forget_after_commit(export)
        session.delete(export)


def own(export_id: int, *, actor: Actor) -> Export:
    """Somebody else's looks as if it did not exist."""
    mine = sa.select(Export).filter_by(id=export_id, staff_id=actor.id)
    export = db.session.scalar(mine) if actor.kind == "staff" else None
    if export is None:
        raise NotFound(_l("This record does not exist"))
    return export


def make(export_id: int) -> None:
    """Write the file. Safe to call twice: one call makes it, and a killed one is begun again."""
    export = db.session.get(Export, export_id, populate_existing=True)
    if export is None or not _can_begin(export):
        return
    try:
        with run_of("export", args=(export_id,), asked_by=export.staff_id) as run:
            if _claim(export_id, run):
                _write(export_id, run)
    except Cancelled:
        _end(export_id, S.CANCELLED)
        raise
    except DomainError as error:
        _end(export_id, S.FAILED, str(error))
        raise
    except BaseException:
        _end(export_id, S.FAILED, BROKEN)
        raise


def _can_begin(export: Export) -> bool:
    return export.status == S.WAITING or (export.status == S.RUNNING and _was_killed(export))


def _was_killed(export: Export) -> bool:
    run = db.session.get(JobRun, export.job_run_id)
    return run is None or run.status != "running" or job_processes.lives(run.process) is False


def _claim(export_id: int, run: Run) -> bool:
    """Begin what waits, or what was killed; of two rivals one gets it."""
    with transaction() as session:
        export = locked(session, Export, export_id)
        if not _can_begin(export):
            return False
        if export.status == S.RUNNING:
            move(export, S.FAILED)
            move(export, S.WAITING)
        move(export, S.RUNNING)
        export.job_run_id = run.id
    return True


def _write(export_id: int, run: Run) -> None:
    exporter: Exporter = current_app.extensions["exporter"]
    export = db.session.get_one(Export, export_id)
    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        path = Path(folder) / "list.xlsx"
        rows = exporter(export, path, lambda done, total: run.progress(done, total))
        stored = current_app.extensions["gateways"].storage.put_file(path)
    with transaction() as session:
        export = locked(session, Export, export_id)
        move(export, S.READY)
        export.rows, export.size_bytes, export.sha256 = rows, stored.size, stored.sha256
        export.storage_key, export.finished_at = stored.key, clock.now()
        export.expires_at = clock.now() + timedelta(days=parameters.get("export.keep_days"))


def _end(export_id: int, status: S, failure: str = "") -> None:
    with transaction() as session:
        export = locked(session, Export, export_id)
        if export.status == S.RUNNING:
            move(export, status)
            export.failure, export.finished_at = failure[:300], clock.now()


def _start(export_id: int) -> None:
    after_commit(lambda: start_job(JOB, export_id))


def _is_over(export: Export) -> bool:
    return export.expires_at is not None and export.expires_at <= clock.now()


def _forget_after_commit(export: Export) -> None:
    key = export.storage_key
    if key:
        after_commit(lambda: current_app.extensions["gateways"].storage.delete(key))


# What the timetable does.


def expire() -> int:
    """Remove the files whose time is over; returns how many."""
    over = sa.select(Export.id).where(Export.status == S.READY, Export.expires_at <= clock.now())
    return sum(_expire(export_id) for export_id in db.session.scalars(over).all())


def _expire(export_id: int) -> bool:
    with transaction() as session:
        export = locked(session, Export, export_id)
        if export.status != S.READY or not _is_over(export):
            return False
        _forget_after_commit(export)
        move(export, S.EXPIRED)
        export.storage_key = ""
    return True


def give_up_lost() -> int:
    """End the exports whose run was lost; returns how many. Who asked can ask again."""
    lost = (
        sa.select(Export.id)
        .join(JobRun, Export.job_run_id == JobRun.id)
        .where(Export.status == S.RUNNING, JobRun.status == "failed")
    )
    found = db.session.scalars(lost).all()
    for export_id in found:
        _end(export_id, S.FAILED, LOST)
    return len(found)


def start_forgotten() -> int:
    """Start again what waits although nothing is before it: its start was lost with the queue."""
    old = sa.select(Export.id).where(
        Export.status == S.WAITING, Export.created_at < clock.now() - FORGOTTEN
    )
    found = db.session.scalars(old).all()
    for export_id in found:
        start_job(JOB, export_id)
    return len(found)


def prune() -> int:
    """Delete the rows of files that are long gone; returns how many."""
    ended = (S.EXPIRED, S.FAILED, S.CANCELLED)
    old = sa.select(Export).where(Export.status.in_(ended), Export.created_at < clock.now() - KEPT)
    with transaction() as session:
        rows = session.scalars(old).all()
        for row in rows:
            session.delete(row)
    return len(rows)
