"""Whom and what the office's rows of the demo are about."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from app import models as m
from app.domain.actors import Actor
from app.domain.states import OrderStatus
from app.services import clock

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Scene:
    """The newest served orders, the worst reviews, and who works in the office."""

    branch_id: int
    actors: dict[str, Actor]
    orders: list[m.Order]  # served and confirmed, the newest first
    reviews: list[m.Review]
    now: datetime
    on: date

    @property
    def staff(self) -> dict[str, int]:
        return {name: actor.id for name, actor in self.actors.items() if actor.id}

    def order(self, n: int) -> m.Order:
        return self.orders[n % len(self.orders)]

    def worker(self, n: int) -> int:
        worker = self.order(n).lead_worker_id
        assert worker is not None  # noqa: S101  # served orders have one
        return worker


def scene_of(session: Session, branch_id: int, actors: dict[str, Actor]) -> Scene:
    served = (
        sa.select(m.Order)
        .where(m.Order.status == OrderStatus.COMPLETED.value)
        .order_by(m.Order.planned_start.desc(), m.Order.id)
        .limit(12)
    )
    reviews = sa.select(m.Review).order_by(m.Review.quality, m.Review.id).limit(6)
    return Scene(
        branch_id, actors, list(session.scalars(served)), list(session.scalars(reviews)),
        clock.now(), clock.today(),
    )  # fmt: skip


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Let the stage's clock show an earlier hour."""
    travelling = current_app.extensions["clock"]
    usual = travelling.instant
    travelling.instant = instant
    try:
        yield
    finally:
        travelling.instant = usual
