"""Checks of who holds what."""

from collections.abc import Mapping

import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import Role, User, assoc_group_role, assoc_user_group

from app.services import access
from app.services.system.findings import Asked, Check, constant, total

STOCK = "Admin"


@constant
def nobody_holds_every_permission() -> Asked:
    """Nobody holds the framework's own role Admin, which gets every permission."""
    figures = sa.select(
        total(1, User.active.is_(True)).label("active"),
        total(1, access.holds_one_of(User.id, ["administrator"])).label("administrators"),
    ).select_from(User)
    grouped = (
        sa.select(assoc_user_group.c.user_id)
        .join(assoc_group_role, assoc_group_role.c.group_id == assoc_user_group.c.group_id)
        .join(Role, Role.id == assoc_group_role.c.role_id)
        .where(Role.name == STOCK)
    )
    holds = sa.or_(access.holds_one_of(User.id, [STOCK]), User.id.in_(grouped))
    return figures, sa.select(User.username).where(holds)


CHECKS: Mapping[str, Check] = {
    "nobody_holds_every_permission": nobody_holds_every_permission,
}
