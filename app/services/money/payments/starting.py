"""Starting to pay: the attempt is on disk before the channel hears of it."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import RuleViolation
from app.domain.scenes import Scene
from app.domain.states import OrderStatus, PaymentStatus, move
from app.gateways.payment import (
    GatewayRefused,
    OutcomeUnknown,
    PaymentGateway,
    PaymentOrder,
    PaymentRequest,
)
from app.models import Order, PaymentAttempt
from app.services import clock
from app.services.money import channels
from app.services.money.payments.states import OPEN
from app.services.numbers import new_number
from app.services.orders import events, paying
from app.services.system import parameters
from app.services.transactions import locked, retrying, transaction

OPEN_AT_MOST = 10  # attempts that one order may have under way


@dataclass(frozen=True, slots=True)
class Way:
    """How the customer reaches the channel. Without a scene: a code to scan, WeChat's client when
    there is an openid, or, for what no channel carries, nothing at all.
    """

    scene: Scene | None = None
    payer_openid: str | None = None
    payer_ip: str | None = None
    return_url: str | None = None


def start_payment(
    order_id: int, method: str, *, actor: Actor, way: Way | None = None
) -> PaymentAttempt:
    """Open a payment of what the order still owes and return it with its `client_params`.

    An equal attempt that is still open is used again. When the channel does not answer, the
    attempt is `unknown` and has no client_params: call again for another one. Nobody can pay
    the first, because nobody got its code. Raises RuleViolation (nothing_to_pay, pay_too_late,
    method_not_offered, scene_not_offered, too_many_attempts), GatewayRefused.
    """
    provider = channels.gateway(_offered(method))
    attempt, request = _prepare(order_id, method, _complete(provider, way or Way()), actor)
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
    return _note_opened(attempt.id, request.scene, _with_account(method, answer), actor)


def _complete(provider: PaymentGateway, way: Way) -> Way:
    """With the scene that is meant. Raises RuleViolation (scene_not_offered)."""
    usual: Scene = "qr" if "qr" in provider.scenes else "offline"
    scene = way.scene or ("client" if way.payer_openid else usual)
    if scene not in provider.scenes or (scene == "client") != bool(way.payer_openid):
        raise RuleViolation(
            _l("One cannot pay in this way here"), code="scene_not_offered", scene=scene
        )
    return replace(way, scene=scene)


def _with_account(method: str, answer: PaymentOrder) -> PaymentOrder:
    if method != "bank":
        return answer
    account = parameters.get("payment.bank_account")
    return replace(answer, client_params=answer.client_params | {"account": account})


def _offered(method: str) -> str:
    """The channel of a method that customers may use."""
    if method not in parameters.get("payment.methods"):
        raise RuleViolation(
            _l("This payment method is not offered"), code="method_not_offered", method=method
        )
    return method


@retrying
def _prepare(
    order_id: int, method: str, way: Way, actor: Actor
) -> tuple[PaymentAttempt, PaymentRequest]:
    with transaction(actor) as session:
        order = locked(session, Order, order_id)
        paying.check_payable(order)
        _await(order, method, actor)
        attempt = _open_attempt(session, order, method, way) or _new_attempt(order, method)
        if attempt not in session:
            session.add(attempt)
            events.record(
                order,
                "payment.started",
                actor=actor,
                attempt=attempt.out_trade_no,
                amount_fen=attempt.amount_fen,
            )
        return attempt, _request(order, attempt, way)


def _open_attempt(session: Session, order: Order, method: str, way: Way) -> PaymentAttempt | None:
    """The newest that a second tap on "pay" should find again."""
    attempts = session.scalars(
        sa.select(PaymentAttempt)
        .where(PaymentAttempt.order_id == order.id, PaymentAttempt.status.in_(OPEN))
        .where(PaymentAttempt.expires_at > clock.now())
        .order_by(PaymentAttempt.id.desc())
    ).all()
    wanted = (method, order.unpaid_fen, way.scene)
    for attempt in attempts:
        # A code to scan is of no use inside WeChat's own client, and the reverse.
        if wanted == (attempt.method, attempt.amount_fen, _scene_of(attempt)):
            return attempt
    if len(attempts) >= OPEN_AT_MOST:
        raise RuleViolation(_l("Too many payments were started"), code="too_many_attempts")
    return None


def _await(order: Order, method: str, actor: Actor) -> None:
    """Slow money keeps the order waiting; money on site lets it go on."""
    if method == "bank":
        days = timedelta(days=parameters.get("payment.voucher_days"))
        paying.wait_until(order, order.created_at + days)
    elif method == "cash":
        paying.pay_on_site(order, actor=actor)


def _scene_of(attempt: PaymentAttempt) -> str | None:
    """None for one that the channel has not answered."""
    params = attempt.client_params
    if params is None:
        return None
    # Attempts of an earlier version name no scene.
    return str(params.get("scene") or ("client" if params["prepay_id"] else "qr"))


def _new_attempt(order: Order, method: str) -> PaymentAttempt:
    return PaymentAttempt(
        order_id=order.id,
        out_trade_no=new_number("P"),
        channel=method,
        method=method,
        amount_fen=order.unpaid_fen,
        status=PaymentStatus.CREATED.value,
        expires_at=_expires_at(order, method),
    )


def _expires_at(order: Order, method: str) -> datetime:
    """An order that waits for its money has one last moment; any other debt can wait."""
    if method == "cash":
        return max(order.planned_end, clock.now()) + timedelta(days=1)
    if order.status == OrderStatus.PENDING_PAYMENT and order.pay_by_at is not None:
        return order.pay_by_at
    if method == "bank":
        return clock.now() + timedelta(days=parameters.get("payment.voucher_days"))
    return clock.now() + timedelta(minutes=parameters.get("payment.pay_within_minutes"))


def _request(order: Order, attempt: PaymentAttempt, way: Way) -> PaymentRequest:
    return PaymentRequest(
        out_trade_no=attempt.out_trade_no,
        amount_fen=attempt.amount_fen,
        description=order.summary,
        notify_url=channels.notice_url(attempt.channel),
        expires_at=attempt.expires_at,
        scene=way.scene or "qr",
        payer_openid=way.payer_openid,
        payer_ip=way.payer_ip,
        return_url=way.return_url,
    )


@retrying
def _note_opened(
    attempt_id: int, scene: Scene, answer: PaymentOrder, actor: Actor
) -> PaymentAttempt:
    with transaction(actor) as session:
        attempt = locked(session, PaymentAttempt, attempt_id)
        attempt.client_params = {"scene": scene, **asdict(answer)}
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
