"""Checks of the books themselves."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from app.domain.ledger import CLEARING, WORKER_AVAILABLE, WORKER_NEGATIVE
from app.domain.states import (
    BatchStatus,
    ManualStatus,
    PaymentStatus,
    RefundStatus,
    WithdrawalStatus,
)
from app.models import (
    Adjustment,
    Cancellation,
    Journal,
    LedgerAccount,
    ManualJournal,
    PaymentAttempt,
    PayoutBatch,
    Posting,
    Refund,
    Statement,
    Withdrawal,
)
from app.services.money.sums import UNDECIDED
from app.services.system.checks_settlement import SETTLED
from app.services.system.findings import (
    Asked,
    Check,
    constant,
    differing,
    or_zero,
    part,
    sums,
    total,
)

OF_CHANNELS = ("payment", "refund", "goodwill", "withdrawal_paid", "withdrawal_returned")
ONCE_A_SOURCE = (
    "payment", "refund_due", "refund", "revenue", "settlement", "withdrawal", "withdrawal_paid",
    "withdrawal_back", "withdrawal_returned", "manual", "reversal", "refund_twice",
    "cancellation_fee", "adjustment", "goodwill", "set_off", "waiver", "payout",
)  # fmt: skip
UNMOVED = ("set_off", "waiver")  # no money moves with these
RETURNED = WithdrawalStatus.RETURNED.value


@constant
def journals_balance() -> Asked:
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
    return figures, failing


@constant
def balances_are_sums() -> Asked:
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
    return figures, failing


@constant
def minimums_hold() -> Asked:
    """No account is below its minimum."""
    figures = sa.select(sa.func.count().label("accounts_with_minimum")).where(
        LedgerAccount.minimum_fen.is_not(None)
    )
    failing = sa.select(LedgerAccount.id).where(
        LedgerAccount.balance_fen < LedgerAccount.minimum_fen
    )
    return figures, failing


@constant
def clearing_is_explained() -> Asked:
    """What a channel holds for us is what it took in, less refunds and payouts."""
    figures = sums(
        _captured("captured_fen", 1),
        _refunded("refunded_fen", 1),
        _paid_out("paid_out_fen", 1),
        _moved("clearing_fen", 1),
        _otherwise("otherwise_fen"),
    )
    same = "clearing"
    failing = differing(
        _captured(same, 1), _refunded(same, -1), _paid_out(same, -1), _moved(same, -1)
    )
    return figures, failing


def _captured(what: str, sign: int) -> sa.Select[Any]:
    return part(PaymentAttempt.channel, what, sign * PaymentAttempt.amount_fen).where(
        PaymentAttempt.status == PaymentStatus.SUCCEEDED.value
    )


def _refunded(what: str, sign: int) -> sa.Select[Any]:
    channel = sa.case((Refund.way != "", Refund.way), else_=PaymentAttempt.channel)
    return (
        part(channel, what, sign * Refund.amount_fen)
        .select_from(Refund)
        .outerjoin(PaymentAttempt, PaymentAttempt.id == Refund.attempt_id)
        .where(Refund.status == RefundStatus.SUCCEEDED.value, Refund.kind.not_in(UNMOVED))
    )


def _paid_out(what: str, sign: int) -> sa.Select[Any]:
    return part(Withdrawal.channel, what, sign * Withdrawal.amount_fen).where(
        Withdrawal.status == WithdrawalStatus.PAID.value
    )


def _moved(what: str, sign: int) -> sa.Select[Any]:
    """What these events moved on the clearing accounts."""
    return _on_clearing(what, sign).where(Journal.kind.in_(OF_CHANNELS))


def _otherwise(what: str) -> sa.Select[Any]:
    """What bills, differences and manual journals moved there: fees, and what went to the bank."""
    return _on_clearing(what, 1).where(Journal.kind.not_in(OF_CHANNELS))


def _on_clearing(what: str, sign: int) -> sa.Select[Any]:
    channel = sa.func.substr(LedgerAccount.code, len("clearing_") + 1)
    return (
        part(channel, what, sign * Posting.amount_fen)
        .select_from(Posting)
        .join(LedgerAccount, LedgerAccount.id == Posting.account_id)
        .join(Journal, Journal.id == Posting.journal_id)
        .where(LedgerAccount.code.in_(CLEARING.values()))
    )


@constant
def available_is_not_negative() -> Asked:
    """No worker's available money is below zero, by its postings, unless the account is flagged."""
    account, balance = LedgerAccount, -total(Posting.amount_fen)
    of_workers = account.owner_kind == "worker"
    figures = sa.select(
        sa.func.count(sa.distinct(account.owner_id)).label("workers"),
        total(account.balance_fen, account.code == WORKER_AVAILABLE).label("available_fen"),
        total(account.balance_fen, account.code == WORKER_NEGATIVE).label("negative_fen"),
        total(1, account.code == WORKER_AVAILABLE, account.minimum_fen.is_(None)).label("flagged"),
    ).where(of_workers)
    failing = (
        sa.select(account.owner_id)
        .join(Posting, Posting.account_id == account.id)
        .where(account.code == WORKER_AVAILABLE, account.minimum_fen.is_not(None))
        .group_by(account.owner_id)
        .having(balance < 0)
    )
    return figures, failing


@constant
def one_journal_a_fact() -> Asked:
    """Every payment, refund, statement and withdrawal was booked, and no fact twice."""
    figures = sa.select(
        sa.func.count().label("journals"),
        sa.func.count(sa.distinct(Journal.key)).label("keys"),
        sa.select(sa.func.count()).select_from(_facts()).scalar_subquery().label("facts"),
    ).select_from(Journal)
    facts = _facts()
    missing = (
        sa.select(facts.c.key)
        .outerjoin(Journal, Journal.key == facts.c.key)
        .where(Journal.id.is_(None))
    )
    twice = (
        sa.select(sa.func.max(Journal.key))
        .where(Journal.kind.in_(ONCE_A_SOURCE))
        .group_by(Journal.kind, Journal.source_kind, Journal.source_id)
        .having(sa.func.count() > 1)
    )
    same = sa.select(Journal.key).group_by(Journal.key).having(sa.func.count() > 1)
    wrong = sa.union_all(missing, twice, same).subquery()
    return figures, sa.select(wrong.c[0])


def _facts() -> sa.Subquery:
    """The keys of the journals that must be there."""
    arrived = Refund.status == RefundStatus.SUCCEEDED.value
    return sa.union_all(
        _fact("payment", PaymentAttempt.id).where(
            PaymentAttempt.status == PaymentStatus.SUCCEEDED.value
        ),
        _fact("refund", Refund.id).where(arrived, Refund.attempt_id.is_not(None)),
        _fact("goodwill", Refund.id).where(arrived, Refund.kind == "goodwill"),
        *(_fact(kind, Refund.id).where(arrived, Refund.kind == kind) for kind in UNMOVED),
        _fact("refund_due", Refund.id).where(
            Refund.status.not_in(UNDECIDED), Refund.kind.not_in(UNMOVED)
        ),
        _fact("cancellation_fee", Cancellation.order_id).where(Cancellation.fee_fen > 0),
        _fact("adjustment", Adjustment.id).where(
            Adjustment.asked_by_id.is_not(None), Adjustment.status.in_(("approved", "settled"))
        ),
        _fact("settlement", Statement.id).where(
            Statement.status.in_(SETTLED), Statement.payable_fen != 0
        ),
        _fact("withdrawal", Withdrawal.id),
        _fact("withdrawal_paid", Withdrawal.id).where(
            Withdrawal.status.in_((WithdrawalStatus.PAID.value, RETURNED))
        ),
        _fact("withdrawal_returned", Withdrawal.id).where(Withdrawal.status == RETURNED),
        _fact("payout", PayoutBatch.id).where(PayoutBatch.status == BatchStatus.PAID.value),
        _fact("manual", ManualJournal.id).where(ManualJournal.status == ManualStatus.POSTED.value),
    ).subquery()


def _fact(kind: str, key: Any) -> sa.Select[Any]:
    return sa.select((f"{kind}:" + sa.cast(key, sa.String)).label("key"))


CHECKS: Mapping[str, Check] = {
    "journals_balance": journals_balance,
    "balances_are_sums": balances_are_sums,
    "minimums_hold": minimums_hold,
    "available_is_not_negative": available_is_not_negative,
    "clearing_is_explained": clearing_is_explained,
    "one_journal_a_fact": one_journal_a_fact,
}
