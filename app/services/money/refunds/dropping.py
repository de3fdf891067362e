"""What a customer owes for finished work is dropped: it was not worth so much after all."""

from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.ledger import RECEIVABLES, Line
from app.domain.states import RefundStatus, move
from app.models import Order, Refund
from app.services import clock
from app.services.money import reversing, subsidies
from app.services.money.refunds import compensating, deciding
from app.services.numbers import new_number

KIND = "waiver"


def drop_owed(
    session: Session, order: Order, amount_fen: int, *, reason: str, actor: Actor
) -> Refund:
    """Take it off the price and the receivable; what it has earned is reversed at its own rate.

    No money moves. The order's row is locked, it is completed and owes at least so much.
    """
    number = new_number("R")
    refund = Refund(
        number=number, request_number=number, order_id=order.id, amount_fen=amount_fen, kind=KIND,
        reason=reason, asked_by_id=actor.id if actor.kind == "staff" else None,
        status=RefundStatus.REQUESTED.value,
    )  # fmt: skip
    session.add(refund)
    move(refund, RefundStatus.APPROVED)
    move(refund, RefundStatus.SUCCEEDED)
    refund.succeeded_at = clock.now()
    session.flush()
    borne = subsidies.lower(session, order, amount_fen)
    order.due_fen -= amount_fen
    taken = reversing.take_back(session, order, refund, borne, actor=actor)
    session.flush()
    deciding.book(refund, KIND, [*taken, Line(RECEIVABLES, -amount_fen)], actor)
    compensating.go_on(session, order)
    return refund
