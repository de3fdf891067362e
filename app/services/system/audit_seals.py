"""Sealing the audit log: batches of rows in a chain of hashes, whose head leaves the database.

rows_hash = SHA-256 over the batch's rows in the order of their ids (audit_rows.digest)
hash      = SHA-256 over [number, previous hash, rows_hash, rows, spans, time] as JSON
"""

import hashlib
import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from app.domain.actors import SYSTEM
from app.extensions import db
from app.models import AuditLog, AuditSeal
from app.services import clock
from app.services.system import audit_rows
from app.services.system.audit_spans import Span, gaps, merged, spans_of
from app.services.transactions import transaction

logger = logging.getLogger(__name__)

GENESIS = "0" * 64
BATCH = 2000  # rows
LOOKS_BACK = 60  # seals whose gaps are looked at again each time; `thorough` looks at all
GAPS_A_STATEMENT = 200
LOCK = 7_301_002  # of PostgreSQL's advisory locks
ROWS = AuditLog.__table__


@dataclass(frozen=True)
class Head:
    """The newest seal: who keeps it elsewhere can prove that nothing before it was changed."""

    seal: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seal}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> "Head":
        """Raises ValueError."""
        seal, _, digest = text.strip().partition(":")
        if not seal.isdigit() or len(digest) != len(GENESIS):
            raise ValueError("A head is a number, a colon and 64 hexadecimal digits.")
        return cls(int(seal), digest)


def seal_new(*, thorough: bool = False, batch: int = BATCH) -> int:
    """Seal all rows that are not sealed yet; returns how many. One batch a transaction.

    What counts is whether a row is in a seal, not whether its id is high: a row whose
    transaction ended late has a low id, fills a gap and is sealed by a later batch.
    """
    total = 0
    while sealed := _seal_batch(batch, thorough):
        total += sealed
        if sealed < batch:
            break
    export_head()
    return total


def head() -> Head | None:
    newest = sa.select(AuditSeal.id, AuditSeal.hash).order_by(AuditSeal.id.desc()).limit(1)
    row = db.session.execute(newest).one_or_none()
    return Head(*row) if row else None


def head_file() -> Path:
    return Path(current_app.config["DATA_DIR"]) / "audit-head.json"


def exported_head() -> Head | None:
    """The head that was last written outside of the database. Raises ValueError when damaged."""
    try:
        stored = json.loads(head_file().read_text())
        return Head(int(stored["seal"]), str(stored["hash"]))
    except FileNotFoundError:
        return None
    except (TypeError, KeyError) as exc:
        raise ValueError("The file of the head is damaged") from exc


def export_head() -> None:
    """Write the head beside the database. A head that is not in the chain is never replaced: it
    is the proof that the chain was cut or written anew.
    """
    newest = head()
    if newest is None:
        return
    try:
        earlier = exported_head()
    except ValueError:
        earlier = None
    if earlier and not is_in_chain(earlier):
        logger.error("The exported head %s is not in the chain; run `flask check audit`", earlier)
        return
    draft = head_file().with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(asdict(newest)) + "\n")
    draft.replace(head_file())


def is_in_chain(known: Head) -> bool:
    """Asked on a connection of its own: the caller may look at a moment before the seal."""
    with db.engine.connect() as connection:
        found = sa.select(AuditSeal.hash).where(AuditSeal.id == known.seal)
        return bool(connection.scalar(found) == known.hash)


def hash_of(seal: Mapping[str, Any]) -> str:
    said = [
        seal["id"], seal["previous_hash"], seal["rows_hash"], seal["rows"],
        [list(span) for span in seal["spans"]],
        seal["sealed_at"].astimezone(UTC).isoformat(timespec="microseconds"),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(said, separators=(",", ":")).encode()).hexdigest()


def unsealed(
    session: Session, spans: Sequence[Span], above: int = 0, limit: int | None = None
) -> Iterator[Any]:
    """Rows above an id that are in none of the (merged) spans, in the order of their ids."""
    holes = list(gaps(spans, above))
    found = 0
    for start in range(0, len(holes), GAPS_A_STATEMENT):
        some = holes[start : start + GAPS_A_STATEMENT]
        rows = sa.select(ROWS).where(sa.or_(*(_within(*hole) for hole in some)))
        left = None if limit is None else limit - found
        for row in session.execute(rows.order_by(ROWS.c.id).limit(left)).mappings():
            found += 1
            yield row
        if found == limit:
            return


def _within(first: int, last: int | None) -> sa.ColumnElement[bool]:
    column = ROWS.c.id
    return column >= first if last is None else column.between(first, last)


def _seal_batch(batch: int, thorough: bool) -> int:
    with transaction(SYSTEM) as session:
        _one_at_a_time(session)
        spans, above = _known(session, thorough)
        ids, hasher = [], hashlib.sha256()
        for row in unsealed(session, spans, above, batch):
            ids.append(row["id"])
            hasher.update(audit_rows.digest(row))
        if ids:
            session.execute(
                sa.insert(AuditSeal), [_next(session, ids, hasher.hexdigest(), clock.now())]
            )
        return len(ids)


def _next(session: Session, ids: list[int], rows_hash: str, at: datetime) -> dict[str, Any]:
    last = session.scalar(sa.select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1))
    seal = {
        "id": last.id + 1 if last else 1,
        "previous_hash": last.hash if last else GENESIS,
        "rows_hash": rows_hash,
        "rows": len(ids),
        "spans": [list(span) for span in spans_of(ids)],
        "last_id": max(ids[-1], last.last_id if last else 0),
        "sealed_at": at,
    }
    return {**seal, "hash": hash_of(seal)}


def _known(session: Session, thorough: bool) -> tuple[list[Span], int]:
    """Spans of the newest seals, and the id above which they are all there is to know."""
    seals = sa.select(AuditSeal.spans, AuditSeal.last_id).order_by(AuditSeal.id.desc())
    rows = session.execute(seals if thorough else seals.limit(LOOKS_BACK + 1)).all()
    newest = rows if thorough else rows[:LOOKS_BACK]
    above = 0 if len(newest) == len(rows) else rows[-1].last_id
    return merged(span for row in newest for span in row.spans), above


def _one_at_a_time(session: Session) -> None:
    """Two sealers would make two seals on one. SQLite has one writer anyhow."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
