"""How long audit rows are kept: whole batches go, oldest first, and their seals stay.

An audit row of its own says through which seal the rows are gone; it is sealed like any other.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.actors import SYSTEM
from app.models import AuditLog, AuditSeal, guards
from app.services import audit, clock
from app.services.system import audit_rows, audit_seals, parameters
from app.services.system.audit_spans import merged
from app.services.transactions import transaction

PRUNE, SUBJECT = "prune", "audit_seal"
DAYS_A_YEAR = 366
SEALS_A_TIME = 50
ROWS = AuditLog.__table__


def pruned_to(session: Session) -> int:
    """The number of the newest seal whose rows were deleted in time; 0 without any."""
    told = sa.select(ROWS).where(ROWS.c.action == PRUNE, ROWS.c.entity == SUBJECT)
    for row in session.execute(told.order_by(ROWS.c.id.desc())).mappings():
        if audit_rows.is_genuine(row):  # not what somebody added to hide a removal
            return int(row["entity_id"])
    return 0


def prune() -> int:
    """Delete the rows of batches that were sealed before the time to keep; returns how many.

    First every row that is left is sealed, however late it came.
    """
    audit_seals.seal_new(thorough=True)
    keep = timedelta(days=parameters.get("retention.audit_years") * DAYS_A_YEAR)
    deleted = 0
    while some := _prune_some(clock.now() - keep):
        deleted += some
    return deleted


def _prune_some(before: datetime) -> int:
    with transaction(SYSTEM) as session:
        seals = _due(session, before)
        if not seals:
            return 0
        with guards.lifted(session.connection(), ROWS.name):
            for first, last in merged(span for seal in seals for span in seal.spans):
                session.execute(sa.delete(ROWS).where(ROWS.c.id.between(first, last)))
        rows = sum(seal.rows for seal in seals)
        told = {"rows": rows, "sealed_before": before.astimezone(UTC).isoformat()}
        audit.record(PRUNE, SUBJECT, seals[-1].id, told, actor=SYSTEM)
        return rows


def _due(session: Session, before: datetime) -> list[Any]:
    """The oldest batches that still have rows, as far as all of them are due."""
    seals = sa.select(AuditSeal.id, AuditSeal.rows, AuditSeal.spans, AuditSeal.sealed_at)
    following = seals.where(AuditSeal.id > pruned_to(session)).order_by(AuditSeal.id)
    due = []
    for seal in session.execute(following.limit(SEALS_A_TIME)):
        if seal.sealed_at >= before:
            break
        due.append(seal)
    return due
