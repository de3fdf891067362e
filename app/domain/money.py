"""Money is an integer number of fen (0.01 CNY). Never a float, never a bare Decimal."""

import re
import unicodedata
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

BASIS_POINTS = 10_000
LARGEST_FEN = 10**13
TYPED = re.compile(r"[+-]?¥?([0-9]{1,20}|[0-9]{1,3}(,[0-9]{3}){1,5})(\.[0-9]{0,2})?")


def share(amount_fen: int, rate_bp: int) -> int:
    """Return `rate_bp` basis points (1/10,000) of the amount, rounded half away from zero."""
    exact = Decimal(amount_fen) * rate_bp / BASIS_POINTS
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def split(amount_fen: int, weights: Sequence[int]) -> list[int]:
    """Split the amount by `weights` so that the parts add up exactly.

    The fen lost to rounding go to the largest remainders, earliest first.
    """
    if amount_fen < 0 or not weights or min(weights) < 0 or sum(weights) == 0:
        raise ValueError("amount and weights must be non-negative, with a positive total weight")
    total = sum(weights)
    parts = [amount_fen * weight // total for weight in weights]
    by_remainder = sorted(
        range(len(weights)), key=lambda i: (-(amount_fen * weights[i] % total), i)
    )
    for i in by_remainder[: amount_fen - sum(parts)]:
        parts[i] += 1
    return parts


def yuan(fen: int | None) -> str:
    """Return the amount in yuan with two decimals: 123456 -> "1,234.56"."""
    if fen is None:
        return ""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def fen(text: str) -> int:
    """Return the fen in a typed amount of yuan: "1,234.5" -> 123450, also in full-width signs.

    Raises ValueError for more than two decimals, for no number, and past ten million million; also
    for what may be a slip: "1,5", "1e3".
    """
    typed = unicodedata.normalize("NFKC", text).strip()
    if not TYPED.fullmatch(typed):
        raise ValueError(f"{text!r} is not an amount with at most two decimals")
    amount = int(Decimal(typed.replace(",", "").replace("¥", "")) * 100)
    if abs(amount) > LARGEST_FEN:
        raise ValueError(f"{text!r} is too large an amount")
    return amount
