"""What people write into the ledger themselves, and the proofs that it is whole."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.states import ManualStatus
from app.models.base import Created, Json, Keyed, UtcDateTime, Versioned, one_of
from app.models.money import Journal


class ManualJournal(Created, Versioned, Keyed):
    """A journal that one person enters and another approves; also one that reverses another.

    `lines`: account, owner, order and signed fen, exactly as they are posted. `booked_on` is the
    day that the journal belongs to; a document may lie beside it.
    """

    __tablename__ = "manual_journal"
    constraints = (
        one_of("status", ManualStatus),
        sa.CheckConstraint("total_fen > 0", name="total_positive"),
        sa.CheckConstraint(
            "approved_by_id IS NULL OR approved_by_id <> asked_by_id", name="two_people"
        ),
        sa.CheckConstraint("(status = 'posted') = (journal_id IS NOT NULL)", name="posted_has_one"),
        sa.Index("ix_manual_journal_status", "status", "created_at"),
        sa.Index("ix_manual_journal_created_at", "created_at", "id"),
        # One living reversal of a journal.
        sa.Index(
            "uq_manual_journal_reverses",
            "reverses_id",
            unique=True,
            sqlite_where=sa.text("status <> 'refused'"),
            postgresql_where=sa.text("status <> 'refused'"),
        ),
    )
    number: Mapped[str] = mapped_column(sa.String(24), unique=True)
    reason: Mapped[str] = mapped_column(sa.String(200))
    booked_on: Mapped[date]
    lines: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    total_fen: Mapped[int] = mapped_column(sa.BigInteger)
    status: Mapped[str] = mapped_column(sa.String(16), default=ManualStatus.ASKED.value)
    reverses_id: Mapped[int | None] = mapped_column(sa.ForeignKey("journal.id"), index=True)
    journal_id: Mapped[int | None] = mapped_column(sa.ForeignKey("journal.id"), unique=True)
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("ab_user.id"))
    approved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ab_user.id"))
    storage_key: Mapped[str] = mapped_column(sa.String(128), default="")
    mime: Mapped[str] = mapped_column(sa.String(64), default="")
    sha256: Mapped[str] = mapped_column(sa.String(64), default="")

    reverses: Mapped[Journal | None] = relationship(foreign_keys=[reverses_id])
    journal: Mapped[Journal | None] = relationship(foreign_keys=[journal_id])

    def __str__(self) -> str:
        return self.number


class LedgerProof(Keyed):
    """One run of the nine invariants over the whole ledger, with its figures. Never changed.

    `asked_by_id` is empty when a job ran it. `results` are as app.services.system.invariants
    made them.
    """

    __tablename__ = "ledger_proof"
    append_only = True
    constraints = (sa.Index("ix_ledger_proof_finished_at", "finished_at", "id"),)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime] = mapped_column(UtcDateTime)
    whole: Mapped[bool]
    results: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ab_user.id"))
