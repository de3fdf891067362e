"""The money of one order: what was paid and given back, and how it stands in the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.models import Accrual, Journal, LedgerAccount, Order, PaymentAttempt, Posting, Refund
from app.views.labels import word
from app.views.labels_ledger import ACCOUNT, JOURNAL_KIND

MOST_POSTINGS = 200


@dataclass(frozen=True)
class Entry:
    """A posting in words; debit and credit are positive fen, or None.

    `balance_fen`: what the account holds after it, where a page tells that.
    """

    journal: Journal
    posting: Posting
    title: str
    account: str
    debit_fen: int | None
    credit_fen: int | None
    balance_fen: int | None = None


def payments_of(order: Order) -> Sequence[PaymentAttempt]:
    query = sa.select(PaymentAttempt).filter_by(order_id=order.id).order_by(PaymentAttempt.id)
    return db.session.scalars(query).all()


def refunds_of(order: Order) -> Sequence[Refund]:
    query = sa.select(Refund).filter_by(order_id=order.id).order_by(Refund.id)
    return db.session.scalars(query).all()


def accruals_of(order: Order) -> Sequence[Accrual]:
    query = sa.select(Accrual).options(joinedload(Accrual.worker)).filter_by(order_id=order.id)
    return db.session.scalars(query.order_by(Accrual.id)).all()


def entries_of(order: Order) -> list[Entry]:
    query = (
        sa.select(Posting)
        .options(joinedload(Posting.journal), *of_account())
        .filter_by(order_id=order.id)
        .order_by(Posting.id)
        .limit(MOST_POSTINGS)
    )
    return [entry(posting) for posting in db.session.scalars(query)]


def of_account() -> tuple[Any, Any]:
    """Loads the account of a posting with its owner."""
    account = joinedload(Posting.account)
    return account.joinedload(LedgerAccount.worker), account.joinedload(LedgerAccount.partner)


def entry(posting: Posting, balance_fen: int | None = None) -> Entry:
    amount, account = posting.amount_fen, posting.account
    return Entry(
        journal=posting.journal,
        posting=posting,
        title=word(JOURNAL_KIND, posting.journal.kind),
        account=" · ".join(filter(None, (word(ACCOUNT, account.code), account.owner))),
        balance_fen=balance_fen,
        debit_fen=amount if amount > 0 else None,
        credit_fen=-amount if amount < 0 else None,
    )
