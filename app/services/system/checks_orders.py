"""Checks of every order's money: what was paid, given back, earned, and what is left."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from app.domain.coupons import LINE as COUPON_LINE
from app.domain.ledger import (
    CANCELLATION_FEES,
    CLEARING,
    COMMISSION,
    COMPENSATION,
    COUPONS,
    PREPAYMENTS,
    RECEIVABLES,
    REFUNDS_DUE,
    WORKER_FROZEN,
)
from app.domain.states import OrderStatus, PaymentStatus, RefundStatus
from app.models import (
    Accrual,
    AccrualReversal,
    Cancellation,
    Journal,
    LedgerAccount,
    Order,
    OrderLine,
    PaymentAttempt,
    Posting,
    Refund,
)
from app.services.money.sums import BORNE, UNDECIDED
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

DONE = OrderStatus.COMPLETED.value
FINAL = (
    OrderStatus.COMPLETED.value,
    OrderStatus.CANCELLED.value,
    OrderStatus.NO_SHOW.value,
    OrderStatus.CLOSED.value,
)
CLEARINGS = tuple(CLEARING.values())


@constant
def lines_add_up() -> Asked:
    """The lines of every order add up to its total."""
    line, whole = OrderLine.amount_fen, Order.total_fen
    figures = sums(part(Order.id, "orders_fen", whole), part(OrderLine.order_id, "lines_fen", line))
    failing = differing(part(Order.id, "total", whole), part(OrderLine.order_id, "total", -line))
    return figures, failing


@constant
def payments_are_booked() -> Asked:
    """What each order has captured is the sum of its payments, and of their postings."""
    paid = PaymentAttempt.status == PaymentStatus.SUCCEEDED.value
    attempt = PaymentAttempt.amount_fen

    def booked(what: str, sign: int) -> sa.Select[Any]:
        return _posted(what, sign, CLEARINGS).where(Journal.kind == "payment")

    figures = sums(
        part(Order.id, "orders_fen", Order.captured_fen),
        part(PaymentAttempt.order_id, "attempts_fen", attempt).where(paid),
        booked("postings_fen", 1),
    )
    failing = differing(
        part(Order.id, "attempts", Order.captured_fen),
        part(PaymentAttempt.order_id, "attempts", -attempt).where(paid),
        part(Order.id, "postings", Order.captured_fen),
        booked("postings", -1),
    )
    return figures, failing


@constant
def refunds_are_booked() -> Asked:
    """What each order has given back, and what is on its way, is the sum of its refunds, and of
    their postings.
    """
    arrived = sa.and_(Refund.status == RefundStatus.SUCCEEDED.value, Refund.attempt_id.is_not(None))

    def booked(what: str) -> sa.Select[Any]:
        return _posted(what, 1, CLEARINGS).where(Journal.kind == "refund")

    figures = sums(
        part(Order.id, "orders_fen", Order.refunded_fen),
        part(Refund.order_id, "refunds_fen", Refund.amount_fen).where(arrived),
        _open_refunds("on_their_way_fen", 1),
    )
    failing = differing(
        part(Order.id, "refunds", Order.refunded_fen),
        part(Refund.order_id, "refunds", -Refund.amount_fen).where(arrived),
        part(Order.id, "postings", Order.refunded_fen),
        booked("postings"),
        part(Order.id, "returning", Order.returning_fen),
        _open_refunds("returning", -1),
        _open_refunds("due", 1),
        _open_goodwill("due", 1),
        _posted("due", 1, (REFUNDS_DUE,)),
    )
    return figures, failing


@constant
def refunds_within_payments() -> Asked:
    """No payment is given back twice: its refunds are what was decided, and no more than it."""
    decided = sa.and_(Refund.status != RefundStatus.REJECTED.value, Refund.attempt_id.is_not(None))
    figures = sums(
        part(PaymentAttempt.id, "decided_fen", PaymentAttempt.refund_fen),
        part(Refund.attempt_id, "refunds_fen", Refund.amount_fen).where(decided),
    )
    # 1 where it must not be: a sum that is not zero.
    paid = PaymentAttempt.status == PaymentStatus.SUCCEEDED.value
    most = sa.case((paid, PaymentAttempt.amount_fen), else_=0)
    above = sa.case((PaymentAttempt.refund_fen > most, 1), else_=0)
    failing = differing(
        part(PaymentAttempt.id, "refunds", PaymentAttempt.refund_fen),
        part(Refund.attempt_id, "refunds", -Refund.amount_fen).where(decided),
        part(PaymentAttempt.id, "within", above),
    )
    return figures, failing


@constant
def orders_are_explained() -> Asked:
    """Captured - refunded - refunds due - earned and not reversed - fees + compensation + subsidies
    = prepaid - owed; nothing prepaid is left on an order that has ended, and the subsidies are what
    completed orders' coupons bear.
    """
    figures = sums(
        part(Order.id, "captured_fen", Order.captured_fen),
        part(Order.id, "refunded_fen", Order.refunded_fen),
        _open_refunds("refunds_due_fen", 1),
        part(Accrual.order_id, "recognised_fen", Accrual.base_fen),
        _reversed("reversed_fen", 1),
        _fees("fees_fen", 1),
        _fees_compensated("fees_fen", 1),
        _compensated("compensated_fen", 1),
        _posted("subsidies_fen", 1, (COUPONS,)),
        _posted("prepaid_fen", -1, (PREPAYMENTS,)),
        _posted("owed_fen", 1, (RECEIVABLES,)),
    )
    failing = differing(
        part(Order.id, "left", Order.captured_fen - Order.refunded_fen),
        _open_refunds("left", -1),
        part(Accrual.order_id, "left", -Accrual.base_fen),
        _reversed("left", 1),
        _fees("left", -1),
        _fees_compensated("left", -1),
        _compensated("left", 1),
        _posted("left", 1, (COUPONS, PREPAYMENTS, RECEIVABLES)),
        part(Order.id, "subsidies", Order.subsidy_fen).where(Order.status == DONE),
        _posted("subsidies", -1, (COUPONS,)),
        part(Accrual.order_id, "recognised", Accrual.base_fen),
        _fees("fees", 1),
        _fees_compensated("fees", 1),
        _posted("fees", 1, (CANCELLATION_FEES,)),
        _compensated("compensated", 1),
        _goodwill("compensated", 1),
        _posted("compensated", -1, (COMPENSATION,)),
        _posted("recognised", 1, (COMMISSION, WORKER_FROZEN)).where(Journal.kind == "revenue"),
        _posted("final", 1, (PREPAYMENTS,))
        .join(Order, Order.id == Posting.order_id)
        .where(Order.status.in_(FINAL)),
    )
    return figures, failing


@constant
def completed_orders_are_earned() -> Asked:
    """A completed order earned what it costs and what the company bears, never more than its price
    before the coupon, each part at the order's own rate; no other earned.
    """
    done = Order.status == DONE
    # share(): rounded half up, in integers.
    commission = (Accrual.base_fen * Accrual.commission_bp + 5_000) // 10_000
    figures = sa.select(
        sa.func.count().label("accruals"),
        total(Accrual.base_fen).label("base_fen"),
        total(Accrual.commission_fen).label("commission_fen"),
        total(Accrual.worker_fen).label("workers_fen"),
    ).select_from(Accrual)
    failing = differing(
        part(Order.id, "base", Order.due_fen + Order.subsidy_fen).where(done),
        part(Accrual.order_id, "base", -Accrual.base_fen),
        _reversed("base", 1),
        _compensated("base", 1).join(Order, Order.id == Refund.order_id).where(done),
        _earned_above_price("price"),
        _borne_above_coupon("coupon"),
        part(Accrual.order_id, "commission", sa.func.abs(Accrual.commission_fen - commission)),
        part(Accrual.order_id, "rate", sa.func.abs(Accrual.commission_bp - Order.commission_bp))
        .select_from(Accrual)
        .join(Order, Order.id == Accrual.order_id),
    )
    return figures, failing


def _earned_above_price(what: str) -> sa.Select[Any]:
    """1 for each order whose parts are more than its lines but the coupon's: a sum that is not
    zero.
    """
    off = _coupon_lines()
    most = Order.total_fen + or_zero(off.c.fen)
    return (
        part(Accrual.order_id, what, sa.literal(1))
        .join(Order, Order.id == Accrual.order_id)
        .outerjoin(off, off.c.order_id == Order.id)
        .group_by(Accrual.order_id, most)
        .having(sa.func.sum(Accrual.base_fen) > most)
    )


def _borne_above_coupon(what: str) -> sa.Select[Any]:
    """1 for each order of which the company bears more than its coupon takes off."""
    off = _coupon_lines()
    return (
        part(Order.id, what, sa.literal(1))
        .outerjoin(off, off.c.order_id == Order.id)
        .where(Order.subsidy_fen > or_zero(off.c.fen))
    )


def _coupon_lines() -> sa.Subquery:
    """What each order's coupon takes off its price."""
    return (
        sa.select(OrderLine.order_id, (-sa.func.sum(OrderLine.amount_fen)).label("fen"))
        .where(OrderLine.kind == COUPON_LINE)
        .group_by(OrderLine.order_id)
        .subquery()
    )


def _reversed(what: str, sign: int) -> sa.Select[Any]:
    """What refunds took back of what orders had earned."""
    return part(Refund.order_id, what, sign * AccrualReversal.base_fen).join(
        AccrualReversal, AccrualReversal.refund_id == Refund.id
    )


def _fees(what: str, sign: int) -> sa.Select[Any]:
    """What cancelled orders still cost."""
    return part(Order.id, what, sign * Order.due_fen).join(
        Cancellation, Cancellation.order_id == Order.id
    )


def _fees_compensated(what: str, sign: int) -> sa.Select[Any]:
    """What the company bears of them."""
    return _compensated(what, sign).join(Cancellation, Cancellation.order_id == Refund.order_id)


def _compensated(what: str, sign: int) -> sa.Select[Any]:
    """What the company bears of orders' prices."""
    return part(Refund.order_id, what, sign * (Refund.amount_fen - Refund.folded_fen)).where(
        Refund.kind.in_(BORNE), Refund.status.not_in(UNDECIDED)
    )


def _goodwill(what: str, sign: int) -> sa.Select[Any]:
    """What the company gives beyond orders' prices and payments."""
    return part(Refund.order_id, what, sign * Refund.amount_fen).where(
        Refund.kind == "goodwill", Refund.status.not_in(UNDECIDED)
    )


def _open_goodwill(what: str, sign: int) -> sa.Select[Any]:
    return _goodwill(what, sign).where(Refund.status != RefundStatus.SUCCEEDED.value)


def _posted(what: str, sign: int, accounts: tuple[str, ...]) -> sa.Select[Any]:
    """Postings of orders on some accounts, debit positive."""
    return (
        part(Posting.order_id, what, sign * Posting.amount_fen)
        .select_from(Posting)
        .join(LedgerAccount, LedgerAccount.id == Posting.account_id)
        .join(Journal, Journal.id == Posting.journal_id)
        .where(LedgerAccount.code.in_(accounts), Posting.order_id.is_not(None))
    )


def _open_refunds(what: str, sign: int) -> sa.Select[Any]:
    """Decided of payments, and not yet with the customer."""
    ended = (*UNDECIDED, RefundStatus.SUCCEEDED.value)
    return part(Refund.order_id, what, sign * Refund.amount_fen).where(
        Refund.status.not_in(ended), Refund.attempt_id.is_not(None)
    )


CHECKS: Mapping[str, Check] = {
    "lines_add_up": lines_add_up,
    "payments_are_booked": payments_are_booked,
    "refunds_are_booked": refunds_are_booked,
    "refunds_within_payments": refunds_within_payments,
    "orders_are_explained": orders_are_explained,
    "completed_orders_are_earned": completed_orders_are_earned,
}
