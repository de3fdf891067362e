"""What a list can be asked, and the filters of one request.

A filter in a URL is `_flt_<number>_<column>=<text>`; the number counts the column's filters.
"""

import copy
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa
from flask import has_request_context, request
from flask_appbuilder.models.filters import BaseFilter, BaseFilterConverter, FilterRelation, Filters
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Query

from app.domain.money import fen
from app.fab_kinds import (
    LARGEST_INTEGER,
    Kind,
    column_of,
    key_column,
    key_name,
    kind_of,
    largest,
    parse_key,
)
from app.services.clock import start_of

LONGEST_TEXT = 200


class PerRequestFilters:
    """Gives each request its own filters.

    FAB keeps one mutable Filters object in the view, which all threads share: a request could
    get the rows that another one asked for.
    """

    def __get__(self, view: Any, owner: type | None = None) -> Any:
        if view is None:
            return None
        prototype = view.__dict__.get("_filters_prototype")
        if prototype is None or not has_request_context():
            return prototype
        # Not in `g`, which outlives a request inside an application context.
        mine = request.environ.setdefault("backoffice.filters", {})
        if id(view) not in mine:
            mine[id(view)] = copy.copy(prototype)
            mine[id(view)].clear_filters()
        return mine[id(view)]

    def __set__(self, view: Any, filters: Any) -> None:
        view.__dict__["_filters_prototype"] = filters


class RowFilter(BaseFilter):
    """One question about a row. `parse` raises ValueError for what it does not understand."""

    control = "text"

    def parse(self, text: str) -> Any:
        if "\x00" in text or len(text) > LONGEST_TEXT:
            raise ValueError("not a text to look for")
        return text.strip()

    def condition(self, column: Any, value: Any) -> Any:
        raise NotImplementedError

    def understands(self, text: str) -> bool:
        try:
            self.parse(text)
        except ValueError:
            return False
        return True

    def apply(self, query: Query[Any], value: Any) -> Query[Any]:
        parsed = self.parse(value) if isinstance(value, str) else value
        return query.filter(self.condition(getattr(self.model, self.column_name), parsed))


class Contains(RowFilter):
    name, arg_name = _l("contains"), "ct"

    def condition(self, column: Any, value: Any) -> Any:
        return column.icontains(value, autoescape=True)


class StartsWith(RowFilter):
    name, arg_name = _l("starts with"), "sw"

    def condition(self, column: Any, value: Any) -> Any:
        return column.istartswith(value, autoescape=True)


class Equals(RowFilter):
    name, arg_name = _l("is"), "eq"

    def condition(self, column: Any, value: Any) -> Any:
        return column == value


class Differs(RowFilter):
    name, arg_name = _l("is not"), "neq"

    def condition(self, column: Any, value: Any) -> Any:
        return column.is_distinct_from(value)


class AtLeast(RowFilter):
    name, arg_name = _l("from"), "ge"

    def condition(self, column: Any, value: Any) -> Any:
        return column >= value


class AtMost(RowFilter):
    name, arg_name = _l("to"), "le"

    def condition(self, column: Any, value: Any) -> Any:
        return column <= value


class _Number(RowFilter):
    control = "number"

    def parse(self, text: str) -> Any:
        try:
            number = Decimal(text.strip())
        except InvalidOperation as exc:
            raise ValueError(f"{text!r} is not a number") from exc
        column = column_of(self.model, self.column_name)
        most = LARGEST_INTEGER if column is None else largest(column)
        if not number.is_finite() or abs(number) > most:
            raise ValueError(f"{text!r} is out of range")
        return int(number) if number == number.to_integral_value() else number


class _Money(RowFilter):
    control = "number"

    def parse(self, text: str) -> Any:
        return fen(text)


class _Day(RowFilter):
    control = "date"

    def parse(self, text: str) -> Any:
        return date.fromisoformat(text.strip())


class _Boolean(RowFilter):
    control = "boolean"

    def parse(self, text: str) -> Any:
        if text not in {"y", "n"}:
            raise ValueError("yes or no")
        return text == "y"


class OnDay(_Day):
    name, arg_name = _l("is"), "eq"

    def condition(self, column: Any, value: date) -> Any:
        return (column >= start_of(value)) & (column < start_of(value + timedelta(days=1)))


class FromDay(_Day):
    name, arg_name = _l("from"), "ge"

    def condition(self, column: Any, value: date) -> Any:
        return column >= start_of(value)


class ToDay(_Day):
    name, arg_name = _l("to"), "le"

    def parse(self, text: str) -> Any:
        day = super().parse(text)
        if day == date.max:
            raise ValueError("no day after it")
        return day

    def condition(self, column: Any, value: date) -> Any:
        return column < start_of(value + timedelta(days=1))


class NumberIs(_Number, Equals): ...


class NumberFrom(_Number, AtLeast): ...


class NumberTo(_Number, AtMost): ...


class MoneyIs(_Money, Equals): ...


class MoneyFrom(_Money, AtLeast): ...


class MoneyTo(_Money, AtMost): ...


class DateIs(_Day, Equals): ...


class DateFrom(_Day, AtLeast): ...


class DateTo(_Day, AtMost): ...


class BooleanIs(_Boolean, Equals): ...


class _Choice(RowFilter):
    control = "choice"

    def parse(self, text: str) -> Any:
        column = getattr(self.model, self.column_name)
        if isinstance(column.type, sa.Enum) and text not in column.type.enums:
            raise ValueError(f"{text!r} is no value of this column")
        return super().parse(text)


class ChoiceIs(_Choice, Equals): ...


class ChoiceIsNot(_Choice, Differs): ...


class RelationIs(RowFilter, FilterRelation):
    """Rows that belong to one other row, found by its key."""

    name, arg_name = _l("is"), "rel_o_m"
    control = "lookup"

    def parse(self, text: str) -> Any:
        related = self.datamodel.get_related_model(self.column_name)
        key = parse_key(related, text)
        if key is None:
            raise ValueError(f"{text!r} is not a key")
        return key

    def condition(self, column: Any, value: Any) -> Any:
        related = self.datamodel.get_related_model(self.column_name)
        same = getattr(related, key_name(related)) == value
        if column.property.uselist:
            return column.any(same)
        pairs = column.property.local_remote_pairs
        if len(pairs) == 1 and pairs[0][1] is key_column(related):
            return pairs[0][0] == value
        return column.has(same)


class InScope(BaseFilter):
    """Row scope as a filter: its value is the view's `scope` method."""

    name = "scope"
    arg_name = "scope"

    def apply(self, query: Query[Any], value: Any) -> Query[Any]:
        return value(query)


NUMBER_FILTERS: list[type[RowFilter]] = [NumberIs, NumberFrom, NumberTo]
FILTERS_OF: dict[Kind, list[type[RowFilter]]] = {
    Kind.TEXT: [Contains, Equals, StartsWith],
    Kind.LONG_TEXT: [Contains],
    Kind.INTEGER: NUMBER_FILTERS,
    Kind.DECIMAL: NUMBER_FILTERS,
    Kind.MONEY: [MoneyIs, MoneyFrom, MoneyTo],
    Kind.BOOLEAN: [BooleanIs],
    Kind.DATE: [DateIs, DateFrom, DateTo],
    Kind.INSTANT: [OnDay, FromDay, ToDay],
    Kind.CHOICE: [ChoiceIs, ChoiceIsNot],
    Kind.TO_ONE: [RelationIs],
    Kind.TO_MANY: [RelationIs],
}


class FilterConverter(BaseFilterConverter):
    def convert(self, col_name: str) -> list[RowFilter] | None:
        classes = FILTERS_OF.get(kind_of(self.datamodel.obj, col_name))
        return [cls(col_name, self.datamodel) for cls in classes] if classes else None


class RowFilters(Filters):
    """The questions a view allows. Not every column of the model: only what was listed."""

    def __init__(
        self,
        filter_converter: type[BaseFilterConverter],
        datamodel: Any,
        search_columns: list[str] | None = None,
        search_filters: dict[str, list[RowFilter]] | None = None,
    ) -> None:
        self.search_columns = search_columns or []
        self.filter_converter = filter_converter
        self.datamodel = datamodel
        self.clear_filters()
        own = search_filters or {}
        known = self._get_filters([name for name in self.search_columns if name not in own])
        self._search_filters = self._all_filters = {**known, **own}

    def get_joined_filters(self, filters: Filters) -> "RowFilters":
        joined = RowFilters(self.filter_converter, self.datamodel)
        joined.filters = self.filters + filters.filters
        joined.values = self.values + filters.values
        return joined

    def copy(self) -> "RowFilters":
        same = RowFilters(self.filter_converter, self.datamodel)
        same.filters, same.values = list(self.filters), list(self.values)
        return same
