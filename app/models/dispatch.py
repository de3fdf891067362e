"""Who was asked, who answered, and why it was them."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.states import AssignmentStatus, OfferStatus
from app.models.base import Created, Json, Keyed, UtcDateTime, Versioned, one_of
from app.models.orders import Order, Visit
from app.models.workers import Worker


class DispatchRun(Created, Keyed):
    """One search for workers for one order, with the weights it used."""

    __tablename__ = "dispatch_run"
    audited = False
    constraints = (
        sa.Index("ix_dispatch_run_order", "order_id", "id"),
        sa.Index("ix_dispatch_run_created_at", "created_at", "id"),
    )
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_order.id"))
    round: Mapped[int]
    outcome: Mapped[str] = mapped_column(sa.String(16))
    reason: Mapped[str] = mapped_column(sa.String(48), default="")
    weights: Mapped[dict[str, Any]] = mapped_column(Json)
    # How many workers broke each rule, also those that are not kept as candidates.
    broken_counts: Mapped[dict[str, int]] = mapped_column(Json, default=dict)

    order: Mapped[Order] = relationship()
    candidates: Mapped[list["Candidate"]] = relationship(
        back_populates="run", order_by="Candidate.rank"
    )


class Candidate(Keyed):
    """One worker in a run: the rules broken, or the terms that sum to the score (thousandths)."""

    __tablename__ = "candidate"
    audited = False
    constraints = (sa.UniqueConstraint("run_id", "worker_id", name="once"),)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("dispatch_run.id"))
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"), index=True)
    rank: Mapped[int]
    broken: Mapped[list[str]] = mapped_column(Json)
    terms: Mapped[dict[str, int]] = mapped_column(Json)
    score: Mapped[int | None]
    chosen: Mapped[bool] = mapped_column(default=False)

    run: Mapped[DispatchRun] = relationship(back_populates="candidates")
    worker: Mapped[Worker] = relationship()


class Offer(Created, Versioned, Keyed):
    """An order put before a worker until it expires. At most one is live per pair."""

    __tablename__ = "offer"
    constraints = (
        one_of("status", OfferStatus),
        one_of("mode", ("direct", "cascade", "broadcast")),
        sa.Index("ix_offer_worker", "worker_id", "status", "id"),
        sa.Index("ix_offer_order", "order_id", "status"),
        sa.Index("ix_offer_created_at", "created_at", "id"),
        sa.Index("ix_offer_status_expires", "status", "expires_at"),
        sa.Index(
            "uq_offer_one_live",
            "order_id",
            "worker_id",
            unique=True,
            sqlite_where=sa.text("status = 'live'"),
            postgresql_where=sa.text("status = 'live'"),
        ),
    )
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_order.id"))
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"))
    run_id: Mapped[int | None] = mapped_column(sa.ForeignKey("dispatch_run.id"), index=True)
    mode: Mapped[str] = mapped_column(sa.String(16), default="cascade")
    status: Mapped[str] = mapped_column(sa.String(16), default=OfferStatus.LIVE.value)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason_code: Mapped[str] = mapped_column(sa.String(32), default="")
    reason_text: Mapped[str] = mapped_column(sa.String(200), default="")

    order: Mapped[Order] = relationship()
    worker: Mapped[Worker] = relationship()


# Whose fault it was that somebody else has to come; nobody's.
FAULTS = ("", "worker", "customer", "company")


class Assignment(Created, Versioned, Keyed):
    """A worker's place in the crew of a visit."""

    __tablename__ = "assignment"
    constraints = (
        one_of("status", AssignmentStatus),
        one_of("role", ("lead", "member")),
        one_of("fault", FAULTS),
        sa.Index("ix_assignment_worker", "worker_id", "status"),
        sa.Index("ix_assignment_order", "order_id"),
        sa.Index("ix_assignment_visit", "visit_id"),
        sa.Index("ix_assignment_created_at", "created_at", "id"),
        sa.Index(
            "uq_assignment_place",
            "visit_id",
            "worker_id",
            unique=True,
            sqlite_where=sa.text("status <> 'ended'"),
            postgresql_where=sa.text("status <> 'ended'"),
        ),
        sa.Index(
            "uq_assignment_one_lead",
            "visit_id",
            unique=True,
            sqlite_where=sa.text("status <> 'ended' AND role = 'lead'"),
            postgresql_where=sa.text("status <> 'ended' AND role = 'lead'"),
        ),
    )
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_order.id"))
    visit_id: Mapped[int] = mapped_column(sa.ForeignKey("visit.id"))
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"))
    offer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("offer.id"), unique=True)
    role: Mapped[str] = mapped_column(sa.String(16), default="lead")
    status: Mapped[str] = mapped_column(sa.String(16), default=AssignmentStatus.PLANNED.value)
    ended_reason: Mapped[str] = mapped_column(sa.String(200), default="")
    fault: Mapped[str] = mapped_column(sa.String(16), default="", server_default="")

    order: Mapped[Order] = relationship()
    visit: Mapped[Visit] = relationship()
    worker: Mapped[Worker] = relationship()
