"""A long job in real workers: it tells how far it is, stops when asked, is found when killed."""

import os
import signal
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.extensions import db
from app.jobs import scheduler, sweep_exports, sweep_runs
from app.jobs.embedded import EmbeddedJobs
from app.jobs.worker import build_worker
from app.models import Export, JobRun, Skill
from app.services.queue import EmbeddedQueue, RedisQueue
from app.services.system import exports, job_runs
from app.views import base_exports
from tests import factories
from tests.kit.clients import add_staff

ROWS = 3


@pytest.fixture
def asker(real_app, monkeypatch):
    """Who may export the skills; each row is a step of its own, and each step is written."""
    monkeypatch.setattr(base_exports, "BATCH", 1)
    monkeypatch.setattr(job_runs, "SIGN_OF_LIFE", -1)
    factories.save(*(Skill(code=f"skill{n}", name=f"技能{n}") for n in range(ROWS)))
    return Actor("staff", add_staff("operations").id)


def ask(actor):
    return exports.ask("SkillView", "Skills", "", locale="zh", actor=actor)


def at_step(monkeypatch, number, act):
    """Have the job do something right after it told of this step."""
    usual = job_runs.Run.progress

    def progress(run, done, total=None, message=""):
        usual(run, done, total, message)
        if done == number:
            act(run)

    monkeypatch.setattr(job_runs.Run, "progress", progress)


def kill_itself(_run):
    os.kill(os.getpid(), signal.SIGKILL)


def state_of(export_id):
    db.session.rollback()
    export = db.session.get_one(Export, export_id, populate_existing=True)
    run = db.session.get(JobRun, export.job_run_id) if export.job_run_id else None
    return export.status, run and (run.state, run.done, run.total)


@pytest.fixture
def redis_worker(real_app, redis_url):
    """work(): a real worker runs what waits in Redis, each job in a child of its own, and ends."""
    queue = RedisQueue(redis_url)
    real_app.extensions["job_queue"] = queue

    def work():
        db.session.remove()
        db.engine.dispose()  # no connection may have two owners
        child = os.fork()
        if child == 0:
            try:
                build_worker(RedisQueue(redis_url)).work(burst=True, logging_level="CRITICAL")
            finally:
                os._exit(0)
        os.waitpid(child, 0)

    yield work
    queue.rq.connection.close()


def test_a_redis_worker_makes_the_file(asker, redis_worker):
    export_id = ask(asker)
    before = state_of(export_id)
    redis_worker()

    assert before == ("waiting", None)
    assert state_of(export_id) == ("ready", ("succeeded", ROWS, ROWS))


def test_a_redis_worker_stops_when_somebody_asks(asker, redis_worker, monkeypatch):
    at_step(monkeypatch, 1, lambda run: job_runs.ask_to_cancel(run.id, actor=asker))
    export_id = ask(asker)

    redis_worker()

    assert state_of(export_id) == ("cancelled", ("cancelled", 2, ROWS))


def test_a_killed_redis_worker_is_found_and_its_work_done_again(
    asker, redis_worker, monkeypatch, clock
):
    with monkeypatch.context() as patch:
        at_step(patch, 1, kill_itself)
        export_id = ask(asker)
        redis_worker()
    killed = state_of(export_id)
    clock.travel(job_runs.QUIET + timedelta(seconds=1))
    sweep_runs.run()
    sweep_exports.run()
    lost = state_of(export_id)
    exports.ask_again(export_id, actor=asker)
    redis_worker()

    assert killed == ("running", ("running", 1, ROWS))
    assert lost == ("failed", ("lost", 1, ROWS))
    assert state_of(export_id) == ("ready", ("succeeded", ROWS, ROWS))


@pytest.fixture
def embedded(real_app, monkeypatch):
    monkeypatch.setattr(scheduler, "TICK", 3600)
    queue = real_app.extensions["job_queue"] = EmbeddedQueue()
    jobs = EmbeddedJobs(real_app, queue)
    jobs.start()
    yield jobs
    jobs.stop()


def test_a_thread_of_the_web_process_makes_the_file_and_stops_when_asked(
    asker, embedded, monkeypatch
):
    reached, go_on, ended = threading.Event(), threading.Event(), threading.Semaphore(0)
    usual = job_runs.Run.finish

    def finish(run, *args, **more):
        usual(run, *args, **more)
        ended.release()

    def pause(_run):
        reached.set()
        go_on.wait(10)

    monkeypatch.setattr(job_runs.Run, "finish", finish)
    made = ask(asker)
    assert ended.acquire(timeout=10)
    at_step(monkeypatch, 1, pause)
    stopped = ask(asker)
    assert reached.wait(10)
    seen = state_of(stopped)
    exports.cancel(stopped, actor=asker)
    go_on.set()
    assert ended.acquire(timeout=10)
    embedded.stop()

    assert seen == ("running", ("running", 1, ROWS))
    assert state_of(made) == ("ready", ("succeeded", ROWS, ROWS))
    assert state_of(stopped) == ("cancelled", ("cancelled", 2, ROWS))
    kept = sa.select(Export.storage_key).where(Export.storage_key != "")
    assert len(db.session.scalars(kept).all()) == 1
