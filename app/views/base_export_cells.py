"""A list's columns as typed cells of a file: what the screen shows, as a value where it is one."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from markupsafe import Markup

from app.fab_kinds import Kind
from app.reports.base import Column
from app.reports.base import Kind as CellKind
from app.views.formatters import EMPTY, money, percent

if TYPE_CHECKING:
    from app.views.base import ModelView

Convert = Callable[[Any], Any]
CELLS: dict[Kind, CellKind] = {
    Kind.MONEY: "money_fen",
    Kind.INSTANT: "instant",
    Kind.DATE: "date",
    Kind.INTEGER: "integer",
    Kind.DECIMAL: "decimal",
}
# A view's own formatter that only says how a number looks.
FORMATTED: dict[Any, CellKind] = {money: "money_fen", percent: "percent_bp"}
WIDTHS: dict[CellKind, float] = {
    "text": 20, "instant": 17, "date": 12, "money_fen": 14, "integer": 10, "decimal": 12,
    "percent_bp": 10,
}  # fmt: skip


def column_of(view: "ModelView", column: str) -> Column:
    kind = _cell_kind(view, column)
    return Column(column, str(view.label_columns[column]), kind, WIDTHS[kind])


def _cell_kind(view: "ModelView", column: str) -> CellKind:
    own = view.formatters_columns.get(column)
    if own is not None:
        return FORMATTED.get(own, "text")
    return CELLS.get(view.kind(column), "text")


def converter_of(view: "ModelView", column: str) -> Convert | None:
    """Value of the row -> value of the cell; None where they are the same."""
    own, kind = view.formatters_columns.get(column), view.kind(column)
    if own is None and column in view.choices:
        return _remembered(view.formatter(column))
    if _cell_kind(view, column) == "instant":
        return _aware
    if _cell_kind(view, column) != "text":
        return None
    if own is None and kind in {Kind.TEXT, Kind.LONG_TEXT, Kind.TO_ONE}:
        return _as_text
    if own is None and kind is Kind.BOOLEAN:
        return {True: _("Yes"), False: _("No")}.get
    formatter = view.formatter(column)
    return lambda value: shown_text(formatter(value))


def _remembered(formatter: Convert) -> Convert:
    """A label is translated and stripped of its colour once a value."""
    known: dict[Any, str] = {}

    def label(value: Any) -> str:
        if value not in known:
            known[value] = shown_text(formatter(value))
        return known[value]

    return label


def _as_text(value: Any) -> str:
    return "" if value is None else str(value)


def _aware(value: datetime | None) -> datetime | None:
    """FAB's own columns are naive; UTC is what we store there."""
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def shown_text(value: Any) -> str:
    """What a person reads of a formatted value: without tags, nothing for nothing."""
    if value is None or value is EMPTY:
        return ""
    return value.striptags() if isinstance(value, Markup) else str(value)
