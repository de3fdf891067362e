"""Who did what: rows that nobody changes, seals over them, and the keys of what is personal."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import BigId, Created, Json, Keyed, UtcDateTime, one_of

PERSON_KINDS = ("customer", "worker", "worker_account", "staff", "partner")


class AuditLog(Keyed):
    """Every change of every row by anyone. Nobody edits or deletes it, not even by SQL.

    `changes` is {column: [before, after]}; what is personal in it is encrypted with the key of
    `person` ("customer:12"). `mark` proves that the application wrote the row.
    """

    __tablename__ = "audit_log"
    audited = False
    append_only = True
    constraints = (
        sa.Index("ix_audit_log_entity", "entity", "entity_id"),
        sa.Index("ix_audit_log_at", "at"),
        sa.Index("ix_audit_log_action", "action", "id"),
        sa.Index("ix_audit_log_actor", "actor_kind", "actor_id", "id"),
        sa.Index("ix_audit_log_address", "address", "id"),
    )
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_kind: Mapped[str] = mapped_column(sa.String(16))
    actor_id: Mapped[int | None] = mapped_column(BigId)
    address: Mapped[str] = mapped_column(sa.String(64), default="")
    action: Mapped[str] = mapped_column(sa.String(32))
    entity: Mapped[str] = mapped_column(sa.String(64))
    entity_id: Mapped[str] = mapped_column(sa.String(64))
    changes: Mapped[dict[str, Any]] = mapped_column(Json)
    # Empty in rows that are older than marks.
    person: Mapped[str] = mapped_column(sa.String(40), default="", server_default="")
    mark: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")

    @property
    def actor(self) -> tuple[str, int | None]:
        return self.actor_kind, self.actor_id

    @property
    def told(self) -> tuple[str, dict[str, Any]]:
        return self.entity, self.changes

    @property
    def record(self) -> tuple[str, str]:
        return self.entity, self.entity_id


class AuditSeal(Keyed):
    """A batch of audit rows, sealed: its hash covers them and the seal before. Never changed.

    `id` counts 1, 2, 3… `spans` lists the ids of exactly the sealed rows, [[first, last], …]: a
    row whose transaction ends late fills a gap that an earlier batch left, and is in a later one.
    `last_id` is the highest id that the chain has reached.
    """

    __tablename__ = "audit_seal"
    audited = False
    append_only = True
    constraints = (sa.CheckConstraint("rows > 0", name="not_empty"),)
    previous_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    rows_hash: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    spans: Mapped[list[Any]] = mapped_column(Json)
    last_id: Mapped[int] = mapped_column(sa.BigInteger)
    rows: Mapped[int]
    sealed_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class PersonKey(Created, Keyed):
    """What opens the personal values of one person in the audit log.

    The key rests encrypted with the data key. Without it (`destroyed_at`) nobody can read those
    values any more, and the rows and their seals stay as they are.
    """

    __tablename__ = "person_key"
    audited = False
    constraints = (
        one_of("kind", PERSON_KINDS),
        sa.UniqueConstraint("kind", "person_id", name="once"),
        sa.CheckConstraint("(wrapped IS NULL) = (destroyed_at IS NOT NULL)", name="or_destroyed"),
    )
    kind: Mapped[str] = mapped_column(sa.String(16))
    person_id: Mapped[int] = mapped_column(BigId)
    wrapped: Mapped[str | None] = mapped_column(sa.String(128))
    destroyed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
