"""Who is sent."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.states import AccountStatus, WorkerStatus
from app.models.base import Created, Keyed, Versioned, one_of
from app.models.catalog import Area, Skill
from app.models.crypto import Encrypted
from app.models.system import Branch


class Partner(Created, Versioned, Keyed):
    """An agency that supplies workers."""

    __tablename__ = "partner"
    branch_id: Mapped[int] = mapped_column(sa.ForeignKey("branch.id"), index=True)
    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    name: Mapped[str] = mapped_column(sa.String(64))
    contact_name: Mapped[str] = mapped_column(sa.String(64), default="")
    active: Mapped[bool] = mapped_column(default=True)
    bank_name: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")
    account_holder: Mapped[str | None] = mapped_column(Encrypted("partner.account_holder"))
    account: Mapped[str | None] = mapped_column(Encrypted("partner.account"))
    account_tail: Mapped[str] = mapped_column(sa.String(4), default="", server_default="")

    branch: Mapped[Branch] = relationship()

    def __str__(self) -> str:
        return self.name


class WorkerAccount(Created, Versioned, Keyed):
    """The worker's login in the worker client."""

    __tablename__ = "worker_account"
    constraints = (one_of("status", AccountStatus),)
    phone: Mapped[str | None] = mapped_column(Encrypted("worker_account.phone"))
    phone_index: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    phone_tail_index: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    phone_tail: Mapped[str] = mapped_column(sa.String(4), default="")
    locale: Mapped[str] = mapped_column(sa.String(8), default="zh")
    status: Mapped[str] = mapped_column(sa.String(16), default=AccountStatus.ACTIVE.value)
    token_version: Mapped[int] = mapped_column(default=1)


class Worker(Created, Versioned, Keyed):
    """A person who visits homes. Home coordinates are GCJ-02 degrees."""

    __tablename__ = "worker"
    constraints = (
        one_of("status", WorkerStatus),
        one_of("kind", ("employee", "contract", "partner")),
        sa.CheckConstraint("(kind = 'partner') = (partner_id IS NOT NULL)", name="partner_known"),
        sa.CheckConstraint("daily_cap BETWEEN 1 AND 20", name="daily_cap_in_range"),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name="level_in_range"),
        sa.CheckConstraint("rating_sum >= 0 AND rating_count >= 0", name="rating_not_negative"),
        sa.Index("ix_worker_branch_status", "branch_id", "status"),
    )
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("worker_account.id"), unique=True)
    branch_id: Mapped[int] = mapped_column(sa.ForeignKey("branch.id"), index=True)
    number: Mapped[str] = mapped_column(sa.String(16), unique=True)
    name: Mapped[str] = mapped_column(sa.String(64))
    kind: Mapped[str] = mapped_column(sa.String(16), default="contract")
    partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partner.id"), index=True)
    status: Mapped[str] = mapped_column(sa.String(24), default=WorkerStatus.APPLIED.value)
    level: Mapped[int] = mapped_column(default=1)
    home_lat: Mapped[float]
    home_lng: Mapped[float]
    daily_cap: Mapped[int] = mapped_column(default=6)
    # Without one, the company's dispatch radius applies.
    radius_km: Mapped[int | None]
    introduction: Mapped[str] = mapped_column(sa.String(500), default="")
    avatar_color: Mapped[str] = mapped_column(sa.String(7), default="#0f766e")
    # Of her picture in the storage: a JPEG that tells no place and no device.
    photo_key: Mapped[str | None] = mapped_column(sa.String(128))
    rating_sum: Mapped[int] = mapped_column(default=0)
    rating_count: Mapped[int] = mapped_column(default=0)

    account: Mapped[WorkerAccount] = relationship()
    branch: Mapped[Branch] = relationship()
    partner: Mapped[Partner | None] = relationship()
    skills: Mapped[list["WorkerSkill"]] = relationship(back_populates="worker")
    areas: Mapped[list["WorkerArea"]] = relationship(back_populates="worker")
    documents: Mapped[list["WorkerDocument"]] = relationship(back_populates="worker")

    @property
    def rating(self) -> float | None:
        """Mean stars of the reviews, or None before the first."""
        return round(self.rating_sum / self.rating_count, 1) if self.rating_count else None

    def __str__(self) -> str:
        return self.name


class WorkerSkill(Versioned, Keyed):
    __tablename__ = "worker_skill"
    constraints = (
        sa.UniqueConstraint("worker_id", "skill_id", name="once"),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name="level_in_range"),
        sa.CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="dates_in_order"),
    )
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"))
    skill_id: Mapped[int] = mapped_column(sa.ForeignKey("skill.id"), index=True)
    level: Mapped[int] = mapped_column(default=1)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    worker: Mapped[Worker] = relationship(back_populates="skills")
    skill: Mapped[Skill] = relationship()

    def __str__(self) -> str:
        return f"{self.skill} {self.level}"


class WorkerArea(Versioned, Keyed):
    __tablename__ = "worker_area"
    constraints = (sa.UniqueConstraint("worker_id", "area_id", name="once"),)
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"))
    area_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"), index=True)

    worker: Mapped[Worker] = relationship(back_populates="areas")
    area: Mapped[Area] = relationship()

    def __str__(self) -> str:
        return str(self.area)


class WorkerDocument(Created, Versioned, Keyed):
    """An identity card, health certificate… Its traffic light is computed when read."""

    __tablename__ = "worker_document"
    constraints = (
        one_of("status", ("submitted", "approved", "refused")),
        one_of("kind", ("id_card", "health", "skill", "no_record")),
        sa.UniqueConstraint("worker_id", "kind", name="one_of_a_kind"),
    )
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"))
    kind: Mapped[str] = mapped_column(sa.String(16))
    number: Mapped[str | None] = mapped_column(Encrypted("worker_document.number"))
    number_index: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    valid_to: Mapped[date] = mapped_column(index=True)
    status: Mapped[str] = mapped_column(sa.String(16), default="submitted")

    worker: Mapped[Worker] = relationship(back_populates="documents")


class PayoutAccount(Created, Versioned, Keyed):
    """Where a worker's money goes."""

    __tablename__ = "payout_account"
    constraints = (one_of("channel", ("wechat", "alipay", "bank")),)
    worker_id: Mapped[int] = mapped_column(sa.ForeignKey("worker.id"), index=True)
    channel: Mapped[str] = mapped_column(sa.String(16))
    holder_name: Mapped[str] = mapped_column(Encrypted("payout_account.holder_name"))
    account: Mapped[str] = mapped_column(Encrypted("payout_account.account"))
    account_tail: Mapped[str] = mapped_column(sa.String(4), default="")
    active: Mapped[bool] = mapped_column(default=True)

    worker: Mapped[Worker] = relationship()

    def __str__(self) -> str:
        return f"****{self.account_tail}"
