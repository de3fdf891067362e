"""`make serve`: web, worker and scheduler as processes of their own, on PostgreSQL and Redis."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis
import requests
import rq

from app.server import serve
from tests.kit.settings import environment
from tests.system.test_launcher import free_port

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "app.server.serve"]
PATIENCE = 90


def test_several_processes_need_postgresql_and_redis(tmp_path, monkeypatch, capsys):
    for name, value in environment(tmp_path, f"sqlite:///{tmp_path}/app.db").items():
        monkeypatch.setenv(name, value)

    assert serve.main() == 2

    told = capsys.readouterr().err
    assert told.startswith("Several processes need DATABASE_URL=postgresql://")
    assert len(told.splitlines()) == 1


@pytest.fixture
def serving(installed_url, redis_url, tmp_path):
    port = free_port()
    env = {
        **os.environ,
        **environment(tmp_path, installed_url, REDIS_URL=redis_url, PORT=str(port)),
        "WEB_PROCESSES": "1",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    with (tmp_path / "serve.log").open("w") as log:
        process = subprocess.Popen(
            COMMAND, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True
        )
    yield process, f"http://127.0.0.1:{port}", tmp_path / "serve.log"
    if process.poll() is None:
        process.kill()
        process.wait()


@pytest.mark.proof  # each `.ci/run` sends an order through `make serve`
@pytest.mark.backends("postgresql")
def test_three_processes_serve_work_and_stop(serving, redis_url):
    process, url, log = serving
    _until(lambda: _answers(url), log)

    with redis.Redis.from_url(redis_url) as client:
        _until(lambda: client.exists("backoffice:scheduler"), log)  # somebody leads
        _until(lambda: _jobs_done(client) >= 2, log)  # and a worker works
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)

        assert not client.exists("backoffice:scheduler")
    assert process.returncode == 143  # ended by the signal, as service managers expect
    told = log.read_text()
    for name in ("web", "worker", "scheduler"):
        assert f"{name} stopped (rc=0)" in told or f"{name} stopped (rc=-15)" in told


def _answers(url):
    try:
        return requests.get(f"{url}/readyz", timeout=5).json() == {
            "status": "ok",
            "database": "ok",
            "redis": "ok",
        }
    except requests.RequestException:
        return False


def _jobs_done(client):
    return sum(worker.successful_job_count for worker in rq.Worker.all(connection=client))


def _until(condition, log):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)
