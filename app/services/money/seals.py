"""Closing a month of the ledger: asked by one, approved by another, never changed afterwards."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import Forbidden, RuleViolation
from app.domain.money import yuan
from app.models import Approval, Journal, LedgerAccount, PeriodSeal, Posting
from app.models.guards import SEAL_LOCK
from app.services import clock
from app.services.money.ledger import sealed_until
from app.services.system import approvals
from app.services.transactions import retrying, transaction

APPROVAL_KIND = "period_seal"
ROWS_AT_ONCE = 5_000
Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, both inside."""

    first: date
    last: date

    @property
    def key(self) -> int:
        """203004 for April 2030."""
        return self.last.year * 100 + self.last.month


def next_period(session: Session) -> Period | None:
    """The oldest month that is over and not sealed; None when there is none."""
    sealed = sealed_until(session)
    first = sealed + timedelta(days=1) if sealed else session.scalar(sa.select(_first_of_all()))
    if first is None:
        return None
    period = Period(first if sealed else first.replace(day=1), _end_of_month(first))
    return period if period.last < clock.today() else None


def content_of(session: Session, period: Period) -> Content:
    """What a seal of the period says: journals, totals by account, and a hash over all of it."""
    count, last_id = session.execute(
        sa.select(sa.func.count(Journal.id), sa.func.max(Journal.id)).where(_inside(period))
    ).one()
    previous = session.scalar(
        sa.select(PeriodSeal.hash)
        .where(PeriodSeal.period_to < period.first)
        .order_by(PeriodSeal.period_to.desc())
        .limit(1)
    )
    return {
        "period_from": period.first.isoformat(),
        "period_to": period.last.isoformat(),
        "journals": count,
        "last_journal_id": last_id or 0,
        "accounts": _totals(session, period),
        "hash": _hash(session, period, previous or ""),
    }


def debit_of(content: Content) -> int:
    """Fen on the debit side of a period; the credit side is the same."""
    return sum(int(debit) for debit, _credit in content["accounts"].values())


@retrying
def ask_to_seal(*, reason: str = "", actor: Actor) -> Approval:
    """Ask a second person to seal the oldest open month as it is now.

    Raises RuleViolation (nothing_to_seal), Conflict when it is being asked already.
    """
    with transaction(actor) as session:
        period = next_period(session)
        if period is None:
            raise RuleViolation(
                _l("There is no month that could be sealed"), code="nothing_to_seal"
            )
        content = content_of(session, period)
        summary = f"{period.last:%Y-%m}: ¥{yuan(debit_of(content))}"
        return approvals.ask(
            APPROVAL_KIND, "period_seal", period.key, content, summary, reason=reason, actor=actor
        )


@approvals.executes(APPROVAL_KIND)
def _seal(approval: Approval, actor: Actor) -> None:
    """Runs inside the deciding transaction, alone: nobody is booking meanwhile."""
    if actor.id is None:
        raise Forbidden(_l("Only staff can do this"))
    with transaction(actor) as session:
        _wait_for_who_is_booking(session)
        period = next_period(session)
        if period is None or period.key != approval.subject_id:
            raise RuleViolation(_l("This month is sealed already"), code="period_sealed")
        content = content_of(session, period)
        approvals.check_as_shown(approval.payload, content)
        session.add(
            PeriodSeal(
                period_from=period.first,
                period_to=period.last,
                last_journal_id=content["last_journal_id"],
                totals={name: content[name] for name in ("journals", "accounts")},
                hash=content["hash"],
                sealed_by_id=approval.asked_by_id,
                approved_by_id=actor.id,
                sealed_at=clock.now(),
            )
        )


def stands(session: Session, seal: PeriodSeal) -> bool:
    """Whether the ledger still says of the period what was sealed."""
    content = content_of(session, Period(seal.period_from, seal.period_to))
    totals = {name: content[name] for name in ("journals", "accounts")}
    return (content["hash"], totals) == (seal.hash, seal.totals)


def _wait_for_who_is_booking(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(SEAL_LOCK)))


def _first_of_all() -> Any:
    return sa.func.min(Journal.posted_on)


def _end_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _inside(period: Period) -> sa.ColumnElement[bool]:
    return Journal.posted_on.between(period.first, period.last)


def _totals(session: Session, period: Period) -> dict[str, list[int]]:
    """Code -> [debit, credit] in fen."""
    amount = Posting.amount_fen
    rows = session.execute(
        sa.select(
            LedgerAccount.code,
            sa.func.sum(sa.case((amount > 0, amount), else_=0)),
            -sa.func.sum(sa.case((amount < 0, amount), else_=0)),
        )
        .join(Posting, Posting.account_id == LedgerAccount.id)
        .join(Journal, Journal.id == Posting.journal_id)
        .where(_inside(period))
        .group_by(LedgerAccount.code)
        .order_by(LedgerAccount.code)
    )
    return {code: [int(debit), int(credit)] for code, debit, credit in rows}


def _hash(session: Session, period: Period, previous: str) -> str:
    digest = hashlib.sha256(previous.encode())
    for row in _rows(session, period):
        digest.update(("\x1f".join(map(str, row)) + "\x1e").encode())
    return digest.hexdigest()


def _rows(session: Session, period: Period) -> Iterator[Any]:
    """Every posting beside its journal, in the order of keys; a journal without any, too."""
    query = (
        sa.select(
            Journal.id, Journal.key, Journal.payload_hash, Journal.kind, Journal.source_kind,
            Journal.source_id, Journal.posted_on, Journal.reverses_id, Journal.actor_kind,
            Journal.actor_id, Posting.id, Posting.account_id, Posting.order_id, Posting.amount_fen,
        )
        .outerjoin(Posting, Posting.journal_id == Journal.id)
        .where(_inside(period))
        .order_by(Journal.id, Posting.id)
    )  # fmt: skip
    yield from session.execute(query.execution_options(yield_per=ROWS_AT_ONCE))
