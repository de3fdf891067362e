"""A shop of a few tables, to try the bases on: ours and FAB's, on the same rows.

Its tables have a metadata of their own, so that migrations and the catalogue never see them.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from app.models.base import UtcDateTime


class Base(DeclarativeBase):
    pass


class City(Base):
    __tablename__ = "shop_city"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50), unique=True)

    def __str__(self) -> str:
        return self.name


class Customer(Base):
    __tablename__ = "shop_customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50))
    city_id: Mapped[int | None] = mapped_column(sa.ForeignKey("shop_city.id"))
    city: Mapped[City | None] = relationship()

    def __str__(self) -> str:
        return f"{self.name} ({self.city})" if self.city else self.name

    __repr__ = __str__


class Tag(Base):
    __tablename__ = "shop_tag"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50))

    def __str__(self) -> str:
        return self.name


order_tag = sa.Table(
    "shop_order_tag",
    Base.metadata,
    sa.Column("order_id", sa.ForeignKey("shop_order.id"), primary_key=True),
    sa.Column("tag_id", sa.ForeignKey("shop_tag.id"), primary_key=True),
)


class Order(Base):
    __tablename__ = "shop_order"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    state: Mapped[str] = mapped_column(sa.String(20), default="new")
    owner: Mapped[str] = mapped_column(sa.String(20), default="a")
    total_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    seats: Mapped[int | None]
    starts_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    urgent: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str | None] = mapped_column(sa.Text)
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("shop_customer.id"))
    version: Mapped[int] = mapped_column(default=1)
    customer: Mapped[Customer] = relationship()
    tags: Mapped[list[Tag]] = relationship(secondary=order_tag)
    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.code


class Line(Base):
    """Holds its order fast: an order with lines cannot be deleted."""

    __tablename__ = "shop_line"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50))
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("shop_order.id"))
    order: Mapped[Order] = relationship()
