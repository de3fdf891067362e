"""Checks of workers' time: what is claimed is owned, and what is promised is claimed."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.states import AssignmentStatus, HoldStatus, LeaveStatus, OrderStatus
from app.models import Assignment, Leave, Order, SlotHold, WorkerBusy
from app.services.system.findings import Check, Finding, finding, total

# Ended without a visit: their time was given back.
WITHOUT_CLAIM = (OrderStatus.CLOSED.value, OrderStatus.CANCELLED.value)
# Somebody is sure to come: each place of the crew holds its own time.
PROMISED = (
    OrderStatus.ACCEPTED.value, OrderStatus.EN_ROUTE.value, OrderStatus.IN_SERVICE.value,
)  # fmt: skip


def claims_have_owners(session: Session) -> Finding:
    """Every claim belongs to a live hold, an order that has its time, or approved leave."""
    claim = WorkerBusy
    owners = {
        "hold": sa.select(SlotHold.id).where(
            _owned("hold", SlotHold.id), SlotHold.status == HoldStatus.LIVE.value
        ),
        "visit": sa.select(Order.id).where(
            _owned("order", Order.id), Order.status.not_in(WITHOUT_CLAIM)
        ),
        "leave": sa.select(Leave.id).where(
            _owned("leave", Leave.id), Leave.status == LeaveStatus.APPROVED.value
        ),
    }
    orphan = sa.or_(
        *(sa.and_(claim.kind == kind, ~owner.exists()) for kind, owner in owners.items())
    )
    figures = sa.select(
        *(total(1, claim.kind == kind).label(f"{kind}_claims") for kind in owners)
    ).select_from(claim)
    return finding(session, figures, sa.select(claim.owner).where(orphan))


def promised_visits_are_claimed(session: Session) -> Finding:
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
    return finding(session, figures, promised.where(~claimed.exists()))


def _owned(kind: str, key: sa.SQLColumnExpression[int]) -> sa.ColumnElement[bool]:
    return WorkerBusy.owner == sa.literal(f"{kind}:") + sa.cast(key, sa.String)


CHECKS: Mapping[str, Check] = {
    "claims_have_owners": claims_have_owners,
    "promised_visits_are_claimed": promised_visits_are_claimed,
}
