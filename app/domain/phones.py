"""Mobile numbers of mainland China: 11 digits that begin with 13 to 19."""

import re

# No operator has it, since mobile numbers begin with 13 to 19. Only the demo accepts it.
DEMO_PHONE_PREFIX = "128"
MOBILE = re.compile(r"(?:1[3-9][0-9]|128)[0-9]{8}")


def normal_phone(raw: str) -> str | None:
    """Return the 11 digits, without +86, spaces and dashes, or None when it is no mobile."""
    digits = re.sub(r"[\s\-()]", "", raw)
    digits = digits.removeprefix("+86").removeprefix("0086")
    return digits if MOBILE.fullmatch(digits) else None


def masked_phone(phone: str | None) -> str:
    """13812341234 -> 138****1234."""
    return f"{phone[:3]}****{phone[-4:]}" if phone else ""


def is_demo_phone(phone: str) -> bool:
    """Whether the number is made up; such numbers are accepted only with DEMO=1."""
    return MOBILE.fullmatch(phone) is not None and phone.startswith(DEMO_PHONE_PREFIX)
