"""What kind of thing a column shows: forms, filters, cells and alignment all ask here."""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper, RelationshipProperty

from app.models.crypto import Encrypted

Model = type[Any]


class Kind(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"
    INSTANT = "instant"
    JSON = "json"
    CHOICE = "choice"
    TO_ONE = "to_one"
    TO_MANY = "to_many"
    COMPUTED = "computed"


NUMBERS = {Kind.INTEGER, Kind.DECIMAL, Kind.MONEY}
RELATIONS = {Kind.TO_ONE, Kind.TO_MANY}

# The first match decides: Enum and Text are Strings, a Boolean is no Integer.
BY_TYPE: tuple[tuple[type[Any], Kind], ...] = (
    (Encrypted, Kind.TEXT),
    (sa.Enum, Kind.CHOICE),
    (sa.Text, Kind.LONG_TEXT),
    (sa.String, Kind.TEXT),
    (sa.Boolean, Kind.BOOLEAN),
    (sa.Integer, Kind.INTEGER),
    (sa.Numeric, Kind.DECIMAL),
    (sa.DateTime, Kind.INSTANT),
    (sa.Date, Kind.DATE),
    (sa.Time, Kind.TIME),
    (sa.JSON, Kind.JSON),
)


def kind_of(model: Model, path: str) -> Kind:
    """The kind of a column, relation or property; `path` may be dotted through to-one relations."""
    *relations, leaf = path.split(".")
    for name in relations:
        relation = relationship(model, name)
        if relation is None:
            return Kind.COMPUTED
        model = relation.mapper.class_
    return _kind_of_leaf(model, leaf)


def _kind_of_leaf(model: Model, name: str) -> Kind:
    relation = relationship(model, name)
    if relation is not None:
        return Kind.TO_MANY if relation.uselist else Kind.TO_ONE
    column = column_of(model, name)
    if column is None:
        return Kind.MONEY if name.endswith("_fen") else Kind.COMPUTED
    kind = next((kind for known, kind in BY_TYPE if _is(column.type, known)), Kind.TEXT)
    return Kind.MONEY if kind is Kind.INTEGER and name.endswith("_fen") else kind


def _is(column_type: Any, known: type[Any]) -> bool:
    if isinstance(column_type, known):
        return True
    # What a decorator of ours stores counts, except that an encrypted text is no binary.
    return isinstance(column_type, sa.TypeDecorator) and isinstance(column_type.impl, known)


def mapper_of(model: Model) -> Mapper[Any]:
    mapper: Mapper[Any] = sa.inspect(model)
    return mapper


def relationship(model: Model, name: str) -> RelationshipProperty[Any] | None:
    return mapper_of(model).relationships.get(name)


def column_of(model: Model, name: str) -> sa.Column[Any] | None:
    mapper = mapper_of(model)
    found = mapper.columns.get(name) if name in mapper.column_attrs else None
    return found if isinstance(found, sa.Column) else None


def key_column(model: Model) -> Any:
    """The single primary key column. Composite keys have no page of their own."""
    columns = mapper_of(model).primary_key
    if len(columns) != 1:
        raise TypeError(f"{model.__name__} has a composite primary key: give it an id")
    return columns[0]


def key_name(model: Model) -> str:
    name: str = mapper_of(model).get_property_by_column(key_column(model)).key
    return name


LARGEST_INTEGER, LARGEST_32 = 2**63 - 1, 2**31 - 1


def largest(column: sa.Column[Any]) -> int:
    """The largest number that the column takes; PostgreSQL refuses even to compare with more."""
    return LARGEST_INTEGER if _is(column.type, sa.BigInteger) else LARGEST_32


def parse_key(model: Model, text: Any) -> Any | None:
    """The primary key that somebody typed into a URL, or None when it cannot be one."""
    key = key_column(model)
    if _is(key.type, sa.Integer):
        digits = str(text)
        usable = digits.isascii() and digits.isdigit() and len(digits) < 20
        return int(digits) if usable and int(digits) <= largest(key) else None
    return text if "\x00" not in str(text) and len(str(text)) <= 255 else None


def is_known(model: Model, path: str) -> bool:
    """Whether the path leads to a column, a relation, a property or a method."""
    *relations, leaf = path.split(".")
    for name in relations:
        relation = relationship(model, name)
        if relation is None or relation.uselist:
            return False
        model = relation.mapper.class_
    return hasattr(model, leaf)


def value_at(row: Any, path: str) -> Any:
    """The value at a dotted path; None when something on the way is absent."""
    for name in path.split("."):
        if row is None:
            return None
        row = getattr(row, name)
        if callable(row):
            row = row()
    return row
