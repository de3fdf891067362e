"""Finding customers again: where they come from, who is alike, and what they are offered."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.states import CampaignStatus, CouponStatus
from app.models.base import Created, Json, Keyed, UtcDateTime, Versioned, one_of
from app.models.customers import CustomerAccount
from app.models.orders import Order


class Source(Versioned, Keyed):
    """Where an order or a customer came from."""

    __tablename__ = "source"
    constraints = (one_of("kind", ("own", "phone", "shop", "platform", "advert", "referral")),)
    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    name: Mapped[str] = mapped_column(sa.String(64))
    name_en: Mapped[str] = mapped_column(sa.String(64), default="")
    kind: Mapped[str] = mapped_column(sa.String(16), default="own")
    active: Mapped[bool] = mapped_column(default=True)

    def __str__(self) -> str:
        return self.name


class Tag(Versioned, Keyed):
    """A word that staff put on customers."""

    __tablename__ = "tag"
    name: Mapped[str] = mapped_column(sa.String(32), unique=True)
    colour: Mapped[str] = mapped_column(sa.String(16), default="")
    active: Mapped[bool] = mapped_column(default=True)

    def __str__(self) -> str:
        return self.name


class CustomerTag(Created, Keyed):
    __tablename__ = "customer_tag"
    constraints = (sa.UniqueConstraint("customer_id", "tag_id", name="once"),)
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_account.id"))
    tag_id: Mapped[int] = mapped_column(sa.ForeignKey("tag.id"), index=True)

    customer: Mapped[CustomerAccount] = relationship()
    tag: Mapped[Tag] = relationship()


class Segment(Created, Versioned, Keyed):
    """Customers that meet rules; who they are is asked anew each time."""

    __tablename__ = "segment"
    name: Mapped[str] = mapped_column(sa.String(64), unique=True)
    rules: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    note: Mapped[str] = mapped_column(sa.String(300), default="")
    active: Mapped[bool] = mapped_column(default=True)

    def __str__(self) -> str:
        return self.name


class CouponTemplate(Created, Versioned, Keyed):
    """What a coupon is worth and how many may be given and used."""

    __tablename__ = "coupon_template"
    constraints = (
        one_of("kind", ("amount", "percent")),
        sa.CheckConstraint("(kind = 'amount') = (amount_fen > 0)", name="amount_known"),
        sa.CheckConstraint("(kind = 'percent') = (rate_bp > 0)", name="rate_known"),
        sa.CheckConstraint("rate_bp BETWEEN 0 AND 10000", name="rate_in_range"),
        sa.CheckConstraint("given_count <= given_most", name="not_too_many_given"),
        sa.CheckConstraint("used_count <= given_count", name="not_too_many_used"),
        sa.CheckConstraint("valid_from < valid_to", name="in_order"),
    )
    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    name: Mapped[str] = mapped_column(sa.String(64))
    name_en: Mapped[str] = mapped_column(sa.String(64), default="")
    kind: Mapped[str] = mapped_column(sa.String(16), default="amount")
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    rate_bp: Mapped[int] = mapped_column(default=0)
    from_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    most_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    service_codes: Mapped[list[Any]] = mapped_column(Json, default=list)
    per_customer: Mapped[int] = mapped_column(default=1)
    given_most: Mapped[int] = mapped_column(default=1000)
    given_count: Mapped[int] = mapped_column(default=0)
    used_count: Mapped[int] = mapped_column(default=0)
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime)
    valid_to: Mapped[datetime] = mapped_column(UtcDateTime)
    active: Mapped[bool] = mapped_column(default=True)

    def __str__(self) -> str:
        return self.name


class Campaign(Created, Versioned, Keyed):
    """A coupon for a segment, in a time, within a budget."""

    __tablename__ = "campaign"
    constraints = (
        one_of("status", CampaignStatus),
        sa.CheckConstraint("starts_at < ends_at", name="in_order"),
        sa.CheckConstraint("budget_fen >= 0", name="not_negative"),
    )
    name: Mapped[str] = mapped_column(sa.String(64), unique=True)
    segment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("segment.id"), index=True)
    template_id: Mapped[int | None] = mapped_column(sa.ForeignKey("coupon_template.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    budget_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    message: Mapped[str] = mapped_column(sa.String(300), default="")
    status: Mapped[str] = mapped_column(sa.String(16), default=CampaignStatus.DRAFT.value)

    segment: Mapped[Segment | None] = relationship()
    template: Mapped[CouponTemplate | None] = relationship()

    def __str__(self) -> str:
        return self.name


class Coupon(Created, Versioned, Keyed):
    """One coupon of one customer."""

    __tablename__ = "coupon"
    constraints = (
        one_of("status", CouponStatus),
        sa.Index("ix_coupon_customer", "customer_id", "status", "expires_at"),
    )
    code: Mapped[str] = mapped_column(sa.String(24), unique=True)
    template_id: Mapped[int] = mapped_column(sa.ForeignKey("coupon_template.id"), index=True)
    campaign_id: Mapped[int | None] = mapped_column(sa.ForeignKey("campaign.id"), index=True)
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_account.id"))
    status: Mapped[str] = mapped_column(sa.String(16), default=CouponStatus.GIVEN.value)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)

    template: Mapped[CouponTemplate] = relationship()
    campaign: Mapped[Campaign | None] = relationship()
    customer: Mapped[CustomerAccount] = relationship()


class Redemption(Created, Keyed):
    """What a coupon took off an order. Given back when the order ends unpaid."""

    __tablename__ = "redemption"
    constraints = (
        sa.CheckConstraint("amount_fen > 0", name="amount_positive"),
        sa.Index(
            "uq_redemption_live",
            "coupon_id",
            unique=True,
            sqlite_where=sa.text("returned_at IS NULL"),
            postgresql_where=sa.text("returned_at IS NULL"),
        ),
    )
    coupon_id: Mapped[int] = mapped_column(sa.ForeignKey("coupon.id"), index=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("customer_order.id"), index=True)
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    returned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    coupon: Mapped[Coupon] = relationship()
    order: Mapped[Order] = relationship()
