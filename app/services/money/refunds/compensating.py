"""What a compensation does: it is set against what the order owes, only the rest is paid out."""

from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.ledger import COMPENSATION, PREPAYMENTS, RECEIVABLES, Line
from app.domain.pricing import content_hash
from app.domain.states import OrderStatus, PaymentStatus, RefundStatus, move
from app.models import Order, PaymentAttempt, Refund
from app.services import clock
from app.services.money import sums
from app.services.money.refunds import deciding
from app.services.system import notifications, outbox

NOTHING_PAID = (OrderStatus.PENDING_PAYMENT.value, OrderStatus.CLOSED.value)
OPEN_ATTEMPTS = (
    PaymentStatus.CREATED.value, PaymentStatus.PENDING.value, PaymentStatus.UNKNOWN.value,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spread:
    """Where a compensation goes, in fen: `set_off_fen` against what the order owes (`owed_fen`),
    `through_fen` through its payments, `by_hand_fen` as a goodwill.
    """

    amount_fen: int
    owed_fen: int
    set_off_fen: int
    through_fen: int
    by_hand_fen: int

    @property
    def owed_after_fen(self) -> int:
        return self.owed_fen - self.set_off_fen

    @property
    def hash(self) -> str:
        """Whoever gives it names it, so that what he was shown is what happens."""
        return content_hash(self.told())

    def told(self) -> dict[str, Any]:
        return {**asdict(self), "owed_after_fen": self.owed_after_fen}


def spread(session: Session, order: Order, amount_fen: int, *, but: str = "") -> Spread:
    """How this amount would be spread now; `but`: the number of a request that is looked at again.

    Nothing limits what the company gives of its own: what neither a debt nor the payments can
    bear is paid by hand.
    """
    owed = owed_of(session, order, but=but)
    set_off = min(amount_fen, owed, order.due_fen)
    through = min(amount_fen - set_off, most_back(session, order), order.due_fen - set_off)
    return Spread(amount_fen, owed, set_off, through, amount_fen - set_off - through)


def owed_of(session: Session, order: Order, *, but: str = "") -> int:
    """What the customer still has to pay, less what other requests would set off, in fen.

    Who has not paid at all yet owes nothing: the order ends without the money.
    """
    if order.status in NOTHING_PAID:
        return 0
    waiting = sum(
        refund.amount_fen
        for refund in deciding.waiting_of(session, order.id)
        if refund.kind == deciding.SET_OFF and refund.request_number != but
    )
    return max(order.unpaid_fen - waiting, 0)


def most_back(session: Session, order: Order) -> int:
    """What its payments can still give back and its price can still lose."""
    if order.status in NOTHING_PAID:
        return 0
    return min(sums.kept_of(session, order.id), order.due_fen)


def set_off(session: Session, order: Order, refund: Refund, *, actor: Actor) -> None:
    """The company pays this part of what the customer owes. The order's row is locked.

    Of finished work it settles the receivable, before that it is prepaid.
    """
    owed, amount = sums.receivable_of(session, order), refund.amount_fen
    move(refund, RefundStatus.APPROVED)
    move(refund, RefundStatus.SUCCEEDED)
    refund.succeeded_at = clock.now()
    order.due_fen -= amount
    session.flush()
    lines = [
        Line(COMPENSATION, amount),
        Line(RECEIVABLES, -min(owed, amount)),
        Line(PREPAYMENTS, min(owed, amount) - amount),
    ]
    deciding.book(refund, "set_off", lines, actor)
    left = order.unpaid_fen
    deciding.tell(order, refund, "refund.set_off", actor, refund.reason, unpaid_fen=left)
    notifications.notify(
        "customer", order.customer_id, "refund.set_off", order_id=order.id,
        refund=refund.number, amount_fen=amount, unpaid_fen=left,
    )  # fmt: skip
    go_on(session, order)


def go_on(session: Session, order: Order) -> None:
    """Nobody pays the old amount any more; what waited for the money goes on without it."""
    stale = sa.select(PaymentAttempt.id).where(
        PaymentAttempt.order_id == order.id, PaymentAttempt.status.in_(OPEN_ATTEMPTS)
    )
    attempts = list(session.scalars(stale.order_by(PaymentAttempt.id)))
    if attempts:
        outbox.put("order.close_attempts", order.id, attempts=attempts)
    if not order.unpaid_fen:
        outbox.put("order.nothing_owed", order.id)
