"""What may stand in a path. Anything else is an address where nothing is: 404."""

from datetime import date
from typing import Any

from flask import Flask
from werkzeug.routing import BaseConverter, ValidationError

from app.api.fields import LARGEST_WHOLE


class NumberConverter(BaseConverter):
    """A public number: D300506ABCDEFGHJK."""

    regex = "[A-Z][0-9A-Z]{4,31}"
    description = {"type": "string", "pattern": f"^{regex}$"}


class CodeConverter(BaseConverter):
    """A code of the catalogue."""

    regex = "[a-z0-9][a-z0-9._-]{0,47}"
    description = {"type": "string", "pattern": f"^{regex}$"}


class RowConverter(BaseConverter):
    """The key of a row that is looked up together with its owner."""

    regex = "[1-9][0-9]{0,15}"
    description = {"type": "integer", "minimum": 1, "maximum": LARGEST_WHOLE}

    def to_python(self, value: str) -> int:
        return min(int(value), LARGEST_WHOLE)


class DayConverter(BaseConverter):
    """A day of the city: 2030-05-06."""

    regex = "20[0-9]{2}-[0-9]{2}-[0-9]{2}"
    description = {"type": "string", "format": "date", "pattern": f"^{regex}$"}

    def to_python(self, value: str) -> date:
        try:
            return date.fromisoformat(value)
        except ValueError as exc:
            raise ValidationError from exc

    def to_url(self, value: date) -> str:
        return value.isoformat()


CONVERTERS: dict[str, Any] = {
    "number": NumberConverter,
    "code": CodeConverter,
    "row": RowConverter,
    "day": DayConverter,
}


def install_converters(app: Flask) -> None:
    app.url_map.converters.update(CONVERTERS)
