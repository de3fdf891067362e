"""How a plan repeats: what customers can choose, as rules of RFC 5545 in the city's days.

    weekly            on these weekdays, every week
    every_two_weeks   the same, every second week from the week of the first day on
    twice_a_month     the 1st and 3rd Saturday, the 2nd Monday and the last Friday, ...
    monthly_weekday   the 2nd Saturday, the last Friday, ...
    monthly_day       the 15th; the 29th, 30th and 31st mean the last day of a shorter month

RFC 5545 skips months without a 31st. A household that is cleaned on the last day wants it in
February too, so such a rule takes the last of the days 28 to 31 that the month has.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from dateutil.rrule import rrulestr

from app.domain.errors import N_, InvalidInput

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
KINDS = ("weekly", "every_two_weeks", "twice_a_month", "monthly_weekday", "monthly_day")
LAST = -1
WEEKS = (1, 2, 3, 4, LAST)  # which of the month's Saturdays; not every month has a fifth
SHORTEST_MONTH = 28
NTH = re.compile(r"(-?[1-4]?)([A-Z]{2})")


@dataclass(frozen=True, slots=True)
class Repeats:
    """What was chosen. Fields that a kind does not need are empty."""

    kind: str
    weekdays: tuple[str, ...] = ()
    weeks: tuple[int, ...] = ()
    day: int | None = None


def rule_of(chosen: Repeats) -> str:
    """The rule, always in the same words. Raises InvalidInput (repeat_invalid)."""
    weekdays = sorted(set(chosen.weekdays), key=_place)
    if chosen.kind in ("weekly", "every_two_weeks"):
        _need(bool(weekdays) and not chosen.weeks and chosen.day is None, "weekdays")
        interval = "INTERVAL=2;" if chosen.kind == "every_two_weeks" else ""
        return f"FREQ=WEEKLY;{interval}BYDAY={','.join(weekdays)}"
    if chosen.kind == "monthly_day":
        _need(not weekdays and not chosen.weeks, "weekdays")
        return _monthly_day(chosen.day)
    _need(chosen.day is None, "day")
    if chosen.kind == "twice_a_month":
        return f"FREQ=MONTHLY;BYDAY={','.join(_twice(chosen))}"
    _need(chosen.kind == "monthly_weekday", "kind")
    _need(len(chosen.weekdays) == 1, "weekdays")
    _need(len(chosen.weeks) == 1 and chosen.weeks[0] in WEEKS, "weeks")
    return f"FREQ=MONTHLY;BYDAY={chosen.weeks[0]}{chosen.weekdays[0]}"


def repeats_of(rule: str) -> Repeats:
    """What was chosen for the rule. Raises InvalidInput for a rule that is not offered."""
    parts = dict(part.partition("=")[::2] for part in rule.split(";"))
    chosen = _read(parts)
    _need(rule_of(chosen) == rule, "rule")
    return chosen


def days_of(rule: str, starts_on: date, first: date, last: date) -> list[date]:
    """The days of the rule from `first` to `last`, none before `starts_on`, in order."""
    begin = datetime.combine(starts_on, time.min)
    first = max(first, starts_on)
    if first > last:
        return []
    found = rrulestr(rule, dtstart=begin).between(
        datetime.combine(first, time.min), datetime.combine(last, time.min), inc=True
    )
    return [instant.date() for instant in found]


def pairs_of(chosen: Repeats) -> Iterator[tuple[int, str]]:
    """Each week with its weekday; one weekday holds for both weeks."""
    once = len(chosen.weekdays) == 1
    weekdays = chosen.weekdays * len(chosen.weeks) if once else chosen.weekdays
    yield from zip(chosen.weeks, weekdays, strict=True)


def _twice(chosen: Repeats) -> list[str]:
    _need(len(chosen.weeks) == 2 and set(chosen.weeks) <= set(WEEKS), "weeks")
    _need(len(chosen.weekdays) in (1, 2), "weekdays")
    pairs = sorted(set(pairs_of(chosen)), key=lambda pair: (pair[0] % 6, _place(pair[1])))
    weekdays = {weekday for _week, weekday in pairs}
    # In most months the fourth is the last one: that would be once a month.
    same = len(pairs) < 2 or (len(weekdays) == 1 and {week for week, _day in pairs} == {4, LAST})
    _need(not same, "weeks")
    return [f"{week}{weekday}" for week, weekday in pairs]


def _monthly_day(day: int | None) -> str:
    _need(day is not None and 1 <= day <= 31, "day")
    assert day is not None  # noqa: S101  # the line above
    if day <= SHORTEST_MONTH:
        return f"FREQ=MONTHLY;BYMONTHDAY={day}"
    days = ",".join(str(one) for one in range(SHORTEST_MONTH, day + 1))
    return f"FREQ=MONTHLY;BYMONTHDAY={days};BYSETPOS=-1"


def _read(parts: Mapping[str, str]) -> Repeats:
    if parts.get("FREQ") == "WEEKLY":
        kind = "every_two_weeks" if "INTERVAL" in parts else "weekly"
        return Repeats(kind, tuple(parts.get("BYDAY", "").split(",")))
    if "BYMONTHDAY" in parts:
        last = parts["BYMONTHDAY"].rpartition(",")[2]
        return Repeats("monthly_day", day=int(last) if last.isdigit() else None)
    found = [NTH.fullmatch(word) for word in parts.get("BYDAY", "").split(",")]
    if any(one is None or not one[1].lstrip("-") for one in found):
        raise _invalid("rule")
    weeks = tuple(int(one[1]) for one in found if one)
    weekdays = tuple(one[2] for one in found if one)
    return Repeats("monthly_weekday" if len(found) == 1 else "twice_a_month", weekdays, weeks)


def _place(weekday: str) -> int:
    _need(weekday in WEEKDAYS, "weekdays")
    return WEEKDAYS.index(weekday)


def _need(fulfilled: bool, field: str) -> None:
    if not fulfilled:
        raise _invalid(field)


def _invalid(field: str) -> InvalidInput:
    return InvalidInput(
        N_("This way of repeating is not offered"), code="repeat_invalid", field=field
    )
