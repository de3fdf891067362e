"""Fields of requests and answers: strict on the way in, in the city's time on the way out."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from marshmallow import ValidationError, fields, validate
from marshmallow.utils import get_value
from werkzeug.datastructures import FileStorage

from app.domain.errors import N_
from app.services import clock

LARGEST_WHOLE = 2**53 - 1  # what every JSON reader keeps exactly
INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
YEARS = range(2000, 2100)
# PostgreSQL stores no NUL, UTF-8 no half of a pair; the other controls never belong in a text.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
# The same for the description; a required text is more than blanks.
PRINTABLE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
SOME_PRINTABLE = rf"^[^\s\x00-\x1f\x7f]{PRINTABLE[1:]}"
PHONE = r"[+0-9 ()-]{5,20}"
THIS_CENTURY = {"pattern": "^20[0-9]{2}-"}

# Said by marshmallow; translated when the error is answered.
MESSAGES = (
    N_("Missing data for required field."), N_("Field may not be null."), N_("Unknown field."),
    N_("Not a valid integer."), N_("Not a valid string."), N_("Not a valid number."),
    N_("Not a valid list."), N_("Invalid input type."), N_("Invalid type."), N_("Invalid value."),
    N_("String does not match expected pattern."), N_("Not a valid boolean."),
    N_("Special numeric values (nan or infinity) are not permitted."),
)  # fmt: skip


class Length(validate.Length):
    message_min = _l("Shorter than minimum length {min}.")
    message_max = _l("Longer than maximum length {max}.")
    message_all = _l("Length must be between {min} and {max}.")
    message_equal = _l("Length must be {equal}.")


class Range(validate.Range):
    """Both ends are given and belong to it."""

    def _format_error(self, value: Any, message: str) -> str:
        return str(_l("Must be between %(low)s and %(high)s.", low=self.min, high=self.max))


class OneOf(validate.OneOf):
    default_message = _l("Must be one of: {choices}.")


class Text(fields.String):
    """A text without control characters, stripped of the blanks around it."""

    def __init__(self, high: int, *, low: int = 0, pattern: str = "", **more: Any) -> None:
        validators: list[Any] = [Length(min=low or None, max=high)]
        metadata = {}
        if pattern:
            validators.append(validate.Regexp(f"^(?:{pattern})$"))
        else:
            metadata["pattern"] = SOME_PRINTABLE if low else PRINTABLE
        super().__init__(validate=validators, metadata=metadata, **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **more)
        if UNPRINTABLE.search(text):
            raise ValidationError(str(_l("Control characters are not allowed.")))
        return text.strip()


def text_for(column: Any, *, low: int = 0, **more: Any) -> Text:
    """A text that fits the column."""
    return Text(column.type.length, low=low, **more)


class Choice(fields.String):
    """One of some stable English values."""

    def __init__(self, values: Iterable[str], **more: Any) -> None:
        super().__init__(validate=OneOf(list(values)), **more)


class Upload(fields.Raw):
    """An uploaded file, not a text of the same name."""

    def __init__(self, **more: Any) -> None:
        super().__init__(metadata={"type": "string", "format": "binary"}, **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        if not isinstance(value, FileStorage):
            raise ValidationError("Invalid value.")
        return value


class Whole(fields.Integer):
    """A JSON integer: neither 5.0 nor "5" nor true."""

    def __init__(self, low: int = 1, high: int = LARGEST_WHOLE, **more: Any) -> None:
        super().__init__(strict=True, validate=Range(min=low, max=high), **more)

    def _validated(self, value: Any) -> int:
        if type(value) is not int:
            raise self.make_error("invalid", input=value)
        return value


class QueryWhole(Whole):
    """The same in a URL, where everything is text."""

    def _validated(self, value: Any) -> int:
        if not re.fullmatch(r"-?[0-9]{1,16}", str(value)):
            raise self.make_error("invalid", input=value)
        return int(value)


class Degrees(fields.Float):
    """A coordinate: a JSON number within its range."""

    def __init__(self, limit: int, **more: Any) -> None:
        super().__init__(validate=Range(min=-limit, max=limit), allow_nan=False, **more)

    def _validated(self, value: Any) -> float:
        if type(value) not in (int, float):
            raise self.make_error("invalid", input=value)
        return float(super()._validated(value))


class Instant(fields.AwareDateTime):
    """An instant with its offset (RFC 3339). Answers carry the city's offset."""

    def __init__(self, **more: Any) -> None:
        super().__init__(metadata=THIS_CENTURY, **more)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **more: Any) -> str | None:
        return None if value is None else clock.city_time(value).isoformat(timespec="seconds")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> datetime:
        wrong = ValidationError(str(_l("Not an instant such as 2030-05-06T14:00:00+08:00.")))
        if not isinstance(value, str) or not INSTANT.fullmatch(value):
            raise wrong
        try:
            instant = datetime.fromisoformat(value.upper())
        except ValueError as exc:
            raise wrong from exc
        if instant.year not in YEARS:
            raise wrong
        return instant.astimezone(UTC)


class Day(fields.Date):
    """A day of the city (2030-05-06)."""

    def __init__(self, **more: Any) -> None:
        super().__init__(metadata=THIS_CENTURY, **more)

    def _deserialize(  # type: ignore[override]  # marshmallow calls a Date a DateTime
        self, value: Any, attr: str | None, data: Any, **more: Any
    ) -> date:
        wrong = ValidationError(str(_l("Not a day such as 2030-05-06.")))
        if not isinstance(value, str) or not DAY.fullmatch(value):
            raise wrong
        try:
            day = date.fromisoformat(value)
        except ValueError as exc:
            raise wrong from exc
        if day.year not in YEARS:
            raise wrong
        return day


class Word(fields.String):
    """What people read for a stored value, in the caller's language."""

    def __init__(self, words: Mapping[str, Any], **more: Any) -> None:
        super().__init__(dump_only=True, **more)
        self.words = words

    def _serialize(self, value: Any, attr: str | None, obj: Any, **more: Any) -> str | None:
        return None if value is None else str(self.words.get(value, value))


class Localised(fields.String):
    """`name`, or `name_en` for somebody who reads English and where there is one."""

    def get_value(self, obj: Any, attr: str, accessor: Any = None, default: Any = None) -> Any:
        plain = super().get_value(obj, attr, accessor=accessor, default=default)
        if not reads_english():
            return plain
        key = f"{self.attribute or attr}_en"
        return (accessor or get_value)(obj, key, None) or plain


def reads_english() -> bool:
    locale = get_locale()
    return locale is not None and locale.language == "en"
