"""Surcharges and reductions of the base price: which hold when, and what each adds.

A rule adds its rate of the base price of the services that it is about, and its amount, once a day
on which it holds. All rules that hold are added up; together they never make less than nothing.

A rest day is what the calendar says (`days`: day -> rest, working), whatever its weekday; a weekend
that is worked is no weekday of any rule.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from app.domain.calendar import days_of
from app.domain.money import share

EVERY_DAY = 0
HOLIDAY, OTHER = "holiday", "other"
# Kinds of rules, and of the lines that they add.
KINDS = ("area", "peak", "weekday", HOLIDAY, "season", OTHER)
REST, WORKING = "rest", "working"
Days = Mapping[date, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """Empty fields hold for all. `weekdays`: a bit each, Monday is 1; minutes are half-open.

    One of kind holiday holds on rest days only.
    """

    kind: str
    name: str
    name_en: str
    service_id: int | None
    area_id: int | None
    weekdays: int
    from_minute: int | None
    to_minute: int | None
    rate_bp: int
    amount_fen: int
    valid_from: date
    valid_to: date | None

    @property
    def is_timed(self) -> bool:
        """Whether it asks for the time of the visit."""
        at_times = self.weekdays != EVERY_DAY or self.from_minute is not None
        return at_times or self.kind == HOLIDAY

    @property
    def line_kind(self) -> str:
        """What its lines are called: as it is, or if that says nothing, by what it asks for."""
        if self.kind != OTHER:
            return self.kind
        if self.from_minute is not None:
            return "peak"
        if self.weekdays != EVERY_DAY:
            return "weekday"
        return OTHER if self.area_id is None else "area"

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def holds_at(self, start: datetime, kind_of_day: str | None = None) -> bool:
        """`start`: in the city's time."""
        if not self.holds_on(start.date()) or not self._is_its_day(start, kind_of_day):
            return False
        minute = start.hour * 60 + start.minute
        return self.from_minute is None or self.from_minute <= minute < (self.to_minute or 0)

    def _is_its_day(self, start: datetime, kind_of_day: str | None) -> bool:
        if self.kind == HOLIDAY and kind_of_day != REST:
            return False
        if self.weekdays == EVERY_DAY:
            return True
        return kind_of_day != WORKING and start.weekday() in days_of(self.weekdays)


def days_held(
    rule: Rule, start: datetime | None, today: date, days: int, calendar: Days | None = None
) -> int:
    """On how many days of an order the rule holds.

    Without a start only the rules that ask for no time are known, as they are today.
    """
    if start is None:
        return days if not rule.is_timed and rule.holds_on(today) else 0
    known = calendar or {}
    starts = [start + timedelta(days=n) for n in range(days)]
    return sum(rule.holds_at(one, known.get(one.date())) for one in starts)


def added(
    content: Mapping[str, Any],
    rules: Sequence[Rule],
    start: datetime | None,
    today: date,
    calendar: Days | None = None,
) -> dict[str, Any]:
    """The content of a quote with a line for each rule that holds, and its total."""
    days = content.get("days", 1)
    bases = (line["amount_fen"] // days for line in content["lines"] if line["kind"] == "base")
    items = (item["service_id"] for item in content["items"])
    found = lines(rules, dict(zip(items, bases, strict=True)), start, today, days, calendar)
    whole = [*content["lines"], *found]
    return {**content, "lines": whole, "total_fen": sum(line["amount_fen"] for line in whole)}


def lines(
    rules: Sequence[Rule],
    base_fen: Mapping[int, int],
    start: datetime | None,
    today: date,
    days: int = 1,
    calendar: Days | None = None,
) -> list[dict[str, Any]]:
    """A line for each rule that holds. `base_fen`: by service, its base price of one day."""
    found: list[dict[str, Any]] = []
    left = sum(base_fen.values()) * days
    for rule in rules:
        count = days_held(rule, start, today, days, calendar)
        about = rule.service_id is None or rule.service_id in base_fen
        if not count or not about:
            continue
        base = sum(base_fen.values()) if rule.service_id is None else base_fen[rule.service_id]
        unit = share(base, rule.rate_bp) + rule.amount_fen
        if unit * count < -left:  # a reduction of more than there is
            count, unit = 1, -left
        if unit:
            left += unit * count
            found.append(_line(rule, count, unit))
    return found


def _line(rule: Rule, count: int, unit: int) -> dict[str, Any]:
    rate = f" {rule.rate_bp / 100:+g}%" if rule.rate_bp else ""
    return {
        "kind": rule.line_kind,
        "label": f"{rule.name}{rate}",
        "label_en": f"{rule.name_en or rule.name}{rate}",
        "quantity": count,
        "unit_fen": unit,
        "amount_fen": unit * count,
    }
