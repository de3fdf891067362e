"""Cash on site: the worker takes it and owes it to the company until finance has seen it."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import NotFound, RuleViolation
from app.domain.ledger import CLEARING, WORKER_CASH, Line
from app.domain.states import AssignmentStatus, OrderStatus, PaymentStatus
from app.gateways.payment import PaymentState
from app.models import Assignment, Order, PaymentAttempt
from app.services import audit, clock
from app.services.money import ledger
from app.services.money.payments.applying import apply_payment
from app.services.money.payments.states import OPEN
from app.services.numbers import new_number
from app.services.orders import events
from app.services.system import notifications, parameters
from app.services.transactions import locked, retrying, transaction

TAKEN_IN = (OrderStatus.IN_SERVICE, OrderStatus.PENDING_CONFIRM, OrderStatus.COMPLETED)
OPEN_FOR = timedelta(days=1)  # a new attempt is settled in the same transaction anyway


@retrying
def receive_cash(visit_id: int, worker_id: int, amount_fen: int, *, actor: Actor) -> PaymentAttempt:
    """The worker has the customer's cash, all that is owed. Said again it changes nothing.

    The customer is free; the worker owes it. Raises NotFound for somebody else's visit,
    RuleViolation (method_not_offered, nothing_to_pay, payment_mismatch).
    """
    with transaction(actor) as session:
        order = locked(session, Order, _order_of(session, visit_id, worker_id))
        _check_offered()
        taken = _taken(session, order, worker_id, amount_fen)
        if taken is not None:
            return taken
        attempt = _attempt(session, order, amount_fen)
        attempt.worker_id = worker_id
        number = attempt.out_trade_no
        told = PaymentState(number, "succeeded", amount_fen, f"cash-{number}", clock.now())
        apply_payment("cash", told, actor=actor)
        _book(attempt, "cash_held", WORKER_CASH, CLEARING["cash"], actor)
        return attempt


@retrying
def hand_in_cash(attempt_id: int, *, actor: Actor) -> PaymentAttempt:
    """Finance has the worker's cash in hand; she is told. Raises RuleViolation (no_cash_held)."""
    with transaction(actor) as session:
        order_id = session.scalar(sa.select(PaymentAttempt.order_id).filter_by(id=attempt_id))
        if order_id is None:
            raise NotFound(_l("There is no such payment"), code="payment_unknown")
        order = locked(session, Order, order_id)
        attempt = locked(session, PaymentAttempt, attempt_id)
        if not is_held(attempt):
            raise RuleViolation(_l("No worker holds cash of this payment"), code="no_cash_held")
        attempt.handed_in_at, attempt.handed_in_by_id = clock.now(), actor.id
        _book(attempt, "cash_in", CLEARING["cash"], WORKER_CASH, actor)
        told: dict[str, Any] = {"attempt": attempt.out_trade_no, "amount_fen": attempt.amount_fen}
        audit.record("payment", "customer_order", order.id, told, actor=actor)
        events.record(order, "payment.handed_in", actor=actor, **told)
        notifications.notify(
            "worker", attempt.worker_id or 0, "payment.handed_in", order_id=order.id,
            amount_fen=attempt.amount_fen,
        )  # fmt: skip
        return attempt


def is_held(attempt: PaymentAttempt) -> bool:
    """Whether a worker has this cash and the company has not."""
    taken = attempt.status == PaymentStatus.SUCCEEDED and attempt.worker_id is not None
    return taken and attempt.handed_in_at is None


def held() -> sa.ColumnElement[bool]:
    """SQL: the payments of which that is so."""
    return sa.and_(
        PaymentAttempt.status == PaymentStatus.SUCCEEDED.value,
        PaymentAttempt.worker_id.is_not(None),
        PaymentAttempt.handed_in_at.is_(None),
    )


def _check_offered() -> None:
    if "cash" not in parameters.get("payment.methods"):
        raise RuleViolation(
            _l("This payment method is not offered"), code="method_not_offered", method="cash"
        )


def _order_of(session: Session, visit_id: int, worker_id: int) -> int:
    order_id = session.scalar(
        sa.select(Assignment.order_id).where(
            Assignment.visit_id == visit_id,
            Assignment.worker_id == worker_id,
            Assignment.status != AssignmentStatus.ENDED.value,
        )
    )
    if order_id is None:
        raise NotFound(_l("This visit does not exist"), visit_id=visit_id)
    return order_id


def _taken(
    session: Session, order: Order, worker_id: int, amount_fen: int
) -> PaymentAttempt | None:
    """What was said before, when nothing is owed any more."""
    if order.unpaid_fen:
        return None
    query = sa.select(PaymentAttempt).filter_by(
        order_id=order.id, worker_id=worker_id, amount_fen=amount_fen
    )
    return session.scalar(query.order_by(PaymentAttempt.id.desc()).limit(1))


def _attempt(session: Session, order: Order, amount_fen: int) -> PaymentAttempt:
    """The one that the customer has opened, or one of its own."""
    if order.unpaid_fen == 0 or order.status not in TAKEN_IN:
        raise RuleViolation(_l("There is nothing to pay on this order"), code="nothing_to_pay")
    if amount_fen != order.unpaid_fen:
        raise RuleViolation(
            _l("The amount is not the one that was asked for"),
            code="payment_mismatch",
            asked_fen=order.unpaid_fen,
            reported_fen=amount_fen,
        )
    query = sa.select(PaymentAttempt).where(
        PaymentAttempt.order_id == order.id,
        PaymentAttempt.method == "cash",
        PaymentAttempt.amount_fen == amount_fen,
        PaymentAttempt.status.in_(OPEN),
    )
    return session.scalar(query.order_by(PaymentAttempt.id).limit(1)) or _new(session, order)


def _new(session: Session, order: Order) -> PaymentAttempt:
    attempt = PaymentAttempt(
        order_id=order.id,
        out_trade_no=new_number("P"),
        channel="cash",
        method="cash",
        amount_fen=order.unpaid_fen,
        status=PaymentStatus.CREATED.value,
        expires_at=clock.now() + OPEN_FOR,
    )
    session.add(attempt)
    session.flush()
    return attempt


def _book(attempt: PaymentAttempt, kind: str, debit: str, credit: str, actor: Actor) -> None:
    def line(code: str, amount_fen: int) -> Line:
        owner = ("worker", attempt.worker_id or 0) if code == WORKER_CASH else ("", 0)
        return Line(code, amount_fen, *owner)

    ledger.post(
        f"{kind}:{attempt.id}",
        kind,
        [line(debit, attempt.amount_fen), line(credit, -attempt.amount_fen)],
        source_kind="payment_attempt",
        source_id=attempt.id,
        order_id=attempt.order_id,
        actor=actor,
    )
