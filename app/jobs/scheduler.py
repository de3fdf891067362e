"""The process that starts the jobs of the timetable: `python -m app.jobs.scheduler`."""

import logging
import signal
import threading

from flask import Flask

from app.jobs import leadership
from app.jobs.context import process_app
from app.jobs.schedule import Timetable

logger = logging.getLogger(__name__)
TICK = 1.0  # seconds


def keep_time(app: Flask, stop: threading.Event) -> None:
    """Start what is due, once a second, while we are the leader. Returns when told to stop."""
    timetable, leader = Timetable(), leadership.build(app)
    try:
        while not stop.wait(TICK):
            _tick(app, timetable, leader)
    finally:
        leader.release()


def _tick(app: Flask, timetable: Timetable, leader: leadership.Leadership) -> None:
    try:
        with app.app_context():
            if leader.hold():
                timetable.start_due()
    except Exception:
        # Redis or the database is away: the next tick tries again.
        logger.exception("The timetable could not be kept")


def main() -> None:
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    keep_time(process_app(), stop)


if __name__ == "__main__":
    main()
