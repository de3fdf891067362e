"""Deadlines that lost their timer: found in the orders themselves, and set again."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.domain.states import EditStatus, OfferStatus, OrderStatus
from app.extensions import db
from app.models import MoveRequest, Offer, Order, OrderEdit, Timer, Visit
from app.services.orders import lateness, open_moves, searching
from app.services.system import timers
from app.services.transactions import transaction


def set_lost_timers(limit: int = 500) -> int:
    """Give a timer to every order and offer that waits for one in vain; returns how many."""
    kinds = (
        _unpaid,
        _unanswered,
        _unconfirmed,
        _unpaid_edits,
        _unanswered_moves,
        _unwatched,
        _unsought,
    )
    lost = [found for kind in kinds for found in kind(limit)]
    for kind, subject_id, due_at in lost:
        with transaction():
            timers.set_timer(kind, subject_id, due_at)
    return len(lost)


Lost = Iterator[tuple[str, int, datetime]]


def _unpaid(limit: int) -> Lost:
    kind = "order.pay_timeout"
    query = sa.select(Order.id, Order.pay_by_at).where(
        Order.status == OrderStatus.PENDING_PAYMENT.value, Order.pay_by_at.is_not(None)
    )
    for order_id, due_at in _without_timer(query, kind, Order.id, limit):
        yield kind, order_id, due_at


def _unanswered(limit: int) -> Lost:
    kind = "offer.expire"
    query = sa.select(Offer.id, Offer.expires_at).where(Offer.status == OfferStatus.LIVE.value)
    for offer_id, due_at in _without_timer(query, kind, Offer.id, limit):
        yield kind, offer_id, due_at


def _unconfirmed(limit: int) -> Lost:
    kind = "order.confirm"
    query = (
        sa.select(
            Order.id,
            Order.rules,
            sa.func.max(Visit.checked_out_at, type_=Visit.checked_out_at.type),
        )
        .join(Visit, Visit.order_id == Order.id)
        .where(Order.status == OrderStatus.PENDING_CONFIRM.value, Order.disputed_at.is_(None))
        .group_by(Order.id)
    )
    for order_id, rules, done_at in _without_timer(query, kind, Order.id, limit):
        yield kind, order_id, done_at + timedelta(hours=rules["visit.confirm_hours"])


def _unpaid_edits(limit: int) -> Lost:
    kind = "order.edit_expire"
    query = sa.select(OrderEdit.order_id, OrderEdit.expires_at).where(
        OrderEdit.status == EditStatus.PENDING.value
    )
    for order_id, due_at in _without_timer(query, kind, OrderEdit.order_id, limit):
        yield kind, order_id, due_at


def _unanswered_moves(limit: int) -> Lost:
    kind = open_moves.TIMER
    query = sa.select(MoveRequest.id, MoveRequest.answer_by).where(
        MoveRequest.status.in_(open_moves.OPEN)
    )
    for move_id, due_at in _without_timer(query, kind, MoveRequest.id, limit):
        yield kind, move_id, due_at


def _unwatched(limit: int) -> Lost:
    """Orders that somebody should come to."""
    query = sa.select(Order).where(Order.status.in_(lateness.AWAITED))
    waiting = sa.select(Timer.id).where(
        Timer.kind == lateness.TIMER, Timer.subject_id == Order.id, Timer.status == "waiting"
    )
    lost = query.where(~waiting.exists()).order_by(Order.id).limit(limit)
    for order in db.session.scalars(lost).all():
        yield lateness.TIMER, order.id, lateness.late_at(order)


def _unsought(limit: int) -> Lost:
    """Orders that somebody is looked for."""
    query = sa.select(Order).where(
        Order.status.in_(searching.SOUGHT), Order.customer_chooses.is_(False)
    )
    waiting = sa.select(Timer.id).where(
        Timer.kind.in_(searching.TIMERS), Timer.subject_id == Order.id, Timer.status == "waiting"
    )
    lost = query.where(~waiting.exists()).order_by(Order.id).limit(limit)
    for order in db.session.scalars(lost).all():
        yield searching.ESCALATE, order.id, searching.escalate_at(order)


def _without_timer(query: sa.Select[Any], kind: str, key: Any, limit: int) -> Any:
    waiting = sa.select(Timer.id).where(
        Timer.kind == kind, Timer.subject_id == key, Timer.status == "waiting"
    )
    return db.session.execute(query.where(~waiting.exists()).order_by(key).limit(limit)).all()
