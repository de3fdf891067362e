"""From what a customer ticks to a price and a duration, line by line."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.errors import N_, RuleViolation

LONGEST_MINUTES = 12 * 60


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

    @property
    def amount_fen(self) -> int:
        extras = sum(option.price_fen * option.quantity for option in self.options)
        return self.price_fen * self.quantity + extras

    @property
    def total_minutes(self) -> int:
        extras = sum(option.minutes * option.quantity for option in self.options)
        return self.minutes * self.quantity + extras


def priced(services: Sequence[ChosenService], travel_fee_fen: int) -> dict[str, Any]:
    """The content of a quote: items, lines, and what the visit needs. Plain JSON values.

    Raises RuleViolation when the services cannot be one order.
    """
    modes = {service.pay_mode for service in services}
    minutes = sum(service.total_minutes for service in services)
    if len(modes) != 1 or minutes > LONGEST_MINUTES:
        raise RuleViolation(
            N_("These services cannot be one order. Please order them apart"),
            code="order_apart",
            minutes=minutes,
            longest_minutes=LONGEST_MINUTES,
        )
    lines = _lines(services, travel_fee_fen)
    return {
        "items": [_item(service) for service in services],
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


def _lines(services: Sequence[ChosenService], travel_fee_fen: int) -> list[dict[str, Any]]:
    lines = []
    for service in services:
        name = (service.name, service.name_en)
        lines.append(_line("base", name, service.quantity, service.price_fen))
        for option in service.options:
            label = (f"{name[0]}：{option.name}", f"{name[1]}: {option.name_en}")
            lines.append(_line("option", label, option.quantity, option.price_fen))
    if travel_fee_fen:
        lines.append(_line("travel", ("上门费", "Travel fee"), 1, travel_fee_fen))
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


def _item(service: ChosenService) -> dict[str, Any]:
    return {
        "service_id": service.service_id,
        "code": service.code,
        "name": service.name,
        "name_en": service.name_en,
        "quantity": service.quantity,
        "minutes": service.total_minutes,
        "amount_fen": service.amount_fen,
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
