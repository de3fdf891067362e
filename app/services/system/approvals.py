"""What needs a second person: asked by one, decided by another, executed as it was shown."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import Conflict, Forbidden
from app.domain.states import ApprovalStatus, move
from app.extensions import db
from app.models import Approval
from app.services import clock
from app.services.system import parameters, timers
from app.services.transactions import locked, retrying, transaction

# Both functions run inside the deciding transaction: (approval, actor).
Handler = Callable[[Approval, Actor], None]
EXECUTE: dict[str, Handler] = {}
REFUSE: dict[str, Handler] = {}


def executes(kind: str, *, refused: Handler | None = None) -> Callable[[Handler], Handler]:
    """Register what an approved request of this kind does, and what a refused one undoes."""

    def register(function: Handler) -> Handler:
        EXECUTE[kind] = function
        if refused:
            REFUSE[kind] = refused
        return function

    return register


def ask(
    kind: str,
    subject_kind: str,
    subject_id: int,
    payload: dict[str, Any],
    summary: str,
    *,
    reason: str = "",
    branch_id: int | None = None,
    actor: Actor,
) -> Approval:
    """Ask for a second person. `payload` is all that will be executed, and is shown."""
    if actor.kind != "staff" or actor.id is None:
        raise Forbidden(_l("Only staff can ask for an approval"))
    with transaction(actor) as session:
        approval = Approval(
            kind=kind,
            subject_kind=subject_kind,
            subject_id=subject_id,
            payload=payload,
            summary=summary,
            reason=reason,
            branch_id=branch_id,
            asked_by_id=actor.id,
            expires_at=clock.now() + timedelta(hours=parameters.get("approval.expire_hours")),
        )
        session.add(approval)
        session.flush()
        timers.set_timer("approval.expire", approval.id, approval.expires_at)
        return approval


@retrying
def decide(approval_id: int, *, approve: bool, note: str = "", actor: Actor) -> Approval:
    """Approve and execute, or refuse. Raises Forbidden for whoever asked."""
    with transaction(actor) as session:
        approval = locked(session, Approval, approval_id)
        if approval.status != ApprovalStatus.ASKED:
            raise Conflict(_l("This request was already decided"), status=approval.status)
        if actor.kind != "staff" or actor.id == approval.asked_by_id:
            raise Forbidden(_l("Somebody else must decide what you asked for"), code="own_request")
        move(approval, ApprovalStatus.APPROVED if approve else ApprovalStatus.REFUSED)
        approval.decided_by_id, approval.decided_at = actor.id, clock.now()
        approval.decision_note = note
        timers.cancel_timer("approval.expire", approval.id)
        handler = EXECUTE[approval.kind] if approve else REFUSE.get(approval.kind)
        if handler:
            handler(approval, actor)
        return approval


@timers.handles("approval.expire")
def expire(approval_id: int) -> None:
    approval = locked(db.session(), Approval, approval_id)
    if approval.status == ApprovalStatus.ASKED:
        move(approval, ApprovalStatus.EXPIRED)
        if approval.kind in REFUSE:
            REFUSE[approval.kind](approval, Actor("system"))


def waiting_for(subject_kind: str, subject_id: int) -> Approval | None:
    """The open request about a subject, if there is one."""
    return db.session.scalar(
        sa.select(Approval).filter_by(
            subject_kind=subject_kind, subject_id=subject_id, status=ApprovalStatus.ASKED.value
        )
    )
