"""The jobs that start by themselves: when each ran last, how that ended, and when it is next.

The timetable itself is app/jobs/schedule.py; create_app() puts it into the application.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import Conflict, NotFound
from app.extensions import db
from app.models import TimetableEntry
from app.services import audit, clock
from app.services.queue import start_job
from app.services.system.job_runs import AlreadyRan, Cancelled, has_succeeded, sentence_of
from app.services.transactions import after_commit, transaction


@dataclass(frozen=True)
class Sweep:
    """Starts `app.jobs.<name>.run()` again and again."""

    name: str
    every: timedelta

    def next_after(self, entry: TimetableEntry | None) -> datetime:
        return clock.now() if entry is None else max(entry.started_at + self.every, clock.now())


@dataclass(frozen=True)
class Daily:
    """Starts `app.jobs.<name>.run(day)` once that minute of the city's day has passed.

    A day on which nothing ran at that minute is made up for later the same day.
    """

    name: str
    at: str  # HH:MM

    def next_after(self, entry: TimetableEntry | None) -> datetime:
        now = clock.city_time(clock.now())
        hour, minute = (int(part) for part in self.at.split(":"))
        today = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        if has_succeeded(self.name, now.date().isoformat()):
            today += timedelta(days=1)
        return max(today, now).astimezone(UTC)


def path_of(name: str) -> str:
    return f"app.jobs.{name}.run"


def planned() -> Mapping[str, Sweep | Daily]:
    """The timetable of this application, by the job's name."""
    found: Mapping[str, Sweep | Daily] = current_app.extensions["timetable"]
    return found


def entries() -> Mapping[str, TimetableEntry]:
    return {entry.job: entry for entry in db.session.scalars(sa.select(TimetableEntry))}


def run_now(name: str, *, actor: Actor) -> None:
    """Start a job of the timetable at once. Raises NotFound."""
    if name not in planned():
        raise NotFound(_l("There is no such job"))
    with transaction(actor):
        audit.record("run_now", "timetable_entry", name, {"job": name}, actor=actor)
        after_commit(lambda: start_job(path_of(name)))


@contextmanager
def kept(name: str) -> Iterator[None]:
    """Remember that a job of the timetable ran, for how long, and what went wrong."""
    if name not in planned():
        yield
        return
    started_at, begun = clock.now(), time.perf_counter()
    try:
        yield
    except (AlreadyRan, Cancelled):
        raise  # that was no run
    except Exception as exc:
        db.session.rollback()
        _write(name, started_at, begun, f"{type(exc).__name__}: {sentence_of(exc)}")
        raise
    _write(name, started_at, begun)


def _write(name: str, started_at: datetime, begun: float, error: str = "") -> None:
    took = round((time.perf_counter() - begun) * 1000)
    values: dict[str, Any] = {
        "started_at": started_at, "finished_at": clock.now(), "milliseconds": took,
        "succeeded": not error, "error": error[:300],
    }  # fmt: skip
    known = sa.update(TimetableEntry).where(TimetableEntry.job == name).values(**values)
    try:
        with transaction() as session:
            if session.scalar(known.returning(TimetableEntry.id)) is None:
                session.add(TimetableEntry(job=name, **values))
    except Conflict:
        return  # another process ran the same job for the first time just now
