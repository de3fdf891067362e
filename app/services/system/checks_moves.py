"""Checks of orders that are being moved: both times are kept until the move has ended."""

from collections.abc import Mapping

import sqlalchemy as sa

from app.domain.states import MoveStatus, OrderStatus
from app.models import MoveRequest, Order, WorkerBusy
from app.services.system.findings import Asked, Check, constant

OPEN = (
    MoveStatus.PROPOSED.value, MoveStatus.OPS_REVIEW.value, MoveStatus.AWAIT_OTHER_SIDE.value,
)  # fmt: skip

SEVERAL = (
    OrderStatus.PENDING_DISPATCH.value, OrderStatus.OFFERED.value, OrderStatus.EN_ROUTE.value,
    OrderStatus.IN_SERVICE.value,
)  # fmt: skip


@constant
def open_moves_keep_both_times() -> Asked:
    """An open move is one of an accepted order, and both times are claimed for the whole crew."""
    owner = sa.literal("order:") + sa.cast(Order.id, sa.String)

    def claimed(start: sa.SQLColumnExpression[object]) -> sa.ScalarSelect[int]:
        return (
            sa.select(sa.func.count(WorkerBusy.id))
            .where(WorkerBusy.owner == owner, WorkerBusy.visit_start_at == start)
            .scalar_subquery()
        )

    moved = (
        sa.select(MoveRequest.id)
        .join(Order, Order.id == MoveRequest.order_id)
        .where(MoveRequest.status.in_(OPEN))
    )
    failing = moved.where(
        sa.or_(
            ~_may_be_moved(),
            claimed(MoveRequest.new_start) != Order.crew_size,
            claimed(MoveRequest.old_start) != Order.crew_size,
        )
    )
    figures = sa.select(sa.func.count().label("open_moves")).select_from(moved.subquery())
    return figures, failing


def _may_be_moved() -> sa.ColumnElement[bool]:
    """Accepted; of an order of several visits a later one, whatever the next one does."""
    several = sa.and_(Order.visit_count > 1, Order.status.in_(SEVERAL))
    return sa.or_(Order.status == OrderStatus.ACCEPTED.value, several)


CHECKS: Mapping[str, Check] = {"open_moves_keep_both_times": open_moves_keep_both_times}
