"""What a customer likes, and what he has agreed to."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Created, Keyed, UtcDateTime, Versioned, one_of
from app.models.catalog import Service
from app.models.customers import CustomerAccount
from app.models.workers import Worker


class Preference(Created, Versioned, Keyed):
    """How a customer wants to be served; one row each."""

    __tablename__ = "preference"
    constraints = (one_of("worker_gender", ("", "female", "male")),)
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_account.id"), unique=True)
    worker_gender: Mapped[str] = mapped_column(sa.String(8), default="")
    same_worker: Mapped[bool] = mapped_column(default=False)
    quiet: Mapped[bool] = mapped_column(default=False)
    payment_method: Mapped[str] = mapped_column(sa.String(16), default="")
    note: Mapped[str] = mapped_column(sa.String(300), default="")

    customer: Mapped[CustomerAccount] = relationship()


class Favourite(Created, Keyed):
    """A worker or a service that a customer wants to find again."""

    __tablename__ = "favourite"
    constraints = (
        sa.CheckConstraint("(worker_id IS NULL) <> (service_id IS NULL)", name="one_thing"),
        sa.UniqueConstraint("customer_id", "worker_id", name="worker_once"),
        sa.UniqueConstraint("customer_id", "service_id", name="service_once"),
    )
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_account.id"))
    worker_id: Mapped[int | None] = mapped_column(sa.ForeignKey("worker.id"), index=True)
    service_id: Mapped[int | None] = mapped_column(sa.ForeignKey("service.id"), index=True)

    customer: Mapped[CustomerAccount] = relationship()
    worker: Mapped[Worker | None] = relationship()
    service: Mapped[Service | None] = relationship()


class BlockedPair(Created, Keyed):
    """A customer and a worker who do not meet again, whoever of them asked for it."""

    __tablename__ = "blocked_pair"
    constraints = (
        one_of("asked_by", ("customer", "worker", "staff")),
        sa.UniqueConstraint("customer_id", "worker_id", name="once"),
    )
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_account.id"))
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"), index=True)
    asked_by: Mapped[str] = mapped_column(sa.String(16))
    reason: Mapped[str] = mapped_column(sa.String(200), default="")

    customer: Mapped[CustomerAccount] = relationship()
    worker: Mapped[Worker] = relationship()


class Consent(Keyed):
    """What somebody agreed to or took back, in which version of the text. Never changed."""

    __tablename__ = "consent"
    append_only = True
    constraints = (
        one_of("kind", ("terms", "privacy", "marketing", "position", "face")),
        sa.CheckConstraint("(customer_id IS NULL) <> (worker_id IS NULL)", name="one_person"),
        sa.Index("ix_consent_customer", "customer_id", "kind", "id"),
        sa.Index("ix_consent_worker", "worker_id", "kind", "id"),
    )
    customer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customer_account.id"))
    worker_id: Mapped[int | None] = mapped_column(sa.ForeignKey("worker.id"))
    kind: Mapped[str] = mapped_column(sa.String(16))
    text_version: Mapped[str] = mapped_column(sa.String(32))
    given: Mapped[bool]
    address: Mapped[str] = mapped_column(sa.String(64), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    customer: Mapped[CustomerAccount | None] = relationship()
    worker: Mapped[Worker | None] = relationship()
