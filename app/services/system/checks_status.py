"""Checks of what orders, visits, assignments and claims say of each other."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from app.domain.states import AssignmentStatus, OrderStatus, VisitStatus
from app.models import Assignment, Order, Visit, WorkerBusy
from app.services.system.findings import Asked, Check, constant, total

WITH_CREW = tuple(
    status.value
    for status in (
        OrderStatus.ACCEPTED,
        OrderStatus.EN_ROUTE,
        OrderStatus.IN_SERVICE,
        OrderStatus.PENDING_CONFIRM,
        OrderStatus.COMPLETED,
    )
)
SERVED = (OrderStatus.PENDING_CONFIRM.value, OrderStatus.COMPLETED.value)
OVER = (OrderStatus.CLOSED.value, OrderStatus.CANCELLED.value, OrderStatus.NO_SHOW.value)
OPEN_VISIT = (VisitStatus.PLANNED.value, VisitStatus.EN_ROUTE.value, VisitStatus.IN_SERVICE.value)


@constant
def statuses_agree() -> Asked:
    """An order's status is what its payments, visits and assignments say."""
    figures = sa.select(
        sa.func.count().label("orders"),
        total(1, Order.status.in_(WITH_CREW)).label("with_crew"),
        total(1, Order.status.in_(SERVED)).label("served"),
    ).select_from(Order)
    breaches = sa.union_all(
        _orders(Order.status.in_(WITH_CREW), ~_lead_assigned()),
        _orders(Order.status.in_(SERVED), sa.or_(_visit_in(*OPEN_VISIT), ~_visit_in("done"))),
        _orders((Order.status == "completed") != Order.completed_at.is_not(None)),
        _orders(Order.status == "pending_payment", Order.due_fen > 0, _nothing_owed()),
        _orders(Order.status.in_(OVER), _visit_in(*OPEN_VISIT)),
        *(
            _orders(Order.status != "exception", (Order.status == status) != _visit_in(status))
            for status in (VisitStatus.EN_ROUTE.value, VisitStatus.IN_SERVICE.value)
        ),
    ).subquery()
    return figures, sa.select(breaches.c.id).group_by(breaches.c.id)


@constant
def nobody_is_in_two_places() -> Asked:
    """No worker's time is taken twice by different owners."""
    figures = sa.select(
        sa.func.count().label("claims"),
        sa.func.count(WorkerBusy.worker_id.distinct()).label("workers"),
    )
    # Only a row that begins before an earlier one has ended can overlap: those are few.
    before = sa.func.max(WorkerBusy.end_at).over(
        partition_by=WorkerBusy.worker_id,
        order_by=(WorkerBusy.start_at, WorkerBusy.id),
        rows=(None, -1),
    )
    rows = sa.select(WorkerBusy.id, WorkerBusy.start_at, before.label("before")).subquery()
    suspects = sa.select(rows.c.id).where(rows.c.before > rows.c.start_at)
    one, other = aliased(WorkerBusy), aliased(WorkerBusy)
    failing = (
        sa.select(one.worker_id)
        .join(
            other,
            sa.and_(
                other.worker_id == one.worker_id,
                other.owner != one.owner,
                other.start_at < one.end_at,
                other.end_at > one.start_at,
            ),
        )
        .where(one.id.in_(suspects))
        .group_by(one.worker_id)
    )
    return figures, failing


def _orders(*where: Any) -> sa.Select[Any]:
    return sa.select(Order.id).where(*where)


def _lead_assigned() -> sa.ColumnElement[bool]:
    lead = sa.select(Assignment.id).where(
        Assignment.order_id == Order.id,
        Assignment.worker_id == Order.lead_worker_id,
        Assignment.role == "lead",
        Assignment.status != AssignmentStatus.ENDED.value,
    )
    return lead.exists()


def _visit_in(*statuses: str) -> sa.ColumnElement[bool]:
    visits = sa.select(Visit.id).where(Visit.order_id == Order.id, Visit.status.in_(statuses))
    return visits.exists()


def _nothing_owed() -> sa.ColumnElement[bool]:
    kept = Order.captured_fen - Order.refunded_fen - Order.returning_fen
    owed: sa.ColumnElement[bool] = kept >= Order.due_fen
    return owed


CHECKS: Mapping[str, Check] = {
    "statuses_agree": statuses_agree,
    "nobody_is_in_two_places": nobody_is_in_two_places,
}
