"""Time in which a worker is on duty and cannot be sent: training, meetings."""

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import Conflict, InvalidInput
from app.models import BlockedTime, WorkerBusy
from app.services.roster import claims, workforce
from app.services.transactions import locked, retrying, transaction


@retrying
def block_time(
    worker_id: int,
    starts_at: datetime,
    ends_at: datetime,
    *,
    kind: str = "other",
    reason: str = "",
    actor: Actor,
) -> BlockedTime:
    """Take hours out of a worker's day. Raises Conflict while something is planned in them."""
    if starts_at >= ends_at:
        raise InvalidInput(_l("The end must come after the start"), field="ends_at")
    with transaction(actor) as session:
        claims.lock_workers([worker_id])
        check_nothing_planned(session, worker_id, starts_at, ends_at)
        blocked = BlockedTime(
            worker_id=worker_id, kind=kind, starts_at=starts_at, ends_at=ends_at, reason=reason
        )
        session.add(blocked)
        session.flush()
        claims.block(worker_id, starts_at, ends_at, kind="blocked", owner=blocked.owner)
        return blocked


@retrying
def unblock_time(blocked_id: int, *, actor: Actor) -> None:
    """Give the hours back."""
    with transaction(actor) as session:
        blocked = session.get(BlockedTime, blocked_id)
        if blocked is not None:
            claims.lock_workers([blocked.worker_id])
        blocked = locked(session, BlockedTime, blocked_id)
        claims.release(blocked.owner)
        session.delete(blocked)


def check_nothing_planned(
    session: Session, worker_id: int, starts_at: datetime, ends_at: datetime
) -> None:
    """Raise Conflict when a claim lies in these hours."""
    inside = sa.select(WorkerBusy.id).where(
        WorkerBusy.worker_id == worker_id,
        WorkerBusy.start_at < ends_at,
        WorkerBusy.end_at > starts_at,
        ~workforce.EXPIRED_HOLD,
    )
    if session.scalar(inside.limit(1)) is not None:
        raise Conflict(_l("Something is planned in these hours; move it first"), code="time_taken")
