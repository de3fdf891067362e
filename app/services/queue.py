"""Starting work that can wait, by dotted path.

A job that gets lost is no loss: everything that must happen is also a row (outbox, timer, state)
that a sweep of the timetable finds. So nothing here is written to disk on our side.
"""

import json
import queue
import threading
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from flask import current_app

if TYPE_CHECKING:
    import redis
    import rq

QUEUE_NAME = "default"
RUN_AT_MOST = timedelta(minutes=10)
MARK_SECONDS = 10  # what a worker that was killed holds up until the next sweep, at most
Work = tuple[str, tuple[Any, ...]]


class JobQueue(Protocol):
    def start(self, path: str, *args: Any, expires_after: timedelta | None = None) -> None:
        """Have the function at `path` run soon. Not begun after `expires_after`: dropped."""


def start_job(path: str, *args: Any, expires_after: timedelta | None = None) -> None:
    """Start a job of app.jobs. Arguments are ids and plain values, never rows.

    Inside a change call it through transactions.after_commit: the job must find what was saved.
    """
    jobs: JobQueue = current_app.extensions["job_queue"]
    jobs.start(path, *args, expires_after=expires_after)


def build(config: Mapping[str, Any]) -> JobQueue:
    """RQ where Redis is configured, otherwise a queue inside this process."""
    redis_url = config.get("REDIS_URL")
    return RedisQueue(redis_url) if redis_url else EmbeddedQueue()


def connect(redis_url: str) -> "redis.Redis":
    """A client that gives up connecting after two seconds: a request waits for it."""
    # Imported here: neither the embedded mode nor most tests need it.
    import redis

    patience = {} if redis_url.startswith("unix:") else {"socket_connect_timeout": 2.0}
    return redis.Redis.from_url(redis_url, **patience)


class RedisQueue:
    """Jobs for RQ workers, as JSON: unpickling would run whatever Redis holds.

    What waits already is not added again: a worker forks for each job, and fifty changes a second
    need one run, not fifty.
    """

    def __init__(self, redis_url: str) -> None:
        self._redis_url = redis_url

    @cached_property
    def rq(self) -> "rq.Queue":
        import rq  # here for the same reason

        return rq.Queue(QUEUE_NAME, connection=connect(self._redis_url), serializer="json")

    def start(self, path: str, *args: Any, expires_after: timedelta | None = None) -> None:
        mark = waiting_mark(path, args)
        if not self.rq.connection.set(mark, 1, nx=True, ex=MARK_SECONDS):
            return
        self.rq.enqueue_call(
            path,
            args=args,
            timeout=int(RUN_AT_MOST.total_seconds()),
            ttl=int(expires_after.total_seconds()) if expires_after else None,
            result_ttl=0,
            failure_ttl=int(timedelta(days=7).total_seconds()),
        )


def waiting_mark(path: str, args: Sequence[Any]) -> str:
    """The name in Redis that says that this work waits. Who begins it takes it away first."""
    return f"waiting:{path}:{json.dumps(list(args))}"


class EmbeddedQueue:
    """Jobs for the threads of this process. The same work waiting already is not added twice."""

    def __init__(self) -> None:
        self._works: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._waiting: set[Work] = set()
        self._lock = threading.Lock()

    def start(self, path: str, *args: Any, expires_after: timedelta | None = None) -> None:
        work = (path, args)
        with self._lock:
            if work not in self._waiting:
                self._waiting.add(work)
                self._works.put(work)

    def take(self) -> Work | None:
        """Wait for work. None means: stop."""
        work = self._works.get()
        with self._lock:
            # Before it runs: what is started from now on may need another run.
            self._waiting.discard(work)
        return work

    def stop(self, takers: int) -> None:
        for _ in range(takers):
            self._works.put(None)

    def __len__(self) -> int:
        return len(self._waiting)


class InlineQueue:
    """Collects work, for tests: `started` tells what, `run_all()` runs it here and now."""

    def __init__(self) -> None:
        self.started: list[Work] = []

    def start(self, path: str, *args: Any, expires_after: timedelta | None = None) -> None:
        self.started.append((path, args))

    def run_all(self, at_most: int = 1000) -> int:
        """Run what was started and what that starts; returns how many ran."""
        for count in range(at_most):
            if not self.started:
                return count
            path, args = self.started.pop(0)
            resolve(path)(*args)
        raise RuntimeError(f"Still starting jobs after {at_most}: {self.started[:3]}")


def resolve(path: str) -> Any:
    """The job's function. Only app.jobs holds jobs: a path from Redis is not just anything."""
    # Imported here: a layer above. The path is data, and RQ resolves it in the same way.
    import importlib

    module, _, name = path.rpartition(".")
    if not module.startswith("app.jobs."):
        raise LookupError(f"{path} is no job")
    return getattr(importlib.import_module(module), name)
