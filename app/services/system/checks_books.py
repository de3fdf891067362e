"""Checks of what is closed for good, and of what the channels' bills say."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.domain.states import DifferenceStatus, PaymentStatus, RefundStatus
from app.models import (
    BillItem,
    ChannelBill,
    Difference,
    Journal,
    PaymentAttempt,
    PeriodSeal,
    ReconciliationRun,
    Refund,
    RefundAllocation,
    Withdrawal,
)
from app.services.money import seals
from app.services.system.findings import (
    TOLD_AT_MOST,
    Asked,
    Check,
    Finding,
    constant,
    differing,
    or_zero,
    part,
    sums,
    total,
)


def sealed_periods_stand(session: Session) -> Finding:
    """Every sealed month says what it said when it was sealed: journals, postings and totals."""
    rows = session.scalars(sa.select(PeriodSeal).order_by(PeriodSeal.period_to)).all()
    changed = [row.id for row in rows if not seals.stands(session, row)]
    inside = sa.select(sa.func.count(Journal.id)).where(
        Journal.posted_on <= sa.select(sa.func.max(PeriodSeal.period_to)).scalar_subquery()
    )
    figures = {
        "sealed_months": len(rows),
        "sealed_journals": session.scalar(inside) or 0,
        "wrong": len(changed),
    }
    return Finding(not changed, figures, changed[:TOLD_AT_MOST])


@constant
def bills_agree() -> Asked:
    """Every line of a bill that is there is in our books with its amount, or an open difference."""
    open_ = Difference.status == DifferenceStatus.OPEN.value
    theirs = or_zero(Difference.theirs_fen) - or_zero(Difference.ours_fen)
    figures = sa.select(
        sa.select(sa.func.count(ChannelBill.id)).scalar_subquery().label("bills"),
        sa.func.count(BillItem.id).label("bill_lines"),
        sa.select(total(theirs)).where(open_).scalar_subquery().label("open_fen"),
    )
    told = sa.select(Difference.id).where(Difference.item_id == BillItem.id)
    failing = (
        sa.select(ChannelBill.id)
        .join(BillItem, BillItem.bill_id == ChannelBill.id)
        .where(_compared(), ~told.exists(), ~sa.or_(*(known.exists() for known in _ours())))
        .group_by(ChannelBill.id)
    )
    return figures, failing


def _compared() -> sa.ColumnElement[bool]:
    """From the day that the bill was compared: until then its lines are only there."""
    run = sa.select(ReconciliationRun.id).where(
        ReconciliationRun.channel == ChannelBill.channel,
        ReconciliationRun.bill_on == ChannelBill.bill_on,
        ReconciliationRun.status != "open",
    )
    return sa.and_(run.exists(), BillItem.kind.in_(("payment", "refund", "transfer")))


def _ours() -> list[sa.Select[Any]]:
    amount = sa.func.abs(BillItem.amount_fen)
    return [
        sa.select(PaymentAttempt.id).where(
            BillItem.kind == "payment",
            PaymentAttempt.out_trade_no == BillItem.reference,
            PaymentAttempt.channel == ChannelBill.channel,
            PaymentAttempt.status == PaymentStatus.SUCCEEDED.value,
            PaymentAttempt.amount_fen == amount,
        ),
        sa.select(Refund.id).where(
            BillItem.kind == "refund",
            Refund.number == BillItem.reference,
            Refund.status == RefundStatus.SUCCEEDED.value,
            Refund.amount_fen == amount,
        ),
        sa.select(Withdrawal.id).where(
            BillItem.kind == "transfer",
            Withdrawal.number == BillItem.reference,
            Withdrawal.amount_fen == amount,
        ),
    ]


@constant
def allocations_add_up() -> Asked:
    """What was asked for together, and what it takes of each payment, are its refunds."""
    head = aliased(Refund)
    spread = (
        sa.select(RefundAllocation.id)
        .join(head, head.id == RefundAllocation.refund_id)
        .where(head.request_number == Refund.request_number, Refund.attempt_id.is_not(None))
        .exists()
    )
    figures = sums(
        part(Refund.id, "spread_fen", Refund.amount_fen).where(spread),
        part(RefundAllocation.refund_id, "allocations_fen", RefundAllocation.amount_fen),
    )
    failing = differing(
        part(Refund.attempt_id, "refund", Refund.amount_fen).where(spread),
        part(RefundAllocation.attempt_id, "refund", -RefundAllocation.amount_fen),
    )
    return figures, failing


CHECKS: Mapping[str, Check] = {
    "sealed_periods_stand": sealed_periods_stand,
    "bills_agree": bills_agree,
    "allocations_add_up": allocations_add_up,
}
