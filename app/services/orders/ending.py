"""The money of an order that ends before its work: its fee, and what comes back."""

from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.cancelling import Preview
from app.domain.ledger import CANCELLATION_FEES, PREPAYMENTS, RECEIVABLES, Line
from app.models import Order
from app.services.money import ledger, refunds, sums
from app.services.orders import reminding
from app.services.system import notifications


def settle(session: Session, order: Order, shown: Preview, actor: Actor, *, kind: str) -> None:
    """From now on the order costs its fee, of which no coupon bears a part; what was paid beyond
    it goes back.
    """
    order.due_fen, order.subsidy_fen = shown.charged_fen, 0
    session.flush()
    refunds.fold_compensation(session, order, 0, actor=actor)  # first: it is not there for the fee
    if shown.charged_fen:
        _book_fee(session, order, shown.charged_fen, actor)
    refunds.refund_surplus(session, order, reason="cancelled", actor=actor)
    reminding.begin(order)
    notifications.notify(
        "customer", order.customer_id, kind, order_id=order.id,
        fee_fen=shown.charged_fen, refund_fen=shown.refund_fen,
    )  # fmt: skip


def _book_fee(session: Session, order: Order, fee_fen: int, actor: Actor) -> None:
    prepaid = min(fee_fen, sums.prepaid_of(session, order.id))
    ledger.post(
        f"cancellation_fee:{order.id}",
        "cancellation_fee",
        [
            Line(PREPAYMENTS, prepaid),
            Line(RECEIVABLES, fee_fen - prepaid),
            Line(CANCELLATION_FEES, -fee_fen),
        ],
        source_kind="order",
        source_id=order.id,
        order_id=order.id,
        actor=actor,
    )
