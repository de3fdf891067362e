"""`python app.py` with Redis: worker and scheduler run beside the web, and end with it."""

import os
import signal
import subprocess
import time

import pytest
import redis
import rq

from tests.system.test_launcher import PATIENCE, product_of

__all__ = ["product_of"]
pytestmark = [pytest.mark.backends("sqlite"), pytest.mark.proof]


def children_of(product):
    listed = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(product.process.pid)],
        capture_output=True,
        text=True,
    ).stdout
    return {
        line.split()[-2]: int(line.split()[0])
        for line in listed.splitlines()
        if "job_processes" in line
    }


def until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def is_gone(pid):
    """Ended; whether an adopting process has noticed is not our matter."""
    told = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return told.stdout.strip()[:1] in {"", "Z"}


@pytest.fixture
def product(product_of, installed_url, redis_url):
    return product_of(DATABASE_URL=installed_url, REDIS_URL=redis_url).start()


@pytest.fixture
def client(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        yield client


def works(client):
    done = sum(worker.successful_job_count for worker in rq.Worker.all(connection=client))
    return done >= 1 and client.exists("backoffice:scheduler")


def test_jobs_run_and_stop_with_ctrl_c(product, client):
    children = children_of(product)

    assert set(children) == {"app.jobs.worker", "app.jobs.scheduler"}
    until(lambda: works(client))
    assert product.stop(signal.SIGINT, group=True) == 0
    assert all(is_gone(pid) for pid in children.values())
    assert not client.exists("backoffice:scheduler")


def test_all_end_when_the_jobs_have_ended(product, client):
    children = children_of(product)
    until(lambda: works(client))  # and the web process has begun, which then stops at once

    os.kill(children["app.jobs.scheduler"], signal.SIGKILL)

    assert product.process.wait(PATIENCE) == 1
    assert all(is_gone(pid) for pid in children.values())


def test_the_jobs_end_when_the_product_was_killed(product):
    children = children_of(product)

    product.kill()

    until(lambda: all(is_gone(pid) for pid in children.values()))
