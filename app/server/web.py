"""The web server: gunicorn, one process with threads, and the embedded jobs beside them.

Why gunicorn: docs/adr/0004-gunicorn-everywhere.md.
"""

import logging
import os
import signal
import socket
from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import ThreadWorker

from app.jobs.embedded import EmbeddedJobs
from app.services.queue import EmbeddedQueue

THREADS = 32
STOP_WITHIN = 60  # seconds for requests and jobs that run when we are told to stop


def serve(app: Flask, listener: socket.socket, when_ready: Callable[[], None]) -> int:
    """Serve on the listener until SIGINT or SIGTERM; returns the exit status."""
    parent = os.getpid()
    status = 0
    server = _Server(app, listener.detach(), when_ready)  # gunicorn closes it
    try:
        _Arbiter(server).run()
    except SystemExit as exc:
        status = int(exc.code or 0)
    if os.getpid() != parent:
        # The web process: what the launcher opened before the fork is not its to close.
        logging.shutdown()
        os._exit(status)
    return status


class _Server(BaseApplication):
    def __init__(self, app: Flask, listener: int, when_ready: Callable[[], None]) -> None:
        self._app = app
        self._options: dict[str, Any] = {
            "bind": f"fd://{listener}",
            "workers": 1,
            "worker_class": "app.server.web.EmbeddedWorker",
            "threads": THREADS,
            "preload_app": True,
            "timeout": 120,
            "graceful_timeout": STOP_WITHIN,
            "loglevel": "warning",
            "control_socket_disable": True,
            "when_ready": lambda _arbiter: when_ready(),
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app


class _Arbiter(Arbiter):
    def handle_int(self) -> None:
        """Ctrl-C is a polite request too: gunicorn's own way drops what is being answered."""
        self.handle_term()


class EmbeddedWorker(ThreadWorker):
    """The web process. Without Redis it runs the jobs and keeps the timetable, too."""

    jobs: EmbeddedJobs | None = None

    def init_signals(self) -> None:
        super().init_signals()
        # Ctrl-C reaches the whole process group; the parent tells us by SIGTERM.
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def run(self) -> None:
        self._start_jobs()
        try:
            super().run()
        finally:
            if self.jobs:
                self.jobs.stop()

    def handle_exit(self, sig: int, frame: Any) -> None:
        super().handle_exit(sig, frame)
        if self.jobs:
            self.jobs.tell_to_stop()  # now, and not after the last request

    def _start_jobs(self) -> None:
        queue = self.wsgi.extensions["job_queue"]
        if isinstance(queue, EmbeddedQueue):
            self.jobs = EmbeddedJobs(self.wsgi, queue)
            self.jobs.start()
