"""What the channels say of our money, and where they and we differ."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.states import DifferenceStatus, ReconciliationStatus
from app.models.base import BigId, Created, Keyed, UtcDateTime, Versioned, one_of


class ChannelBill(Created, Keyed):
    """One day's bill file of a channel, as it was fetched."""

    __tablename__ = "channel_bill"
    constraints = (
        one_of("kind", ("trade", "fund_flow")),
        sa.UniqueConstraint("channel", "kind", "bill_on", name="once"),
    )
    channel: Mapped[str] = mapped_column(sa.String(16))
    kind: Mapped[str] = mapped_column(sa.String(16))
    bill_on: Mapped[date]
    storage_key: Mapped[str] = mapped_column(sa.String(128))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    lines: Mapped[int] = mapped_column(default=0)
    in_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    out_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    fee_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)

    def __str__(self) -> str:
        return f"{self.channel} {self.bill_on}"


class BillItem(Keyed):
    __tablename__ = "bill_item"
    audited = False
    constraints = (
        one_of("kind", ("payment", "refund", "transfer", "fee", "other")),
        sa.Index("ix_bill_item_bill", "bill_id", "id"),
        sa.Index("ix_bill_item_reference", "reference"),
    )
    bill_id: Mapped[int] = mapped_column(sa.ForeignKey("channel_bill.id"))
    kind: Mapped[str] = mapped_column(sa.String(16))
    reference: Mapped[str] = mapped_column(sa.String(64))
    channel_reference: Mapped[str] = mapped_column(sa.String(64), default="")
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    fee_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    bill: Mapped[ChannelBill] = relationship()


class ReconciliationRun(Created, Versioned, Keyed):
    __tablename__ = "reconciliation_run"
    constraints = (
        one_of("status", ReconciliationStatus),
        sa.UniqueConstraint("channel", "bill_on", name="once"),
    )
    channel: Mapped[str] = mapped_column(sa.String(16))
    bill_on: Mapped[date]
    status: Mapped[str] = mapped_column(sa.String(16), default=ReconciliationStatus.OPEN.value)
    matched: Mapped[int] = mapped_column(default=0)
    differences: Mapped[int] = mapped_column(default=0)
    ours_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    theirs_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)

    def __str__(self) -> str:
        return f"{self.channel} {self.bill_on}"


class Difference(Created, Versioned, Keyed):
    """What is on one side only, or not the same on both; its disposition posts to the ledger."""

    __tablename__ = "difference"
    constraints = (
        one_of("status", DifferenceStatus),
        one_of("kind", ("only_ours", "only_theirs", "amount", "fee", "status")),
        sa.Index("ix_difference_run", "run_id", "id"),
        sa.Index("ix_difference_status", "status", "created_at"),
    )
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("reconciliation_run.id"))
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("bill_item.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    reference: Mapped[str] = mapped_column(sa.String(64))
    ours_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    theirs_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    status: Mapped[str] = mapped_column(sa.String(16), default=DifferenceStatus.OPEN.value)
    disposition: Mapped[str] = mapped_column(sa.String(32), default="")
    note: Mapped[str] = mapped_column(sa.String(300), default="")
    journal_id: Mapped[int | None] = mapped_column(BigId)

    run: Mapped[ReconciliationRun] = relationship()
    item: Mapped[BillItem | None] = relationship()
