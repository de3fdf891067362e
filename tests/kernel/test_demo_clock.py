"""The clock of the demo is one clock in all of its processes."""

from datetime import timedelta

from app.domain.actors import SYSTEM
from app.services import clock as clocks
from app.services.clock import DemoClock


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
