"""Checks of what workers earned: settled once, available, on its way, paid."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from app.domain.ledger import (
    IN_TRANSIT,
    PARTNER_PAYABLE,
    WORKER_AVAILABLE,
    WORKER_FROZEN,
    WORKER_NEGATIVE,
)
from app.domain.states import (
    AdjustmentStatus,
    BatchStatus,
    RunStatus,
    StatementStatus,
    WithdrawalStatus,
)
from app.models import (
    Accrual,
    AccrualReversal,
    Adjustment,
    Journal,
    LedgerAccount,
    PayoutBatch,
    Posting,
    SettlementRun,
    Statement,
    StatementLine,
    Withdrawal,
)
from app.services.system.findings import Asked, Check, constant, differing, part, sums

SETTLED = tuple(
    status.value
    for status in (StatementStatus.APPROVED, StatementStatus.CONFIRMED, StatementStatus.DISPUTED)
)
LEAVING = ("withdrawal", "withdrawal_back", "withdrawal_returned")
BACK = tuple(
    status.value
    for status in (
        WithdrawalStatus.REJECTED,
        WithdrawalStatus.FAILED,
        WithdrawalStatus.EXPIRED,
        WithdrawalStatus.RETURNED,
    )
)
UNDER_WAY = tuple(
    status.value
    for status in WithdrawalStatus
    if status.value not in (*BACK, WithdrawalStatus.PAID)
)

BOOKED = (AdjustmentStatus.APPROVED.value, AdjustmentStatus.SETTLED.value)


@constant
def statements_add_up() -> Asked:
    """A run is the sum of its statements, a statement of its lines and adjustments, a line its
    accrual.
    """
    living = SettlementRun.status != RunStatus.CANCELLED.value
    figures = sums(
        part(SettlementRun.id, "runs_fen", SettlementRun.payable_fen).where(living),
        part(Statement.run_id, "statements_fen", Statement.payable_fen),
        part(StatementLine.id, "lines_fen", StatementLine.worker_fen),
        part(Statement.run_id, "adjusted_fen", Statement.adjustment_fen),
        part(Statement.run_id, "carried_fen", Statement.carried_fen),
    )
    failing = differing(
        *_run_and_statements("base_fen"),
        *_run_and_statements("commission_fen"),
        *_run_and_statements("payable_fen"),
        *_lines_of_statements("base_fen", "base_fen"),
        *_lines_of_statements("commission_fen", "commission_fen"),
        *_lines_of_statements("payable_fen", "worker_fen"),
        _adjustments_of_statements(),
        *(
            _line_and_accrual(name)
            for name in ("order_id", "base_fen", "commission_bp", "commission_fen")
        ),
    )
    return figures, failing


@constant
def settled_is_booked() -> Asked:
    """What approved statements say is what was moved from frozen to available."""
    approved = Statement.status.in_(SETTLED)
    figures = sums(
        part(Statement.worker_id, "approved_fen", Statement.payable_fen).where(approved),
        _moved("postings_fen", -1, WORKER_AVAILABLE, "settlement"),
    )
    failing = differing(
        part(Statement.worker_id, "available", Statement.payable_fen).where(approved),
        _moved("available", 1, WORKER_AVAILABLE, "settlement"),
        part(Statement.worker_id, "frozen", Statement.carried_fen - Statement.payable_fen).where(
            approved
        ),
        part(Statement.worker_id, "frozen", -Adjustment.negative_fen)
        .join(Adjustment, Adjustment.statement_id == Statement.id)
        .where(approved),
        _moved("frozen", 1, WORKER_FROZEN, "settlement"),
    )
    return figures, failing


@constant
def frozen_is_unsettled() -> Asked:
    """What is frozen of each worker is what he earned or was given, in no approved statement."""
    settled = (
        part(Statement.worker_id, "frozen", -StatementLine.worker_fen)
        .join(StatementLine, StatementLine.statement_id == Statement.id)
        .where(Statement.status.in_(SETTLED))
    )
    earned = part(Accrual.worker_id, "frozen", Accrual.worker_fen)
    figures = sums(
        part(Accrual.worker_id, "earned_fen", Accrual.worker_fen),
        _waiting("adjusted_fen", Adjustment.amount_fen),
        _balance("frozen_fen", 1, WORKER_FROZEN),
    )
    adjusted = _waiting("frozen", Adjustment.amount_fen + Adjustment.negative_fen)
    failing = differing(earned, settled, adjusted, _balance("frozen", -1, WORKER_FROZEN))
    return figures, failing


@constant
def debts_are_carried() -> Asked:
    """What each worker owes is what his next statements will take."""
    figures = sums(
        _waiting("carried_fen", Adjustment.negative_fen), _balance("owed_fen", 1, WORKER_NEGATIVE)
    )
    failing = differing(
        _waiting("owed", Adjustment.negative_fen), _balance("owed", -1, WORKER_NEGATIVE)
    )
    return figures, failing


@constant
def reversals_are_adjusted() -> Asked:
    """What refunds took back of workers' shares is what their adjustments say, and were booked;
    what partners were given is what was booked for them.
    """
    figures = sums(
        _reversed("reversed_fen", AccrualReversal.worker_fen),
        _adjusted("adjusted_fen", Adjustment.amount_fen),
    )
    failing = differing(
        _reversed("workers", AccrualReversal.worker_fen),
        _adjusted("workers", Adjustment.amount_fen),
        part(Adjustment.partner_id, "partners", Adjustment.amount_fen).where(
            Adjustment.partner_id.is_not(None),
            Adjustment.status.in_(BOOKED),
        ),
        _moved("partners", 1, PARTNER_PAYABLE, "adjustment"),
    )
    return figures, failing


@constant
def withdrawals_are_booked() -> Asked:
    """What is in transit of each worker are his open withdrawals; what left him, all but those
    that came back.
    """
    open_ = Withdrawal.status.in_(UNDER_WAY)
    left = Withdrawal.status.not_in(BACK)
    amount = Withdrawal.amount_fen
    figures = sums(
        part(Withdrawal.worker_id, "open_fen", amount).where(open_),
        _balance("in_transit_fen", 1, IN_TRANSIT),
        part(Withdrawal.worker_id, "paid_fen", amount).where(
            Withdrawal.status == WithdrawalStatus.PAID.value
        ),
    )
    failing = differing(
        part(Withdrawal.worker_id, "in_transit", amount).where(open_),
        _balance("in_transit", -1, IN_TRANSIT),
        part(Withdrawal.worker_id, "left", amount).where(left),
        _moved("left", -1, WORKER_AVAILABLE, *LEAVING),
    )
    return figures, failing


@constant
def payouts_are_booked() -> Asked:
    """What each agency's account lost to batches is what the paid batches hold."""
    paid = PayoutBatch.status == BatchStatus.PAID.value
    batches = part(PayoutBatch.id, "payout", PayoutBatch.total_fen).where(paid)
    booked = (
        part(Journal.source_id, "payout", -Posting.amount_fen)
        .select_from(Posting)
        .join(LedgerAccount, LedgerAccount.id == Posting.account_id)
        .join(Journal, Journal.id == Posting.journal_id)
        .where(LedgerAccount.code == PARTNER_PAYABLE, Journal.kind == "payout")
    )
    figures = sums(part(PayoutBatch.id, "partners_paid_fen", PayoutBatch.total_fen).where(paid))
    return figures, differing(batches, booked)


def _reversed(what: str, amount: Any) -> sa.Select[Any]:
    return part(Accrual.worker_id, what, amount).join(
        AccrualReversal, AccrualReversal.accrual_id == Accrual.id
    )


def _adjusted(what: str, amount: Any) -> sa.Select[Any]:
    return part(Adjustment.worker_id, what, amount).where(Adjustment.kind == "refund")


def _waiting(what: str, amount: Any) -> sa.Select[Any]:
    """Approved adjustments that no approved statement holds."""
    return part(Adjustment.worker_id, what, amount).where(
        Adjustment.status == AdjustmentStatus.APPROVED.value, Adjustment.worker_id.is_not(None)
    )


def _adjustments_of_statements() -> sa.Select[Any]:
    lines = (
        sa.select(Adjustment.statement_id, sa.func.sum(Adjustment.amount_fen).label("fen"))
        .group_by(Adjustment.statement_id)
        .subquery()
    )
    off = sa.func.abs(Statement.adjustment_fen - sa.func.coalesce(lines.c.fen, 0))
    return (
        part(Statement.run_id, "adjustments", off)
        .select_from(Statement)
        .outerjoin(lines, lines.c.statement_id == Statement.id)
    )


def _run_and_statements(name: str) -> tuple[sa.Select[Any], ...]:
    """Keyed by run; a cancelled one keeps its totals without statements."""
    living = SettlementRun.status != RunStatus.CANCELLED.value
    return (
        part(SettlementRun.id, f"run {name}", getattr(SettlementRun, name)).where(living),
        part(Statement.run_id, f"run {name}", -getattr(Statement, name)),
    )


def _lines_of_statements(name: str, line_name: str) -> tuple[sa.Select[Any], ...]:
    """Two errors in one run must not make up for each other: the sum of squares."""
    lines = (
        sa.select(
            StatementLine.statement_id, sa.func.sum(getattr(StatementLine, line_name)).label("fen")
        )
        .group_by(StatementLine.statement_id)
        .subquery()
    )
    whole = getattr(Statement, name)
    if name == "payable_fen":
        whole = whole - Statement.adjustment_fen - Statement.carried_fen
    off = sa.func.abs(whole - sa.func.coalesce(lines.c.fen, 0))
    return (
        part(Statement.run_id, f"lines {name}", off)
        .select_from(Statement)
        .outerjoin(lines, lines.c.statement_id == Statement.id),
    )


def _line_and_accrual(name: str) -> sa.Select[Any]:
    off = sa.func.abs(getattr(StatementLine, name) - getattr(Accrual, name))
    return (
        part(Statement.run_id, f"accrual {name}", off)
        .select_from(StatementLine)
        .join(Accrual, Accrual.id == StatementLine.accrual_id)
        .join(Statement, Statement.id == StatementLine.statement_id)
    )


def _balance(what: str, sign: int, account: str) -> sa.Select[Any]:
    return part(LedgerAccount.owner_id, what, sign * LedgerAccount.balance_fen).where(
        LedgerAccount.code == account
    )


def _moved(what: str, sign: int, account: str, *kinds: str) -> sa.Select[Any]:
    """What journals of these kinds moved on workers' accounts, debit positive."""
    return (
        part(LedgerAccount.owner_id, what, sign * Posting.amount_fen)
        .select_from(Posting)
        .join(LedgerAccount, LedgerAccount.id == Posting.account_id)
        .join(Journal, Journal.id == Posting.journal_id)
        .where(LedgerAccount.code == account, Journal.kind.in_(kinds))
    )


CHECKS: Mapping[str, Check] = {
    "statements_add_up": statements_add_up,
    "settled_is_booked": settled_is_booked,
    "frozen_is_unsettled": frozen_is_unsettled,
    "debts_are_carried": debts_are_carried,
    "reversals_are_adjusted": reversals_are_adjusted,
    "withdrawals_are_booked": withdrawals_are_booked,
    "payouts_are_booked": payouts_are_booked,
}
