"""Text that people typed, on its way into files that others open."""

import re
import unicodedata
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import current_app

# What XML cannot hold, and what turns the reading direction so that a name shows another name.
UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
# Spreadsheets of East Asian locales also accept the full-width signs.
FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
LONGEST_CELL = 32_767


def clean(text: str) -> str:
    """Return the text without control characters, composed, and short enough for a cell."""
    return UNWANTED.sub("", unicodedata.normalize("NFC", text))[:LONGEST_CELL]


def starts_like_a_formula(text: str) -> bool:
    return text.startswith(FORMULA_STARTS) or text.lstrip().startswith(FORMULA_STARTS)


def inert(text: str) -> str:
    """Return the text so that a spreadsheet that opens a CSV file does not run it."""
    text = clean(text)
    return f"'{text}" if starts_like_a_formula(text) else text


def masked_name(name: str) -> str:
    """Return a person's name with all but its first character hidden: 王小明 -> 王**."""
    name = clean(name).strip()
    return name[:1] + "*" * min(len(name) - 1, 2) if name else ""


def masked_phone(tail: str) -> str:
    """Return how a phone is printed, of which only the last four digits are known."""
    return f"*******{tail}" if tail else ""


def city_time(instant: datetime) -> datetime:
    """The instant on the city's wall clock, without an offset: what a spreadsheet can hold."""
    return instant.astimezone(ZoneInfo(current_app.config["CITY_TIMEZONE"])).replace(tzinfo=None)
