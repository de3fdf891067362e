"""Payments of orders, what channels said of them, and what goes back."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.states import PaymentStatus, RefundStatus
from app.models.base import Created, Json, Keyed, UtcDateTime, Versioned, one_of
from app.models.workers import Worker

if TYPE_CHECKING:
    from app.models.orders import Order

CHANNELS = ("wechat", "alipay", "bank", "cash")
REFUND_KINDS = ("surplus", "refund", "compensation", "goodwill", "set_off", "waiver")


class PaymentAttempt(Created, Versioned, Keyed):
    """One try to pay an order through one channel.

    `refund_fen` is what was decided to be given back of it, arrived or not: no two decisions
    together exceed the payment. `asked_at`: when the channel was last asked what became of it.
    Cash: `worker_id` took it, and finance says who saw it arrive (`handed_in_by_id`).
    """

    __tablename__ = "payment_attempt"
    constraints = (
        one_of("status", PaymentStatus),
        one_of("channel", CHANNELS),
        sa.CheckConstraint("amount_fen > 0", name="amount_positive"),
        sa.CheckConstraint("refund_fen BETWEEN 0 AND amount_fen", name="refunds_within_amount"),
        sa.UniqueConstraint("channel", "transaction_id", name="once_per_channel"),
        sa.CheckConstraint(
            "handed_in_at IS NULL OR (handed_in_by_id IS NOT NULL AND worker_id IS NOT NULL)",
            name="handed_in_by_somebody",
        ),
        sa.Index("ix_payment_attempt_order", "order_id", "id"),
        sa.Index("ix_payment_attempt_status", "status", "created_at"),
        sa.Index("ix_payment_attempt_created_at", "created_at", "id"),
        sa.Index("ix_payment_attempt_paid_at", "paid_at"),
    )
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_order.id"))
    out_trade_no: Mapped[str] = mapped_column(sa.String(32), unique=True)
    channel: Mapped[str] = mapped_column(sa.String(16))
    method: Mapped[str] = mapped_column(sa.String(16))
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    status: Mapped[str] = mapped_column(sa.String(16), default=PaymentStatus.CREATED.value)
    client_params: Mapped[dict[str, Any] | None] = mapped_column(Json)
    transaction_id: Mapped[str | None] = mapped_column(sa.String(64))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refund_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    worker_id: Mapped[int | None] = mapped_column(sa.ForeignKey("worker.id"), index=True)
    handed_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handed_in_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ab_user.id"))

    order: Mapped["Order"] = relationship()
    worker: Mapped[Worker | None] = relationship()

    def __str__(self) -> str:
        return self.out_trade_no


class PaymentVoucher(Created, Keyed):
    """A picture that a customer sent of a bank transfer. It proves nothing: finance looks."""

    __tablename__ = "payment_voucher"
    constraints = (
        sa.CheckConstraint("size_bytes > 0", name="not_empty"),
        sa.UniqueConstraint("attempt_id", "sha256", name="once"),
    )
    key: Mapped[str] = mapped_column(sa.String(40), unique=True)
    attempt_id: Mapped[int] = mapped_column(sa.ForeignKey("payment_attempt.id"))
    mime: Mapped[str] = mapped_column(sa.String(64))
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    storage_key: Mapped[str] = mapped_column(sa.String(128))
    thumbnail_key: Mapped[str] = mapped_column(sa.String(128))

    attempt: Mapped[PaymentAttempt] = relationship()


class PaymentNotice(Keyed):
    """What a channel sent, raw, stored before anything is done with it."""

    __tablename__ = "payment_notice"
    audited = False
    constraints = (
        sa.UniqueConstraint("channel", "notice_id", name="once"),
        sa.Index("ix_payment_notice_received_at", "received_at"),
    )
    channel: Mapped[str] = mapped_column(sa.String(16))
    notice_id: Mapped[str | None] = mapped_column(sa.String(64))
    headers: Mapped[dict[str, str]] = mapped_column(Json)
    body: Mapped[str] = mapped_column(sa.Text)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    out_trade_no: Mapped[str] = mapped_column(sa.String(32), default="", index=True)
    outcome: Mapped[str] = mapped_column(sa.String(32), default="received")


class Refund(Created, Versioned, Keyed):
    """Money on its way to a customer, from one payment.

    What is asked for may need several payments: those refunds share `request_number` and are
    decided together. `kind`: a surplus that the order never needed; a refund, which makes it
    cheaper; a compensation, which the company bears; a goodwill, which goes beyond what was paid,
    comes from no payment and is paid by hand; a compensation that is set off against what the order
    owes, or a charge of finished work that is dropped: no money moves with these.
    `way`: how a person settled it.
    `folded_fen`: what a compensation lost again, because the price fell below it.
    """

    __tablename__ = "refund"
    constraints = (
        one_of("status", RefundStatus),
        one_of("kind", REFUND_KINDS),
        one_of("way", ("", *CHANNELS)),
        sa.CheckConstraint(
            "confirmed_by_id IS NULL OR confirmed_by_id <> taken_by_id", name="two_people"
        ),
        sa.Index("ix_refund_request", "request_number"),
        sa.CheckConstraint("amount_fen > 0", name="amount_positive"),
        sa.CheckConstraint(
            "(kind IN ('goodwill', 'set_off', 'waiver')) = (attempt_id IS NULL)",
            name="of_a_payment",
        ),
        sa.CheckConstraint(
            "folded_fen = 0"
            " OR (kind IN ('compensation', 'set_off') AND folded_fen BETWEEN 0 AND amount_fen)",
            name="folded_within_amount",
        ),
        sa.Index("ix_refund_order", "order_id", "id"),
        sa.Index("ix_refund_status", "status", "created_at"),
        sa.Index("ix_refund_created_at", "created_at", "id"),
    )
    number: Mapped[str] = mapped_column(sa.String(32), unique=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_order.id"))
    attempt_id: Mapped[int | None] = mapped_column(sa.ForeignKey("payment_attempt.id"), index=True)
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    folded_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    status: Mapped[str] = mapped_column(sa.String(16), default=RefundStatus.REQUESTED.value)
    reason: Mapped[str] = mapped_column(sa.String(200))
    channel_refund_id: Mapped[str] = mapped_column(sa.String(64), default="")
    failure: Mapped[str] = mapped_column(sa.String(200), default="")
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    succeeded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(sa.String(16), default="surplus", server_default="surplus")
    request_number: Mapped[str] = mapped_column(sa.String(32), default="", server_default="")
    asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ab_user.id"))
    way: Mapped[str] = mapped_column(sa.String(16), default="", server_default="")
    way_reason: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    way_reference: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")
    taken_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ab_user.id"))
    confirmed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ab_user.id"))

    order: Mapped["Order"] = relationship()
    attempt: Mapped[PaymentAttempt | None] = relationship()

    @property
    def payment(self) -> PaymentAttempt:
        """What it comes from. Raises LookupError for a goodwill and for what was set off."""
        if self.attempt is None:
            raise LookupError(self.number)
        return self.attempt

    def __str__(self) -> str:
        return self.number
