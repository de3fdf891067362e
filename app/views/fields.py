"""Form fields that know the city's clock, yuan, translated choices and large tables."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Field, StringField, ValidationError

from app.domain.money import fen, yuan
from app.extensions import db
from app.services.clock import city_time, city_zone
from app.views.base_lookups import Lookup
from app.views.widgets import (
    CheckListWidget,
    DateTimeLocalWidget,
    LongTextWidget,
    MoneyWidget,
    RowSelectWidget,
    SelectWidget,
)

Option = tuple[str, Any, bool]  # value, text, chosen
TO_MINUTES, TO_SECONDS = "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"


def suggest(field: Any, choices: Sequence[tuple[str, str]]) -> None:
    """Offer (value, text) under the field as buttons that fill it in."""
    field.suggested = list(choices)


class LocalDateTimeField(Field):
    """Shows the city's time, holds an aware UTC instant."""

    widget = DateTimeLocalWidget()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if not self.data:
            return ""
        local = city_time(self.data)
        return local.strftime(TO_SECONDS if local.second else TO_MINUTES)

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not text:
            return
        try:
            typed = datetime.fromisoformat(text)
        except ValueError as exc:
            raise ValueError(self.gettext("Not a valid datetime value.")) from exc
        self.data = _from_city(typed) if typed.tzinfo is None else typed.astimezone(UTC)


def _from_city(typed: datetime) -> datetime:
    """The instant of a wall-clock reading; an hour that the city skips is refused."""
    try:
        instant = typed.replace(tzinfo=city_zone()).astimezone(UTC)
        shown = city_time(instant).replace(tzinfo=None)
    except OverflowError as exc:
        raise ValueError(str(_l("This moment is out of range"))) from exc
    if shown != typed:
        raise ValueError(str(_l("The clocks skip this moment; choose another")))
    return instant


class YuanField(Field):
    """Shows yuan with two decimals, holds integer fen."""

    widget = MoneyWidget()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return yuan(self.data).replace(",", "") if self.data is not None else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not text:
            return
        try:
            self.data = fen(text)
        except ValueError as exc:
            raise ValueError(str(_l("Enter an amount in yuan with at most two decimals"))) from exc


def above_zero(_form: Any, field: YuanField) -> None:
    """For YuanField: an amount of at least one fen."""
    if field.data is not None and field.data <= 0:
        raise ValidationError(_l("Must be above zero"))


class ChoiceField(Field):
    """A stored value chosen by its translated label. Starts blank: nothing is preselected."""

    widget = SelectWidget()

    def __init__(
        self,
        label: Any = None,
        validators: Any = None,
        *,
        labels: Mapping[Any, Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.labels = labels

    def options(self) -> Iterator[Option]:
        yield ("", _l("Please choose"), not self.data)
        for value, text in self.labels.items():
            yield (str(value), text, self.data == str(value))

    def process_data(self, value: Any) -> None:
        self.data = None if value is None else str(value)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = (valuelist[0] if valuelist else "") or None

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and self.data not in {str(value) for value in self.labels}:
            raise ValidationError(self.gettext("Not a valid choice."))


class RowSelectField(Field):
    """Chooses one row of another table. Holds the row; starts blank, also when required.

    With a large table only the chosen row is in the page and the rest comes from `source`.
    """

    widget: Any = RowSelectWidget()
    multiple = False

    def __init__(
        self,
        label: Any = None,
        validators: Any = None,
        *,
        lookup: Lookup,
        source: Callable[[], str] = str,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.lookup, self.source, self.missing = lookup, source, False

    def chosen(self) -> Sequence[Any]:
        return [] if self.data is None else [self.data]

    def options(self) -> Iterator[Option]:
        chosen = {self.lookup.key(row): row for row in self.chosen()}
        rows = {**chosen}
        if self.lookup.small:
            rows = {self.lookup.key(row): row for row in self.lookup.all(db.session())} | chosen
        if not self.multiple:
            yield ("", _l("Please choose"), not chosen)
        for key, row in rows.items():
            yield (str(key), self.lookup.label(row), key in chosen)

    def process_formdata(self, valuelist: list[str]) -> None:
        keys = [text for text in valuelist if text][: None if self.multiple else 1]
        rows = self.lookup.find(db.session(), keys)
        self.missing = len(rows) < len(set(keys))
        self.hold(rows)

    def hold(self, rows: list[Any]) -> None:
        self.data = rows[0] if rows else None

    def pre_validate(self, form: Any) -> None:
        if self.missing:
            raise ValidationError(self.gettext("Not a valid choice."))


class RowsSelectField(RowSelectField):
    """Chooses any number of rows of another table."""

    multiple = True

    def __init__(self, *args: Any, lookup: Lookup, **kwargs: Any) -> None:
        super().__init__(*args, lookup=lookup, **kwargs)
        if lookup.small:
            self.widget, self.is_group = CheckListWidget(), True

    def chosen(self) -> Sequence[Any]:
        return list(self.data or [])

    def hold(self, rows: list[Any]) -> None:
        self.data = rows


class TextField(StringField):
    """A text without control characters that a database refuses, and without outer blanks.

    `empty` is what an empty input means: None, so that a unique column can be empty more than
    once, or "" where the column is never NULL.
    """

    def __init__(self, *args: Any, empty: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.empty = empty

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].replace("\x00", "").strip() if valuelist else ""
        self.data = text or self.empty


class JsonField(Field):
    """A small JSON value, typed as text."""

    widget = LongTextWidget()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else json.dumps(self.data, ensure_ascii=False, indent=1)

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not text:
            return
        try:
            self.data = json.loads(text)
        except ValueError as exc:
            raise ValueError(str(_l("This is not valid JSON"))) from exc
