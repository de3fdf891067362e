"""Giving and taking roles. What makes people powerful is given by two administrators."""

from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import Role, User
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.approvals import POWERFUL_ROLES
from app.domain.errors import Conflict, Forbidden, RuleViolation
from app.extensions import db
from app.models import Approval, StaffProfile
from app.services import audit
from app.services.system import approvals
from app.services.transactions import locked, retrying, transaction

KIND = "role_grant"
PARTNER = "partner"
STOCK = ("Admin", "Public")


@retrying
def change_roles(
    user_id: int, wanted: Collection[str], *, reason: str = "", actor: Actor
) -> Approval | None:
    """Let a member of staff hold these roles; returns the request for the powerful ones.

    Taking is direct, and so is giving what is not powerful. Raises Forbidden for one's own roles
    and FAB's, RuleViolation for an agency's role beside others or without an agency, Conflict
    while a request for this person is open.
    """
    with transaction(actor) as session:
        user = locked(session, User, user_id)
        held = {role.name for role in user.roles}
        if held == set(wanted):
            return None
        if actor.id == user_id:
            raise Forbidden(_l("You cannot change your own roles"), field="roles")
        _check_together(session, user_id, set(wanted))
        asked = sorted((set(wanted) - held) & POWERFUL_ROLES)
        _hold(session, user, set(wanted) - set(asked), actor)
        return _ask(session, user, asked, reason, actor) if asked else None


def _check_together(session: Session, user_id: int, wanted: set[str]) -> None:
    if wanted & set(STOCK):
        raise Forbidden(_l("Nobody holds this role"), field="roles")
    agency = session.scalar(sa.select(StaffProfile.partner_id).filter_by(user_id=user_id))
    if (PARTNER in wanted) != (agency is not None):
        raise RuleViolation(
            _l("The role of a partner and the choice of a partner go together"), field="partner"
        )
    if PARTNER in wanted and len(wanted) > 1:
        raise RuleViolation(_l("A partner's login holds no other role"), field="roles")


def _hold(session: Session, user: User, names: Iterable[str], actor: Actor) -> None:
    """Exactly these roles from now on; each one given or taken is told, sessions end."""
    before = {role.name: role for role in user.roles}
    after = {
        role.name: role for role in session.scalars(sa.select(Role).where(Role.name.in_(names)))
    }
    if before.keys() == after.keys():
        return
    user.roles = list(after.values())
    for name in sorted(after.keys() - before.keys()):
        audit.record("grant", "ab_user", user.id, {"role": name}, actor=actor)
    for name in sorted(before.keys() - after.keys()):
        audit.record("revoke", "ab_user", user.id, {"role": name}, actor=actor)
    end_sessions(session, user.id)


def end_sessions(session: Session, user_id: int) -> int:
    """Make all cookies and tokens of a user worthless; the new version. Inside transaction()."""
    profile = session.scalars(
        sa.select(StaffProfile).where(StaffProfile.user_id == user_id).with_for_update()
    ).one_or_none()
    if profile is None:
        profile = StaffProfile(user_id=user_id, session_version=0)
        session.add(profile)
    profile.session_version += 1
    session.flush()
    return profile.session_version


def _content(user: User, asked: list[str]) -> dict[str, Any]:
    held = sorted(role.name for role in user.roles)
    return {"username": user.username, "before": held, "after": sorted({*held, *asked})}


def _ask(session: Session, user: User, asked: list[str], reason: str, actor: Actor) -> Approval:
    session.flush()
    branch_id = session.scalar(sa.select(StaffProfile.branch_id).filter_by(user_id=user.id))
    if approvals.waiting_for("staff", user.id) is not None:
        raise Conflict(_l("Somebody is already being asked about this"), code="already_asked")
    return approvals.ask(
        KIND, "staff", user.id, _content(user, asked), user.username,
        reason=reason, branch_id=branch_id, actor=actor,
    )  # fmt: skip


@approvals.executes(KIND)
def _grant(approval: Approval, actor: Actor) -> None:
    session = db.session()
    user = locked(session, User, approval.subject_id)
    if actor.id == user.id:
        raise Forbidden(_l("You cannot change your own roles"), code="own_roles")
    after = approval.payload["after"]
    asked = sorted(set(after) - set(approval.payload["before"]))
    approvals.check_as_shown(approval.payload, _content(user, asked))
    _check_together(session, user.id, set(after))
    _hold(session, user, after, actor)
