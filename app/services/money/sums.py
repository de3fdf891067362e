"""Sums that a change needs under the lock of its order."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.ledger import RECEIVABLES
from app.domain.states import OrderStatus, PaymentStatus
from app.models import LedgerAccount, Order, PaymentAttempt, Posting

# Orders that take no money: what arrives for them anyway goes back.
WITHOUT_DEBT = (OrderStatus.CLOSED.value, OrderStatus.CANCELLED.value)


def receivable_of(session: Session, order_id: int) -> int:
    """What the customer still owes for work that is done, in fen."""
    query = (
        sa.select(sa.func.coalesce(sa.func.sum(Posting.amount_fen), 0))
        .join(LedgerAccount, LedgerAccount.id == Posting.account_id)
        .where(Posting.order_id == order_id, LedgerAccount.code == RECEIVABLES)
    )
    return int(session.scalar(query) or 0)


def surplus_of(session: Session, order: Order) -> int:
    """What was paid beyond what the order costs, in fen."""
    owed = 0 if order.status in WITHOUT_DEBT else order.due_fen
    if order.captured_fen - order.refunded_fen <= owed:
        return 0  # the usual case, without a query while accounts are locked
    return max(kept_of(session, order.id) - owed, 0)


def kept_of(session: Session, order_id: int) -> int:
    """What was paid for the order and is not on its way back, in fen."""
    kept = sa.func.sum(PaymentAttempt.amount_fen - PaymentAttempt.refund_fen)
    query = sa.select(sa.func.coalesce(kept, 0)).where(
        PaymentAttempt.order_id == order_id, PaymentAttempt.status == PaymentStatus.SUCCEEDED.value
    )
    return int(session.scalar(query) or 0)
