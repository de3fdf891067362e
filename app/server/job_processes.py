"""The worker and the scheduler of `make run` with Redis: children that live as long as we do.

As a program, one such child: `python -m app.server.job_processes app.jobs.worker <our pid>`.
"""

import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import Any

from config import BASE_DIR, ConfigError

MODULES = ("app.jobs.worker", "app.jobs.scheduler")
PATIENCE = 2.0  # seconds for Redis to answer


@dataclass
class Jobs:
    """`exit_code` is 1 when a child ended without being told to."""

    stopping: bool = False
    exit_code: int = 0


def require_redis(settings: dict[str, Any]) -> None:
    """Raises ConfigError when Redis is configured and does not answer."""
    url = settings["REDIS_URL"]
    if not url:
        return
    # Imported here: the embedded mode needs no client.
    import redis

    try:
        with redis.Redis.from_url(url, socket_timeout=PATIENCE) as client:
            client.ping()
    except (redis.RedisError, OSError, ValueError) as exc:
        raise ConfigError(f"The Redis of REDIS_URL does not answer: {exc}") from exc


@contextmanager
def beside(settings: dict[str, Any]) -> Iterator[Jobs]:
    """Run the jobs as long as the block does. Without Redis the web process runs them."""
    jobs = Jobs()
    children = [_start(module, jobs) for module in MODULES] if settings["REDIS_URL"] else []
    try:
        yield jobs
    finally:
        jobs.stopping = True
        for child in children:
            child.terminate()
        for child in children:
            child.wait()


def _start(module: str, jobs: Jobs) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C must not take it away from a job that is being finished.
    child = subprocess.Popen(
        [sys.executable, "-m", "app.server.job_processes", module, str(os.getpid())],
        cwd=BASE_DIR,
        start_new_session=True,
    )
    Thread(target=_end_with, args=(child, module, jobs), daemon=True).start()
    return child


def _end_with(child: subprocess.Popen[bytes], module: str, jobs: Jobs) -> None:
    """A product whose jobs have stopped must not look alive."""
    child.wait()
    if not jobs.stopping:
        jobs.exit_code = 1
        print(f"The process {module} ended, so everything ends.", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGTERM)


def _stop_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    Thread(target=_stop_with, args=(int(sys.argv[2]),), daemon=True).start()
    runpy.run_module(sys.argv[1], run_name="__main__", alter_sys=True)
