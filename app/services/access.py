"""Which rows somebody may see: staff by branch, agencies by their workers, clients by ownership.

What is outside looks as if it did not exist. Lists, pages, actions, API and exports all ask here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import g, has_request_context, request
from flask_appbuilder.security.sqla.models import (
    Role,
    User,
    assoc_group_role,
    assoc_user_group,
    assoc_user_role,
)
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Query

from app import models as m
from app.domain.actors import Actor
from app.domain.errors import InvalidInput, NotFound
from app.extensions import db
from app.services.access_rules import (
    BRANCH_PATH,
    COMPANY,
    OWN_RULE,
    PARTNER_PATH,
    SHARED,
    Condition,
    of_branch,
    of_partner,
)

__all__ = [
    "BRANCH_PATH", "COMPANY", "EVERYWHERE", "NOWHERE", "OWN_RULE", "PARTNER_PATH", "SHARED",
    "OfPartner", "branch_for", "condition", "holds_one_of", "of_branch", "order_for",
    "orders_visible_to", "reach_of", "roles_of", "row_for", "visible",
]  # fmt: skip

T = TypeVar("T")

EVERYWHERE, NOWHERE = "everywhere", "nowhere"


@dataclass(frozen=True, slots=True)
class OfPartner:
    """The reach of an agency's login."""

    partner_id: int


Reach = int | str | OfPartner


def reach_of(actor: Actor) -> Reach:
    """The branch of a member of staff, EVERYWHERE without one; NOWHERE for everybody else."""
    if actor.kind == "system":
        return EVERYWHERE
    if actor.kind != "staff" or actor.id is None:
        return NOWHERE
    remembered = request.environ if has_request_context() else {}
    key = f"backoffice.reach.{actor.id}"
    if key not in remembered:
        remembered[key] = _read_reach(actor.id)
    reach: Reach = remembered[key]
    return reach


def _read_reach(user_id: int) -> Reach:
    # The sign-in has read the profile of whoever asks.
    profile = g.get("staff_profile") if has_request_context() else None
    if profile is None or profile.user_id != user_id:
        profile = db.session.scalar(sa.select(m.StaffProfile).filter_by(user_id=user_id))
    if profile is None:
        return EVERYWHERE
    if profile.partner_id is not None:
        return OfPartner(profile.partner_id)
    if profile.holds_partner_role:
        return NOWHERE
    return EVERYWHERE if profile.branch_id is None else int(profile.branch_id)


def roles_of(actor: Actor) -> set[str]:
    """Codes of the roles that an active member of staff holds, himself or through a group."""
    if actor.kind != "staff" or actor.id is None:
        return set()
    direct = sa.select(assoc_user_role.c.role_id).where(assoc_user_role.c.user_id == actor.id)
    grouped = (
        sa.select(assoc_group_role.c.role_id)
        .join(assoc_user_group, assoc_user_group.c.group_id == assoc_group_role.c.group_id)
        .where(assoc_user_group.c.user_id == actor.id)
    )
    active = sa.select(User.id).where(User.id == actor.id, User.active.is_(True)).exists()
    names = sa.select(Role.name).where(Role.id.in_(sa.union_all(direct, grouped)), active)
    return set(db.session.scalars(names))


def holds_one_of(user_id: Any, roles: Iterable[str]) -> Condition:
    """SQL: the user of the outer statement holds one of these roles himself."""
    held = sa.select(assoc_user_role.c.role_id).where(
        assoc_user_role.c.user_id == user_id,
        assoc_user_role.c.role_id == Role.id,
        Role.name.in_(list(roles)),
    )
    return held.correlate(user_id.class_).exists()


def condition(model: type[Any], actor: Actor) -> Condition:
    """SQL for the rows of `model` that a member of staff may see."""
    reach = reach_of(actor)
    if isinstance(reach, OfPartner):
        return of_partner(model, reach.partner_id)
    if reach == EVERYWHERE or (model in SHARED and reach != NOWHERE):
        return sa.true()
    if reach == NOWHERE or model in COMPANY:
        return sa.false()
    return of_branch(model, int(reach))


def visible(query: Query[Any], model: type[Any], actor: Actor) -> Query[Any]:
    """The query, narrowed to what the member of staff may see."""
    return query.filter(condition(model, actor))


def row_for(actor: Actor, model: type[T], key: int) -> T:
    """The row for a member of staff. Raises NotFound outside the scope."""
    statement = sa.select(model).where(model.id == key, condition(model, actor))  # type: ignore[attr-defined]
    row = db.session.scalars(statement).one_or_none()
    if row is None:
        raise NotFound(_l("This record does not exist"))
    return row


def branch_for(actor: Actor, branch_id: int | None) -> m.Branch:
    """The branch of something new: this one, else the only one that the actor sees.

    Raises NotFound outside the scope, InvalidInput where one has to be chosen.
    """
    if branch_id is not None:
        return row_for(actor, m.Branch, branch_id)
    mine = sa.select(m.Branch).where(condition(m.Branch, actor)).limit(2)
    found = db.session.scalars(mine).all()
    if len(found) != 1:
        raise InvalidInput(_l("Choose the branch"), field="branch")
    return found[0]


def orders_visible_to(actor: Actor) -> sa.Select[tuple[m.Order]]:
    """Orders of a customer, of a worker (assigned or offered now), or of a branch's staff."""
    orders = sa.select(m.Order)
    if actor.kind == "customer":
        return orders.where(m.Order.customer_id == actor.id)
    if actor.kind == "worker":
        return orders.where(_worker_concerned(actor.id))
    return orders.where(condition(m.Order, actor))


def _worker_concerned(worker_id: int | None) -> Condition:
    """An assignment that did not end, or an offer that still waits for an answer."""
    assigned = sa.select(m.Assignment.id).where(
        m.Assignment.order_id == m.Order.id,
        m.Assignment.worker_id == worker_id,
        m.Assignment.status != "ended",
    )
    offered = sa.select(m.Offer.id).where(
        m.Offer.order_id == m.Order.id, m.Offer.worker_id == worker_id, m.Offer.status == "live"
    )
    return sa.or_(assigned.exists(), offered.exists())


def order_for(actor: Actor, order_id: int) -> m.Order:
    """The order, if it is the actor's to see. Raises NotFound."""
    order = db.session.scalars(orders_visible_to(actor).where(m.Order.id == order_id)).one_or_none()
    if order is None:
        raise NotFound(_l("This order does not exist"))
    return order
