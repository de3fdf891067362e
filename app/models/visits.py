"""Proof that somebody was there, and what was done."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.states import ReviewStatus
from app.models.base import Created, Keyed, UtcDateTime, Versioned, one_of
from app.models.orders import Order, Visit
from app.models.workers import Worker


class CheckEvent(Keyed):
    """A departure, check-in or check-out, by the server's clock. Never changed."""

    __tablename__ = "check_event"
    audited = False
    append_only = True
    constraints = (
        one_of("kind", ("depart", "check_in", "check_out")),
        one_of("method", ("position", "code", "override")),
        sa.Index("ix_check_event_visit", "visit_id", "id"),
        sa.Index("ix_check_event_at", "at", "id"),
    )
    visit_id: Mapped[int] = mapped_column(sa.ForeignKey("visit.id"))
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    method: Mapped[str] = mapped_column(sa.String(16))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    device_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lat: Mapped[float | None]
    lng: Mapped[float | None]
    distance_m: Mapped[int | None]

    visit: Mapped[Visit] = relationship()
    worker: Mapped[Worker] = relationship()


class Attachment(Created, Keyed):
    """A file whose type was checked by its content. Read only through its order's access."""

    __tablename__ = "attachment"
    constraints = (
        one_of("kind", ("before", "after", "other")),
        sa.CheckConstraint("size_bytes > 0", name="not_empty"),
        sa.UniqueConstraint("order_id", "sha256", name="once"),
    )
    key: Mapped[str] = mapped_column(sa.String(40), unique=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_order.id"))
    visit_id: Mapped[int] = mapped_column(sa.ForeignKey("visit.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    mime: Mapped[str] = mapped_column(sa.String(64))
    size_bytes: Mapped[int]
    width: Mapped[int | None]
    height: Mapped[int | None]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    storage_key: Mapped[str] = mapped_column(sa.String(128))
    thumbnail_key: Mapped[str | None] = mapped_column(sa.String(128))
    uploaded_by_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"), index=True)

    order: Mapped[Order] = relationship()
    visit: Mapped[Visit] = relationship()


class Review(Created, Versioned, Keyed):
    """What the customer says of a completed order: once."""

    __tablename__ = "review"
    constraints = (
        sa.CheckConstraint(
            "quality BETWEEN 1 AND 5 AND attitude BETWEEN 1 AND 5 AND skill BETWEEN 1 AND 5",
            name="stars_in_range",
        ),
        one_of("status", ReviewStatus),
        sa.Index("ix_review_worker", "worker_id", "id"),
        sa.Index("ix_review_created_at", "created_at", "id"),
    )
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_order.id"), unique=True)
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_account.id"), index=True)
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"))
    quality: Mapped[int]
    attitude: Mapped[int]
    skill: Mapped[int]
    text: Mapped[str] = mapped_column(sa.String(1000), default="")
    status: Mapped[str] = mapped_column(sa.String(16), default=ReviewStatus.PUBLISHED.value)

    order: Mapped[Order] = relationship()
    worker: Mapped[Worker] = relationship()
