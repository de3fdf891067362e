"""Column types and mixins that every table shares."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
import sqlalchemy.dialects.postgresql as pg
from flask import current_app
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, declared_attr, mapped_column


def _given_or_columns(constraint: sa.Constraint, table: sa.Table) -> str:
    return str(constraint.name or "_".join(column.name for column in constraint.columns))  # type: ignore[attr-defined]


# Constraints without a name cannot be altered or told apart in an error.
Model.metadata.naming_convention = {
    # The word "constraint_name" in a convention makes SQLAlchemy apply it to given names too.
    "constraint_name_or_columns": _given_or_columns,
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(constraint_name_or_columns)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
BigId = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Json = sa.JSON().with_variant(pg.JSONB, "postgresql")
# None is NULL, not the JSON word null.
NullableJson = sa.JSON(none_as_null=True).with_variant(pg.JSONB(none_as_null=True), "postgresql")


def now() -> datetime:
    """The injected clock's instant, aware UTC."""
    instant: datetime = current_app.extensions["clock"].now()
    return instant


class UtcDateTime(sa.TypeDecorator[datetime]):
    """An aware datetime, always UTC in the database.

    SQLite silently drops the offset of an aware datetime, so 09:00+08:00 would be
    stored as 09:00. Convert here, and refuse naive values everywhere.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"Naive datetime {value!r}: say which time zone it is in")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def one_of(column: str, values: type[StrEnum] | Iterable[str]) -> sa.CheckConstraint:
    """A CHECK that the column holds one of the stable English values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


class Keyed(Model):
    """A surrogate key that is never given out twice, also on SQLite."""

    __abstract__ = True
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True, sort_order=-1)

    @declared_attr.directive
    def __table_args__(cls) -> Any:
        return (*getattr(cls, "constraints", ()), {"sqlite_autoincrement": True})


class Created:
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class Versioned:
    """Optimistic lock: two writers that read the same row cannot both win."""

    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.__table__.c.version}  # type: ignore[attr-defined]


def key_of(row: Any) -> int:
    """The key of a saved row. After a commit the attribute would ask the database again."""
    key: int = sa.inspect(row).identity[0]
    return key
