"""The permissions that the code offers, written to FAB's tables.

FAB's own way takes thousands of statements, so servers would skip it and drift. This compares two
sets and needs a handful.
"""

from typing import Any

import sqlalchemy as sa
from flask_appbuilder import AppBuilder
from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    ViewMenu,
    assoc_permissionview_role,
)
from sqlalchemy.orm import Session

from app.domain.actors import SYSTEM
from app.services import audit
from app.services.transactions import transaction

Grant = tuple[str, str]  # (permission, view)


def offered(appbuilder: AppBuilder) -> set[Grant]:
    """Every (permission, view or menu) pair that a role can name."""
    pairs = {
        (permission, view.class_permission_name)
        for view in appbuilder.baseviews
        for permission in view.base_permissions or ()
    }
    menus = [*appbuilder.menu.get_list()]
    menus += [child for item in menus for child in item.childs if child.name != "-"]
    return pairs | {("menu_access", item.name) for item in menus}


def sync(appbuilder: AppBuilder) -> bool:
    """Make the tables hold exactly what the code offers; True when something changed."""
    wanted = offered(appbuilder)
    with transaction(SYSTEM) as session:
        present = _present(session)
        added, removed = wanted - set(present), set(present) - wanted
        if not added and not removed:
            return False
        _remove(session, [present[grant] for grant in removed])
        _add(session, added)
        audit.record(
            "sync",
            "ab_permission_view",
            "",
            {"added": _in_words(added), "removed": _in_words(removed)},
            actor=SYSTEM,
        )
    return True


def _in_words(grants: set[Grant]) -> str:
    return ", ".join(f"{permission} {view}" for permission, view in sorted(grants))


def _present(session: Session) -> dict[Grant, int]:
    rows = session.execute(
        sa.select(Permission.name, ViewMenu.name, PermissionView.id)
        .join(PermissionView, PermissionView.permission_id == Permission.id)
        .join(ViewMenu, PermissionView.view_menu_id == ViewMenu.id)
    )
    return {(permission, view): key for permission, view, key in rows}


def _remove(session: Session, keys: list[int]) -> None:
    if keys:
        granted = assoc_permissionview_role
        session.execute(sa.delete(granted).where(granted.c.permission_view_id.in_(keys)))
        session.execute(sa.delete(PermissionView).where(PermissionView.id.in_(keys)))


def _add(session: Session, grants: set[Grant]) -> None:
    permissions = _ids(session, Permission, {permission for permission, _ in grants})
    views = _ids(session, ViewMenu, {view for _, view in grants})
    rows = [
        {"permission_id": permissions[permission], "view_menu_id": views[view]}
        for permission, view in sorted(grants)
    ]
    if rows:
        session.execute(sa.insert(PermissionView), rows)


def _ids(session: Session, model: Any, names: set[str]) -> dict[str, int]:
    """Ids by name; rows that are missing are made."""
    known = _all_ids(session, model)
    missing = sorted(names - known.keys())
    if missing:
        session.execute(sa.insert(model), [{"name": name} for name in missing])
        known = _all_ids(session, model)
    return known


def _all_ids(session: Session, model: Any) -> dict[str, int]:
    return {row.name: row.id for row in session.execute(sa.select(model.name, model.id))}
