"""What changes a price or a day: rules, checklists, holidays."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain import price_rules
from app.models.base import Created, Keyed, Versioned, one_of
from app.models.catalog import Area, Service


class PriceRule(Created, Versioned, Keyed):
    """A surcharge or reduction of the base price, in basis points and fen.

    Empty fields hold for all: services, areas, weekdays (a bit each, Monday is 1) and times of
    day (minutes after midnight, half-open). One of kind holiday holds on rest days only. All rules
    that hold are added up.
    """

    __tablename__ = "price_rule"
    constraints = (
        one_of("kind", price_rules.KINDS),
        sa.CheckConstraint("rate_bp BETWEEN -10000 AND 100000", name="rate_in_range"),
        sa.CheckConstraint("rate_bp <> 0 OR amount_fen <> 0", name="says_something"),
        sa.CheckConstraint("weekdays BETWEEN 0 AND 127", name="weekdays_known"),
        sa.CheckConstraint(
            "from_minute IS NULL OR (from_minute >= 0 AND from_minute < to_minute "
            "AND to_minute <= 1440)",
            name="minutes_in_order",
        ),
        sa.CheckConstraint(
            "(from_minute IS NULL) = (to_minute IS NULL)", name="both_minutes_or_none"
        ),
        sa.CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="days_in_order"),
        sa.Index("ix_price_rule_valid", "active", "valid_from"),
    )
    name: Mapped[str] = mapped_column(sa.String(64))
    name_en: Mapped[str] = mapped_column(sa.String(64), default="")
    kind: Mapped[str] = mapped_column(sa.String(16), default="other")
    service_id: Mapped[int | None] = mapped_column(sa.ForeignKey("service.id"), index=True)
    area_id: Mapped[int | None] = mapped_column(sa.ForeignKey("area.id"), index=True)
    weekdays: Mapped[int] = mapped_column(default=0)
    from_minute: Mapped[int | None]
    to_minute: Mapped[int | None]
    rate_bp: Mapped[int] = mapped_column(default=0)
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    active: Mapped[bool] = mapped_column(default=True)

    service: Mapped[Service | None] = relationship()
    area: Mapped[Area | None] = relationship()

    def __str__(self) -> str:
        return self.name


class Checklist(Created, Versioned, Keyed):
    """A point that a worker ticks off at the door; required ones hold up the check-out."""

    __tablename__ = "checklist"
    constraints = (sa.UniqueConstraint("service_id", "text", name="once"),)
    service_id: Mapped[int] = mapped_column(sa.ForeignKey("service.id"))
    text: Mapped[str] = mapped_column(sa.String(120))
    text_en: Mapped[str] = mapped_column(sa.String(120), default="")
    position: Mapped[int] = mapped_column(default=0)
    required: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)

    service: Mapped[Service] = relationship()

    def __str__(self) -> str:
        return self.text


class Holiday(Created, Versioned, Keyed):
    """A day that is not what its weekday says: a rest day, or a weekend that is worked."""

    __tablename__ = "holiday"
    constraints = (one_of("kind", ("rest", "working")),)
    day: Mapped[date] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(sa.String(16), default="rest")
    name: Mapped[str] = mapped_column(sa.String(64))
    name_en: Mapped[str] = mapped_column(sa.String(64), default="")

    def __str__(self) -> str:
        return f"{self.day} {self.name}"
