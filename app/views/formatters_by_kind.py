"""How a column is shown that says nothing of it: by its kind, or by the value's type."""

from datetime import date, datetime
from typing import Any

from app.fab_kinds import Kind
from app.views.formatters import (
    Formatter,
    clock_time,
    day,
    instant,
    joined,
    money,
    multiline,
    plain,
    yes_no,
)
from app.views.told import in_words

BY_KIND: dict[Kind, Formatter] = {
    Kind.MONEY: money,
    Kind.INSTANT: instant,
    Kind.DATE: day,
    Kind.TIME: clock_time,
    Kind.BOOLEAN: yes_no,
    Kind.LONG_TEXT: multiline,
    Kind.JSON: in_words,
    Kind.TO_MANY: joined,
}


def formatter_for(kind: Kind) -> Formatter:
    return BY_KIND.get(kind, by_value)


def by_value(value: Any) -> Any:
    """For computed values: the type decides."""
    if isinstance(value, bool):
        return yes_no(value)
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return day(value)
    return plain(value)
