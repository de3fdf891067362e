"""What is sold, and where."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Keyed, Versioned, one_of
from app.models.system import Branch


class Region(Keyed):
    """Administrative division (省市区) by its official code."""

    __tablename__ = "region"
    code: Mapped[str] = mapped_column(sa.String(6), unique=True)
    parent_code: Mapped[str | None] = mapped_column(sa.String(6), index=True)
    name: Mapped[str] = mapped_column(sa.String(64))
    name_en: Mapped[str] = mapped_column(sa.String(64))
    lat: Mapped[float]
    lng: Mapped[float]

    def __str__(self) -> str:
        return self.name


class Area(Versioned, Keyed):
    """A group of regions that is served alike, with its travel fee."""

    __tablename__ = "area"
    constraints = (sa.CheckConstraint("travel_fee_fen >= 0", name="fee_not_negative"),)
    branch_id: Mapped[int] = mapped_column(sa.ForeignKey("branch.id"), index=True)
    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    name: Mapped[str] = mapped_column(sa.String(64))
    name_en: Mapped[str] = mapped_column(sa.String(64), default="")
    travel_fee_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    active: Mapped[bool] = mapped_column(default=True)

    branch: Mapped[Branch] = relationship()
    regions: Mapped[list[Region]] = relationship(secondary="area_region")

    def __str__(self) -> str:
        return self.name


class AreaRegion(Keyed):
    __tablename__ = "area_region"
    area_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id", ondelete="CASCADE"), index=True)
    # A region belongs to one area: its fee must be one number.
    region_id: Mapped[int] = mapped_column(sa.ForeignKey("region.id"), unique=True)


class Skill(Versioned, Keyed):
    __tablename__ = "skill"
    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    name: Mapped[str] = mapped_column(sa.String(64))
    name_en: Mapped[str] = mapped_column(sa.String(64), default="")

    def __str__(self) -> str:
        return self.name


class Category(Versioned, Keyed):
    __tablename__ = "category"
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("category.id"), index=True)
    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    name: Mapped[str] = mapped_column(sa.String(64))
    name_en: Mapped[str] = mapped_column(sa.String(64), default="")
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)

    parent: Mapped["Category | None"] = relationship(remote_side="Category.id")

    def __str__(self) -> str:
        return self.name


class Service(Versioned, Keyed):
    """One thing a customer can book. Published only with duration, price and skill.

    `days_most`: on how many days in a row it can be ordered, one visit a day. `from_minute` and
    `to_minute` are its own hours, where it does not keep those of the house: minutes after
    midnight, counted on past the next one (care from 20:00 to 08:00 is 1200 to 1920).
    """

    __tablename__ = "service"
    constraints = (
        one_of("pay_mode", ("prepaid", "after")),
        sa.CheckConstraint("price_fen >= 0", name="price_not_negative"),
        sa.CheckConstraint("minutes >= 0 AND minutes <= 1440", name="minutes_in_a_day"),
        sa.CheckConstraint(
            "buffer_before_minutes >= 0 AND buffer_after_minutes >= 0", name="buffers_not_negative"
        ),
        sa.CheckConstraint("crew_size BETWEEN 1 AND 10", name="crew_size_in_range"),
        sa.CheckConstraint("days_most BETWEEN 1 AND 60", name="days_in_range"),
        sa.CheckConstraint(
            "(from_minute IS NULL) = (to_minute IS NULL)", name="both_hours_or_none"
        ),
        sa.CheckConstraint(
            "from_minute IS NULL OR (from_minute BETWEEN 0 AND 1439 AND from_minute < to_minute "
            "AND to_minute <= from_minute + 1440)",
            name="hours_in_order",
        ),
        sa.CheckConstraint("NOT published OR (price_fen > 0 AND minutes > 0)", name="sellable"),
        sa.Index("ix_service_published_position", "published", "position", "id"),
    )
    category_id: Mapped[int] = mapped_column(sa.ForeignKey("category.id"), index=True)
    code: Mapped[str] = mapped_column(sa.String(48), unique=True)
    name: Mapped[str] = mapped_column(sa.String(64))
    name_en: Mapped[str] = mapped_column(sa.String(64), default="")
    description: Mapped[str] = mapped_column(sa.String(1000), default="")
    unit: Mapped[str] = mapped_column(sa.String(16), default="")
    price_fen: Mapped[int] = mapped_column(sa.BigInteger)
    minutes: Mapped[int]
    buffer_before_minutes: Mapped[int] = mapped_column(default=10)
    buffer_after_minutes: Mapped[int] = mapped_column(default=10)
    crew_size: Mapped[int] = mapped_column(default=1)
    days_most: Mapped[int] = mapped_column(default=1, server_default="1")
    from_minute: Mapped[int | None]
    to_minute: Mapped[int | None]
    pay_mode: Mapped[str] = mapped_column(sa.String(16), default="prepaid")
    warranty_days: Mapped[int] = mapped_column(default=7)
    position: Mapped[int] = mapped_column(default=0)
    published: Mapped[bool] = mapped_column(default=False)

    category: Mapped[Category] = relationship()
    skills: Mapped[list["SkillRequirement"]] = relationship(back_populates="service")
    option_groups: Mapped[list["OptionGroup"]] = relationship(
        back_populates="service", order_by="OptionGroup.position"
    )

    def __str__(self) -> str:
        return self.name


class SkillRequirement(Versioned, Keyed):
    __tablename__ = "skill_requirement"
    constraints = (
        sa.UniqueConstraint("service_id", "skill_id", name="once"),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name="level_in_range"),
    )
    service_id: Mapped[int] = mapped_column(sa.ForeignKey("service.id", ondelete="CASCADE"))
    skill_id: Mapped[int] = mapped_column(sa.ForeignKey("skill.id"), index=True)
    level: Mapped[int] = mapped_column(default=1)

    service: Mapped[Service] = relationship(back_populates="skills")
    skill: Mapped[Skill] = relationship()

    def __str__(self) -> str:
        return f"{self.skill} {self.level}+"


class OptionGroup(Versioned, Keyed):
    """A question that changes price and minutes: 重点区域, 清洁程度, 环保用品…"""

    __tablename__ = "option_group"
    constraints = (
        one_of("kind", ("single", "multiple", "quantity")),
        sa.UniqueConstraint("service_id", "code", name="once"),
    )
    service_id: Mapped[int] = mapped_column(sa.ForeignKey("service.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(sa.String(48))
    name: Mapped[str] = mapped_column(sa.String(64))
    name_en: Mapped[str] = mapped_column(sa.String(64), default="")
    kind: Mapped[str] = mapped_column(sa.String(16), default="single")
    required: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)

    service: Mapped[Service] = relationship(back_populates="option_groups")
    options: Mapped[list["Option"]] = relationship(
        back_populates="group", order_by="Option.position"
    )

    def __str__(self) -> str:
        return self.name


class Option(Versioned, Keyed):
    __tablename__ = "option"
    constraints = (
        sa.UniqueConstraint("group_id", "code", name="once"),
        sa.CheckConstraint("price_fen >= 0 AND minutes >= 0", name="adds"),
        sa.CheckConstraint("max_quantity BETWEEN 1 AND 99", name="quantity_in_range"),
    )
    group_id: Mapped[int] = mapped_column(sa.ForeignKey("option_group.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(sa.String(48))
    name: Mapped[str] = mapped_column(sa.String(64))
    name_en: Mapped[str] = mapped_column(sa.String(64), default="")
    price_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    minutes: Mapped[int] = mapped_column(default=0)
    max_quantity: Mapped[int] = mapped_column(default=1)
    skill_id: Mapped[int | None] = mapped_column(sa.ForeignKey("skill.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)

    group: Mapped[OptionGroup] = relationship(back_populates="options")
    skill: Mapped[Skill | None] = relationship()

    def __str__(self) -> str:
        return self.name
