"""Weekdays as bits and times of day as minutes: how rules and shift templates are stored."""

import re

DAY = 24 * 60
TIME = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?")


def days_of(bits: int) -> list[int]:
    """The weekdays (Monday is 0) whose bit is set; Monday's bit is 1."""
    return [day for day in range(7) if bits >> day & 1]


def clock_of(minute: int) -> str:
    """Minutes after midnight as a time: 510 -> "08:30", 1440 -> "24:00"."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def minute_of(text: str) -> int:
    """The minutes after midnight of a time like "08:30". Raises ValueError for any other text."""
    found = TIME.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no time of day")
    hours, minutes = int(found[1]), int(found[2])
    if hours * 60 + minutes > DAY or minutes > 59:
        raise ValueError(f"{text!r} is no time of day")
    return hours * 60 + minutes


def end_after(start: int, end: int) -> int:
    """The end of a span of a day; one that is not after its start is on the next day."""
    return end if end > start else end + DAY
