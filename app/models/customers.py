"""Who books."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.states import AccountStatus
from app.models.base import Created, Keyed, Versioned, one_of
from app.models.catalog import Region
from app.models.crypto import Encrypted
from app.models.system import Branch


class CustomerAccount(Created, Versioned, Keyed):
    """A customer: the account of the mobile client and the person whom orders belong to."""

    __tablename__ = "customer_account"
    constraints = (
        one_of("status", AccountStatus),
        sa.Index("ix_customer_account_created_at", "created_at", "id"),
    )
    branch_id: Mapped[int] = mapped_column(sa.ForeignKey("branch.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(64), default="")
    phone: Mapped[str | None] = mapped_column(Encrypted("customer_account.phone"))
    phone_index: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    phone_tail_index: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    phone_tail: Mapped[str] = mapped_column(sa.String(4), default="")
    locale: Mapped[str] = mapped_column(sa.String(8), default="zh")
    status: Mapped[str] = mapped_column(sa.String(16), default=AccountStatus.ACTIVE.value)
    token_version: Mapped[int] = mapped_column(default=1)

    branch: Mapped[Branch] = relationship()

    def __str__(self) -> str:
        return self.name or (f"*{self.phone_tail}" if self.phone_tail else f"#{self.id}")


class CustomerIdentity(Created, Keyed):
    """One way to log in (phone, e-mail, WeChat) of one account."""

    __tablename__ = "customer_identity"
    constraints = (sa.UniqueConstraint("kind", "subject_index", name="once"),)
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_account.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    subject_index: Mapped[str] = mapped_column(sa.String(64))


class Address(Created, Versioned, Keyed):
    """Where a customer wants to be visited. Coordinates are GCJ-02 degrees."""

    __tablename__ = "address"
    constraints = (
        sa.CheckConstraint("lat BETWEEN -90 AND 90 AND lng BETWEEN -180 AND 180", name="on_earth"),
    )
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_account.id"), index=True)
    region_id: Mapped[int] = mapped_column(sa.ForeignKey("region.id"), index=True)
    label: Mapped[str] = mapped_column(sa.String(32), default="")
    detail: Mapped[str] = mapped_column(Encrypted("address.detail"))
    contact_name: Mapped[str] = mapped_column(sa.String(64))
    contact_phone: Mapped[str] = mapped_column(Encrypted("address.contact_phone"))
    lat: Mapped[float]
    lng: Mapped[float]
    access_note: Mapped[str] = mapped_column(sa.String(200), default="")
    archived: Mapped[bool] = mapped_column(default=False)

    customer: Mapped[CustomerAccount] = relationship()
    region: Mapped[Region] = relationship()

    def __str__(self) -> str:
        return f"{self.region.name} {self.label}".strip()
