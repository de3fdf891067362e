"""What happens to an order after it was made: moves, cancellations, additions."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.states import AddOnStatus, EditStatus, MoveStatus
from app.models.base import BigId, Created, Json, Keyed, UtcDateTime, Versioned, one_of
from app.models.catalog_rules import Checklist
from app.models.orders import Order, Visit
from app.models.roster import Quote
from app.models.system import ACTOR_KINDS
from app.models.workers import Worker


class MoveRequest(Created, Versioned, Keyed):
    """A new time that one side proposes. Old and new claim live until it has ended.

    `difference_fen`: how much more the order costs then; `quote_id`: its price then, if another.
    """

    __tablename__ = "move_request"
    constraints = (
        one_of("status", MoveStatus),
        one_of("asked_by", ("customer", "worker", "staff")),
        sa.CheckConstraint("new_start < new_end", name="in_order"),
        sa.Index(
            "uq_move_request_open",
            "order_id",
            unique=True,
            sqlite_where=sa.text("status IN ('proposed', 'ops_review', 'await_other_side')"),
            postgresql_where=sa.text("status IN ('proposed', 'ops_review', 'await_other_side')"),
        ),
        sa.Index("ix_move_request_status", "status", "answer_by"),
    )
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_order.id"), index=True)
    visit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("visit.id"), index=True)
    asked_by: Mapped[str] = mapped_column(sa.String(16))
    asked_by_id: Mapped[int | None] = mapped_column(BigId)
    old_start: Mapped[datetime] = mapped_column(UtcDateTime)
    new_start: Mapped[datetime] = mapped_column(UtcDateTime)
    new_end: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    status: Mapped[str] = mapped_column(sa.String(16), default=MoveStatus.PROPOSED.value)
    answer_by: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer_note: Mapped[str] = mapped_column(sa.String(200), default="")
    quote_id: Mapped[int | None] = mapped_column(sa.ForeignKey("quote.id"), index=True)
    difference_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")

    order: Mapped[Order] = relationship()
    visit: Mapped[Visit | None] = relationship()


class Cancellation(Keyed):
    """How an order ended early, with the arithmetic that was shown before. Never changed."""

    __tablename__ = "cancellation"
    append_only = True
    constraints = (
        one_of("actor_kind", ACTOR_KINDS),
        one_of("party", ("customer", "platform", "worker", "clock")),
        sa.CheckConstraint("fee_fen >= 0 AND refund_fen >= 0", name="not_negative"),
        sa.Index("ix_cancellation_at", "at"),
    )
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_order.id"), unique=True)
    party: Mapped[str] = mapped_column(sa.String(16))
    reason_code: Mapped[str] = mapped_column(sa.String(32))
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    step: Mapped[str] = mapped_column(sa.String(32))
    rate_bp: Mapped[int] = mapped_column(default=0)
    fee_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    refund_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    arithmetic: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    actor_kind: Mapped[str] = mapped_column(sa.String(16))
    actor_id: Mapped[int | None] = mapped_column(BigId)
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    order: Mapped[Order] = relationship()


class OrderEdit(Created, Versioned, Keyed):
    """A dearer content of an order that is paid already: it holds once the difference is paid.

    Until then the order claims both times: of `workers` as it would be, of `old_workers` as it is.
    """

    __tablename__ = "order_edit"
    constraints = (
        one_of("status", EditStatus),
        sa.CheckConstraint("difference_fen > 0", name="difference_positive"),
        sa.Index("ix_order_edit_status", "status", "expires_at"),
        sa.Index("ix_order_edit_order", "order_id", "id"),
        sa.Index(
            "uq_order_edit_open",
            "order_id",
            unique=True,
            sqlite_where=sa.text("status = 'pending'"),
            postgresql_where=sa.text("status = 'pending'"),
        ),
    )
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_order.id"))
    quote_id: Mapped[int] = mapped_column(sa.ForeignKey("quote.id"), unique=True)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    difference_fen: Mapped[int] = mapped_column(sa.BigInteger)
    workers: Mapped[list[int]] = mapped_column(Json)
    old_workers: Mapped[list[int]] = mapped_column(Json)
    status: Mapped[str] = mapped_column(sa.String(16), default=EditStatus.PENDING.value)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    order: Mapped[Order] = relationship()
    quote: Mapped[Quote] = relationship()


class AddOn(Created, Versioned, Keyed):
    """Work or time that is added at the door: proposed by the worker, agreed by the customer."""

    __tablename__ = "add_on"
    constraints = (
        one_of("status", AddOnStatus),
        one_of("kind", ("option", "time", "material", "other")),
        sa.CheckConstraint("amount_fen >= 0 AND minutes >= 0", name="not_negative"),
        sa.Index("ix_add_on_order", "order_id", "id"),
    )
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_order.id"))
    visit_id: Mapped[int] = mapped_column(sa.ForeignKey("visit.id"), index=True)
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    name: Mapped[str] = mapped_column(sa.String(80))
    quantity: Mapped[int] = mapped_column(default=1)
    minutes: Mapped[int] = mapped_column(default=0)
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    status: Mapped[str] = mapped_column(sa.String(16), default=AddOnStatus.PROPOSED.value)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    order: Mapped[Order] = relationship()
    visit: Mapped[Visit] = relationship()
    worker: Mapped[Worker] = relationship()


class LocationPing(Keyed):
    """Where a worker was on her way, GCJ-02. Kept for a month."""

    __tablename__ = "location_ping"
    audited = False
    constraints = (sa.Index("ix_location_ping_worker", "worker_id", "at"),)
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"))
    visit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("visit.id"), index=True)
    lat: Mapped[float]
    lng: Mapped[float]
    accuracy_m: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    worker: Mapped[Worker] = relationship()
    visit: Mapped[Visit | None] = relationship()


class VisitNote(Created, Keyed):
    """What a worker writes about a visit. Never changed."""

    __tablename__ = "visit_note"
    append_only = True
    constraints = (sa.Index("ix_visit_note_visit", "visit_id", "id"),)
    visit_id: Mapped[int] = mapped_column(sa.ForeignKey("visit.id"))
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"), index=True)
    text: Mapped[str] = mapped_column(sa.String(1000))

    visit: Mapped[Visit] = relationship()
    worker: Mapped[Worker] = relationship()


class ChecklistAnswer(Created, Versioned, Keyed):
    __tablename__ = "checklist_answer"
    constraints = (sa.UniqueConstraint("visit_id", "checklist_id", name="once"),)
    visit_id: Mapped[int] = mapped_column(sa.ForeignKey("visit.id"))
    checklist_id: Mapped[int] = mapped_column(sa.ForeignKey("checklist.id"), index=True)
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"), index=True)
    done: Mapped[bool]
    note: Mapped[str] = mapped_column(sa.String(200), default="")

    visit: Mapped[Visit] = relationship()
    checklist: Mapped[Checklist] = relationship()
    worker: Mapped[Worker] = relationship()
