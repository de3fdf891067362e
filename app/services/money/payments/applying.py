"""What a channel says of a payment, applied once, whoever brings the news."""

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import NotFound, RuleViolation
from app.domain.ledger import CLEARING, PREPAYMENTS, RECEIVABLES, Line
from app.domain.states import OrderStatus, PaymentStatus, move
from app.gateways.payment import PaymentState
from app.models import Order, PaymentAttempt
from app.services import audit, clock
from app.services.money import ledger, refunds, sums
from app.services.money.payments.states import OPEN
from app.services.money.sums import WITHOUT_DEBT
from app.services.orders import events, paying
from app.services.transactions import retrying, transaction

_BOTH = (
    sa.select(Order, PaymentAttempt)
    .join(PaymentAttempt, PaymentAttempt.order_id == Order.id)
    .where(
        PaymentAttempt.channel == sa.bindparam("channel"),
        PaymentAttempt.out_trade_no == sa.bindparam("number"),
    )
    .with_for_update()
    .execution_options(populate_existing=True)
)


@retrying
def apply_payment(channel: str, state: PaymentState, *, actor: Actor = SYSTEM) -> PaymentAttempt:
    """Bring the attempt to the state that the channel tells. Safe to repeat, in any order.

    Locks the order, then the attempt. What the order does not need goes back by itself.
    Raises NotFound for a number that is not ours, RuleViolation (payment_mismatch) when amount
    or transaction differ from the attempt; then nothing is changed.
    """
    with transaction(actor) as session:
        order, attempt = _locked(session, channel, state.out_trade_no)
        if state.state == "succeeded":
            _succeed(session, order, attempt, state, actor)
        elif state.state == "closed" and attempt.status in OPEN:
            move(attempt, PaymentStatus.CLOSED)
            events.record(order, "payment.closed", actor=actor, attempt=attempt.out_trade_no)
        elif state.state == "not_paid" and attempt.status == PaymentStatus.UNKNOWN:
            move(attempt, PaymentStatus.PENDING)
        return attempt


def _locked(session: Session, channel: str, out_trade_no: str) -> tuple[Order, PaymentAttempt]:
    """Both at once; PostgreSQL takes the locks in the order of the tables, the order's first."""
    found = session.execute(_BOTH, {"channel": channel, "number": out_trade_no}).one_or_none()
    if found is None:
        raise NotFound(_l("There is no such payment"), code="payment_unknown", number=out_trade_no)
    return found.Order, found.PaymentAttempt


def _succeed(
    session: Session, order: Order, attempt: PaymentAttempt, state: PaymentState, actor: Actor
) -> None:
    _check_same(attempt, state)
    if attempt.status == PaymentStatus.SUCCEEDED:
        return
    late = attempt.status == PaymentStatus.CLOSED or order.status == OrderStatus.CLOSED
    move(attempt, PaymentStatus.SUCCEEDED)
    attempt.transaction_id = state.transaction_id
    attempt.paid_at = state.paid_at or clock.now()
    order.captured_fen += attempt.amount_fen
    events.record(
        order,
        "payment.succeeded",
        actor=actor,
        attempt=attempt.out_trade_no,
        channel=attempt.channel,
        amount_fen=attempt.amount_fen,
        late=late,
    )
    told = {"attempt": attempt.out_trade_no, "amount_fen": attempt.amount_fen}
    audit.record("payment", "customer_order", order.id, told, actor=actor)
    _go_on(session, order, actor)
    _book(session, order, attempt, actor)
    refunds.refund_surplus(session, order, reason=_surplus_reason(order, late), actor=SYSTEM)


def _check_same(attempt: PaymentAttempt, state: PaymentState) -> None:
    known = attempt.transaction_id
    other_transaction = known is not None and known != state.transaction_id
    if state.amount_fen != attempt.amount_fen or not state.transaction_id or other_transaction:
        raise RuleViolation(
            _l("The channel reports another payment than the one that was asked for"),
            code="payment_mismatch",
            number=attempt.out_trade_no,
            asked_fen=attempt.amount_fen,
            reported_fen=state.amount_fen,
        )


def _go_on(session: Session, order: Order, actor: Actor) -> None:
    """Let the order move when nothing is owed any more; a closed one must find its time again."""
    if order.unpaid_fen:
        return
    if order.status == OrderStatus.CLOSED:
        paying.revive(session, order)
    elif order.status not in WITHOUT_DEBT:
        paying.order_paid(session, order, actor=actor)


def _book(session: Session, order: Order, attempt: PaymentAttempt, actor: Actor) -> None:
    """The receipt settles what the customer owes for finished work, the rest is prepaid."""
    amount = attempt.amount_fen
    owed = min(amount, sums.receivable_of(session, order))
    ledger.post(
        f"payment:{attempt.id}",
        "payment",
        [
            Line(CLEARING[attempt.channel], amount),
            Line(RECEIVABLES, -owed),
            Line(PREPAYMENTS, owed - amount),
        ],
        source_kind="payment_attempt",
        source_id=attempt.id,
        order_id=order.id,
        actor=actor,
    )


def _surplus_reason(order: Order, late: bool) -> str:
    if order.status in WITHOUT_DEBT:
        return "paid_after_end"
    return "paid_late" if late else "paid_twice"
