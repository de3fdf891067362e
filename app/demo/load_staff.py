"""Loads the staff logins of the demo company."""

from typing import Any

import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import User
from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

from app.demo.staff import STAFF, StaffLogin
from app.domain.actors import SYSTEM, Actor
from app.models import Partner, StaffProfile
from app.services.transactions import transaction

# Whoever keeps the books and the system sees the whole company; the others work in the branch.
HEAD_OFFICE = frozenset({"administrator", "auditor", "finance"})
# Everybody may know it: these logins exist only where DEMO=1.
STAFF_PASSWORD = "demo-2026-home"  # noqa: S105  # public on purpose


def load_staff(security: Any, branch_id: int) -> dict[str, Actor]:
    """Add the logins; returns who acts by username. `security` is FAB's security manager."""
    password = generate_password_hash(STAFF_PASSWORD)
    with transaction(SYSTEM) as session:
        return {
            login.username: Actor("staff", _add(session, security, login, password, branch_id))
            for login in STAFF
        }


def join_partner(login: Actor, code: str) -> None:
    """The agency's login sees the agency's workers from now on."""
    with transaction(SYSTEM) as session:
        profile = session.scalars(sa.select(StaffProfile).filter_by(user_id=login.id)).one()
        profile.partner_id = session.scalars(sa.select(Partner.id).filter_by(code=code)).one()


def _add(session: Session, security: Any, login: StaffLogin, password: str, branch_id: int) -> int:
    role = security.find_role(login.role)
    if role is None:
        raise LookupError(f"There is no role {login.role}; run `flask init` first")
    user = User(
        username=login.username,
        first_name=login.given_name_zh,
        last_name=login.surname_zh,
        email=login.email,
        active=True,
        password=password,
        roles=[role],
    )
    session.add(user)
    session.flush()
    home = None if login.role in HEAD_OFFICE else branch_id
    session.add(StaffProfile(user_id=user.id, branch_id=home))
    return int(user.id)
