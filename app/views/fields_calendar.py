"""Form fields for weekdays, times of day and percentages: people never see bits or minutes."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field

from app.domain.calendar import DAY, clock_of, days_of, minute_of
from app.views.fields import ChoiceField, Option
from app.views.formatters import EMPTY, percent
from app.views.labels_catalog import WEEKDAY
from app.views.widgets import CheckListWidget, TextWidget

SPAN = re.compile(r"(\d{1,2}[:：]\d{2})\s*[-–~至]\s*(\d{1,2}[:：]\d{2})")


class WeekdaysField(Field):
    """Seven boxes to tick; holds a bit for each day, Monday is 1."""

    widget, is_group = CheckListWidget(), True

    def options(self) -> Iterator[Option]:
        chosen = days_of(self.data or 0)
        for day, label in WEEKDAY.items():
            yield (str(day), label, day in chosen)

    def process_formdata(self, valuelist: list[str]) -> None:
        known = {str(day): day for day in WEEKDAY}
        if not set(valuelist) <= set(known):
            raise ValueError(self.gettext("Not a valid choice."))
        self.data = sum(1 << known[value] for value in set(valuelist))


class WeekdayField(ChoiceField):
    """One weekday; the column holds its number, Monday is 0."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, labels=WEEKDAY, **kwargs)

    def populate_obj(self, obj: Any, name: str) -> None:
        setattr(obj, name, None if self.data is None else int(self.data))


class MinuteField(Field):
    """A time of day; holds minutes after midnight. `end`: midnight is the end of the day."""

    widget = TextWidget("time")

    def __init__(self, *args: Any, end: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.end = end

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else clock_of(self.data % DAY)

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not text:
            return
        try:
            minute = minute_of(text)
        except ValueError as exc:
            raise ValueError(str(_l("Enter a time like 08:30"))) from exc
        self.data = DAY if self.end and minute == 0 else minute


class BreaksField(Field):
    """Pauses of a day, typed as "12:00-13:00, 18:00-18:30"; holds [[720, 780], ...]."""

    widget = TextWidget()

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else spans_text(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        text = (valuelist[0] if valuelist else "").replace("：", ":")
        found = SPAN.findall(text)
        rest = SPAN.sub("", text).strip(" ,，;；、")
        try:
            self.data = [[minute_of(start), minute_of(end)] for start, end in found]
        except ValueError as exc:
            raise ValueError(str(_l("Enter pauses like 12:00-13:00, 18:00-18:30"))) from exc
        if rest.strip(" ,，;；、") or any(start >= end for start, end in self.data):
            raise ValueError(str(_l("Enter pauses like 12:00-13:00, 18:00-18:30")))


class PercentField(Field):
    """Shows per cent with two decimals, holds basis points."""

    widget = TextWidget("text", inputmode="decimal", autocomplete="off")

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{Decimal(self.data) / 100:f}"

    def process_formdata(self, valuelist: list[str]) -> None:
        text = (valuelist[0] if valuelist else "").strip().removesuffix("%").strip()
        self.data = None
        if not text:
            return
        try:
            exact = Decimal(text) * 100
        except InvalidOperation as exc:
            raise ValueError(str(_l("Enter per cent with at most two decimals"))) from exc
        if not exact.is_finite() or exact != exact.to_integral_value() or abs(exact) > 10**6:
            raise ValueError(str(_l("Enter per cent with at most two decimals")))
        self.data = int(exact)


# How the same values look on pages.


def weekdays(bits: int | None) -> Any:
    """ "Mon, Tue", or "every day" for none and for all."""
    days = days_of(bits or 0)
    if len(days) in {0, 7}:
        return _("Every day")
    return _(", ").join(str(WEEKDAY[day]) for day in days)


def minute(value: int | None) -> Any:
    """A time of day; past midnight with the day after."""
    if value is None:
        return EMPTY
    if value <= DAY:
        return clock_of(value)
    return _("%(time)s the next day", time=clock_of(value - DAY))


def spans_text(spans: list[list[int]] | None) -> str:
    return ", ".join(f"{_wall(start)}-{_wall(end)}" for start, end in spans or [])


def _wall(minute: int) -> str:
    """Past midnight the clock begins anew."""
    return clock_of(minute if minute <= DAY else minute - DAY)


def spans(value: list[list[int]] | None) -> Any:
    return spans_text(value) or EMPTY


def signed_percent(basis_points: int | None) -> Any:
    """A surcharge with its sign; nothing for none."""
    if not basis_points:
        return EMPTY
    return f"+{percent(basis_points)}" if basis_points > 0 else percent(basis_points)
