"""The clock of the demo is one clock in all of its processes."""

from datetime import timedelta

from app.domain.actors import SYSTEM
from app.extensions import db
from app.services import clock as clocks
from app.services.clock import DemoClock, SystemClock
from tests.kit.isolation import other_engine


class Ticks:
    """A monotonic clock that only a wait moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


def test_the_traveller_is_answered_when_every_process_knows_the_new_time(real_app, demo):
    ticks = Ticks()
    here, there = (DemoClock(ticks, ticks.wait) for _ in range(2))
    with real_app.app_context():
        real_app.extensions["clock"] = here
        before = there.now()
        clocks.travel(timedelta(days=1), actor=SYSTEM)
        assert timedelta(days=1) <= there.now() - before < timedelta(days=1, minutes=5)


def test_it_is_told_the_time_while_all_connections_are_taken(real_app, monkeypatch):
    """Those who have them wait for the one who reads the clock."""
    one = {"pool_size": 1, "max_overflow": 0, "pool_timeout": 0}
    monkeypatch.setitem(real_app.config, "SQLALCHEMY_ENGINE_OPTIONS", one)
    with other_engine(real_app, db.engine.url), db.engine.connect():
        assert abs(DemoClock().now() - SystemClock().now()) < timedelta(minutes=5)
