"""Every fen: the double-entry ledger, settlement, withdrawals."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.states import (
    RunStatus,
    StatementStatus,
    WithdrawalStatus,
)
from app.models.base import BigId, Created, Json, Keyed, UtcDateTime, Versioned, one_of
from app.models.workers import Partner, PayoutAccount, Worker

if TYPE_CHECKING:
    from app.models.orders import Order


class CommissionRule(Versioned, Keyed):
    """The platform's share, in basis points of the settlement base. Frozen on each order."""

    __tablename__ = "commission_rule"
    constraints = (
        sa.CheckConstraint("rate_bp BETWEEN 0 AND 10000", name="rate_in_range"),
        sa.UniqueConstraint("code", "revision", name="once"),
    )
    code: Mapped[str] = mapped_column(sa.String(32))
    revision: Mapped[int] = mapped_column(default=1)
    name: Mapped[str] = mapped_column(sa.String(64))
    rate_bp: Mapped[int]
    valid_from: Mapped[date] = mapped_column(index=True)
    active: Mapped[bool] = mapped_column(default=True)

    def __str__(self) -> str:
        return f"{self.name} v{self.revision}"


class LedgerAccount(Keyed):
    """An account of the ledger, or one person's sub-account of it.

    `balance_fen` is in the account's own direction (positive is normal), the cached sum of its
    postings, and the database refuses to let it fall below `minimum_fen`.
    """

    __tablename__ = "ledger_account"
    audited = False
    constraints = (
        sa.UniqueConstraint("code", "owner_kind", "owner_id", name="once"),
        one_of("normal", ("debit", "credit")),
        sa.CheckConstraint("minimum_fen IS NULL OR balance_fen >= minimum_fen", name="minimum"),
    )
    code: Mapped[str] = mapped_column(sa.String(32))
    owner_kind: Mapped[str] = mapped_column(sa.String(16), default="")
    owner_id: Mapped[int] = mapped_column(BigId, default=0)
    normal: Mapped[str] = mapped_column(sa.String(8))
    balance_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    minimum_fen: Mapped[int | None] = mapped_column(sa.BigInteger)

    worker: Mapped[Worker | None] = relationship(
        primaryjoin="and_(LedgerAccount.owner_kind == 'worker', "
        "foreign(LedgerAccount.owner_id) == Worker.id)",
        viewonly=True,
    )
    partner: Mapped[Partner | None] = relationship(
        primaryjoin="and_(LedgerAccount.owner_kind == 'partner', "
        "foreign(LedgerAccount.owner_id) == Partner.id)",
        viewonly=True,
    )

    @property
    def owner(self) -> str:
        """Whose it is; empty: the company's."""
        return str(self.worker or self.partner or "")


class Journal(Keyed):
    """One balanced entry, for one business fact: its key is unique. Never changed."""

    __tablename__ = "journal"
    audited = False
    append_only = True
    constraints = (
        sa.Index("ix_journal_posted_on", "posted_on", "id"),
        sa.Index("ix_journal_posted_at", "posted_at", "id"),
        sa.Index("ix_journal_source", "source_kind", "source_id"),
        sa.Index("ix_journal_order", "order_id"),
        sa.Index("ix_journal_kind", "kind", "posted_on", "id"),
    )
    key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    payload_hash: Mapped[str] = mapped_column(sa.String(64))
    kind: Mapped[str] = mapped_column(sa.String(32))
    source_kind: Mapped[str] = mapped_column(sa.String(32))
    source_id: Mapped[int] = mapped_column(BigId)
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customer_order.id"))
    reverses_id: Mapped[int | None] = mapped_column(sa.ForeignKey("journal.id"), unique=True)
    posted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    posted_on: Mapped[date]
    actor_kind: Mapped[str] = mapped_column(sa.String(16))
    actor_id: Mapped[int | None] = mapped_column(BigId)

    postings: Mapped[list["Posting"]] = relationship(
        back_populates="journal", order_by="Posting.id"
    )
    order: Mapped["Order | None"] = relationship(viewonly=True)

    @property
    def amount_fen(self) -> int:
        """What it moves: the sum of its debits."""
        return sum(max(posting.amount_fen, 0) for posting in self.postings)

    def __str__(self) -> str:
        return self.key


class Posting(Keyed):
    """One side of a journal: debit positive, credit negative, in fen. Never changed."""

    __tablename__ = "posting"
    audited = False
    append_only = True
    constraints = (
        sa.CheckConstraint("amount_fen <> 0", name="not_zero"),
        sa.Index("ix_posting_journal", "journal_id"),
        sa.Index("ix_posting_account", "account_id", "id"),
        sa.Index("ix_posting_order", "order_id", "account_id"),
    )
    journal_id: Mapped[int] = mapped_column(sa.ForeignKey("journal.id"))
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("ledger_account.id"))
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customer_order.id"))
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)

    journal: Mapped[Journal] = relationship(back_populates="postings")
    account: Mapped[LedgerAccount] = relationship()


class SettlementRun(Created, Versioned, Keyed):
    """What workers earned in a period: made by one person, approved by another."""

    __tablename__ = "settlement_run"
    constraints = (
        one_of("status", RunStatus),
        sa.CheckConstraint("period_from <= period_to", name="in_order"),
        sa.CheckConstraint(
            "approved_by_id IS NULL OR approved_by_id <> made_by_id", name="two_people"
        ),
        sa.Index(
            "uq_settlement_run_period",
            "branch_id",
            "period_from",
            "period_to",
            unique=True,
            sqlite_where=sa.text("status <> 'cancelled'"),
            postgresql_where=sa.text("status <> 'cancelled'"),
        ),
    )
    number: Mapped[str] = mapped_column(sa.String(24), unique=True)
    branch_id: Mapped[int] = mapped_column(sa.ForeignKey("branch.id"), index=True)
    period_from: Mapped[date]
    period_to: Mapped[date]
    status: Mapped[str] = mapped_column(sa.String(16), default=RunStatus.DRAFT.value)
    base_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    commission_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    payable_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    made_by_id: Mapped[int] = mapped_column(sa.ForeignKey("ab_user.id"))
    approved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ab_user.id"))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    statements: Mapped[list["Statement"]] = relationship(
        back_populates="run", order_by="Statement.id"
    )

    def __str__(self) -> str:
        return self.number


class Statement(Created, Versioned, Keyed):
    """One worker's part of a settlement run (结算单).

    `adjustment_fen`: rewards, penalties and what refunds took back. `carried_fen`: what they exceed
    the earnings by, which the next statement has to bear.
    """

    __tablename__ = "statement"
    constraints = (
        one_of("status", StatementStatus),
        sa.UniqueConstraint("run_id", "worker_id", name="once"),
        sa.CheckConstraint(
            "payable_fen = base_fen - commission_fen + adjustment_fen + carried_fen",
            name="adds_up",
        ),
        sa.CheckConstraint("carried_fen >= 0", name="carried_not_negative"),
        sa.Index("ix_statement_worker", "worker_id", "id"),
        sa.Index("ix_statement_created_at", "created_at", "id"),
    )
    number: Mapped[str] = mapped_column(sa.String(24), unique=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("settlement_run.id"))
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"))
    status: Mapped[str] = mapped_column(sa.String(16), default=StatementStatus.DRAFT.value)
    base_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    commission_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    adjustment_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    carried_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    payable_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dispute_text: Mapped[str] = mapped_column(sa.String(300), default="")

    run: Mapped[SettlementRun] = relationship(back_populates="statements")
    worker: Mapped[Worker] = relationship()
    lines: Mapped[list["StatementLine"]] = relationship(
        back_populates="statement", order_by="StatementLine.id"
    )

    def __str__(self) -> str:
        return self.number


class Accrual(Created, Keyed):
    """What one worker earned with one order, at the order's own frozen rule.

    It is held for some days after completion and then settled once: `line` is unique.
    """

    __tablename__ = "accrual"
    constraints = (
        sa.UniqueConstraint("order_id", "worker_id", name="once"),
        sa.CheckConstraint("worker_fen = base_fen - commission_fen", name="adds_up"),
        sa.Index("ix_accrual_release_on", "release_on", "worker_id"),
    )
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_order.id"))
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"), index=True)
    earned_on: Mapped[date]
    release_on: Mapped[date]
    base_fen: Mapped[int] = mapped_column(sa.BigInteger)
    commission_bp: Mapped[int]
    commission_fen: Mapped[int] = mapped_column(sa.BigInteger)
    worker_fen: Mapped[int] = mapped_column(sa.BigInteger)

    order: Mapped["Order"] = relationship()
    worker: Mapped[Worker] = relationship()


class StatementLine(Keyed):
    """One accrual in a statement. The unique key keeps an order from being settled twice."""

    __tablename__ = "statement_line"
    constraints = (sa.CheckConstraint("worker_fen = base_fen - commission_fen", name="adds_up"),)
    statement_id: Mapped[int] = mapped_column(
        sa.ForeignKey("statement.id", ondelete="CASCADE"), index=True
    )
    accrual_id: Mapped[int] = mapped_column(sa.ForeignKey("accrual.id"), unique=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_order.id"), index=True)
    base_fen: Mapped[int] = mapped_column(sa.BigInteger)
    commission_bp: Mapped[int]
    commission_fen: Mapped[int] = mapped_column(sa.BigInteger)
    worker_fen: Mapped[int] = mapped_column(sa.BigInteger)

    statement: Mapped[Statement] = relationship(back_populates="lines")
    accrual: Mapped[Accrual] = relationship()
    order: Mapped["Order"] = relationship()


class Withdrawal(Created, Versioned, Keyed):
    """A worker's available money on its way out. Reviewed by one person, sent by another.

    `client_params` open the confirmation in the worker's client while it waits for him.
    """

    __tablename__ = "withdrawal"
    constraints = (
        one_of("status", WithdrawalStatus),
        one_of("channel", ("wechat", "alipay", "bank")),
        sa.CheckConstraint("amount_fen > 0", name="amount_positive"),
        sa.CheckConstraint(
            "sent_by_id IS NULL OR reviewed_by_id IS NULL OR sent_by_id <> reviewed_by_id",
            name="two_people",
        ),
        sa.Index("ix_withdrawal_worker", "worker_id", "id"),
        sa.Index("ix_withdrawal_status", "status", "created_at"),
        sa.Index("ix_withdrawal_created_at", "created_at", "id"),
    )
    number: Mapped[str] = mapped_column(sa.String(32), unique=True)
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"))
    payout_account_id: Mapped[int] = mapped_column(sa.ForeignKey("payout_account.id"), index=True)
    channel: Mapped[str] = mapped_column(sa.String(16))
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    status: Mapped[str] = mapped_column(sa.String(24), default=WithdrawalStatus.APPLIED.value)
    applied_on: Mapped[date]
    reviewed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ab_user.id"))
    sent_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ab_user.id"))
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    channel_bill_no: Mapped[str] = mapped_column(sa.String(64), default="")
    client_params: Mapped[dict[str, Any] | None] = mapped_column(Json)
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failure: Mapped[str] = mapped_column(sa.String(200), default="")
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    worker: Mapped[Worker] = relationship()
    payout_account: Mapped[PayoutAccount] = relationship()

    def __str__(self) -> str:
        return self.number
