"""The stage on which the demo's past is played: a clock that travels, and who acts when.

Services do everything; the stage only decides the hour. While it plays, the application's clock is
the stage's, started jobs are dropped (their work is on the stage itself), and the payment channel
is one that never asks the network. So a history is consistent by construction.
"""

import heapq
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import sqlalchemy as sa
from flask import current_app

from app.demo.load_channel import REMOTE, PastChannel
from app.domain.actors import SYSTEM, Actor
from app.extensions import db
from app.models import Notification, Outbox
from app.services.clock import FrozenClock
from app.services.transactions import transaction

Action = Callable[[], object]
# Acts between two commits: few enough for other writers, enough to save reloading.
ACTS_A_TRANSACTION = 200
READ_AFTER = timedelta(days=1)


class Stage:
    """Acts in the order of their hours, up to `end`; later ones are left to the living demo."""

    def __init__(self, clock: FrozenClock, end: datetime, seed: int) -> None:
        self.clock = clock
        self.end = end
        self._seed = seed
        self._acts: list[tuple[datetime, int, Actor, Action]] = []
        self._count = count()
        self._alone: list[Action] = []

    def rng(self, name: str) -> random.Random:
        """Chance that depends on the seed and the name, not on what was drawn before."""
        return random.Random(f"{self._seed}/{name}")

    def at(self, instant: datetime, act: Action, actor: Actor = SYSTEM) -> None:
        """Put an act on the stage. What its time has passed for happens now."""
        if instant <= self.end:
            when = max(instant, self.clock.instant)
            heapq.heappush(self._acts, (when, next(self._count), actor, act))

    def after(self, pause: timedelta, act: Action, actor: Actor = SYSTEM) -> None:
        self.at(self.clock.instant + pause, act, actor)

    def alone(self, act: Action) -> None:
        """Run an act outside of any transaction, as soon as the present one is committed."""
        self._alone.append(act)

    def play(self) -> None:
        """Play all acts, and those that they put on the stage."""
        while self._acts:
            with transaction(SYSTEM) as session:
                for _ in range(ACTS_A_TRANSACTION):
                    if not self._acts or self._alone:
                        break
                    self._play_next(session)
            while self._alone:
                self._alone.pop(0)()
        self.clock.instant = self.end

    def _play_next(self, session: Any) -> None:
        instant, _, actor, act = heapq.heappop(self._acts)
        self.clock.instant = instant
        # Inner blocks join this one, so the audit rows' actor has to be told here.
        session.info["actor"] = actor
        act()
        session.flush()


class _NoJobs:
    """A queue that forgets: whatever a job would have done is done on the stage."""

    def start(self, path: str, *args: Any, expires_after: timedelta | None = None) -> None:
        """Nothing."""


@contextmanager
def past(clock: FrozenClock) -> Iterator[None]:
    """Let the application live at the stage's hour, without jobs and without a network."""
    extensions = current_app.extensions
    usual = {name: extensions[name] for name in ("clock", "job_queue", "gateways")}
    extensions["clock"] = clock
    extensions["job_queue"] = _NoJobs()
    kept = {name: way for name, way in usual["gateways"].payment.items() if name not in REMOTE}
    told = dict.fromkeys(REMOTE, PastChannel(clock))
    extensions["gateways"] = replace(usual["gateways"], payment=kept | told)
    try:
        yield
    finally:
        extensions.update(usual)


def forget_the_past(after_outbox_id: int) -> None:
    """Nothing of the past is sent now; what people were told a day ago they have read."""
    clock = current_app.extensions["clock"]
    with transaction(SYSTEM) as session:
        session.execute(
            sa.update(Outbox)
            .where(Outbox.id > after_outbox_id, Outbox.delivered_at.is_(None))
            .values(delivered_at=Outbox.created_at)
        )
        session.execute(
            sa.update(Notification)
            .where(Notification.created_at <= clock.now() - READ_AFTER)
            .values(read_at=Notification.created_at)
        )


def last_outbox_id() -> int:
    return db.session.scalar(sa.select(sa.func.max(Outbox.id))) or 0
