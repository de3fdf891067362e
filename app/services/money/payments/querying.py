"""Asking the channel what became of an attempt, and ending those whose time is over."""

from collections.abc import Collection
from datetime import timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.domain.errors import NotFound, OutsideError
from app.domain.states import PaymentStatus
from app.extensions import db
from app.gateways.payment import (
    GatewayRefused,
    OutcomeUnknown,
    PaymentGateway,
    PaymentState,
)
from app.models import PaymentAttempt
from app.services import clock
from app.services.money import channels, sweeps
from app.services.money.payments.applying import apply_payment
from app.services.money.payments.states import BY_HAND, OPEN
from app.services.orders import paying


def query_payment(attempt_id: int) -> PaymentAttempt:
    """Ask the channel and apply what it says. Raises OutcomeUnknown when it does not answer."""
    attempt = _attempt(attempt_id)
    if attempt.status not in OPEN and attempt.status != PaymentStatus.CLOSED:
        return attempt
    state = channels.gateway(attempt.channel).query(attempt.out_trade_no)
    return apply_payment(attempt.channel, state)


def look(attempt_id: int, *, every: timedelta = timedelta()) -> PaymentAttempt:
    """For who waits for it: ask, unless somebody did `every` so long.

    A channel that does not answer is no news; the sweep asks again.
    """
    attempt = _attempt(attempt_id)
    fresh = attempt.asked_at is not None and clock.now() - attempt.asked_at < every
    if attempt.status not in OPEN or fresh:
        return attempt
    sweeps.mark_asked(PaymentAttempt, attempt_id)
    try:
        return query_payment(attempt_id)
    except OutsideError:
        return attempt


def query_open_payments(limit: int = 200) -> int:
    """Ask about open attempts and end those whose time is over; returns how many were asked."""
    # Nobody outside knows of bank transfers and cash: they wait for their time only.
    asks = sa.or_(PaymentAttempt.channel.not_in(BY_HAND), PaymentAttempt.expires_at <= clock.now())
    open_ = sa.and_(PaymentAttempt.status.in_(OPEN), asks)
    return sweeps.sweep(PaymentAttempt, open_, _query_or_end, limit)


def close_open_attempts(order_id: int, only: Collection[int] | None = None) -> None:
    """Make sure that nobody can pay the order any more; what was paid meanwhile is applied.

    `only` names the attempts that must end; without it, all do.

    Raises OutcomeUnknown when a channel cannot say: call again.
    """
    query = sa.select(PaymentAttempt.id).where(
        PaymentAttempt.order_id == order_id, PaymentAttempt.status.in_(OPEN)
    )
    if only is not None:
        query = query.where(PaymentAttempt.id.in_(only))
    for attempt_id in db.session.scalars(query.order_by(PaymentAttempt.id)).all():
        _end(attempt_id)


def _query_or_end(attempt_id: int) -> None:
    attempt = _attempt(attempt_id)
    if attempt.expires_at > clock.now():
        query_payment(attempt_id)
        return
    _end(attempt_id)
    paying.close_unpaid_order(attempt.order_id)


def _end(attempt_id: int) -> None:
    """Close it at the channel, then ask: only its answer tells whether it was paid before."""
    attempt = _attempt(attempt_id)
    channel, number = attempt.channel, attempt.out_trade_no
    provider = channels.gateway(channel)
    _close(provider, number)
    state = provider.query(number)
    if state.state in ("not_found", "failed"):
        # The channel never opened it, or gave it up: nobody can pay it.
        state = PaymentState(number, "closed")
    ended = apply_payment(channel, state)
    if ended.status in OPEN:
        raise OutcomeUnknown(_l("The payment could not be closed yet"), number=number)


def _close(provider: PaymentGateway, number: str) -> None:
    try:
        provider.close(number)
    except (GatewayRefused, OutcomeUnknown):
        return  # paid, closed or unknown there: the query that follows tells which


def _attempt(attempt_id: int) -> PaymentAttempt:
    attempt = db.session.get(PaymentAttempt, attempt_id, populate_existing=True)
    if attempt is None:
        raise NotFound(_l("There is no such payment"), code="payment_unknown")
    return attempt
