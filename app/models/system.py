"""What every company needs around its business: branches, rules, approvals, timers, traces."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import Role, assoc_user_role
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from app.domain.states import ApprovalStatus
from app.models.base import (
    BigId,
    Created,
    Json,
    Keyed,
    NullableJson,
    UtcDateTime,
    Versioned,
    one_of,
)

if TYPE_CHECKING:
    from app.models.workers import Partner

ACTOR_KINDS = ("staff", "customer", "worker", "system")


class Installation(Keyed):
    """One row: what was fixed when the company was set up, and the demo's clock."""

    __tablename__ = "installation"
    constraints = (sa.CheckConstraint("id = 1", name="single"),)

    city_timezone: Mapped[str] = mapped_column(sa.String(64))
    clock_offset_seconds: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    demo_seeded_on: Mapped[date | None]


class Branch(Versioned, Keyed):
    """A city or shop of the company; the scope of staff, orders and workers."""

    __tablename__ = "branch"
    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    name: Mapped[str] = mapped_column(sa.String(64))
    city_code: Mapped[str] = mapped_column(sa.String(6))

    def __str__(self) -> str:
        return self.name


class StaffProfile(Versioned, Keyed):
    """What the product knows of a FAB user. Without a branch: sees all branches.

    With a partner: sees that agency's workers and their work, whatever the branch.
    """

    __tablename__ = "staff_profile"
    user_id: Mapped[int] = mapped_column(
        sa.ForeignKey("ab_user.id", ondelete="CASCADE"), unique=True
    )
    branch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("branch.id"), index=True)
    partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partner.id"), index=True)
    session_version: Mapped[int] = mapped_column(default=1)

    branch: Mapped[Branch | None] = relationship()
    partner: Mapped["Partner | None"] = relationship()
    # Read with the profile: whoever holds the partner's role never sees the whole company.
    holds_partner_role: Mapped[bool] = column_property(
        sa.exists()
        .where(
            assoc_user_role.c.user_id == user_id,
            assoc_user_role.c.role_id == Role.id,
            Role.name == "partner",
        )
        .correlate_except(assoc_user_role, Role.__table__)
    )


class Parameter(Versioned, Keyed):
    """A business rule that was changed from its default. Declared in app.domain.parameters.

    From `next_at` on, if there is one, `next_value` holds.
    """

    __tablename__ = "parameter"
    key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    value: Mapped[Any] = mapped_column(Json)
    next_value: Mapped[Any] = mapped_column(NullableJson, nullable=True)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    def __str__(self) -> str:
        return self.key


class ParameterChange(Created, Keyed):
    __tablename__ = "parameter_change"
    append_only = True
    key: Mapped[str] = mapped_column(sa.String(64), index=True)
    old: Mapped[Any] = mapped_column(Json)
    new: Mapped[Any] = mapped_column(Json)
    actor_kind: Mapped[str] = mapped_column(sa.String(16))
    actor_id: Mapped[int | None] = mapped_column(BigId)
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    effective_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None: at once


class Approval(Created, Versioned, Keyed):
    """Something that needs a second person. What is executed is exactly what was shown."""

    __tablename__ = "approval"
    constraints = (
        one_of("status", ApprovalStatus),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> asked_by_id", name="two_people"
        ),
        sa.Index("ix_approval_status_created_at", "status", "created_at"),
        sa.Index("ix_approval_asked_by", "asked_by_id", "created_at"),
        sa.Index(
            "uq_approval_asked",
            "kind",
            "subject_kind",
            "subject_id",
            unique=True,
            sqlite_where=sa.text("status = 'asked'"),
            postgresql_where=sa.text("status = 'asked'"),
        ),
    )
    kind: Mapped[str] = mapped_column(sa.String(48))
    subject_kind: Mapped[str] = mapped_column(sa.String(32))
    subject_id: Mapped[int] = mapped_column(BigId)
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    summary: Mapped[str] = mapped_column(sa.String(300))
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    status: Mapped[str] = mapped_column(sa.String(16), default=ApprovalStatus.ASKED.value)
    branch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("branch.id"), index=True)
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("ab_user.id"))
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ab_user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_note: Mapped[str] = mapped_column(sa.String(300), default="")
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def title(self) -> "Approval":
        """The row itself, for a column that says in words what is asked for."""
        return self


class Timer(Created, Keyed):
    """Something that must happen at a time. Fired by a job, inside the change it causes."""

    __tablename__ = "timer"
    audited = False
    constraints = (
        one_of("status", ("waiting", "fired", "cancelled", "failed")),
        sa.Index("ix_timer_status_due_at", "status", "due_at"),
        sa.Index("ix_timer_due_at", "due_at", "id"),
        sa.Index(
            "uq_timer_waiting",
            "kind",
            "subject_id",
            unique=True,
            sqlite_where=sa.text("status = 'waiting'"),
            postgresql_where=sa.text("status = 'waiting'"),
        ),
    )
    kind: Mapped[str] = mapped_column(sa.String(48))
    subject_id: Mapped[int] = mapped_column(BigId)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[str] = mapped_column(sa.String(16), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(sa.String(300), default="")
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Outbox(Created, Keyed):
    """Work that a change causes, written with it. Leased, delivered, marked; nothing is lost."""

    __tablename__ = "outbox"
    audited = False
    constraints = (sa.Index("ix_outbox_due", "delivered_at", "given_up_at", "leased_until", "id"),)
    topic: Mapped[str] = mapped_column(sa.String(64))
    subject_id: Mapped[int | None] = mapped_column(BigId)
    payload: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease: Mapped[str | None] = mapped_column(sa.String(32))
    attempts: Mapped[int] = mapped_column(default=0)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    given_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str] = mapped_column(sa.String(300), default="")


class Notification(Created, Keyed):
    """A message in somebody's in-app inbox."""

    __tablename__ = "notification"
    audited = False
    constraints = (
        sa.UniqueConstraint("outbox_id", "recipient_kind", "recipient_id", name="once"),
        sa.Index("ix_notification_recipient", "recipient_kind", "recipient_id", "id"),
    )
    outbox_id: Mapped[int | None] = mapped_column(BigId)
    recipient_kind: Mapped[str] = mapped_column(sa.String(16))
    recipient_id: Mapped[int] = mapped_column(BigId)
    kind: Mapped[str] = mapped_column(sa.String(48))
    data: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class JobRun(Keyed):
    """One run of a job, with its progress. A period that ran is not run again.

    What did not succeed is `failed`; `ending` tells when it was cancelled, or when its process
    died without a word (lost). `state` is both in one word.
    """

    __tablename__ = "job_run"
    audited = False
    constraints = (
        one_of("status", ("running", "succeeded", "failed")),
        sa.UniqueConstraint("job", "period", name="once_a_period"),
        sa.Index("ix_job_run_job_started_at", "job", "started_at"),
        sa.Index("ix_job_run_started_at", "started_at", "id"),
        sa.Index("ix_job_run_status", "status", "heartbeat_at"),
    )
    job: Mapped[str] = mapped_column(sa.String(64))
    period: Mapped[str | None] = mapped_column(sa.String(64))
    args: Mapped[list[Any] | None] = mapped_column(NullableJson)
    asked_by_id: Mapped[int | None]  # a member of staff
    status: Mapped[str] = mapped_column(sa.String(16), default="running")
    ending: Mapped[str] = mapped_column(sa.String(16), default="", server_default="")
    process: Mapped[str] = mapped_column(sa.String(120), default="", server_default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    message: Mapped[str] = mapped_column(sa.String(300), default="")
    error_class: Mapped[str] = mapped_column(sa.String(120), default="", server_default="")
    trace: Mapped[str | None] = mapped_column(sa.Text, deferred=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    heartbeat_at: Mapped[datetime] = mapped_column(UtcDateTime)
    cancel_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    state: Mapped[str] = column_property(sa.case((ending != "", ending), else_=status))

    @property
    def duration(self) -> timedelta | None:
        return None if self.finished_at is None else self.finished_at - self.started_at

    def __str__(self) -> str:
        return f"{self.job} {self.id}"


class TimetableEntry(Keyed):
    """When a job of the timetable ran last and how that ended; sweeps leave no other trace."""

    __tablename__ = "timetable_entry"
    audited = False
    job: Mapped[str] = mapped_column(sa.String(64), unique=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    milliseconds: Mapped[int | None]
    succeeded: Mapped[bool | None]
    error: Mapped[str] = mapped_column(sa.String(300), default="")


class IdempotencyKey(Created, Keyed):
    """The answer to a command, kept so that its repetition gets the same one."""

    __tablename__ = "idempotency_key"
    audited = False
    constraints = (
        sa.UniqueConstraint("owner", "key", name="once"),
        sa.Index("ix_idempotency_key_created_at", "created_at"),
    )
    owner: Mapped[str] = mapped_column(sa.String(48))
    key: Mapped[str] = mapped_column(sa.String(64))
    fingerprint: Mapped[str] = mapped_column(sa.String(64))
    status_code: Mapped[int | None]
    answer: Mapped[Any | None] = mapped_column(Json)


class OtpChallenge(Created, Keyed):
    """A code that was sent to a phone. Hashed; five wrong tries kill it."""

    __tablename__ = "otp_challenge"
    audited = False
    constraints = (
        sa.Index("ix_otp_challenge_phone", "realm", "phone_index", "created_at"),
        sa.Index("ix_otp_challenge_address", "address", "created_at"),
        sa.Index("ix_otp_challenge_created_at", "created_at"),
    )
    realm: Mapped[str] = mapped_column(sa.String(16))
    phone_index: Mapped[str] = mapped_column(sa.String(64))
    code_hash: Mapped[str] = mapped_column(sa.String(64))
    address: Mapped[str] = mapped_column(sa.String(64))
    device: Mapped[str] = mapped_column(sa.String(64), default="")
    tries: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RefreshToken(Created, Keyed):
    """A rotating token of the customer or worker realm. Used twice: the whole family ends."""

    __tablename__ = "refresh_token"
    audited = False
    constraints = (sa.Index("ix_refresh_token_account", "realm", "account_id"),)
    realm: Mapped[str] = mapped_column(sa.String(16))
    account_id: Mapped[int] = mapped_column(BigId)
    family: Mapped[str] = mapped_column(sa.String(32), index=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
