"""Schemas of ModelRestApi, made of the columns that it names."""

from typing import Any

from marshmallow import Schema, fields

from app.api.fields import Day, Instant, Text, Whole
from app.api.schemas import Request
from app.fab_kinds import Kind, column_of, key_name, kind_of, relationship, value_at

VERSION = "version"
LONGEST_TEXT = 10_000
SMALLEST, LARGEST = -(2**31), 2**31 - 1


class Reference(fields.Field):
    """A related row as {"id", "text"}; several as a list."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **more: Any) -> Any:
        if value is None:
            return None
        return [_named(row) for row in value] if isinstance(value, list) else _named(value)


def _named(row: Any) -> dict[str, Any]:
    return {"id": getattr(row, key_name(type(row))), "text": str(row)}


class _At(fields.Raw):
    """The value at a dotted path."""

    def get_value(self, obj: Any, attr: str, accessor: Any = None, default: Any = None) -> Any:
        return value_at(obj, self.data_key or attr)


ANSWERS: dict[Kind, type[fields.Field]] = {
    Kind.TEXT: fields.String,
    Kind.LONG_TEXT: fields.String,
    Kind.CHOICE: fields.String,
    Kind.INSTANT: Instant,
    Kind.DATE: Day,
    Kind.TIME: fields.Time,
    Kind.BOOLEAN: fields.Boolean,
    Kind.INTEGER: fields.Integer,
    Kind.MONEY: fields.Integer,
    Kind.DECIMAL: fields.Float,
    Kind.TO_ONE: Reference,
    Kind.TO_MANY: Reference,
}


def answer_schema(name: str, model: Any, columns: list[str]) -> Schema:
    made: dict[str, Any] = {}
    for column in columns:
        dotted = "." in column
        kind = ANSWERS.get(kind_of(model, column), fields.Raw)
        optional = dotted or _is_nullable(column_of(model, column))
        made[column.replace(".", "__")] = (
            _At(data_key=column, allow_none=True) if dotted else kind(allow_none=optional)
        )
    return Schema.from_dict(made, name=name)()


def request_schema(name: str, model: Any, columns: list[str], *, edit: bool = False) -> Schema:
    """In a change every column may be left out, but not the version that was read."""
    made = {column: _field(model, column, edit) for column in columns}
    if edit and column_of(model, VERSION) is not None:
        made[VERSION] = Whole(required=True)
    return Request.from_dict(made, name=name)()


def _field(model: Any, name: str, edit: bool) -> fields.Field:
    kind, column = kind_of(model, name), column_of(model, name)
    relation = relationship(model, name)
    if relation is not None:
        locals_ = relation.local_columns
        optional = relation.uselist or all(one.nullable for one in locals_)
    else:
        optional = column is None or column.nullable or column.default is not None
    nullable = bool(optional and not (relation and relation.uselist)) and _is_nullable(column)
    options: dict[str, Any] = {"required": not (optional or edit), "allow_none": nullable}
    return _by_kind(kind, column, options)


def _is_nullable(column: Any) -> bool:
    return column is None or bool(column.nullable)


def _by_kind(kind: Kind, column: Any, options: dict[str, Any]) -> fields.Field:
    if kind in {Kind.TEXT, Kind.LONG_TEXT, Kind.CHOICE}:
        return Text(getattr(column.type, "length", None) or LONGEST_TEXT, **options)
    if kind is Kind.INTEGER:
        return Whole(SMALLEST, LARGEST, **options)
    if kind is Kind.MONEY:
        return Whole(-(10**13), 10**13, **options)
    if kind is Kind.TO_ONE:
        return Whole(**options)
    if kind is Kind.TO_MANY:
        return fields.List(Whole(), **options)
    simple: dict[Kind, type[fields.Field]] = {
        Kind.INSTANT: Instant, Kind.DATE: Day, Kind.TIME: fields.Time,
        Kind.BOOLEAN: fields.Boolean, Kind.DECIMAL: fields.Float, Kind.JSON: fields.Raw,
    }  # fmt: skip
    return simple[kind](**options)
