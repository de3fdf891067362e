"""Is the audit log what was written? Seal by seal, row by row, with flat memory."""

import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.models import AuditLog, AuditSeal
from app.services.system import audit_retention, audit_rows, audit_seals
from app.services.system.audit_seals import GENESIS, ROWS, Head
from app.services.system.audit_spans import Span, merged, missing, size
from app.services.system.findings import TOLD_AT_MOST, Check, Finding

SEALS_A_TIME = 200
ROWS_A_TIME = 2000
SPANS_A_STATEMENT = 200


@dataclass
class _Sealed:
    """A seal and what was found of its rows."""

    seal: Mapping[Any, Any]
    ids: list[int] = field(default_factory=list)
    hasher: Any = field(default_factory=hashlib.sha256)


@dataclass
class _Found:
    """The whole audit log, as far as it was read."""

    pruned_to: int
    first_marked: int
    previous: Head = field(default_factory=lambda: Head(0, GENESIS))
    spans: list[Span] = field(default_factory=list)
    seals: int = 0
    sealed: int = 0
    unsealed: int = 0
    wrong: int = 0
    failures: list[str] = field(default_factory=list)

    def fail(self, text: str) -> None:
        self.wrong += 1
        if len(self.failures) < TOLD_AT_MOST:
            self.failures.append(text)


def audit_is_whole(session: Session) -> Finding:
    """No audit row was removed, altered or added, and the chain of seals reaches its known head.

    Rows that no seal covers yet are counted. They prove who wrote them all the same.
    """
    pruned_to = audit_retention.pruned_to(session)
    found = _Found(pruned_to, _first_marked(session))
    seals = iter(session.execute(sa.select(AuditSeal.__table__).order_by(AuditSeal.id)).mappings())
    while some := list(islice(seals, SEALS_A_TIME)):
        _check_seals(session, found, some)
    _check_unsealed(session, found)
    _check_repeated(session, found)
    _check_head(found)
    figures = {
        "sealed": found.sealed, "seals": found.seals, "pruned": pruned_to,
        "unsealed": found.unsealed, "wrong": found.wrong,
    }  # fmt: skip
    return Finding(not found.wrong, figures, list(found.failures))


def _check_seals(session: Session, found: _Found, seals: Sequence[Mapping[Any, Any]]) -> None:
    owners = sorted(
        (int(first), int(last), number)
        for number, seal in enumerate(seals)
        for first, last in seal["spans"]
    )
    sealed = [_Sealed(seal) for seal in seals]
    starts = [first for first, _last, _number in owners]
    for row in _rows(session, merged((first, last) for first, last, _number in owners)):
        _check_row(found, row)
        one = sealed[owners[bisect_right(starts, row["id"]) - 1][2]]
        one.ids.append(row["id"])
        one.hasher.update(audit_rows.digest(row))
    for one in sealed:
        _check_seal(found, one)


def _check_seal(found: _Found, one: _Sealed) -> None:
    seal, name = one.seal, f"seal {one.seal['id']}"
    if (seal["id"], seal["previous_hash"]) != (found.previous.seal + 1, found.previous.hash):
        found.fail(f"{name} does not follow seal {found.previous.seal}")
    if seal["hash"] != audit_seals.hash_of(seal):
        found.fail(f"{name} is not what was sealed")
    together = merged([*found.spans, *seal["spans"]])
    if size(together) != size(found.spans) + seal["rows"]:
        found.fail(f"{name} does not cover {seal['rows']} new rows")
    found.previous = Head(seal["id"], seal["hash"])
    found.spans = together
    found.seals += 1
    found.sealed += len(one.ids)
    if seal["id"] > found.pruned_to:
        _check_rows(found, one, name)
    elif one.ids:
        found.fail(f"row {one.ids[0]} was added to {name}, which was pruned")


def _check_rows(found: _Found, one: _Sealed, name: str) -> None:
    for first, last in missing(one.seal["spans"], one.ids):
        found.fail(f"{name}: removed: row {first}" + (f" to {last}" if last > first else ""))
    if one.seal["rows_hash"] != one.hasher.hexdigest():
        found.fail(f"{name}: its rows are not those that were sealed")


def _check_row(found: _Found, row: Mapping[Any, Any]) -> None:
    older_than_marks = not row["mark"] and row["id"] < found.first_marked
    if not older_than_marks and not audit_rows.is_genuine(row):
        found.fail(f"row {row['id']} is not what the application wrote")


def _check_unsealed(session: Session, found: _Found) -> None:
    for row in audit_seals.unsealed(session, found.spans):
        found.unsealed += 1
        _check_row(found, row)


def _check_repeated(session: Session, found: _Found) -> None:
    """A copy of a genuine row has its mark; no two rows are marked alike."""
    ids = sa.func.max(AuditLog.id)
    repeated = sa.select(ids).where(AuditLog.mark != "").group_by(AuditLog.mark)
    for key in session.scalars(repeated.having(sa.func.count() > 1).order_by(ids)):
        found.fail(f"row {key} is a copy of an earlier row")


def _check_head(found: _Found) -> None:
    try:
        known = audit_seals.exported_head()
    except ValueError as exc:
        found.fail(str(exc))
        return
    if known is None or audit_seals.is_in_chain(known):
        return  # perhaps sealed after the chain was read
    if known.seal > found.previous.seal:
        found.fail(f"cut: the chain ends at {found.previous.seal}, seal {known.seal} is known")
    else:
        found.fail(f"seal {known.seal} is not the one that was exported")


def _rows(session: Session, spans: list[Span]) -> Iterator[Mapping[Any, Any]]:
    for start in range(0, len(spans), SPANS_A_STATEMENT):
        some = spans[start : start + SPANS_A_STATEMENT]
        within = sa.or_(*(ROWS.c.id.between(first, last) for first, last in some))
        rows = sa.select(ROWS).where(within).order_by(ROWS.c.id)
        yield from session.execute(rows, execution_options={"yield_per": ROWS_A_TIME}).mappings()


def _first_marked(session: Session) -> int:
    first = sa.select(AuditLog.id).where(AuditLog.mark != "").order_by(AuditLog.id).limit(1)
    return session.scalar(first) or 0


CHECKS: Mapping[str, Check] = {"audit": audit_is_whole}
