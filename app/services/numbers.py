"""Public numbers: they name the day, and nobody can guess the next one."""

import secrets

from app.services import clock

# Crockford's alphabet: no I, L, O, U, so that a number survives a telephone.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_number(prefix: str) -> str:
    """Return prefix + yymmdd (the city's day) + ten random characters (50 bits)."""
    tail = "".join(secrets.choice(ALPHABET) for _ in range(10))
    return f"{prefix}{clock.today():%y%m%d}{tail}"
