"""Sums that a change needs under the lock of its order."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.ledger import PREPAYMENTS, RECEIVABLES
from app.domain.states import OrderStatus, PaymentStatus, RefundStatus
from app.models import Cancellation, LedgerAccount, Order, PaymentAttempt, Posting, Refund

# Of the price the company bears these.
BORNE = ("compensation", "set_off")
# Refunds that are not decided, or refused.
UNDECIDED = (RefundStatus.REQUESTED.value, RefundStatus.REJECTED.value)
# Orders that take no money, but for a fee: what arrives for them anyway goes back.
WITHOUT_DEBT = (OrderStatus.CLOSED.value, OrderStatus.CANCELLED.value)
# Before the end of an order nothing is recognised, so that all that it gets is prepaid.
OWING_NOTHING = (
    OrderStatus.PENDING_PAYMENT.value,
    OrderStatus.PENDING_DISPATCH.value,
    OrderStatus.OFFERED.value,
    OrderStatus.ACCEPTED.value,
    OrderStatus.EN_ROUTE.value,
    OrderStatus.IN_SERVICE.value,
    OrderStatus.PENDING_CONFIRM.value,
)


def receivable_of(session: Session, order: Order) -> int:
    """What the customer still owes for work that is done or for a fee, in fen."""
    if order.status in OWING_NOTHING:
        return 0  # nearly every payment, without a query
    return _posted(session, order.id, RECEIVABLES)


def prepaid_of(session: Session, order_id: int) -> int:
    """What the customer has prepaid, refunds that nobody has decided yet among it, in fen."""
    return -_posted(session, order_id, PREPAYMENTS)


def _posted(session: Session, order_id: int, account: str) -> int:
    query = (
        sa.select(sa.func.coalesce(sa.func.sum(Posting.amount_fen), 0))
        .join(LedgerAccount, LedgerAccount.id == Posting.account_id)
        .where(Posting.order_id == order_id, LedgerAccount.code == account)
    )
    return int(session.scalar(query) or 0)


def compensated_of(session: Session, order_id: int) -> int:
    """What the company bears of the order's price, decided, in fen."""
    borne = Refund.amount_fen - Refund.folded_fen
    query = sa.select(sa.func.coalesce(sa.func.sum(borne), 0))
    return int(session.scalar(query.where(*compensations_of(order_id))) or 0)


def compensations_of(order_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    """SQL: the order's compensations that were decided."""
    return (
        Refund.order_id == order_id,
        Refund.kind.in_(BORNE),
        Refund.status.not_in(UNDECIDED),
    )


def fee_of(session: Session, order: Order) -> int:
    """What a cancelled order still costs, in fen: its price has become the fee."""
    cancelled = sa.select(Cancellation.id).filter_by(order_id=order.id)
    return order.due_fen if session.scalar(cancelled) else 0


def surplus_of(session: Session, order: Order) -> int:
    """What was paid beyond what the order costs, in fen.

    What is only asked for and not decided is still here: it lowers the price when it is decided.
    """
    owed = order.due_fen + order.supplement_fen
    if order.status in WITHOUT_DEBT:
        owed = fee_of(session, order)
    kept = order.captured_fen - order.refunded_fen - order.returning_fen
    return max(kept - owed, 0)


def kept_of(session: Session, order_id: int) -> int:
    """What was paid for the order and is not on its way back, in fen."""
    kept = sa.func.sum(PaymentAttempt.amount_fen - PaymentAttempt.refund_fen)
    query = sa.select(sa.func.coalesce(kept, 0)).where(
        PaymentAttempt.order_id == order_id, PaymentAttempt.status == PaymentStatus.SUCCEEDED.value
    )
    return int(session.scalar(query) or 0)
