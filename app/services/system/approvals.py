"""What needs a second person: asked by one, decided by another, executed as it was shown.

A kind is declared in app.domain.approvals (who may decide) and registered here with what it does.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.approvals import DECIDERS
from app.domain.errors import Conflict, Forbidden, RuleViolation
from app.domain.states import ApprovalStatus, move
from app.extensions import db
from app.models import Approval
from app.services import access, clock
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
    """Ask for a second person. `payload` is all that will be executed, and is shown.

    Raises Conflict when the same is already being asked about the subject.
    """
    if actor.kind != "staff" or actor.id is None:
        raise Forbidden(_l("Only staff can ask for an approval"))
    with transaction(actor) as session:
        if _waiting(kind, subject_kind, subject_id) is not None:
            raise Conflict(_l("Somebody is already being asked about this"), code="already_asked")
        approval = Approval(
            kind=kind,
            subject_kind=subject_kind,
            subject_id=subject_id,
            payload=payload,
            summary=summary[:300],
            reason=reason[:300],
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
    """Approve and execute, or refuse.

    Raises Forbidden for whoever asked and for roles that do not decide this kind.
    """
    with transaction(actor) as session:
        approval = locked(session, Approval, approval_id)
        if approval.status != ApprovalStatus.ASKED or approval.expires_at <= clock.now():
            raise Conflict(_l("This request was already decided"), status=approval.status)
        _check_decider(approval, actor)
        move(approval, ApprovalStatus.APPROVED if approve else ApprovalStatus.REFUSED)
        approval.decided_by_id, approval.decided_at = actor.id, clock.now()
        approval.decision_note = note[:300]
        timers.cancel_timer("approval.expire", approval.id)
        handler = EXECUTE[approval.kind] if approve else REFUSE.get(approval.kind)
        if handler:
            handler(approval, actor)
        return approval


def _check_decider(approval: Approval, actor: Actor) -> None:
    if actor.kind != "staff" or actor.id == approval.asked_by_id:
        raise Forbidden(_l("Somebody else must decide what you asked for"), code="own_request")
    if not access.roles_of(actor) & set(DECIDERS.get(approval.kind, ())):
        raise Forbidden(_l("Your role does not decide this kind of request"), code="not_yours")


@timers.handles("approval.expire")
def expire(approval_id: int) -> None:
    approval = locked(db.session(), Approval, approval_id)
    if approval.status == ApprovalStatus.ASKED:
        move(approval, ApprovalStatus.EXPIRED)
        if approval.kind in REFUSE:
            REFUSE[approval.kind](approval, Actor("system"))


def drop(subject_kind: str, subject_id: int, *, note: str) -> None:
    """What was asked has no object any more. Inside transaction(); nothing is undone."""
    asked = waiting_for(subject_kind, subject_id)
    if asked is None:
        return
    approval = locked(db.session(), Approval, asked.id)
    if approval.status == ApprovalStatus.ASKED:
        move(approval, ApprovalStatus.EXPIRED)
        approval.decision_note = note[:300]
        timers.cancel_timer("approval.expire", approval.id)


def waiting_for(subject_kind: str, subject_id: int) -> Approval | None:
    """The open request about a subject, if there is one."""
    return db.session.scalar(
        sa.select(Approval).filter_by(
            subject_kind=subject_kind, subject_id=subject_id, status=ApprovalStatus.ASKED.value
        )
    )


def _waiting(kind: str, subject_kind: str, subject_id: int) -> int | None:
    asked = sa.select(Approval.id).filter_by(
        kind=kind,
        subject_kind=subject_kind,
        subject_id=subject_id,
        status=ApprovalStatus.ASKED.value,
    )
    return db.session.scalar(asked)


def kinds_decided_by(roles: Collection[str]) -> list[str]:
    return sorted(kind for kind, who in DECIDERS.items() if set(who) & set(roles))


def to_decide(kinds: Iterable[str], actor: Actor) -> sa.ColumnElement[bool]:
    """SQL for the open requests of these kinds that the actor may decide."""
    return sa.and_(
        Approval.status == ApprovalStatus.ASKED.value,
        Approval.kind.in_(list(kinds)),
        Approval.asked_by_id != actor.id,
        access.condition(Approval, actor),
    )


def number_waiting(user_id: Any, branch_id: Any, most: int) -> sa.ScalarSelect[int]:
    """SQL that counts, up to `most`, what a user of the outer statement may decide."""
    of_roles: dict[tuple[str, ...], list[str]] = {}
    for kind, roles in DECIDERS.items():
        of_roles.setdefault(roles, []).append(kind)
    mine = sa.or_(
        *(
            sa.and_(Approval.kind.in_(kinds), access.holds_one_of(user_id, roles))
            for roles, kinds in of_roles.items()
        )
    )
    inside = sa.or_(
        branch_id.is_(None), Approval.branch_id == branch_id, Approval.subject_kind == "parameter"
    )
    found = (
        sa.select(Approval.id)
        .where(Approval.status == ApprovalStatus.ASKED.value, Approval.asked_by_id != user_id)
        .where(mine, inside)
        .limit(most)
        .correlate(user_id.class_, branch_id.class_)
        .subquery()
    )
    return sa.select(sa.func.count()).select_from(found).scalar_subquery()


def check_as_shown(shown: Any, present: Any) -> None:
    """For handlers. Raises RuleViolation when the world is no longer what the page said."""
    if shown != present:
        raise RuleViolation(
            _l("This is no longer as it was when it was asked. Refuse it, and ask again"),
            code="changed_since_shown",
        )
