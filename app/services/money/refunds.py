"""Giving money back: decided once, sent until the channel has answered, booked twice.

The decision moves it from the prepayments to the refunds due; the channel's word moves it out.
"""

from datetime import timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import NotFound, RuleViolation
from app.domain.ledger import CLEARING, PREPAYMENTS, REFUNDS_DUE, Line
from app.domain.states import PaymentStatus, RefundStatus, move
from app.gateways.payment import GatewayRefused, OutcomeUnknown, RefundRequest, RefundState
from app.models import Order, Outbox, PaymentAttempt, Refund
from app.services import clock
from app.services.money import channels, ledger, sums, sweeps
from app.services.numbers import new_number
from app.services.orders import events
from app.services.system import outbox
from app.services.transactions import locked, retrying, transaction

UNDER_WAY = (RefundStatus.SUBMITTED.value, RefundStatus.UNKNOWN.value)
# A refund that was decided this long ago and not sent: its message got lost.
OVERLOOKED_AFTER = timedelta(minutes=2)


def refund_surplus(session: Session, order: Order, *, reason: str, actor: Actor) -> list[Refund]:
    """Give back what was paid beyond the order's price, the newest payment first.

    The order's row is locked. Returns no refunds when there is no surplus.
    """
    left, refunds = sums.surplus_of(session, order), []
    if left:
        for attempt in _refundable(session, order.id):
            amount = min(left, attempt.amount_fen - attempt.refund_fen)
            if amount:
                refunds.append(_decide(session, order, attempt, amount, reason, actor))
                left -= amount
    return refunds


def submit(refund_id: int) -> Refund:
    """Send a decided refund to its channel. Safe to repeat: it asks first what became of it.

    Raises OutcomeUnknown when the channel does not answer; the sweep asks again.
    """
    refund, again = _begin(refund_id)
    if refund.status not in UNDER_WAY:
        return refund
    channel, request = refund.attempt.channel, _request(refund)
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
    assert message.subject_id is not None  # noqa: S101  # _decide writes it
    submit(message.subject_id)


def refresh_open(limit: int = 200) -> int:
    """Ask the channels for refunds that are under way; returns how many were asked."""
    overlooked = sa.and_(
        Refund.status == RefundStatus.APPROVED.value,
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
        order, refund = _locked(session, state.out_refund_no)
        _check_same(refund, channel, state)
        if state.state == "succeeded":
            _succeed(order, refund, state, actor)
        elif state.state in ("closed", "abnormal") and refund.status in UNDER_WAY:
            _fail(order, refund, state.state, actor)
        elif state.state == "processing" and refund.status == RefundStatus.UNKNOWN:
            move(refund, RefundStatus.SUBMITTED)
        return refund


def _refundable(session: Session, order_id: int) -> list[PaymentAttempt]:
    query = (
        sa.select(PaymentAttempt)
        .filter_by(order_id=order_id, status=PaymentStatus.SUCCEEDED.value)
        .order_by(PaymentAttempt.paid_at.desc(), PaymentAttempt.id.desc())
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def _decide(
    session: Session,
    order: Order,
    attempt: PaymentAttempt,
    amount_fen: int,
    reason: str,
    actor: Actor,
) -> Refund:
    """Reserve the amount on the payment (the database refuses more), book it, have it sent."""
    attempt.refund_fen += amount_fen
    refund = Refund(
        number=new_number("R"),
        order_id=order.id,
        attempt_id=attempt.id,
        amount_fen=amount_fen,
        status=RefundStatus.REQUESTED.value,
        reason=reason,
    )
    session.add(refund)
    session.flush()
    move(refund, RefundStatus.APPROVED)
    _tell(order, refund, "refund.approved", actor, reason)
    lines = [Line(PREPAYMENTS, amount_fen), Line(REFUNDS_DUE, -amount_fen)]
    _book(refund, "refund_due", lines, actor)
    outbox.put("refund.submit", refund.id)
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
        out_trade_no=refund.attempt.out_trade_no,
        out_refund_no=refund.number,
        refund_fen=refund.amount_fen,
        total_fen=refund.attempt.amount_fen,
        reason=str(_l("Refund of order %(number)s", number=refund.order.number)),
        notify_url=channels.notice_url(refund.attempt.channel),
    )


@retrying
def _move(refund_id: int, status: RefundStatus, failure: str = "") -> Refund:
    """Note an answer that is no state: none at all, or a refusal."""
    with transaction() as session:
        number = session.scalar(sa.select(Refund.number).filter_by(id=refund_id))
        order, refund = _locked(session, number or "")
        if refund.status not in UNDER_WAY or refund.status == status:
            return refund
        if status is RefundStatus.FAILED:
            _fail(order, refund, failure, SYSTEM)
        else:
            move(refund, status)
        return refund


def _locked(session: Session, number: str) -> tuple[Order, Refund]:
    found = session.execute(
        sa.select(Refund.id, Refund.order_id).filter_by(number=number)
    ).one_or_none()
    if found is None:
        raise NotFound(_l("There is no such refund"), code="refund_unknown", number=number)
    order = locked(session, Order, found.order_id)
    return order, locked(session, Refund, found.id)


def _check_same(refund: Refund, channel: str, state: RefundState) -> None:
    same_amount = state.refund_fen in (None, refund.amount_fen)
    same_payment = state.out_trade_no in (None, refund.attempt.out_trade_no)
    if not (same_amount and same_payment and refund.attempt.channel == channel):
        raise RuleViolation(
            _l("The channel reports another refund than the one that was asked for"),
            code="refund_mismatch",
            number=refund.number,
        )


def _succeed(order: Order, refund: Refund, state: RefundState, actor: Actor) -> None:
    if refund.status == RefundStatus.SUCCEEDED:
        return
    if refund.status in (RefundStatus.APPROVED, RefundStatus.FAILED):
        move(refund, RefundStatus.SUBMITTED)  # the channel knows better
    move(refund, RefundStatus.SUCCEEDED)
    refund.succeeded_at = state.refunded_at or clock.now()
    refund.channel_refund_id = state.refund_id or ""
    order.refunded_fen += refund.amount_fen
    _tell(order, refund, "refund.succeeded", actor)
    clearing = CLEARING[refund.attempt.channel]
    lines = [Line(REFUNDS_DUE, refund.amount_fen), Line(clearing, -refund.amount_fen)]
    _book(refund, "refund", lines, actor)


def _fail(order: Order, refund: Refund, failure: str, actor: Actor) -> None:
    """It stays due to the customer until a person finds another way."""
    move(refund, RefundStatus.FAILED)
    refund.failure = failure
    _tell(order, refund, "refund.failed", actor, failure)


def _tell(order: Order, refund: Refund, kind: str, actor: Actor, reason: str = "") -> None:
    events.record(
        order, kind, actor=actor, reason=reason, refund=refund.number, amount_fen=refund.amount_fen
    )


def _book(refund: Refund, kind: str, lines: list[Line], actor: Actor) -> None:
    ledger.post(
        f"{kind}:{refund.id}",
        kind,
        lines,
        source_kind="refund",
        source_id=refund.id,
        order_id=refund.order_id,
        actor=actor,
    )
