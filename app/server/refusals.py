"""What keeps the product from starting, in one sentence."""

import sys

from sqlalchemy.exc import DBAPIError, OperationalError

CANNOT_START = 2


def refuse(reason: object) -> int:
    print(reason, file=sys.stderr, flush=True)
    return CANNOT_START


def of_database(exc: DBAPIError) -> str:
    words = str(exc.orig).strip().splitlines() or [type(exc.orig).__name__]
    if "btree_gist" in words[0]:
        return (
            f"The database lacks the extension btree_gist ({words[0]}); have its administrator "
            "run CREATE EXTENSION btree_gist."
        )
    if isinstance(exc, OperationalError):
        return f"The database does not answer: {words[0]}"
    return f"The database cannot be used: {words[0]}"
