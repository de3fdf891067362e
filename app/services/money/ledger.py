"""The double-entry ledger: the one place that writes journals, postings and balances."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session, make_transient_to_detached

from app.domain.actors import Actor
from app.domain.errors import Conflict, RuleViolation
from app.domain.ledger import CHART, Line, checked, payload_hash
from app.extensions import db
from app.models import Journal, LedgerAccount, PeriodSeal
from app.models.guards import SEAL_LOCK
from app.services import clock
from app.services.money import ledger_sql
from app.services.money.ledger_sql import AccountKey, Accounts
from app.services.transactions import transaction

__all__ = ["Line", "balance", "check_open", "post", "sealed_until"]


def post(
    key: str,
    kind: str,
    lines: Iterable[Line],
    *,
    source_kind: str,
    source_id: int,
    order_id: int | None = None,
    booked_on: date | None = None,
    reverses_id: int | None = None,
    actor: Actor,
) -> Journal:
    """Write one journal and move the balances of its accounts. Lines of zero are left out.

    `key` names the business fact: posting it again returns the journal that stands. It belongs to
    the city's present day unless `booked_on` names an earlier one that is not sealed.
    Raises Conflict (journal_key_reused) when the key stands for something else, RuleViolation
    (journal_unbalanced, account_unknown, insufficient_balance, period_sealed). Post late in a
    transaction: the accounts stay locked until its end.
    """
    wanted = checked(lines)
    fingerprint = payload_hash(kind, source_kind, source_id, order_id, wanted)
    with transaction(actor) as session:
        session.flush()
        if booked_on is not None:
            check_open(session, booked_on)
        keys = sorted({_key(line) for line in wanted})
        new = _new_journal(
            session,
            keys,
            key=key,
            payload_hash=fingerprint,
            kind=kind,
            source_kind=source_kind,
            source_id=source_id,
            order_id=order_id,
            reverses_id=reverses_id,
            booked_on=booked_on,
            actor=actor,
        )
        if new is None:
            return _standing(session, key, fingerprint)
        journal, accounts = new
        missing = [one for one in keys if one not in accounts]
        if missing:
            accounts |= _open_accounts(session, missing)
        _write(session, journal, wanted, accounts)
        return journal


def balance(code: str, owner_kind: str = "", owner_id: int = 0) -> int:
    """The cached balance in fen, in the account's own direction."""
    query = sa.select(LedgerAccount.balance_fen).filter_by(
        code=code, owner_kind=owner_kind, owner_id=owner_id
    )
    return db.session.scalar(query) or 0


def sealed_until(session: Session) -> date | None:
    """The last day of the sealed periods; nothing more is booked on it or before it."""
    return session.scalar(sa.select(sa.func.max(PeriodSeal.period_to)))


def check_open(session: Session, day: date) -> None:
    """Raise RuleViolation for a day to come or one that is sealed."""
    if day > clock.today():
        raise RuleViolation(_l("This day is still to come"), code="day_to_come")
    if session.get_bind().dialect.name == "postgresql":  # who seals waits for us, or we for him
        session.execute(sa.select(sa.func.pg_advisory_xact_lock_shared(SEAL_LOCK)))
    sealed = sealed_until(session)
    if sealed is not None and day <= sealed:
        raise RuleViolation(
            _l("This period is sealed. Book the correction on a later day"),
            code="period_sealed",
            sealed_until=sealed.isoformat(),
        )


def _new_journal(
    session: Session,
    keys: Sequence[AccountKey],
    *,
    booked_on: date | None,
    actor: Actor,
    **values: Any,
) -> tuple[Journal, Accounts] | None:
    """Insert it and find its accounts, or return None when the key of the journal stands."""
    now = clock.now()
    row = {
        **values,
        "posted_at": now,
        "posted_on": booked_on or clock.city_date(now),
        "actor_kind": actor.kind,
        "actor_id": actor.id,
    }
    made = ledger_sql.open_journal(session, row, keys)
    if made is None:
        return None
    journal = Journal(id=made[0], **row)
    make_transient_to_detached(journal)  # it is in the database already, with these values
    session.add(journal)
    return journal, made[1]


def _standing(session: Session, key: str, fingerprint: str) -> Journal:
    journal = session.scalars(sa.select(Journal).filter_by(key=key)).one()
    if journal.payload_hash != fingerprint:
        raise Conflict(
            _l("This was already booked with other amounts"), code="journal_key_reused", key=key
        )
    return journal


def _open_accounts(session: Session, keys: Sequence[AccountKey]) -> Accounts:
    """Nobody has used them yet. In one order for everybody, and a rival who was first is fine."""
    rows = [
        {
            "code": code,
            "owner_kind": owner_kind,
            "owner_id": owner_id,
            "normal": CHART[code].normal,
            "minimum_fen": CHART[code].minimum_fen,
            "balance_fen": 0,
        }
        for code, owner_kind, owner_id in sorted(keys)
    ]
    session.execute(
        _insert(session, LedgerAccount)
        .values(rows)
        .on_conflict_do_nothing(index_elements=["code", "owner_kind", "owner_id"])
    )
    return ledger_sql.find_accounts(session, keys)


def _write(session: Session, journal: Journal, lines: Sequence[Line], accounts: Accounts) -> None:
    """Postings and balances; these are locked in the order of ids: two journals never wait in a
    ring.
    """
    rows = [
        (accounts[_key(line)], line.order_id or journal.order_id, line.amount_fen) for line in lines
    ]
    deltas: defaultdict[AccountKey, int] = defaultdict(int)
    for line in lines:
        normal = CHART[line.code].normal
        deltas[_key(line)] += line.amount_fen if normal == "debit" else -line.amount_fen
    moving = sorted((accounts[key], fen) for key, fen in deltas.items() if fen)
    moved = ledger_sql.write(session, journal.id, rows, moving)
    short = next((key for key in deltas if deltas[key] and accounts[key] not in moved), None)
    if short is not None:
        raise RuleViolation(
            _l("There is not enough money in this account"),
            code="insufficient_balance",
            account=short[0],
            owner_kind=short[1],
            owner_id=short[2],
            wanted_fen=-deltas[short],
        )


def _key(line: Line) -> AccountKey:
    return (line.code, line.owner_kind, line.owner_id)


def _insert(session: Session, model: Any) -> Any:
    """INSERT of the session's database; both know ON CONFLICT and RETURNING."""
    postgresql = session.get_bind().dialect.name == "postgresql"
    return postgresql_insert(model) if postgresql else sqlite_insert(model)
