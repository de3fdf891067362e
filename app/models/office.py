"""What the office keeps around its work: files that are made, notes, incidents, views, backups."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import User
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.states import (
    BackupStatus,
    ExportStatus,
    ImportStatus,
    IncidentStatus,
    RestoreStatus,
)
from app.models.base import BigId, Created, Json, Keyed, UtcDateTime, Versioned, one_of
from app.models.orders import Order
from app.models.system import Branch, JobRun
from app.models.workers import Worker


class Export(Created, Versioned, Keyed):
    """A file that a job makes for one person, with exactly what that person may see."""

    __tablename__ = "export"
    constraints = (
        one_of("status", ExportStatus),
        sa.CheckConstraint("rows >= 0", name="not_negative"),
        sa.Index("ix_export_staff", "staff_id", "id"),
        sa.Index("ix_export_expires_at", "status", "expires_at"),
    )
    key: Mapped[str] = mapped_column(sa.String(40), unique=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("ab_user.id"))
    kind: Mapped[str] = mapped_column(sa.String(48))
    title: Mapped[str] = mapped_column(sa.String(120))
    asked: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    locale: Mapped[str] = mapped_column(sa.String(8), default="zh")
    status: Mapped[str] = mapped_column(sa.String(16), default=ExportStatus.WAITING.value)
    job_run_id: Mapped[int | None] = mapped_column(sa.ForeignKey("job_run.id"), index=True)
    rows: Mapped[int] = mapped_column(default=0)
    size_bytes: Mapped[int | None] = mapped_column(sa.BigInteger)
    sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    storage_key: Mapped[str] = mapped_column(sa.String(128), default="")
    failure: Mapped[str] = mapped_column(sa.String(300), default="")
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    downloads: Mapped[int] = mapped_column(default=0)

    staff: Mapped[User] = relationship()
    job_run: Mapped[JobRun | None] = relationship()

    def __str__(self) -> str:
        return self.title


class ImportBatch(Created, Versioned, Keyed):
    """Rows that were read from a file: looked at first, then taken over as a whole."""

    __tablename__ = "import_batch"
    constraints = (one_of("status", ImportStatus),)
    kind: Mapped[str] = mapped_column(sa.String(48))
    file_name: Mapped[str] = mapped_column(sa.String(120))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("ab_user.id"), index=True)
    rows: Mapped[int] = mapped_column(default=0)
    errors: Mapped[list[Any]] = mapped_column(Json, default=list)
    status: Mapped[str] = mapped_column(sa.String(16), default=ImportStatus.READ.value)

    staff: Mapped[User] = relationship()


class Note(Created, Versioned, Keyed):
    """What staff write beside an order, a customer or a worker for one another."""

    __tablename__ = "note"
    constraints = (
        one_of("subject_kind", ("order", "customer", "worker", "complaint", "plan")),
        sa.Index("ix_note_subject", "subject_kind", "subject_id", "id"),
    )
    subject_kind: Mapped[str] = mapped_column(sa.String(16))
    subject_id: Mapped[int] = mapped_column(BigId)
    branch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("branch.id"), index=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("ab_user.id"), index=True)
    text: Mapped[str] = mapped_column(sa.String(1000))
    pinned: Mapped[bool] = mapped_column(default=False)

    staff: Mapped[User] = relationship()

    @property
    def subject(self) -> "Note":
        """The row itself, for a column that says in words what it is about."""
        return self


class Incident(Created, Versioned, Keyed):
    """Something that somebody must look at: no-show, lost capacity, damage, an accident.

    `details`: what was noted when it was reported, as JSON values.
    """

    __tablename__ = "incident"
    constraints = (
        one_of("status", IncidentStatus),
        one_of("severity", ("low", "normal", "high", "critical")),
        sa.Index("ix_incident_status", "status", "created_at"),
    )
    kind: Mapped[str] = mapped_column(sa.String(32))
    branch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("branch.id"), index=True)
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customer_order.id"), index=True)
    worker_id: Mapped[int | None] = mapped_column(sa.ForeignKey("worker.id"), index=True)
    severity: Mapped[str] = mapped_column(sa.String(16), default="normal")
    text: Mapped[str] = mapped_column(sa.String(500), default="")
    status: Mapped[str] = mapped_column(sa.String(16), default=IncidentStatus.OPEN.value)
    handler_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ab_user.id"), index=True)
    solved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(sa.String(500), default="")
    details: Mapped[dict[str, Any]] = mapped_column(
        Json, default=dict, server_default=sa.text("'{}'")
    )

    branch: Mapped[Branch | None] = relationship()
    order: Mapped[Order | None] = relationship()
    worker: Mapped[Worker | None] = relationship()
    handler: Mapped[User | None] = relationship()


class NotificationTemplate(Versioned, Keyed):
    """The words of one event, for one role on one channel; placeholders are names in braces."""

    __tablename__ = "notification_template"
    constraints = (
        one_of("channel", ("in_app", "sms", "wechat", "email")),
        one_of("role", ("customer", "worker", "staff", "partner")),
        sa.UniqueConstraint("event", "channel", "role", name="once"),
    )
    event: Mapped[str] = mapped_column(sa.String(48))
    channel: Mapped[str] = mapped_column(sa.String(16))
    role: Mapped[str] = mapped_column(sa.String(16))
    title: Mapped[str] = mapped_column(sa.String(80), default="")
    title_en: Mapped[str] = mapped_column(sa.String(80), default="")
    text: Mapped[str] = mapped_column(sa.String(500))
    text_en: Mapped[str] = mapped_column(sa.String(500), default="")
    outside_id: Mapped[str] = mapped_column(sa.String(64), default="")
    active: Mapped[bool] = mapped_column(default=True)

    def __str__(self) -> str:
        return f"{self.event} {self.channel} {self.role}"


class LoginAttempt(Keyed):
    """Who tried to sign in as whom, from where, and how it ended. Limits count these."""

    __tablename__ = "login_attempt"
    audited = False
    constraints = (
        one_of("realm", ("staff", "customer", "worker")),
        one_of("result", ("good", "bad_password", "locked", "unlocked")),
        sa.Index("ix_login_attempt_account", "realm", "account", "at"),
        sa.Index("ix_login_attempt_address", "address", "at"),
        sa.Index("ix_login_attempt_at", "at"),
    )
    realm: Mapped[str] = mapped_column(sa.String(16))
    account: Mapped[str] = mapped_column(sa.String(64))
    address: Mapped[str] = mapped_column(sa.String(64))
    result: Mapped[str] = mapped_column(sa.String(16))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class SavedView(Created, Versioned, Keyed):
    """A list with its filters under a name, for oneself or for everybody who may see the list."""

    __tablename__ = "saved_view"
    constraints = (
        sa.UniqueConstraint("staff_id", "path", "name", name="once"),
        sa.CheckConstraint("path LIKE '/%' AND path NOT LIKE '//%'", name="path_of_this_site"),
    )
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("ab_user.id"))
    name: Mapped[str] = mapped_column(sa.String(64))
    path: Mapped[str] = mapped_column(sa.String(64))
    query: Mapped[str] = mapped_column(sa.String(1000), default="")
    shared: Mapped[bool] = mapped_column(default=False)

    staff: Mapped[User] = relationship()

    @property
    def opens(self) -> str:
        """The address of the list with its filters, below this site."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def __str__(self) -> str:
        return self.name


class Backup(Created, Versioned, Keyed):
    """A copy of the database that was made, and whether restoring it was proved."""

    __tablename__ = "backup"
    constraints = (one_of("status", BackupStatus),)
    storage_key: Mapped[str] = mapped_column(sa.String(200))
    size_bytes: Mapped[int | None] = mapped_column(sa.BigInteger)
    sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    schema: Mapped[str] = mapped_column(sa.String(32), default="")
    status: Mapped[str] = mapped_column(sa.String(16), default=BackupStatus.RUNNING.value)
    rows: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    proved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failure: Mapped[str] = mapped_column(sa.String(300), default="")


class RestoreJob(Created, Versioned, Keyed):
    """A restore that was asked for: first a dry run with its differences, then by two people."""

    __tablename__ = "restore_job"
    constraints = (
        one_of("status", RestoreStatus),
        one_of("scope", ("all", "entities")),
    )
    backup_id: Mapped[int] = mapped_column(sa.ForeignKey("backup.id"), index=True)
    scope: Mapped[str] = mapped_column(sa.String(16), default="entities")
    entities: Mapped[list[Any]] = mapped_column(Json, default=list)
    differences: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    status: Mapped[str] = mapped_column(sa.String(16), default=RestoreStatus.ASKED.value)
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("ab_user.id"), index=True)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    backup: Mapped[Backup] = relationship()


class ApplicationError(Created, Versioned, Keyed):
    """An error of the application, once for all its occurrences of the same kind and place."""

    __tablename__ = "application_error"
    audited = False
    constraints = (sa.Index("ix_application_error_last_at", "solved_at", "last_at"),)
    fingerprint: Mapped[str] = mapped_column(sa.String(64), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(120))
    place: Mapped[str] = mapped_column(sa.String(200))
    message: Mapped[str] = mapped_column(sa.String(500), default="")
    trace: Mapped[str] = mapped_column(sa.Text, default="")
    count: Mapped[int] = mapped_column(default=1)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_path: Mapped[str] = mapped_column(sa.String(200), default="")
    solved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
