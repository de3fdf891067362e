"""The invariants of the product, each a query over the whole database; `flask check` prints them.

The first line of a check's docstring says what must hold.
"""

from collections.abc import Collection, Mapping

from sqlalchemy.orm import Session

from app.extensions import db
from app.services.system import (
    checks_audit,
    checks_books,
    checks_claims,
    checks_ledger,
    checks_moves,
    checks_orders,
    checks_people,
    checks_settlement,
    checks_status,
    checks_work,
)
from app.services.system.findings import Check, Finding

__all__ = ["CHECKS", "Check", "Finding", "run_all", "title"]

CHECKS: Mapping[str, Check] = {
    **checks_ledger.CHECKS,
    **checks_books.CHECKS,
    **checks_orders.CHECKS,
    **checks_settlement.CHECKS,
    **checks_status.CHECKS,
    **checks_claims.CHECKS,
    **checks_moves.CHECKS,
    **checks_work.CHECKS,
    **checks_people.CHECKS,
    **checks_audit.CHECKS,
}


def run_all(
    session: Session | None = None, names: Collection[str] | None = None
) -> dict[str, Finding]:
    """Run every check, or those named; what was found, by name."""
    session = session or db.session()
    return {name: check(session) for name, check in CHECKS.items() if not names or name in names}


def title(name: str) -> str:
    """What must hold, in a sentence."""
    return (CHECKS[name].__doc__ or name).splitlines()[0].rstrip(".")
