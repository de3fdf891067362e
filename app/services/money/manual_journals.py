"""Journals by hand: entered by one of finance, approved by another, posted as they were shown."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import Conflict, Forbidden, RuleViolation
from app.domain.ledger import CHART, Line, checked
from app.domain.money import yuan
from app.domain.states import ManualStatus, move
from app.extensions import db
from app.gateways import files
from app.models import (
    Approval,
    Journal,
    LedgerAccount,
    ManualJournal,
    Order,
    Partner,
    Posting,
    Worker,
)
from app.services import clock
from app.services.money import ledger
from app.services.numbers import new_number
from app.services.system import approvals
from app.services.transactions import locked, retrying, transaction

APPROVAL_KIND = "manual_journal"
MANUAL, REVERSAL = "manual", "reversal"
OWNERS: dict[str, Any] = {"worker": Worker, "partner": Partner}


@retrying
def ask(
    lines: Iterable[Line],
    *,
    reason: str,
    booked_on: date,
    document: bytes = b"",
    actor: Actor,
) -> ManualJournal:
    """Show a journal to a second person. `document` is a picture that belongs to it, or empty.

    Raises RuleViolation (journal_unbalanced, account_by_system, account_owner, owner_unknown,
    order_unknown, period_sealed, day_to_come, insufficient_balance), InvalidInput for a document
    that is no picture.
    """
    wanted = checked(lines)
    kept = _kept(document)
    with transaction(actor) as session:
        ledger.check_open(session, booked_on)
        _check_lines(session, wanted)
        return _shown(session, wanted, reason, booked_on, actor, **kept)


@retrying
def ask_reversal(journal_id: int, *, reason: str, actor: Actor) -> ManualJournal:
    """Show the reversal of a manual journal, booked today. Raises Conflict when there is one."""
    with transaction(actor) as session:
        journal = session.get(Journal, journal_id)
        if journal is None or journal.kind != MANUAL:
            raise RuleViolation(
                _l("Only a manual journal is reversed; correct any other where it came from"),
                code="not_reversible",
            )
        if session.scalar(_living_reversal(journal_id)) is not None:
            raise Conflict(_l("This journal is being reversed, or was already"), code="reversed")
        lines = [_line(posting, sign=-1) for posting in journal.postings]
        _check_lines(session, lines)
        return _shown(session, lines, reason, clock.today(), actor, reverses_id=journal_id)


@approvals.executes(APPROVAL_KIND, refused=lambda approval, actor: _refuse(approval, actor))
def _post(approval: Approval, actor: Actor) -> None:
    """Runs inside the deciding transaction."""
    with transaction(actor) as session:
        row = locked(session, ManualJournal, approval.subject_id)
        approvals.check_as_shown(approval.payload, content_of(row))
        journal = ledger.post(
            f"{MANUAL}:{row.id}",
            REVERSAL if row.reverses_id else MANUAL,
            lines_of(row),
            source_kind="manual_journal",
            source_id=row.id,
            booked_on=row.booked_on,
            reverses_id=row.reverses_id,
            actor=actor,
        )
        row.journal_id, row.approved_by_id = journal.id, actor.id
        move(row, ManualStatus.POSTED)


def _refuse(approval: Approval, actor: Actor) -> None:
    with transaction(actor) as session:
        move(locked(session, ManualJournal, approval.subject_id), ManualStatus.REFUSED)


def content_of(row: ManualJournal) -> dict[str, Any]:
    """All that is posted; what the second person is shown."""
    return {
        "number": row.number,
        "booked_on": row.booked_on.isoformat(),
        "reason": row.reason,
        "lines": row.lines,
        "total_fen": row.total_fen,
        "reverses_id": row.reverses_id,
        "sha256": row.sha256,
    }


def lines_of(row: ManualJournal) -> list[Line]:
    return [Line(**line) for line in row.lines]


def can_be_reversed(journal: Journal) -> bool:
    reversal = db.session.scalar(_living_reversal(journal.id))
    return journal.kind == MANUAL and reversal is None


def _shown(
    session: Session,
    lines: Sequence[Line],
    reason: str,
    booked_on: date,
    actor: Actor,
    **more: Any,
) -> ManualJournal:
    if actor.kind != "staff" or actor.id is None:
        raise Forbidden(_l("Only staff can do this"))
    row = ManualJournal(
        number=new_number("M"),
        reason=reason,
        booked_on=booked_on,
        lines=[_told(line) for line in lines],
        total_fen=sum(line.amount_fen for line in lines if line.amount_fen > 0),
        asked_by_id=actor.id,
        **more,
    )
    session.add(row)
    session.flush()
    summary = f"{row.number}: ¥{yuan(row.total_fen)}"
    approvals.ask(
        APPROVAL_KIND, "manual_journal", row.id, content_of(row), summary, reason=reason,
        actor=actor,
    )  # fmt: skip
    return row


def _check_lines(session: Session, lines: Sequence[Line]) -> None:
    for number, line in enumerate(lines, start=1):
        if not CHART[line.code].by_hand:
            raise RuleViolation(
                _l("Only the product itself books on this account"),
                code="account_by_system", account=line.code, line=number,
            )  # fmt: skip
        if line.owner_kind and session.get(OWNERS[line.owner_kind], line.owner_id) is None:
            raise RuleViolation(_l("There is no such owner"), code="owner_unknown", line=number)
        if line.order_id is not None and session.get(Order, line.order_id) is None:
            raise RuleViolation(_l("This order does not exist"), code="order_unknown", line=number)
    _check_minimums(session, lines)


def _check_minimums(session: Session, lines: Sequence[Line]) -> None:
    """So that nobody approves what cannot be posted; the database decides in the end."""
    moved: Counter[tuple[str, str, int]] = Counter()
    for line in lines:
        sign = 1 if CHART[line.code].normal == "debit" else -1
        moved[line.code, line.owner_kind, line.owner_id] += sign * line.amount_fen
    for (code, owner_kind, owner_id), fen in moved.items():
        least = CHART[code].minimum_fen
        if least is not None and ledger.balance(code, owner_kind, owner_id) + fen < least:
            raise RuleViolation(
                _l("There is not enough money in this account"),
                code="insufficient_balance", account=code,
            )  # fmt: skip


def _living_reversal(journal_id: int) -> Any:
    return sa.select(ManualJournal.id).where(
        ManualJournal.reverses_id == journal_id,
        ManualJournal.status != ManualStatus.REFUSED.value,
    )


def _told(line: Line) -> dict[str, Any]:
    return {
        "code": line.code,
        "amount_fen": line.amount_fen,
        "owner_kind": line.owner_kind,
        "owner_id": line.owner_id,
        "order_id": line.order_id,
    }


def _line(posting: Posting, *, sign: int) -> Line:
    account: LedgerAccount = posting.account
    owner = (account.owner_kind, account.owner_id)
    return Line(account.code, sign * posting.amount_fen, *owner, posting.order_id)


def _kept(document: bytes) -> dict[str, str]:
    if not document:
        return {}
    checked_file = files.check_upload(document)
    stored = current_app.extensions["gateways"].storage.put(document)
    return {"storage_key": stored.key, "mime": checked_file.mime, "sha256": checked_file.sha256}
