"""The jobs and the timetable inside the web process, for an installation without Redis."""

import logging
import threading
import time
from collections.abc import Callable

from flask import Flask

from app.jobs.scheduler import keep_time
from app.services.queue import EmbeddedQueue, resolve

logger = logging.getLogger(__name__)
WORKERS = 2
PATIENCE = 30.0  # seconds for the jobs that run when we are told to stop


class EmbeddedJobs:
    """Threads that run jobs. stop() lets running jobs finish; what waits, the sweeps find later."""

    def __init__(self, app: Flask, queue: EmbeddedQueue) -> None:
        self._app = app
        self._queue = queue
        self._stop = threading.Event()
        self._threads = [
            *(self._thread(f"jobs-{number}", self._work) for number in range(WORKERS)),
            self._thread("timetable", lambda: keep_time(self._app, self._stop)),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def tell_to_stop(self) -> None:
        """Begin nothing new. Returns at once; fit for a signal handler."""
        self._stop.set()
        self._queue.stop(WORKERS)

    def stop(self) -> None:
        """Wait for what runs."""
        self.tell_to_stop()
        deadline = time.monotonic() + PATIENCE
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                logger.error("A job did not finish in time; its work is repeated at the next start")

    @staticmethod
    def _thread(name: str, target: Callable[[], None]) -> threading.Thread:
        # Daemons: a stuck job must not keep the process alive for ever.
        return threading.Thread(target=target, name=name, daemon=True)

    def _work(self) -> None:
        while (work := self._queue.take()) is not None:
            if self._stop.is_set():
                continue  # already written down as a row
            path, args = work
            try:
                with self._app.app_context():
                    resolve(path)(*args)
            except Exception:
                logger.exception("%s%r failed", path, args)
