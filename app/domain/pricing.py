"""From what a customer ticks to a price and a duration, line by line."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.errors import N_, RuleViolation

LONGEST_MINUTES = 12 * 60
LONGEST_NIGHT = 24 * 60  # of services that keep their own hours


@dataclass(frozen=True, slots=True)
class ChosenOption:
    option_id: int
    code: str
    name: str
    name_en: str
    price_fen: int
    minutes: int
    quantity: int


@dataclass(frozen=True, slots=True)
class ChosenService:
    service_id: int
    code: str
    name: str
    name_en: str
    quantity: int
    price_fen: int
    minutes: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    crew_size: int
    pay_mode: str
    skills: Mapping[int, int]
    options: Sequence[ChosenOption]
    days_most: int = 1
    hours: tuple[int, int] | None = None

    @property
    def amount_fen(self) -> int:
        extras = sum(option.price_fen * option.quantity for option in self.options)
        return self.price_fen * self.quantity + extras

    @property
    def total_minutes(self) -> int:
        extras = sum(option.minutes * option.quantity for option in self.options)
        return self.minutes * self.quantity + extras


def priced(services: Sequence[ChosenService], travel_fee_fen: int, days: int = 1) -> dict[str, Any]:
    """The content of a quote: items, lines, and what each visit needs. Plain JSON values.

    `days`: on how many days in a row somebody comes. Raises RuleViolation when the services
    cannot be one order, or not for so many days.
    """
    modes = {service.pay_mode for service in services}
    minutes = sum(service.total_minutes for service in services)
    all_hours = {service.hours for service in services}
    hours = next(iter(all_hours))
    longest = LONGEST_MINUTES if hours is None else LONGEST_NIGHT
    if len(modes) != 1 or len(all_hours) != 1 or minutes > longest:
        raise RuleViolation(
            N_("These services cannot be one order. Please order them apart"),
            code="order_apart",
            minutes=minutes,
            longest_minutes=longest,
        )
    most = min(service.days_most for service in services)
    if not 1 <= days <= most:
        text = N_("Choose 1 to %(most)s days") if most > 1 else N_("This is booked day by day")
        raise RuleViolation(text, code="days_out_of_range", field="days", most=most)
    lines = _lines(services, travel_fee_fen, days)
    return {
        **({"days": days} if days > 1 else {}),
        **({"hours": list(hours)} if hours else {}),
        "items": [_item(service, days) for service in services],
        "lines": lines,
        "skills": _highest_levels(services),
        "minutes": minutes,
        "buffer_before_minutes": max(s.buffer_before_minutes for s in services),
        "buffer_after_minutes": max(s.buffer_after_minutes for s in services),
        "crew_size": max(service.crew_size for service in services),
        "pay_mode": modes.pop(),
        "total_fen": sum(line["amount_fen"] for line in lines),
    }


def content_hash(content: Mapping[str, Any]) -> str:
    """A fingerprint of all that was shown; the order names it, so that nothing changes between."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _lines(
    services: Sequence[ChosenService], travel_fee_fen: int, days: int
) -> list[dict[str, Any]]:
    lines = []
    for service in services:
        name = (service.name, service.name_en)
        lines.append(_line("base", name, service.quantity * days, service.price_fen))
        for option in service.options:
            label = (f"{name[0]}：{option.name}", f"{name[1]}: {option.name_en}")
            lines.append(_line("option", label, option.quantity * days, option.price_fen))
    if travel_fee_fen:
        lines.append(_line("travel", ("上门费", "Travel fee"), days, travel_fee_fen))
    return lines


def _line(kind: str, label: tuple[str, str], quantity: int, unit_fen: int) -> dict[str, Any]:
    return {
        "kind": kind,
        "label": label[0],
        "label_en": label[1],
        "quantity": quantity,
        "unit_fen": unit_fen,
        "amount_fen": quantity * unit_fen,
    }


def _item(service: ChosenService, days: int) -> dict[str, Any]:
    return {
        "service_id": service.service_id,
        "code": service.code,
        "name": service.name,
        "name_en": service.name_en,
        "quantity": service.quantity,
        "minutes": service.total_minutes,
        "amount_fen": service.amount_fen * days,
        "options": [
            {"code": o.code, "name": o.name, "name_en": o.name_en, "quantity": o.quantity}
            for o in service.options
        ],
    }


def _highest_levels(services: Sequence[ChosenService]) -> dict[str, int]:
    highest: dict[str, int] = {}
    for service in services:
        for skill_id, level in service.skills.items():
            highest[str(skill_id)] = max(level, highest.get(str(skill_id), 0))
    return highest
