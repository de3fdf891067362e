"""What the company does meanwhile: jobs, shifts, leave, answers to workers, time that passes."""

import os
import random
import time
import traceback
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import DomainError
from app.extensions import db
from app.models import Leave, MoveRequest, Shift, Worker
from app.services import clock
from app.services.orders import holds, moving
from app.services.roster import leave, shifts
from app.services.system import outbox, timers
from tests import factories

STAFF = Actor("staff", 1)
HOURS = ((7, 20), (8, 20), (8, 18), (9, 21), (10, 20))
BREAKS: tuple[list[list[int]], ...] = ([], [], [[720, 750]])
PASSES = timedelta(minutes=2)


class Office:
    """One process of it; each act's end is a line in the file, which survives the process."""

    def __init__(self, told: Path, days: list[date], seed: int) -> None:
        self._told, self._days = told, days
        self._chance = random.Random(seed)

    def work(self, seconds: float) -> None:
        acts = (self.jobs, self.change_shift, self.drop_shift, self.add_shift, self.grant_leave,
                self.end_leave, self.review_move, self.time_passes)  # fmt: skip
        deadline = time.monotonic() + seconds
        with self._told.open("a", buffering=1) as told:
            while time.monotonic() < deadline:
                act = self._chance.choices(acts, (8, 4, 1, 2, 2, 2, 2, 2))[0]
                told.write(f"{act.__name__} {self._ended(act)}\n")

    @staticmethod
    def _ended(act: Callable[[], object]) -> str:
        try:
            act()
        except DomainError as exc:
            return exc.code
        finally:
            db.session.remove()
        return "ok"

    def jobs(self) -> None:
        timers.fire_due()
        outbox.deliver_due()
        holds.sweep_expired()

    def change_shift(self) -> None:
        one = self._one(Shift)
        if one is not None:
            breaks = self._chance.choice(BREAKS)
            span = self._hours(one.service_on)
            shifts.change_shift(one.id, *span, breaks=breaks, actor=STAFF)

    def drop_shift(self) -> None:
        one = self._one(Shift)
        if one is not None:
            shifts.remove_shift(one.id, actor=STAFF)

    def add_shift(self) -> None:
        worker = self._one(Worker)
        if worker is not None:
            shifts.add_shift(worker.id, *self._hours(self._chance.choice(self._days)), actor=STAFF)

    def grant_leave(self) -> None:
        worker = self._one(Worker)
        start = factories.at(self._chance.choice(self._days), self._chance.randint(8, 18))
        end = start + timedelta(hours=self._chance.choice((1, 2, 4)))
        asked = leave.ask(worker.id, start, end, "家里有事", actor=STAFF)
        leave.approve(asked.id, actor=STAFF)

    def end_leave(self) -> None:
        one = self._one(Leave, status="approved")
        if one is not None:
            leave.cancel(one.id, actor=STAFF)

    def review_move(self) -> None:
        one = self._one(MoveRequest, status="ops_review")
        if one is not None:
            moving.review(one.id, approve=self._chance.random() < 0.7, actor=STAFF)

    def time_passes(self) -> None:
        clock.travel(PASSES, actor=SYSTEM)

    def _one(self, model, **values):
        keys = db.session.scalars(sa.select(model.id).filter_by(**values).order_by(model.id)).all()
        return db.session.get(model, self._chance.choice(keys)) if keys else None

    def _hours(self, day: date):
        opens, closes = self._chance.choice(HOURS)
        return factories.at(day, opens), factories.at(day, closes)


def opened(office: Office, seconds: float) -> int:
    """Fork a process that works there; returns its id."""
    db.session.remove()
    db.engine.dispose()  # no connection may have two owners
    child = os.fork()
    if child:
        return child
    try:
        office.work(seconds)
        os._exit(0)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(3)


def ended(told: Path) -> Counter[str]:
    """How often which act ended how, in all processes; the last line of a killed one may be cut."""
    return Counter(line for line in told.read_text().splitlines() if line.count(" ") == 1)
