"""The first administrator, and a second one beside him, both made from the machine's shell.

In the pages an administrator is named by two. So one alone could never get a colleague.
"""

import re
import secrets

import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import Role, User
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

from app.domain.actors import SYSTEM
from app.domain.errors import Conflict, RuleViolation
from app.extensions import db
from app.models import StaffProfile
from app.services import access, audit
from app.services.transactions import retrying, transaction

ADMINISTRATOR = "administrator"
ENOUGH = 2  # from here on they name each other
USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,63}")


@retrying
def add_second(username: str, *, by: str) -> str:
    """A new account that may administer; its password, told only here. `by`: who is at the shell.

    Raises RuleViolation for a name that cannot be one, Conflict when somebody has it or when there
    are two administrators already, who decide about a third in the pages.
    """
    if not USERNAME.fullmatch(username):
        raise RuleViolation(_l("A user name has 2 to 64 letters, digits, dots, - or _"))
    password = secrets.token_urlsafe(15)
    with transaction(SYSTEM) as session:
        # Two commands at once: the later one counts what the earlier one made.
        role = session.scalars(
            sa.select(Role).filter_by(name=ADMINISTRATOR).with_for_update()
        ).one()
        _check_needed()
        same = sa.func.lower(User.username) == username.lower()
        if session.scalar(sa.select(User.id).where(same)) is not None:
            raise Conflict(_l("Somebody has this user name already"))
        user = add(session, role, username, password)
        told = {"role": ADMINISTRATOR, "command": "add-administrator", "by": by}
        audit.record("grant", "ab_user", user.id, told, actor=SYSTEM)
    return password


def _check_needed() -> None:
    names = deciding()
    if len(names) >= ENOUGH:
        raise Conflict(
            _l(
                "There are administrators already: %(names)s. One asks for another one in the "
                "pages, a second one approves",
                names=", ".join(names),
            )
        )


def deciding() -> list[str]:
    """User names of those who name each other: active, and of no branch alone."""
    names = db.session.scalars(
        sa.select(User.username)
        .outerjoin(StaffProfile, StaffProfile.user_id == User.id)
        .where(User.active.is_(True), access.holds_one_of(User.id, [ADMINISTRATOR]))
        .where(StaffProfile.branch_id.is_(None))
        .order_by(User.username)
    )
    return list(names)


def add(session: Session, role: Role, username: str, password: str) -> User:
    """An account with this role alone, for the whole company. Inside transaction()."""
    user = User(
        username=username,
        first_name=username.capitalize(),
        last_name="",
        email=f"{username}@localhost",
        active=True,
        password=generate_password_hash(password),
        roles=[role],
    )
    session.add(user)
    session.flush()
    session.add(StaffProfile(user_id=user.id))
    return user
