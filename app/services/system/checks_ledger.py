"""Checks of the books themselves."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.ledger import CLEARING
from app.domain.states import PaymentStatus, RefundStatus, WithdrawalStatus
from app.models import Journal, LedgerAccount, PaymentAttempt, Posting, Refund, Withdrawal
from app.services.system.findings import (
    Check,
    Finding,
    differing,
    finding,
    or_zero,
    part,
    sums,
    total,
)


def journals_balance(session: Session) -> Finding:
    """Debits and credits of every journal are equal."""
    figures = sa.select(
        sa.select(sa.func.count()).select_from(Journal).scalar_subquery().label("journals"),
        sa.func.count().label("postings"),
        total(Posting.amount_fen, Posting.amount_fen > 0).label("debit_fen"),
        (-total(Posting.amount_fen, Posting.amount_fen < 0)).label("credit_fen"),
    ).select_from(Posting)
    failing = (
        sa.select(Journal.id)
        .outerjoin(Posting, Posting.journal_id == Journal.id)
        .group_by(Journal.id)
        .having(sa.or_(total(Posting.amount_fen) != 0, sa.func.count(Posting.id) < 2))
    )
    return finding(session, figures, failing)


def balances_are_sums(session: Session) -> Finding:
    """Every account's cached balance is the sum of its postings."""
    debit = LedgerAccount.normal == "debit"
    figures = sa.select(
        sa.func.count().label("accounts"),
        total(LedgerAccount.balance_fen, debit).label("debit_balances_fen"),
        total(LedgerAccount.balance_fen, ~debit).label("credit_balances_fen"),
    )
    posted = (
        sa.select(Posting.account_id, total(Posting.amount_fen).label("fen"))
        .group_by(Posting.account_id)
        .subquery()
    )
    own_direction = sa.case((debit, or_zero(posted.c.fen)), else_=-or_zero(posted.c.fen))
    failing = (
        sa.select(LedgerAccount.id)
        .outerjoin(posted, posted.c.account_id == LedgerAccount.id)
        .where(LedgerAccount.balance_fen != own_direction)
    )
    return finding(session, figures, failing)


def minimums_hold(session: Session) -> Finding:
    """No account is below its minimum."""
    figures = sa.select(sa.func.count().label("accounts_with_minimum")).where(
        LedgerAccount.minimum_fen.is_not(None)
    )
    failing = sa.select(LedgerAccount.id).where(
        LedgerAccount.balance_fen < LedgerAccount.minimum_fen
    )
    return finding(session, figures, failing)


def clearing_is_explained(session: Session) -> Finding:
    """What a channel holds for us is what it took in, less refunds and payouts."""
    figures = sums(
        _captured("captured_fen", 1),
        _refunded("refunded_fen", 1),
        _paid_out("paid_out_fen", 1),
        _moved("clearing_fen", 1),
    )
    same = "clearing"
    failing = differing(
        _captured(same, 1), _refunded(same, -1), _paid_out(same, -1), _moved(same, -1)
    )
    return finding(session, figures, failing)


def _captured(what: str, sign: int) -> sa.Select[Any]:
    return part(PaymentAttempt.channel, what, sign * PaymentAttempt.amount_fen).where(
        PaymentAttempt.status == PaymentStatus.SUCCEEDED.value
    )


def _refunded(what: str, sign: int) -> sa.Select[Any]:
    return (
        part(PaymentAttempt.channel, what, sign * Refund.amount_fen)
        .join(Refund, Refund.attempt_id == PaymentAttempt.id)
        .where(Refund.status == RefundStatus.SUCCEEDED.value)
    )


def _paid_out(what: str, sign: int) -> sa.Select[Any]:
    return part(Withdrawal.channel, what, sign * Withdrawal.amount_fen).where(
        Withdrawal.status == WithdrawalStatus.PAID.value
    )


def _moved(what: str, sign: int) -> sa.Select[Any]:
    """What these events moved on the clearing accounts; bills and manual journals apart."""
    channel = sa.func.substr(LedgerAccount.code, len("clearing_") + 1)
    return (
        part(channel, what, sign * Posting.amount_fen)
        .select_from(Posting)
        .join(LedgerAccount, LedgerAccount.id == Posting.account_id)
        .join(Journal, Journal.id == Posting.journal_id)
        .where(
            LedgerAccount.code.in_(CLEARING.values()),
            Journal.kind.in_(("payment", "refund", "withdrawal_paid")),
        )
    )


CHECKS: Mapping[str, Check] = {
    "journals_balance": journals_balance,
    "balances_are_sums": balances_are_sums,
    "minimums_hold": minimums_hold,
    "clearing_is_explained": clearing_is_explained,
}
