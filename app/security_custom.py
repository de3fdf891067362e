"""Roles that a company makes itself: any permissions but those over money and power."""

from collections.abc import Collection

import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    Role,
    User,
    ViewMenu,
)
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import Conflict, Forbidden, RuleViolation
from app.security import EMPTIED, NAMES, ROLES, Grant, is_reserved, menus_of, write_grants
from app.services import audit
from app.services.transactions import locked, transaction

MENU = "menu_access"


def offered() -> frozenset[Grant]:
    """What a role of the company may combine: held by some built-in role, and not reserved."""
    held = {grant for role in ROLES.values() for grant in role.grants}
    return frozenset(grant for grant in held if grant[0] != MENU and not is_reserved(grant))


def is_built_in(name: str) -> bool:
    return name in ROLES or name in EMPTIED


def make_role(name: str, grants: Collection[Grant], *, actor: Actor) -> Role:
    """Raises Forbidden for reserved permissions, Conflict for a name that is taken."""
    with transaction(actor) as session:
        _check_name(session, name, None)
        role = Role(name=name)
        session.add(role)
        session.flush()
        _fill(session, role, grants, actor)
        return role


def change_role(role_id: int, name: str, grants: Collection[Grant], *, actor: Actor) -> Role:
    with transaction(actor) as session:
        role = locked(session, Role, role_id)
        refuse_built_in(role)
        _check_name(session, name, role_id)
        role.name = name
        _fill(session, role, grants, actor)
        return role


def delete_role(role_id: int, *, actor: Actor) -> None:
    """Raises RuleViolation that says who holds it."""
    with transaction(actor) as session:
        role = locked(session, Role, role_id)
        refuse_built_in(role)
        holders = session.scalars(
            sa.select(User.username).where(User.roles.any(Role.id == role_id)).limit(5)
        ).all()
        if holders:
            raise RuleViolation(
                _l("Held by %(names)s: take the role from them first", names=", ".join(holders)),
                code="in_use",
            )
        write_grants(session, role, set(), actor=actor)
        session.delete(role)


def refuse_built_in(role: Role) -> None:
    if is_built_in(role.name):
        raise RuleViolation(
            _l("This role is part of the program: it cannot be changed or deleted"),
            code="built_in",
        )


def _check_name(session: Session, name: str, role_id: int | None) -> None:
    taken = {code.casefold() for code in (*ROLES, *EMPTIED)}
    taken |= {str(label).casefold() for label in NAMES.values()}
    others = sa.select(Role.name).where(Role.id != (role_id or 0))
    taken |= {other.casefold() for other in session.scalars(others)}
    if name.casefold() in taken:
        raise Conflict(_l("Another role has this name"), field="name")


def _fill(session: Session, role: Role, grants: Collection[Grant], actor: Actor) -> None:
    refused = sorted(f"{permission} {view}" for permission, view in set(grants) - offered())
    if refused:
        raise Forbidden(
            _l("A role of the company cannot hold permissions over money or accounts"),
            code="reserved_permission",
            field="grants",
            refused=refused,
        )
    wanted = set(grants) | menus_of(set(grants))
    keys = {
        (permission, view): key
        for permission, view, key in session.execute(
            sa.select(Permission.name, ViewMenu.name, PermissionView.id)
            .join(Permission, PermissionView.permission_id == Permission.id)
            .join(ViewMenu, PermissionView.view_menu_id == ViewMenu.id)
        )
    }
    write_grants(session, role, {keys[grant] for grant in wanted if grant in keys}, actor=actor)
    session.flush()
    audit.record(
        "update", "ab_role", role.id,
        {"role": role.name, "grants": sorted(f"{p} {v}" for p, v in grants)}, actor=actor,
    )  # fmt: skip
