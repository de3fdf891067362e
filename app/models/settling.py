"""What makes up a statement beside the orders, how it is paid, and what is closed for good."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.states import AdjustmentStatus, BatchStatus
from app.models.base import Created, Json, Keyed, UtcDateTime, Versioned, one_of
from app.models.money import Accrual, Statement
from app.models.orders import Order
from app.models.payments import PaymentAttempt, Refund
from app.models.system import Branch
from app.models.workers import Partner, Worker

ADJUSTMENT_KINDS = (
    "reward", "penalty", "compensation", "carry_over", "correction", "refund",
)  # fmt: skip


class RefundAllocation(Created, Keyed):
    """How a refund is spread over the payments of its order."""

    __tablename__ = "refund_allocation"
    constraints = (
        sa.CheckConstraint("amount_fen > 0", name="amount_positive"),
        sa.UniqueConstraint("refund_id", "attempt_id", name="once"),
    )
    refund_id: Mapped[int] = mapped_column(sa.ForeignKey("refund.id"))
    attempt_id: Mapped[int] = mapped_column(sa.ForeignKey("payment_attempt.id"), index=True)
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)

    refund: Mapped[Refund] = relationship()
    attempt: Mapped[PaymentAttempt] = relationship()


class AccrualReversal(Created, Keyed):
    """What a refund took back of an accrual, at the order's own rate. Never changed.

    A fen can go the other way, when the rest of the price splits differently.
    """

    __tablename__ = "accrual_reversal"
    append_only = True
    constraints = (
        sa.UniqueConstraint("refund_id", "accrual_id", name="once"),
        sa.CheckConstraint("worker_fen = base_fen - commission_fen", name="adds_up"),
    )
    refund_id: Mapped[int] = mapped_column(sa.ForeignKey("refund.id"))
    accrual_id: Mapped[int] = mapped_column(sa.ForeignKey("accrual.id"), index=True)
    base_fen: Mapped[int] = mapped_column(sa.BigInteger)
    commission_fen: Mapped[int] = mapped_column(sa.BigInteger)
    worker_fen: Mapped[int] = mapped_column(sa.BigInteger)

    refund: Mapped[Refund] = relationship()
    accrual: Mapped[Accrual] = relationship()


class Adjustment(Created, Versioned, Keyed):
    """Money for or from a worker or partner beside the orders, with a reason.

    `negative_fen`: how much of it waits on the account of what the worker owes, until a statement
    takes it from what was earned.
    """

    __tablename__ = "adjustment"
    constraints = (
        one_of("status", AdjustmentStatus),
        one_of("kind", ADJUSTMENT_KINDS),
        sa.CheckConstraint("amount_fen <> 0", name="not_zero"),
        sa.CheckConstraint("(worker_id IS NULL) <> (partner_id IS NULL)", name="one_payee"),
        sa.CheckConstraint("negative_fen >= 0", name="negative_not_negative"),
        sa.Index("ix_adjustment_worker", "worker_id", "id"),
        sa.Index("ix_adjustment_status", "status", "created_at"),
    )
    number: Mapped[str] = mapped_column(sa.String(24), unique=True)
    branch_id: Mapped[int] = mapped_column(sa.ForeignKey("branch.id"), index=True)
    worker_id: Mapped[int | None] = mapped_column(sa.ForeignKey("worker.id"))
    partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partner.id"), index=True)
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customer_order.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    reason: Mapped[str] = mapped_column(sa.String(200))
    status: Mapped[str] = mapped_column(sa.String(16), default=AdjustmentStatus.ASKED.value)
    negative_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ab_user.id"))
    statement_id: Mapped[int | None] = mapped_column(sa.ForeignKey("statement.id"), index=True)

    branch: Mapped[Branch] = relationship()
    worker: Mapped[Worker | None] = relationship()
    partner: Mapped[Partner | None] = relationship()
    order: Mapped[Order | None] = relationship()
    statement: Mapped[Statement | None] = relationship(backref="adjustments")

    def __str__(self) -> str:
        return self.number


class TaxBracket(Created, Versioned, Keyed):
    """A step of a withholding table: rate and quick deduction from an amount on."""

    __tablename__ = "tax_bracket"
    constraints = (
        sa.CheckConstraint("rate_bp BETWEEN 0 AND 10000", name="rate_in_range"),
        sa.CheckConstraint("from_fen >= 0 AND deduction_fen >= 0", name="not_negative"),
        sa.UniqueConstraint("table_code", "valid_from", "from_fen", name="once"),
    )
    table_code: Mapped[str] = mapped_column(sa.String(32))
    valid_from: Mapped[date]
    from_fen: Mapped[int] = mapped_column(sa.BigInteger)
    rate_bp: Mapped[int]
    deduction_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)


class TaxLine(Created, Keyed):
    """What was withheld of a statement, and from which table."""

    __tablename__ = "tax_line"
    constraints = (
        sa.CheckConstraint("base_fen >= 0 AND tax_fen >= 0", name="not_negative"),
        sa.CheckConstraint("tax_fen <= base_fen", name="within_base"),
    )
    statement_id: Mapped[int] = mapped_column(sa.ForeignKey("statement.id"), index=True)
    table_code: Mapped[str] = mapped_column(sa.String(32))
    base_fen: Mapped[int] = mapped_column(sa.BigInteger)
    rate_bp: Mapped[int]
    tax_fen: Mapped[int] = mapped_column(sa.BigInteger)

    statement: Mapped[Statement] = relationship()


class PayoutBatch(Created, Versioned, Keyed):
    """What agencies are owed, paid together by the bank: made, approved and confirmed by three.

    `content`: a line an agency, with its amount and the fingerprint of its account. A branch has
    one draft at a time, and an agency is in one batch that is not paid.
    """

    __tablename__ = "payout_batch"
    constraints = (
        one_of("status", BatchStatus),
        sa.CheckConstraint("total_fen >= 0", name="not_negative"),
        sa.CheckConstraint("paid_by_id IS NULL OR paid_by_id <> made_by_id", name="two_people"),
        sa.CheckConstraint(
            "approved_by_id IS NULL OR (approved_by_id <> made_by_id"
            " AND (paid_by_id IS NULL OR paid_by_id <> approved_by_id))",
            name="three_people",
        ),
        sa.Index(
            "uq_payout_batch_draft",
            "branch_id",
            unique=True,
            sqlite_where=sa.text("status = 'draft'"),
            postgresql_where=sa.text("status = 'draft'"),
        ),
    )
    number: Mapped[str] = mapped_column(sa.String(24), unique=True)
    branch_id: Mapped[int] = mapped_column(sa.ForeignKey("branch.id"), index=True)
    total_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    lines: Mapped[int] = mapped_column(default=0)
    content: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    status: Mapped[str] = mapped_column(sa.String(16), default=BatchStatus.DRAFT.value)
    made_by_id: Mapped[int] = mapped_column(sa.ForeignKey("ab_user.id"))
    paid_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ab_user.id"))
    approved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ab_user.id"))
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    bank_number: Mapped[str] = mapped_column(sa.String(64), default="")

    branch: Mapped[Branch] = relationship()

    def __str__(self) -> str:
        return self.number


class PeriodSeal(Keyed):
    """A month of the ledger that is closed, with its totals. Never changed.

    `hash` covers the seal before it, every journal booked in the period and its postings. From
    then on the database takes no journal of the period or of an earlier day, and no posting.
    """

    __tablename__ = "period_seal"
    append_only = True
    constraints = (
        sa.CheckConstraint("period_from <= period_to", name="days_in_order"),
        sa.CheckConstraint(
            "approved_by_id IS NULL OR approved_by_id <> sealed_by_id", name="two_people"
        ),
    )
    period_from: Mapped[date] = mapped_column(unique=True)
    period_to: Mapped[date] = mapped_column(unique=True)
    last_journal_id: Mapped[int] = mapped_column(sa.BigInteger)
    totals: Mapped[dict[str, Any]] = mapped_column(Json)
    hash: Mapped[str] = mapped_column(sa.String(64))
    sealed_by_id: Mapped[int] = mapped_column(sa.ForeignKey("ab_user.id"))
    approved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ab_user.id"))
    sealed_at: Mapped[datetime] = mapped_column(UtcDateTime)
