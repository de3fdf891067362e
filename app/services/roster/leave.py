"""A worker's leave: asked, and answered by the office."""

from datetime import datetime

from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import RuleViolation
from app.domain.states import LeaveStatus, move
from app.models import Leave
from app.services.roster import claims
from app.services.transactions import locked, retrying, transaction


def ask(
    worker_id: int, starts_at: datetime, ends_at: datetime, reason: str, *, actor: Actor
) -> Leave:
    if starts_at >= ends_at:
        raise RuleViolation(_l("The end must come after the start"), code="interval_invalid")
    with transaction(actor) as session:
        leave = Leave(worker_id=worker_id, starts_at=starts_at, ends_at=ends_at, reason=reason)
        session.add(leave)
        return leave


@retrying
def approve(leave_id: int, *, actor: Actor) -> Leave:
    """Take the time out of the worker's days. Raises Conflict when visits stand in the way."""
    with transaction(actor) as session:
        leave = locked(session, Leave, leave_id)
        claims.lock_workers([leave.worker_id])
        move(leave, LeaveStatus.APPROVED)
        owner = f"leave:{leave.id}"
        claims.block(leave.worker_id, leave.starts_at, leave.ends_at, kind="leave", owner=owner)
        return leave


def refuse(leave_id: int, *, actor: Actor) -> Leave:
    with transaction(actor) as session:
        leave = locked(session, Leave, leave_id)
        move(leave, LeaveStatus.REFUSED)
        return leave


def cancel(leave_id: int, *, actor: Actor) -> Leave:
    """Leave that was asked for or granted is given back."""
    with transaction(actor) as session:
        leave = locked(session, Leave, leave_id)
        claims.lock_workers([leave.worker_id])
        move(leave, LeaveStatus.CANCELLED)
        claims.release(f"leave:{leave.id}")
        return leave
