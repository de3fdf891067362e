"""Runs of the nine invariants that are kept: with their figures, and an alarm when one fails."""

from collections.abc import Iterable

import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.states import IncidentStatus
from app.extensions import db
from app.models import Incident, LedgerProof
from app.services import clock
from app.services.system import invariants, notifications
from app.services.transactions import snapshot, transaction

INCIDENT_KIND = "ledger"


def prove(*, actor: Actor) -> LedgerProof:
    """Prove the ledger as of one moment and keep what was found. Raises nothing when it fails:
    an incident tells whoever works with money, operations and administrators.
    """
    started = clock.now()
    with snapshot() as session:
        proofs = invariants.prove(session)
    broken = [proof.number for proof in proofs if not proof.ok]
    with transaction(actor) as session:
        row = LedgerProof(
            started_at=started,
            finished_at=clock.now(),
            whole=not broken,
            results=[proof.as_row() for proof in proofs],
            asked_by_id=actor.id if actor.kind == "staff" else None,
        )
        session.add(row)
        session.flush()
        if broken:
            _alarm(row, broken)
        return row


def latest() -> LedgerProof | None:
    return db.session.scalar(sa.select(LedgerProof).order_by(LedgerProof.id.desc()).limit(1))


def _alarm(row: LedgerProof, broken: Iterable[int]) -> None:
    """One incident stays open until somebody has solved it, however often the proof fails."""
    told = ", ".join(str(number) for number in broken)
    notifications.notify_staff("ledger.broken", proof_id=row.id, invariants=told)
    standing = sa.select(Incident.id).where(
        Incident.kind == INCIDENT_KIND, Incident.status != IncidentStatus.SOLVED.value
    )
    if db.session.scalar(standing.limit(1)) is None:
        text = f"Ledger proof {row.id}: {told}"
        db.session.add(Incident(kind=INCIDENT_KIND, severity="critical", text=text))
