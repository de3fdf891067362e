"""Where workers are, as their phones tell: for visits for now, for lateness, for the board."""

from datetime import timedelta

import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.geo import Point
from app.domain.states import AssignmentStatus, VisitStatus
from app.models import Assignment, LocationPing, Visit, Worker
from app.services import clock
from app.services.system import parameters
from app.services.transactions import locked, transaction

OFTEN = timedelta(seconds=15)  # what comes sooner takes the place of the last one
PRUNED_AT_ONCE = 10_000


def tell_position(
    worker_id: int, place: Point, accuracy_m: int | None = None, *, actor: Actor
) -> LocationPing:
    """Keep where she is now; on her way to a visit, as a position on that way."""
    with transaction(actor) as session:
        locked(session, Worker, worker_id)
        latest = sa.select(LocationPing).filter_by(worker_id=worker_id)
        row = session.scalar(latest.order_by(LocationPing.id.desc()).limit(1))
        if row is None or row.at <= clock.now() - OFTEN:
            row = LocationPing(worker_id=worker_id)
            session.add(row)
        row.lat, row.lng, row.accuracy_m, row.at = place.lat, place.lng, accuracy_m, clock.now()
        row.visit_id = session.scalar(_on_the_way(worker_id))
        return row


def prune() -> int:
    """Delete positions that are older than the company keeps them; returns how many."""
    until = clock.now() - timedelta(days=parameters.get("retention.positions_days"))
    old = sa.select(LocationPing.id).where(LocationPing.at < until).limit(PRUNED_AT_ONCE)
    deleted = 0
    while True:
        with transaction() as session:
            gone = session.execute(sa.delete(LocationPing).where(LocationPing.id.in_(old)))
            number = int(gone.rowcount)  # type: ignore[attr-defined]
        deleted += number
        if number < PRUNED_AT_ONCE:
            return deleted


def _on_the_way(worker_id: int) -> sa.Select[tuple[int]]:
    return (
        sa.select(Visit.id)
        .join(Assignment, Assignment.visit_id == Visit.id)
        .where(
            Assignment.worker_id == worker_id,
            Assignment.status != AssignmentStatus.ENDED.value,
            Visit.status == VisitStatus.EN_ROUTE.value,
        )
        .order_by(Visit.planned_start, Visit.id)
        .limit(1)
    )
