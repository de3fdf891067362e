"""Loads hours in which workers are on duty and cannot be sent: breaks, training, a meeting."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.demo.load_scene import Scene
from app.extensions import db
from app.models import Shift, WorkerBusy
from app.services import clock
from app.services.roster import blocking, shifts
from app.services.transactions import transaction

NOON, HALF_PAST = 12 * 60, 12 * 60 + 30
BLOCKED = (("training", "消毒与安全用电培训"), ("meeting", "片区月度例会"), ("other", "工服换领"))
BREAKS = 6


def load_blocked(scene: Scene) -> None:
    """At noon of days ahead on which nothing is planned then."""
    actor = scene.actors["dispatcher"]
    with transaction(actor):
        free = _free_at_noon(len(BLOCKED) + BREAKS)
        for shift, (kind, reason) in zip(free, BLOCKED, strict=False):
            start, end = _noon(shift)
            blocking.block_time(shift.worker_id, start, end, kind=kind, reason=reason, actor=actor)
        for shift in free[len(BLOCKED) :]:
            shifts.change_shift(
                shift.id, shift.starts_at, shift.ends_at, breaks=[[NOON, HALF_PAST]], actor=actor
            )


def _free_at_noon(number: int) -> Sequence[Shift]:
    ahead = sa.select(Shift).where(Shift.starts_at > clock.now() + timedelta(days=4))
    ordered = ahead.order_by(Shift.starts_at, Shift.id).limit(number * 20)
    return [shift for shift in db.session.scalars(ordered) if _is_free(shift)][:number]


def _is_free(shift: Shift) -> bool:
    start, end = _noon(shift)
    planned = sa.select(WorkerBusy.id).where(
        WorkerBusy.worker_id == shift.worker_id,
        WorkerBusy.start_at < end,
        WorkerBusy.end_at > start,
    )
    return shift.starts_at <= start and db.session.scalar(planned.limit(1)) is None


def _noon(shift: Shift) -> tuple[datetime, datetime]:
    midnight = clock.start_of(shift.service_on)
    return midnight + timedelta(minutes=NOON), midnight + timedelta(minutes=HALF_PAST)
