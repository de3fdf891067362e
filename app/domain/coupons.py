"""What a coupon takes off a price. Its terms stand in the quote: they stay what was shown."""

from collections.abc import Mapping
from typing import Any

from app.domain.money import share

LINE = "coupon"
Terms = Mapping[str, Any]


def off_fen(terms: Terms, content: Mapping[str, Any]) -> int:
    """How much of the quote's other lines; 0 below its minimum or without one of its services."""
    total: int = sum(line["amount_fen"] for line in content["lines"])
    if total < terms["from_fen"]:
        return 0
    base = min(_base(terms, content, total), total)
    off = min(terms["amount_fen"] or share(base, terms["rate_bp"]), base)
    return off if terms["most_fen"] is None else min(off, int(terms["most_fen"]))


def added(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content with the line of its coupon, if it has one that takes something off."""
    terms = content.get("coupon")
    off = off_fen(terms, content) if terms else 0
    lines = [*content["lines"], *([_line(content["coupon"], off)] if off else [])]
    return {**content, "lines": lines, "total_fen": sum(line["amount_fen"] for line in lines)}


def taken_off(content: Mapping[str, Any]) -> int:
    """What the coupon of this quote takes off, in fen."""
    return -sum(line["amount_fen"] for line in content["lines"] if line["kind"] == LINE)


def _base(terms: Terms, content: Mapping[str, Any], total: int) -> int:
    """Of the whole price, or of the services that it is for, with their options."""
    if not terms["service_codes"]:
        return total
    items = (item for item in content["items"] if item["code"] in terms["service_codes"])
    return sum(item["amount_fen"] for item in items)


def _line(terms: Terms, off: int) -> dict[str, Any]:
    return {
        "kind": LINE,
        "label": f"{terms['name']} {terms['code']}",
        "label_en": f"{terms['name_en'] or terms['name']} {terms['code']}",
        "quantity": 1,
        "unit_fen": -off,
        "amount_fen": -off,
    }
