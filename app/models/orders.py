"""The order, its lines, its visits and its story."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain import price_rules
from app.domain.states import OrderStatus, VisitStatus
from app.models.base import BigId, Created, Json, Keyed, UtcDateTime, Versioned, one_of
from app.models.catalog import Area, Service
from app.models.crypto import Encrypted
from app.models.customers import CustomerAccount
from app.models.money import CommissionRule
from app.models.roster import Quote
from app.models.system import Branch
from app.models.workers import Worker

# What a line of a price is for; the kinds of price rules are among them.
LINE_KINDS = ("base", "option", "travel", *price_rules.KINDS, "overtime", "add_on", "coupon")


class Order(Created, Versioned, Keyed):
    """One commission: services at one address, in one or more visits.

    Prices, rules and the address are copied here when it is made and never follow their
    source. Amounts are fen. `supplement_fen` is what a change costs more that is made once it is
    paid. `subsidy_fen`: what the company bears by the customer's coupon; the work is worth it and
    `due_fen`. `captured_fen`, `refunded_fen` and `returning_fen` (on its way back) are cached sums
    of the payments, checked by `flask check`. `parent_id`: the order whose work is done again.
    `customer_chooses`: nobody came, and nothing goes on until the customer has said how.
    `disputed_at`: since then nothing is confirmed by itself or settled.
    """

    __tablename__ = "customer_order"
    constraints = (
        one_of("status", OrderStatus),
        one_of("source", ("app", "phone", "plan", "rework", "import")),
        sa.CheckConstraint("total_fen >= 0 AND due_fen >= 0", name="amounts_not_negative"),
        sa.CheckConstraint("supplement_fen >= 0", name="supplement_not_negative"),
        sa.CheckConstraint("returning_fen >= 0", name="returning_not_negative"),
        sa.CheckConstraint("subsidy_fen >= 0", name="subsidy_not_negative"),
        sa.CheckConstraint(
            "captured_fen >= 0 AND refunded_fen >= 0 AND refunded_fen <= captured_fen",
            name="refunds_within_captured",
        ),
        sa.CheckConstraint("planned_start < planned_end", name="in_order"),
        sa.CheckConstraint("visit_count >= 1", name="visits_counted"),
        sa.CheckConstraint(
            "promised_from <= planned_start AND planned_start <= promised_to", name="promise_kept"
        ),
        sa.CheckConstraint("commission_bp BETWEEN 0 AND 10000", name="commission_in_range"),
        sa.Index("ix_customer_order_created_at", "created_at", "id"),
        sa.Index("ix_customer_order_status_service_on", "status", "service_on", "id"),
        sa.Index("ix_customer_order_service_on", "service_on", "id"),
        sa.Index("ix_customer_order_customer", "customer_id", "id"),
        sa.Index("ix_customer_order_worker", "lead_worker_id", "id"),
        # A far page of a branch's list, with or without a status, reads nothing but these.
        sa.Index("ix_customer_order_branch", "branch_id", "created_at", "id"),
        sa.Index("ix_customer_order_status_created_at", "status", "created_at", "id", "branch_id"),
        sa.Index("ix_customer_order_planned_start", "planned_start", "id"),
    )
    number: Mapped[str] = mapped_column(sa.String(24), unique=True)
    branch_id: Mapped[int] = mapped_column(sa.ForeignKey("branch.id"))
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_account.id"))
    quote_id: Mapped[int | None] = mapped_column(sa.ForeignKey("quote.id"), unique=True)
    lead_worker_id: Mapped[int | None] = mapped_column(sa.ForeignKey("worker.id"))
    status: Mapped[str] = mapped_column(sa.String(24))
    source: Mapped[str] = mapped_column(sa.String(16), default="app")
    summary: Mapped[str] = mapped_column(sa.String(200))
    note: Mapped[str] = mapped_column(sa.String(500), default="")

    area_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"), index=True)
    region_code: Mapped[str] = mapped_column(sa.String(6))
    region_name: Mapped[str] = mapped_column(sa.String(64))
    address_detail: Mapped[str] = mapped_column(Encrypted("customer_order.address_detail"))
    contact_name: Mapped[str] = mapped_column(sa.String(64))
    contact_phone: Mapped[str] = mapped_column(Encrypted("customer_order.contact_phone"))
    access_note: Mapped[str] = mapped_column(sa.String(200), default="")
    lat: Mapped[float]
    lng: Mapped[float]

    minutes: Mapped[int]
    buffer_before_minutes: Mapped[int]
    buffer_after_minutes: Mapped[int]
    crew_size: Mapped[int] = mapped_column(default=1)
    visit_count: Mapped[int] = mapped_column(default=1, server_default="1")
    skills: Mapped[dict[str, int]] = mapped_column(Json)
    service_on: Mapped[date]
    promised_from: Mapped[datetime] = mapped_column(UtcDateTime)
    promised_to: Mapped[datetime] = mapped_column(UtcDateTime)
    planned_start: Mapped[datetime] = mapped_column(UtcDateTime)
    planned_end: Mapped[datetime] = mapped_column(UtcDateTime)
    pay_by_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    pay_mode: Mapped[str] = mapped_column(sa.String(16), default="prepaid")
    total_fen: Mapped[int] = mapped_column(sa.BigInteger)
    due_fen: Mapped[int] = mapped_column(sa.BigInteger)
    supplement_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    subsidy_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    captured_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    refunded_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    returning_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    commission_rule_id: Mapped[int] = mapped_column(sa.ForeignKey("commission_rule.id"))
    commission_bp: Mapped[int]
    rules: Mapped[dict[str, Any]] = mapped_column(Json)

    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customer_order.id"), index=True)
    urgent: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    customer_chooses: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    disputed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dispatch_round: Mapped[int] = mapped_column(default=0)
    unassigned_reason: Mapped[str] = mapped_column(sa.String(48), default="")
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    branch: Mapped[Branch] = relationship()
    customer: Mapped[CustomerAccount] = relationship()
    lead_worker: Mapped[Worker | None] = relationship()
    area: Mapped[Area] = relationship()
    quote: Mapped[Quote | None] = relationship()
    commission_rule: Mapped[CommissionRule] = relationship()
    parent: Mapped["Order | None"] = relationship(remote_side="Order.id")
    items: Mapped[list["OrderItem"]] = relationship(back_populates="order", order_by="OrderItem.id")
    lines: Mapped[list["OrderLine"]] = relationship(
        back_populates="order", order_by="OrderLine.position"
    )
    visits: Mapped[list["Visit"]] = relationship(back_populates="order", order_by="Visit.sequence")

    @property
    def owner(self) -> str:
        """The name under which this order claims workers' time."""
        return f"order:{self.id}"

    @property
    def unpaid_fen(self) -> int:
        """What the customer has to pay still; what is on its way back to her pays for nothing."""
        kept = self.captured_fen - self.refunded_fen - self.returning_fen
        return max(self.due_fen + self.supplement_fen - kept, 0)

    def __str__(self) -> str:
        return self.number


class OrderItem(Keyed):
    """One service in an order, as it was offered when it was ordered."""

    __tablename__ = "order_item"
    constraints = (sa.CheckConstraint("quantity BETWEEN 1 AND 99", name="quantity_in_range"),)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_order.id"), index=True)
    service_id: Mapped[int] = mapped_column(sa.ForeignKey("service.id"), index=True)
    service_code: Mapped[str] = mapped_column(sa.String(48))
    service_name: Mapped[str] = mapped_column(sa.String(64))
    quantity: Mapped[int] = mapped_column(default=1)
    options: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    minutes: Mapped[int]
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)

    order: Mapped[Order] = relationship(back_populates="items")
    service: Mapped[Service] = relationship()


class OrderLine(Keyed):
    """One line of the price. The lines add up to the order's total."""

    __tablename__ = "order_line"
    constraints = (
        sa.UniqueConstraint("order_id", "position", name="once"),
        one_of("kind", LINE_KINDS),
    )
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_order.id"))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(16))
    label: Mapped[str] = mapped_column(sa.String(128))
    label_en: Mapped[str] = mapped_column(sa.String(128), default="")
    quantity: Mapped[int] = mapped_column(default=1)
    unit_fen: Mapped[int] = mapped_column(sa.BigInteger)
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)

    order: Mapped[Order] = relationship(back_populates="lines")


class OrderEvent(Keyed):
    """What happened to an order, who did it, and from where. Never changed."""

    __tablename__ = "order_event"
    audited = False
    append_only = True
    constraints = (sa.Index("ix_order_event_order", "order_id", "id"),)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_order.id"))
    kind: Mapped[str] = mapped_column(sa.String(32))
    from_status: Mapped[str | None] = mapped_column(sa.String(24))
    to_status: Mapped[str | None] = mapped_column(sa.String(24))
    actor_kind: Mapped[str] = mapped_column(sa.String(16))
    actor_id: Mapped[int | None] = mapped_column(BigId)
    source: Mapped[str] = mapped_column(sa.String(16), default="")
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    data: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    device_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lat: Mapped[float | None]
    lng: Mapped[float | None]


class Visit(Versioned, Keyed):
    """One coming to the address, from check-in to check-out.

    `charged_fen`: what it costs when it ended early; otherwise its part of the order's price.
    `charged_subsidy_fen`: what the coupon bears beside it.
    """

    __tablename__ = "visit"
    constraints = (
        one_of("status", VisitStatus),
        sa.UniqueConstraint("order_id", "sequence", name="once"),
        sa.CheckConstraint("planned_start < planned_end", name="in_order"),
        sa.CheckConstraint(
            "checked_out_at IS NULL OR checked_in_at <= checked_out_at", name="checks_in_order"
        ),
        sa.Index("ix_visit_service_on", "service_on", "status"),
        sa.Index("ix_visit_planned_start", "planned_start", "id"),
    )
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_order.id"))
    sequence: Mapped[int] = mapped_column(default=1)
    service_on: Mapped[date]
    planned_start: Mapped[datetime] = mapped_column(UtcDateTime)
    planned_end: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[str] = mapped_column(sa.String(16), default=VisitStatus.PLANNED.value)
    code_tries: Mapped[int] = mapped_column(default=0)
    checked_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    checked_out_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    charged_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    charged_subsidy_fen: Mapped[int | None] = mapped_column(sa.BigInteger)

    order: Mapped[Order] = relationship(back_populates="visits")

    def __str__(self) -> str:
        return f"{self.service_on} {self.sequence}"
