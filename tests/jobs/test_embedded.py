import threading

import pytest

from app.jobs import embedded, scheduler
from app.jobs.embedded import EmbeddedJobs
from app.services.queue import EmbeddedQueue

pytestmark = pytest.mark.backends("sqlite")


@pytest.fixture
def jobs(real_app, monkeypatch):
    monkeypatch.setattr(scheduler, "TICK", 3600)
    queue = EmbeddedQueue()
    jobs = EmbeddedJobs(real_app, queue)
    jobs.start()
    yield queue, jobs
    jobs.stop()


def run_as(monkeypatch, **functions):
    monkeypatch.setattr(embedded, "resolve", lambda path: functions[path])


def test_work_runs_in_a_thread_with_a_context(jobs, monkeypatch):
    done = threading.Event()
    run_as(monkeypatch, work=lambda number: number == 7 and done.set())
    queue, _ = jobs

    queue.start("work", 7)

    assert done.wait(5)


def test_a_job_that_fails_does_not_stop_the_next(jobs, monkeypatch, caplog):
    done = threading.Event()

    def poison():
        raise ZeroDivisionError

    run_as(monkeypatch, poison=poison, work=done.set)
    queue, running = jobs
    for _ in range(embedded.WORKERS):
        queue.start("poison")
    queue.start("work")

    assert done.wait(5)
    running.stop()
    assert "failed" in caplog.text


def test_stopping_waits_for_what_runs_and_begins_nothing_new(jobs, monkeypatch):
    started, go_on, finished, later = (threading.Event() for _ in range(4))

    def slow():
        started.set()
        go_on.wait(5)
        finished.set()

    run_as(monkeypatch, slow=slow, later=later.set)
    queue, running = jobs
    queue.start("slow")
    assert started.wait(5)

    running.tell_to_stop()
    queue.start("later")
    threading.Timer(0.1, go_on.set).start()
    running.stop()

    assert finished.is_set()
    assert not later.is_set()
    assert not any(thread.is_alive() for thread in running._threads)


def test_a_tick_that_fails_is_not_the_last(real_app, monkeypatch, caplog):
    ticks = []
    stop = threading.Event()

    def fail(self):
        ticks.append(1)
        if len(ticks) == 2:
            stop.set()
        raise ConnectionError("Redis is away")

    monkeypatch.setattr(scheduler, "TICK", 0.01)
    monkeypatch.setattr(scheduler.Timetable, "start_due", fail)

    scheduler.keep_time(real_app, stop)

    assert len(ticks) == 2
    assert "could not be kept" in caplog.text
