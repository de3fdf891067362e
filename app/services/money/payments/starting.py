"""Starting to pay: the attempt is on disk before the channel hears of it."""

from dataclasses import asdict
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import RuleViolation
from app.domain.states import OrderStatus, PaymentStatus, move
from app.gateways.payment import GatewayRefused, OutcomeUnknown, PaymentOrder, PaymentRequest
from app.models import Order, PaymentAttempt
from app.services import clock
from app.services.money import channels
from app.services.money.payments.states import OPEN
from app.services.numbers import new_number
from app.services.orders import events, paying
from app.services.system import parameters
from app.services.transactions import locked, retrying, transaction

OPEN_AT_MOST = 10  # attempts that one order may have under way


def start_payment(
    order_id: int, method: str, *, actor: Actor, payer_openid: str | None = None
) -> PaymentAttempt:
    """Open a payment of what the order still owes and return it with its `client_params`.

    An equal attempt that is still open is used again. When the channel does not answer, the
    attempt is `unknown` and has no client_params: call again for another one. Nobody can pay
    the first, because nobody got its code. Raises RuleViolation (nothing_to_pay, pay_too_late,
    method_not_offered, too_many_attempts), GatewayRefused.
    """
    provider = channels.gateway(_offered(method))
    attempt, request = _prepare(order_id, method, payer_openid, actor)
    if attempt.client_params is not None:
        return attempt
    try:
        answer = provider.create(request)
    except OutcomeUnknown:
        return _note_unknown(attempt.id, actor)
    except GatewayRefused as exc:
        if not exc.details.get("temporary"):
            _note_refused(attempt.id, str(exc.details.get("gateway_code", "")), actor)
        raise
    return _note_opened(attempt.id, answer, actor)


def _offered(method: str) -> str:
    """The channel of a method that customers may use."""
    if method not in parameters.get("payment.methods"):
        raise RuleViolation(
            _l("This payment method is not offered"), code="method_not_offered", method=method
        )
    return method


@retrying
def _prepare(
    order_id: int, method: str, payer_openid: str | None, actor: Actor
) -> tuple[PaymentAttempt, PaymentRequest]:
    with transaction(actor) as session:
        order = locked(session, Order, order_id)
        paying.check_payable(order)
        for_client = payer_openid is not None
        attempt = _open_attempt(session, order, method, for_client) or _new_attempt(order, method)
        if attempt not in session:
            session.add(attempt)
            events.record(
                order,
                "payment.started",
                actor=actor,
                attempt=attempt.out_trade_no,
                amount_fen=attempt.amount_fen,
            )
        return attempt, _request(order, attempt, payer_openid)


def _open_attempt(
    session: Session, order: Order, method: str, for_client: bool
) -> PaymentAttempt | None:
    """The newest that a second tap on "pay" should find again."""
    attempts = session.scalars(
        sa.select(PaymentAttempt)
        .where(PaymentAttempt.order_id == order.id, PaymentAttempt.status.in_(OPEN))
        .where(PaymentAttempt.expires_at > clock.now())
        .order_by(PaymentAttempt.id.desc())
    ).all()
    wanted = (method, order.unpaid_fen, for_client)
    for attempt in attempts:
        # A code to scan is of no use inside WeChat's own client, and the reverse.
        params = attempt.client_params
        if params and wanted == (attempt.method, attempt.amount_fen, bool(params["prepay_id"])):
            return attempt
    if len(attempts) >= OPEN_AT_MOST:
        raise RuleViolation(_l("Too many payments were started"), code="too_many_attempts")
    return None


def _new_attempt(order: Order, method: str) -> PaymentAttempt:
    return PaymentAttempt(
        order_id=order.id,
        out_trade_no=new_number("P"),
        channel=method,
        method=method,
        amount_fen=order.unpaid_fen,
        status=PaymentStatus.CREATED.value,
        expires_at=_expires_at(order),
    )


def _expires_at(order: Order) -> datetime:
    """An order that waits for its money has one last moment; any other debt can wait."""
    if order.status == OrderStatus.PENDING_PAYMENT and order.pay_by_at is not None:
        return order.pay_by_at
    return clock.now() + timedelta(minutes=parameters.get("payment.pay_within_minutes"))


def _request(order: Order, attempt: PaymentAttempt, payer_openid: str | None) -> PaymentRequest:
    return PaymentRequest(
        out_trade_no=attempt.out_trade_no,
        amount_fen=attempt.amount_fen,
        description=order.summary,
        notify_url=channels.notice_url(attempt.channel),
        expires_at=attempt.expires_at,
        payer_openid=payer_openid,
    )


@retrying
def _note_opened(attempt_id: int, answer: PaymentOrder, actor: Actor) -> PaymentAttempt:
    with transaction(actor) as session:
        attempt = locked(session, PaymentAttempt, attempt_id)
        attempt.client_params = asdict(answer)
        # The customer may have been faster than this answer.
        if attempt.status in (PaymentStatus.CREATED, PaymentStatus.UNKNOWN):
            move(attempt, PaymentStatus.PENDING)
        return attempt


@retrying
def _note_unknown(attempt_id: int, actor: Actor) -> PaymentAttempt:
    with transaction(actor) as session:
        attempt = locked(session, PaymentAttempt, attempt_id)
        if attempt.status in (PaymentStatus.CREATED, PaymentStatus.PENDING):
            move(attempt, PaymentStatus.UNKNOWN)
        return attempt


@retrying
def _note_refused(attempt_id: int, gateway_code: str, actor: Actor) -> None:
    """The channel never opened it, so nobody can pay it."""
    with transaction(actor) as session:
        order_id = session.scalar(sa.select(PaymentAttempt.order_id).filter_by(id=attempt_id))
        order = locked(session, Order, order_id)
        attempt = locked(session, PaymentAttempt, attempt_id)
        if attempt.status == PaymentStatus.CREATED:
            move(attempt, PaymentStatus.FAILED)
            events.record(
                order,
                "payment.failed",
                actor=actor,
                reason=gateway_code,
                attempt=attempt.out_trade_no,
            )
