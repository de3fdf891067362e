"""Checks of workers' time: what is claimed is owned, and what is promised is claimed."""

from collections.abc import Mapping

import sqlalchemy as sa

from app.domain.states import AssignmentStatus, HoldStatus, LeaveStatus, OrderStatus
from app.models import Assignment, BlockedTime, Leave, Order, Shift, SlotHold, WorkerBusy
from app.services.system.findings import Asked, Check, constant, total

# Ended without a visit: their time was given back.
WITHOUT_CLAIM = (
    OrderStatus.CLOSED.value, OrderStatus.CANCELLED.value, OrderStatus.NO_SHOW.value,
)  # fmt: skip
OWNED = ("hold", "visit", "leave", "blocked")
# Somebody is sure to come: each place of the crew holds its own time.
PROMISED = (
    OrderStatus.ACCEPTED.value, OrderStatus.EN_ROUTE.value, OrderStatus.IN_SERVICE.value,
)  # fmt: skip


@constant
def claims_have_owners() -> Asked:
    """Every claim has its owner: a live hold, an order with its time, leave, or blocked time."""
    claim = WorkerBusy
    holds = _owners("hold", "hold", SlotHold.id).where(SlotHold.status == HoldStatus.LIVE.value)
    orders = _owners("visit", "order", Order.id).where(Order.status.not_in(WITHOUT_CLAIM))
    leaves = _owners("leave", "leave", Leave.id).where(Leave.status == LeaveStatus.APPROVED.value)
    # One set to compare with: a question for each claim would read all orders for each.
    blocked = _owners("blocked", "blocked", BlockedTime.id)
    breaks = _owners("blocked", "shift", Shift.id)
    owner = sa.union_all(holds, orders, leaves, blocked, breaks).subquery()
    figures = sa.select(
        *(total(1, claim.kind == kind).label(f"{kind}_claims") for kind in OWNED)
    ).select_from(claim)
    orphans = (
        sa.select(claim.owner)
        .outerjoin(owner, sa.and_(owner.c.owner == claim.owner, owner.c.kind == claim.kind))
        .where(claim.kind.in_(OWNED), owner.c.owner.is_(None))
    )
    return figures, orphans


@constant
def promised_visits_are_claimed() -> Asked:
    """Everybody in the crew of an accepted order has claimed that order's time."""
    promised = (
        sa.select(Assignment.order_id)
        .join(Order, Order.id == Assignment.order_id)
        .where(Order.status.in_(PROMISED), Assignment.status != AssignmentStatus.ENDED.value)
    )
    claimed = sa.select(WorkerBusy.id).where(
        WorkerBusy.worker_id == Assignment.worker_id, _owned("order", Order.id)
    )
    figures = sa.select(sa.func.count().label("places")).select_from(promised.subquery())
    return figures, promised.where(~claimed.exists())


def _owned(kind: str, key: sa.SQLColumnExpression[int]) -> sa.ColumnElement[bool]:
    return WorkerBusy.owner == _named(kind, key)


def _owners(kind: str, word: str, key: sa.SQLColumnExpression[int]) -> sa.Select[tuple[str, str]]:
    """Whoever may hold a claim of this kind, by the name that stands in it."""
    return sa.select(sa.literal(kind).label("kind"), _named(word, key).label("owner"))


def _named(word: str, key: sa.SQLColumnExpression[int]) -> sa.ColumnElement[str]:
    return sa.literal(f"{word}:") + sa.cast(key, sa.String)


CHECKS: Mapping[str, Check] = {
    "claims_have_owners": claims_have_owners,
    "promised_visits_are_claimed": promised_visits_are_claimed,
}
