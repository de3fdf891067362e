"""When workers work, and what takes their time."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.states import HoldStatus, LeaveStatus
from app.models.base import BigId, Created, Json, Keyed, UtcDateTime, Versioned, one_of
from app.models.catalog import Area
from app.models.customers import Address, CustomerAccount
from app.models.workers import Worker


class Shift(Versioned, Keyed):
    """Hours in which a worker can be sent, on one day of the city.

    `breaks` are pairs of minutes after that day's midnight, counted on past the next one; they
    claim their time like all else that takes it.
    """

    __tablename__ = "shift"
    constraints = (
        sa.CheckConstraint("starts_at < ends_at", name="in_order"),
        sa.UniqueConstraint("worker_id", "starts_at", name="once"),
        sa.Index("ix_shift_on", "service_on", "worker_id"),
        sa.Index("ix_shift_worker_time", "worker_id", "starts_at", "ends_at"),
        sa.Index("ix_shift_starts_at", "starts_at", "id"),
    )
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"))
    service_on: Mapped[date]
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    breaks: Mapped[list[Any]] = mapped_column(Json, default=list, server_default="[]")

    worker: Mapped[Worker] = relationship()

    @property
    def owner(self) -> str:
        """The name under which its breaks claim the worker's time."""
        return f"shift:{self.id}"


class Leave(Created, Versioned, Keyed):
    __tablename__ = "leave"
    constraints = (
        one_of("status", LeaveStatus),
        sa.CheckConstraint("starts_at < ends_at", name="in_order"),
        sa.Index("ix_leave_worker_time", "worker_id", "starts_at"),
        sa.Index("ix_leave_status", "status", "starts_at"),
        sa.Index("ix_leave_starts_at", "starts_at", "id"),
    )
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    status: Mapped[str] = mapped_column(sa.String(16), default=LeaveStatus.ASKED.value)

    worker: Mapped[Worker] = relationship()


class BlockedTime(Created, Versioned, Keyed):
    """Time in which a worker is on duty and cannot be sent: training, a meeting."""

    __tablename__ = "blocked_time"
    constraints = (
        one_of("kind", ("training", "meeting", "other")),
        sa.CheckConstraint("starts_at < ends_at", name="in_order"),
        sa.Index("ix_blocked_time_worker", "worker_id", "starts_at"),
        sa.Index("ix_blocked_time_starts_at", "starts_at", "id"),
    )
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"))
    kind: Mapped[str] = mapped_column(sa.String(16), default="other")
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(sa.String(200), default="")

    worker: Mapped[Worker] = relationship()

    @property
    def owner(self) -> str:
        return f"blocked:{self.id}"


class WorkerBusy(Keyed):
    """A worker's time that is taken: [start_at, end_at) with buffers, by one owner.

    The database refuses an overlap of different owners (app.models.guards); one owner's rows
    may overlap, so that an order can hold its old and its new time while it is being moved.
    What travel needs stands beside: the visit itself and where it is.
    """

    __tablename__ = "worker_busy"
    audited = False
    constraints = (
        one_of("kind", ("hold", "visit", "leave", "blocked")),
        sa.CheckConstraint("start_at < end_at", name="in_order"),
        sa.CheckConstraint(
            "start_at <= visit_start_at AND visit_start_at < visit_end_at "
            "AND visit_end_at <= end_at",
            name="visit_inside",
        ),
        sa.Index("ix_worker_busy_worker_time", "worker_id", "start_at", "end_at"),
        sa.Index("ix_worker_busy_owner", "owner"),
        sa.Index("ix_worker_busy_start_at", "start_at", "id"),
    )
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"))
    kind: Mapped[str] = mapped_column(sa.String(16))
    owner: Mapped[str] = mapped_column(sa.String(48))
    start_at: Mapped[datetime] = mapped_column(UtcDateTime)
    end_at: Mapped[datetime] = mapped_column(UtcDateTime)
    visit_start_at: Mapped[datetime] = mapped_column(UtcDateTime)
    visit_end_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lat: Mapped[float | None]
    lng: Mapped[float | None]

    worker: Mapped[Worker] = relationship()


class RosterStamp(Keyed):
    """A number that is another one after each change of a worker's shifts and claims.

    The stamps of a worker are added up (XOR): the database writes and joins them (guards.py), so
    that who has her calendar in memory knows whether it still holds. PostgreSQL only.
    """

    __tablename__ = "roster_stamp"
    audited = False
    constraints = (sa.Index("ix_roster_stamp_worker", "worker_id"),)
    # No reference: its check would wait for whoever has locked the worker.
    worker_id: Mapped[int] = mapped_column(BigId)
    stamp: Mapped[int] = mapped_column(sa.BigInteger)


class Quote(Created, Keyed):
    """A price and duration, line by line, that stands until it expires."""

    __tablename__ = "quote"
    audited = False
    constraints = (sa.Index("ix_quote_created_at", "created_at"),)
    number: Mapped[str] = mapped_column(sa.String(24), unique=True)
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_account.id"), index=True)
    address_id: Mapped[int] = mapped_column(sa.ForeignKey("address.id"), index=True)
    area_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    request: Mapped[dict[str, Any]] = mapped_column(Json)
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    hash: Mapped[str] = mapped_column(sa.String(64))
    total_fen: Mapped[int] = mapped_column(sa.BigInteger)
    minutes: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)

    address: Mapped[Address] = relationship()
    area: Mapped[Area] = relationship()


class SlotHold(Created, Versioned, Keyed):
    """A time that is kept for a customer while he orders. Its claim ends with it.

    `service_key` names the services: a customer keeps one time for the same. `instant`: for now.
    """

    __tablename__ = "slot_hold"
    constraints = (
        one_of("status", HoldStatus),
        sa.CheckConstraint("starts_at < ends_at", name="in_order"),
        sa.Index("ix_slot_hold_status", "status", "expires_at"),
        sa.Index("ix_slot_hold_starts_at", "starts_at", "id"),
        sa.Index("ix_slot_hold_customer", "customer_id", "created_at"),
        sa.Index(
            "uq_slot_hold_one_live",
            "customer_id",
            "service_key",
            unique=True,
            sqlite_where=sa.text("status = 'live'"),
            postgresql_where=sa.text("status = 'live'"),
        ),
    )
    number: Mapped[str] = mapped_column(sa.String(24), unique=True)
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_account.id"))
    quote_id: Mapped[int] = mapped_column(sa.ForeignKey("quote.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    service_on: Mapped[date]
    wished_worker_id: Mapped[int | None] = mapped_column(BigId)
    service_key: Mapped[str] = mapped_column(sa.String(120), default="", server_default="")
    instant: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    status: Mapped[str] = mapped_column(sa.String(16), default=HoldStatus.LIVE.value)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)

    quote: Mapped[Quote] = relationship()
    customer: Mapped[CustomerAccount] = relationship()

    @property
    def owner(self) -> str:
        return f"hold:{self.id}"
