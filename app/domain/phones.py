"""Telephone numbers of mainland China (工信部 numbering plan: 11 digits, first digit 1)."""

import re

MOBILE = re.compile(r"1\d{10}")


def normal_phone(raw: str) -> str | None:
    """Return the 11 digits, without +86, spaces and dashes, or None when it is no mobile."""
    digits = re.sub(r"[\s\-()]", "", raw)
    digits = digits.removeprefix("+86").removeprefix("0086")
    return digits if MOBILE.fullmatch(digits) and digits.isascii() else None


def masked_phone(phone: str | None) -> str:
    """13812341234 -> 138****1234."""
    return f"{phone[:3]}****{phone[-4:]}" if phone else ""
