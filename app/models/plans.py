"""Recurring plans: the rule, its dates, and what happened to them."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.states import OccurrenceStatus, OrderStatus, PlanStatus
from app.models.base import BigId, Created, Json, Keyed, UtcDateTime, Versioned, one_of
from app.models.customers import Address, CustomerAccount
from app.models.orders import Order
from app.models.system import Branch
from app.models.workers import Worker


class ServicePlan(Created, Versioned, Keyed):
    """A series of orders by a recurrence rule (RFC 5545), in the city's days.

    A plan that is changed from some date on ends there, and another follows it; so the rule of a
    plan never changes, and each of its dates is one that the rule gave.
    """

    __tablename__ = "service_plan"
    constraints = (
        one_of("status", PlanStatus),
        one_of("on_holidays", ("skip", "keep")),
        sa.CheckConstraint("ends_on IS NULL OR starts_on <= ends_on", name="days_in_order"),
        sa.CheckConstraint("start_minute BETWEEN 0 AND 1439", name="start_in_day"),
        sa.CheckConstraint("paused_until IS NULL OR status = 'paused'", name="only_paused_resumes"),
        sa.Index("ix_service_plan_customer", "customer_id", "id"),
        sa.Index("ix_service_plan_status", "status", "branch_id"),
    )
    number: Mapped[str] = mapped_column(sa.String(24), unique=True)
    branch_id: Mapped[int] = mapped_column(sa.ForeignKey("branch.id"), index=True)
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_account.id"))
    address_id: Mapped[int] = mapped_column(sa.ForeignKey("address.id"), index=True)
    request: Mapped[dict[str, Any]] = mapped_column(Json)
    rrule: Mapped[str] = mapped_column(sa.String(200))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    start_minute: Mapped[int]
    preferred_worker_id: Mapped[int | None] = mapped_column(sa.ForeignKey("worker.id"), index=True)
    on_holidays: Mapped[str] = mapped_column(sa.String(8), default="skip", server_default="skip")
    status: Mapped[str] = mapped_column(sa.String(16), default=PlanStatus.ACTIVE.value)
    paused_until: Mapped[date | None]
    follows_id: Mapped[int | None] = mapped_column(sa.ForeignKey("service_plan.id"), unique=True)
    note: Mapped[str] = mapped_column(sa.String(500), default="")

    branch: Mapped[Branch] = relationship()
    customer: Mapped[CustomerAccount] = relationship()
    address: Mapped[Address] = relationship()
    preferred_worker: Mapped[Worker | None] = relationship()
    follows: Mapped["ServicePlan | None"] = relationship(remote_side="ServicePlan.id")

    def __str__(self) -> str:
        return self.number


UNSERVED = (OrderStatus.CLOSED, OrderStatus.CANCELLED)


class PlanOccurrence(Created, Versioned, Keyed):
    """One date of a plan, and the order that was made for it.

    `planned_on` is the day that the rule gave and never changes; `starts_at` may be on another
    day. `worker_id` is who was wished for this one, and once it is ordered, whose time it took.
    """

    __tablename__ = "plan_occurrence"
    constraints = (
        one_of("status", OccurrenceStatus),
        sa.UniqueConstraint("plan_id", "planned_on", name="once"),
        sa.CheckConstraint("status <> 'ordered' OR order_id IS NOT NULL", name="ordered_has_order"),
        sa.Index("ix_plan_occurrence_status", "status", "planned_on"),
        sa.Index("ix_plan_occurrence_starts_at", "status", "starts_at"),
    )
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("service_plan.id"))
    planned_on: Mapped[date]
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    worker_id: Mapped[int | None] = mapped_column(sa.ForeignKey("worker.id"), index=True)
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customer_order.id"), unique=True)
    status: Mapped[str] = mapped_column(sa.String(16), default=OccurrenceStatus.PLANNED.value)
    reason: Mapped[str] = mapped_column(sa.String(64), default="")

    plan: Mapped[ServicePlan] = relationship()
    worker: Mapped[Worker | None] = relationship()
    order: Mapped[Order | None] = relationship()

    @property
    def comes_at(self) -> datetime:
        """When somebody comes: an order that was made may have been moved."""
        return self.order.planned_start if self.order else self.starts_at

    @property
    def may_come_back(self) -> bool:
        """Whether it was left out or cancelled, or its order ended unserved."""
        left_out = self.status in (OccurrenceStatus.SKIPPED, OccurrenceStatus.CANCELLED)
        return left_out or (self.order is not None and self.order.status in UNSERVED)


class PlanEvent(Keyed):
    """What happened to a plan or to one of its dates, and who did it. Never changed."""

    __tablename__ = "plan_event"
    audited = False
    append_only = True
    constraints = (sa.Index("ix_plan_event_plan", "plan_id", "id"),)
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("service_plan.id"))
    kind: Mapped[str] = mapped_column(sa.String(32))
    planned_on: Mapped[date | None]
    actor_kind: Mapped[str] = mapped_column(sa.String(16))
    actor_id: Mapped[int | None] = mapped_column(BigId)
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    data: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
