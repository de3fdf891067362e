import json

import pytest
import rq.job

from app.jobs.worker import OwnJob, build_worker
from app.services import queue as queues
from app.services.queue import EmbeddedQueue, InlineQueue, RedisQueue, start_job
from app.services.transactions import after_commit, transaction

RELAY = "app.jobs.relay_outbox.run"


def test_redis_decides_which_queue_is_built():
    assert isinstance(queues.build({"REDIS_URL": None}), EmbeddedQueue)
    assert isinstance(queues.build({"REDIS_URL": "redis://127.0.0.1:1/0"}), RedisQueue)


def test_a_job_starts_only_after_the_commit(app, queue):
    with transaction():
        after_commit(lambda: start_job(RELAY))
        assert queue.started == []

    assert queue.started == [(RELAY, ())]


def test_a_change_that_fails_starts_nothing(app, queue):
    with pytest.raises(ZeroDivisionError), transaction():
        after_commit(lambda: start_job(RELAY))
        raise ZeroDivisionError

    assert queue.started == []


def test_work_that_waits_already_is_not_added_twice():
    jobs = EmbeddedQueue()
    jobs.start(RELAY)
    jobs.start(RELAY)
    jobs.start("app.jobs.prune.run", "2030-05-06")

    assert [jobs.take(), jobs.take()] == [
        (RELAY, ()),
        ("app.jobs.prune.run", ("2030-05-06",)),
    ]
    assert len(jobs) == 0


def test_work_started_while_it_runs_runs_again():
    jobs = EmbeddedQueue()
    jobs.start(RELAY)
    jobs.take()

    jobs.start(RELAY)

    assert jobs.take() == (RELAY, ())


@pytest.mark.parametrize("path", ["os.system", "app.services.queue.build", "app.jobs"])
def test_only_jobs_are_run(path):
    with pytest.raises(LookupError, match="is no job"):
        queues.resolve(path)


def test_inline_work_runs_what_it_starts(monkeypatch):
    ran = []
    jobs = InlineQueue()
    monkeypatch.setattr(queues, "resolve", lambda path: lambda *args: ran.append((path, args)))
    jobs.start(RELAY)

    assert jobs.run_all() == 1
    assert ran == [(RELAY, ())]


def test_redis_holds_json_and_nothing_that_runs_when_it_is_read(redis_url):
    jobs = RedisQueue(redis_url)
    jobs.start("app.jobs.prune.run", "2030-05-06")

    (job,) = jobs.rq.get_jobs()
    assert json.loads(job.data) == ["app.jobs.prune.run", None, ["2030-05-06"], {}]
    jobs.rq.connection.close()


def test_what_waits_in_redis_is_not_added_twice(redis_url):
    jobs = RedisQueue(redis_url)
    for _ in range(3):
        jobs.start(RELAY)
    jobs.start("app.jobs.prune.run", "2030-05-06")
    jobs.start("app.jobs.prune.run", "2030-05-07")

    assert len(jobs.rq.get_jobs()) == 3
    jobs.rq.connection.close()


def test_work_started_while_it_runs_is_added_again(redis_url, monkeypatch):
    jobs = RedisQueue(redis_url)
    jobs.start(RELAY)
    (waiting,) = jobs.rq.get_jobs()
    monkeypatch.setattr(rq.job.Job, "perform", lambda _job: jobs.start(RELAY))

    OwnJob.fetch(waiting.id, connection=jobs.rq.connection, serializer="json").perform()

    assert len(jobs.rq.get_jobs()) == 2
    jobs.rq.connection.close()


def test_the_worker_refuses_what_is_no_job(redis_url):
    jobs = RedisQueue(redis_url)
    worker = build_worker(jobs)
    assert (worker.worker_ttl, worker.maintenance_interval) == (40, 10)
    assert worker.job_monitoring_interval == 5

    planted = OwnJob.create("os.getcwd", connection=jobs.rq.connection, serializer="json")
    with pytest.raises(LookupError, match="is no job"):
        _ = planted.func
    jobs.rq.connection.close()
