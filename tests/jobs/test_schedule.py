import ast
import importlib
from datetime import timedelta
from pathlib import Path

import pytest

from app.jobs import prune, schedule
from app.jobs.schedule import DAILY, SWEEPS, Timetable
from app.services.queue import resolve
from app.services.system.job_runs import run_of
from app.services.system.timetable import path_of

STARTED_BY_SERVICES = {"export"}
MACHINERY = {"context", "embedded", "handlers", "leadership", "schedule", "scheduler", "worker"}


class Seconds:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def seconds():
    return Seconds()


def test_every_job_is_in_the_timetable_or_started_by_a_service():
    folder = Path(schedule.__file__).parent
    jobs = {path.stem for path in folder.glob("*.py")} - MACHINERY - {"__init__"}
    planned = {entry.name for entry in (*SWEEPS, *DAILY)}

    assert jobs == planned | STARTED_BY_SERVICES


@pytest.mark.parametrize("entry", [*SWEEPS, *DAILY], ids=lambda entry: entry.name)
def test_every_entry_names_a_documented_job(entry):
    job = resolve(path_of(entry.name))

    assert job.__doc__
    source = Path(importlib.import_module(f"app.jobs.{entry.name}").__file__).read_text()
    assert len([n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)]) == 1


def test_sweeps_come_back_after_their_interval(app, queue, seconds):
    timetable = Timetable(seconds)
    first = timetable.start_due()
    seconds.now = 4.9
    too_early = timetable.start_due()
    seconds.now = 5.0
    second = timetable.start_due()

    assert {sweep.name for sweep in SWEEPS} <= set(first)
    assert too_early == []
    assert set(second) == {"relay_outbox", "fire_timers"}


def test_a_daily_job_waits_for_its_minute(app, queue, clock, seconds):
    clock.instant = clock.instant.replace(day=5, hour=19, minute=9)  # 03:09 on the 6th in the city
    timetable = Timetable(seconds)
    before = timetable.start_due()
    clock.travel(timedelta(minutes=1))

    assert "prune" not in before
    assert timetable.start_due() == ["prune"]
    assert queue.started[-1] == ("app.jobs.prune.run", ("2030-05-06",))


def test_a_missed_daily_job_is_made_up_for(app, queue, seconds):
    assert "prune" in Timetable(seconds).start_due()  # it is nine in the morning


def test_a_daily_job_is_asked_again_until_it_succeeds(app, queue, seconds):
    timetable = Timetable(seconds)
    timetable.start_due()
    seconds.now = 899
    assert "prune" not in timetable.start_due()
    seconds.now = 900
    assert "prune" in timetable.start_due()

    with run_of("prune", "2030-05-06"):
        pass
    seconds.now = 1800

    assert "prune" not in timetable.start_due()


def test_two_timetables_do_a_days_work_once(app, queue, monkeypatch):
    ran = []
    monkeypatch.setattr(prune, "PRUNED", {"things": lambda: ran.append(1) or 1})
    for _ in range(2):
        Timetable().start_due()
    queue.started = [work for work in queue.started if "prune" in work[0]]

    assert queue.run_all() == 2
    assert ran == [1]


def test_one_kind_that_fails_does_not_keep_the_others(app, monkeypatch):
    def poison():
        raise ZeroDivisionError

    monkeypatch.setattr(prune, "PRUNED", {"a": lambda: 2, "b": poison, "c": lambda: 3})

    with pytest.raises(RuntimeError, match="Not pruned: b"):
        prune.run("2030-05-06")
    monkeypatch.setattr(prune, "PRUNED", {"a": lambda: 2, "c": lambda: 3})

    assert prune.run("2030-05-06") == 5
    assert prune.run("2030-05-06") is None  # done for today
