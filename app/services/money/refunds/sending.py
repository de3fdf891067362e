"""Sending decided refunds until their channels have answered, and applying the answers once."""

from datetime import timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import Conflict, NotFound, RuleViolation
from app.domain.ledger import CLEARING, REFUNDS_DUE, Line
from app.domain.states import RefundStatus, move
from app.extensions import db
from app.gateways.payment import GatewayRefused, OutcomeUnknown, RefundRequest, RefundState
from app.models import Order, Outbox, Refund
from app.services import clock
from app.services.money import channels, sweeps
from app.services.money.refunds import deciding
from app.services.system import notifications, outbox
from app.services.transactions import locked, retrying, transaction

UNDER_WAY = (RefundStatus.SUBMITTED.value, RefundStatus.UNKNOWN.value)
SENT_AFTER_ALL = (RefundStatus.UNKNOWN.value, RefundStatus.FAILED.value)
# A refund that was decided this long ago and not sent: its message got lost.
OVERLOOKED_AFTER = timedelta(minutes=2)


def submit(refund_id: int) -> Refund:
    """Send a decided refund to its channel. Safe to repeat: it asks first what became of it.

    Raises OutcomeUnknown when the channel does not answer; the sweep asks again.
    """
    refund, again = _begin(refund_id)
    if refund.status not in UNDER_WAY:
        return refund
    return _exchange(refund, again=again)


def send_again(refund_id: int, *, actor: Actor) -> Refund:
    """Send a refund that failed once more, under its number, after asking what became of it.

    The number stays, so that a channel which has paid it after all cannot pay it twice. Raises
    Conflict when it has not failed, OutcomeUnknown when the channel does not answer.
    """
    refund = ask_channel(refund_id)
    if refund.status != RefundStatus.FAILED:
        return refund
    return _exchange(_begin_again(refund_id, actor), again=False)


def ask_channel(refund_id: int) -> Refund:
    """What the channel says of a refund that failed; that it succeeded after all is applied.

    Raises Conflict when it has not failed. Its status is FAILED still when the channel has
    nothing better to tell.
    """
    refund = db.session.get_one(Refund, refund_id, populate_existing=True)
    if refund.status != RefundStatus.FAILED:
        raise Conflict(_l("This refund has not failed"), code="not_failed", status=refund.status)
    channel = refund.payment.channel
    state = channels.gateway(channel).query_refund(refund.number, refund.payment.out_trade_no)
    return refund if state.state == "not_found" else apply_refund(channel, state)


def _exchange(refund: Refund, *, again: bool) -> Refund:
    """Outside any transaction. The answer is noted whatever it is."""
    refund_id, channel, request = refund.id, refund.payment.channel, _request(refund)
    try:
        state = _ask_or_send(channel, request, again=again)
    except OutcomeUnknown:
        _move(refund_id, RefundStatus.UNKNOWN)
        raise
    except GatewayRefused as exc:
        if exc.details.get("temporary"):
            raise
        return _move(refund_id, RefundStatus.FAILED, str(exc.details.get("gateway_code", "")))
    return apply_refund(channel, state)


@outbox.delivers("refund.submit")
def _deliver(message: Outbox) -> None:
    assert message.subject_id is not None  # noqa: S101  # whoever approves writes it
    submit(message.subject_id)


def refresh_open(limit: int = 200) -> int:
    """Ask the channels for refunds that are under way; returns how many were asked."""
    overlooked = sa.and_(
        Refund.status == RefundStatus.APPROVED.value,
        Refund.attempt_id.is_not(None),
        Refund.created_at <= clock.now() - OVERLOOKED_AFTER,
    )
    open_ = sa.or_(Refund.status.in_(UNDER_WAY), overlooked)
    return sweeps.sweep(Refund, open_, submit, limit)


@retrying
def apply_refund(channel: str, state: RefundState, *, actor: Actor = SYSTEM) -> Refund:
    """Bring the refund to the state that the channel tells. Safe to repeat, in any order.

    Raises NotFound, RuleViolation (refund_mismatch) when the amount is another one.
    """
    with transaction(actor) as session:
        order, refund = _numbered(session, state.out_refund_no)
        _check_same(refund, channel, state)
        if state.state == "succeeded":
            _succeed(order, refund, state, actor)
        elif state.state in ("closed", "abnormal") and refund.status in UNDER_WAY:
            _fail(order, refund, state.state, actor)
        elif state.state == "processing" and refund.status in SENT_AFTER_ALL:
            move(refund, RefundStatus.SUBMITTED)
        return refund


@retrying
def _begin_again(refund_id: int, actor: Actor) -> Refund:
    with transaction(actor) as session:
        order, refund = locked_refund(session, refund_id)
        if refund.status != RefundStatus.FAILED:
            raise Conflict(_l("This refund has not failed"), code="not_failed")
        move(refund, RefundStatus.SUBMITTED)
        deciding.tell(order, refund, "refund.sent_again", actor)
        return refund


@retrying
def _begin(refund_id: int) -> tuple[Refund, bool]:
    """Mark it as sent before it is; True when that had happened before."""
    with transaction() as session:
        refund = locked(session, Refund, refund_id)
        if refund.status == RefundStatus.APPROVED:
            move(refund, RefundStatus.SUBMITTED)
            return refund, False
        return refund, True


def _ask_or_send(channel: str, request: RefundRequest, *, again: bool) -> RefundState:
    provider = channels.gateway(channel)
    if again:
        state = provider.query_refund(request.out_refund_no, request.out_trade_no)
        if state.state != "not_found":
            return state
    return provider.refund(request)


def _request(refund: Refund) -> RefundRequest:
    return RefundRequest(
        out_trade_no=refund.payment.out_trade_no,
        out_refund_no=refund.number,
        refund_fen=refund.amount_fen,
        total_fen=refund.payment.amount_fen,
        reason=str(_l("Refund of order %(number)s", number=refund.order.number)),
        notify_url=channels.notice_url(refund.payment.channel),
    )


@retrying
def _move(refund_id: int, status: RefundStatus, failure: str = "") -> Refund:
    """Note an answer that is no state: none at all, or a refusal."""
    with transaction() as session:
        order, refund = locked_refund(session, refund_id)
        if refund.status not in UNDER_WAY or refund.status == status:
            return refund
        if status is RefundStatus.FAILED:
            _fail(order, refund, failure, SYSTEM)
        else:
            move(refund, status)
        return refund


def locked_refund(session: Session, refund_id: int) -> tuple[Order, Refund]:
    """The order and the refund, in the order of locks. Raises NotFound."""
    order_id = session.scalar(sa.select(Refund.order_id).filter_by(id=refund_id))
    if order_id is None:
        raise NotFound(_l("There is no such refund"), code="refund_unknown")
    return locked(session, Order, order_id), locked(session, Refund, refund_id)


def _numbered(session: Session, number: str) -> tuple[Order, Refund]:
    refund_id = session.scalar(sa.select(Refund.id).filter_by(number=number))
    if refund_id is None:
        raise NotFound(_l("There is no such refund"), code="refund_unknown", number=number)
    return locked_refund(session, refund_id)


def _check_same(refund: Refund, channel: str, state: RefundState) -> None:
    payment = refund.attempt
    same_amount = state.refund_fen in (None, refund.amount_fen)
    same_payment = payment is not None and state.out_trade_no in (None, payment.out_trade_no)
    if not (payment and same_amount and same_payment and payment.channel == channel):
        raise RuleViolation(
            _l("The channel reports another refund than the one that was asked for"),
            code="refund_mismatch",
            number=refund.number,
        )


def _succeed(order: Order, refund: Refund, state: RefundState, actor: Actor) -> None:
    if refund.status == RefundStatus.SUCCEEDED:
        if refund.way and not refund.channel_refund_id:
            _paid_twice(order, refund, state, actor)
        return
    refund.way = ""  # whoever meant to settle it otherwise need not any more
    if refund.status in (RefundStatus.APPROVED, RefundStatus.FAILED):
        move(refund, RefundStatus.SUBMITTED)  # the channel knows better
    move(refund, RefundStatus.SUCCEEDED)
    refund.succeeded_at = state.refunded_at or clock.now()
    refund.channel_refund_id = state.refund_id or ""
    deciding.arrived(order, refund)
    deciding.tell(order, refund, "refund.succeeded", actor)
    clearing = CLEARING[refund.payment.channel]
    lines = [Line(REFUNDS_DUE, refund.amount_fen), Line(clearing, -refund.amount_fen)]
    deciding.book(refund, "refund", lines, actor)


def _paid_twice(order: Order, refund: Refund, state: RefundState, actor: Actor) -> None:
    """The channel paid what a person had settled in another way: it lies in suspense, once."""
    refund.channel_refund_id = state.refund_id or refund.number
    deciding.tell(order, refund, "refund.paid_twice", actor)
    notifications.notify_staff("refund.paid_twice", order_id=order.id, refund=refund.number)
    clearing = CLEARING[refund.payment.channel]
    lines = [Line("suspense", refund.amount_fen), Line(clearing, -refund.amount_fen)]
    deciding.book(refund, "refund_twice", lines, actor)


def _fail(order: Order, refund: Refund, failure: str, actor: Actor) -> None:
    """It stays due to the customer until a person finds another way."""
    move(refund, RefundStatus.FAILED)
    refund.failure = failure
    deciding.tell(order, refund, "refund.failed", actor, failure)
