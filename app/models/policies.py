"""How dispatch is tuned, and what dispatchers did on the board."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Created, Json, Keyed, UtcDateTime, Versioned, one_of
from app.models.orders import Order
from app.models.system import Branch


class DispatchPolicy(Created, Versioned, Keyed):
    """Mode and weights of a branch, in revisions; a run keeps the revision that it used."""

    __tablename__ = "dispatch_policy"
    constraints = (
        one_of("mode", ("direct", "cascade", "broadcast")),
        sa.UniqueConstraint("branch_id", "revision", name="once"),
        sa.Index(
            "uq_dispatch_policy_active",
            "branch_id",
            unique=True,
            sqlite_where=sa.text("active"),
            postgresql_where=sa.text("active"),
        ),
        sa.CheckConstraint("rounds BETWEEN 1 AND 20 AND batch BETWEEN 1 AND 20", name="in_range"),
    )
    branch_id: Mapped[int] = mapped_column(sa.ForeignKey("branch.id"))
    revision: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(64))
    mode: Mapped[str] = mapped_column(sa.String(16), default="cascade")
    rounds: Mapped[int] = mapped_column(default=4)
    batch: Mapped[int] = mapped_column(default=3)
    weights: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    active: Mapped[bool] = mapped_column(default=False)

    branch: Mapped[Branch] = relationship()

    def __str__(self) -> str:
        return f"{self.name} v{self.revision}"


class BoardAction(Created, Keyed):
    """One drag on the board with what is needed to take it back."""

    __tablename__ = "board_action"
    constraints = (sa.Index("ix_board_action_staff", "staff_id", "id"),)
    branch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("branch.id"), index=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("ab_user.id"))
    kind: Mapped[str] = mapped_column(sa.String(32))
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customer_order.id"), index=True)
    before: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    branch: Mapped[Branch | None] = relationship()
    order: Mapped[Order | None] = relationship()
