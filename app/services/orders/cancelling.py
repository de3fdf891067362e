"""Cancelling an order: shown before with its arithmetic, then done exactly as it was shown."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain import cancelling as ladder
from app.domain.actors import Actor
from app.domain.cancelling import Preview
from app.domain.errors import InvalidInput, NotFound, RuleViolation
from app.domain.states import AssignmentStatus, OfferStatus, OrderStatus, VisitStatus
from app.domain.states import move as move_status
from app.models import Assignment, Cancellation, Order, Outbox, Visit
from app.services import audit, clock
from app.services.dispatch import dispatching
from app.services.money import payments, refunds, sums
from app.services.money.refunds import deciding
from app.services.orders import (
    charging,
    coupons,
    editing,
    ending,
    events,
    open_moves,
    searching,
)
from app.services.roster import claims
from app.services.system import approvals, notifications, outbox, parameters, timers
from app.services.transactions import locked, retrying, transaction

CANCELLABLE = (
    OrderStatus.PENDING_PAYMENT, OrderStatus.PENDING_DISPATCH, OrderStatus.OFFERED,
    OrderStatus.ACCEPTED, OrderStatus.EN_ROUTE, OrderStatus.EXCEPTION,
)  # fmt: skip
RULES = ("cancel.free_until_minute", "cancel.late_percent", "cancel.departed_percent")
REASONS = (
    "changed_mind", "other_time", "too_expensive", "nobody_found", "worker_unavailable", "mistake",
    "other",
)  # fmt: skip
TIMERS = (
    "order.pay_timeout", "order.confirm", "order.edit_expire", "order.worker_late",
    *searching.TIMERS,
)  # fmt: skip
SERVED = (VisitStatus.IN_SERVICE.value, VisitStatus.DONE.value)
COMING = (VisitStatus.PLANNED.value, VisitStatus.EN_ROUTE.value)


def preview(session: Session, order: Order, party: str) -> Preview:
    """What cancelling would cost now. `party`: "customer" by the fee ladder, "platform" and
    "clock" (nobody was found) free.

    Raises RuleViolation (not_cancellable, already_served).
    """
    _check_cancellable(session, order)
    status = OrderStatus(order.status)
    own = party == "customer"
    step = step_at(order, status, order.planned_start) if own else ladder.PLATFORM
    rate = ladder.rate_of(step, rules_of(order))
    paid = sums.kept_of(session, order.id) + deciding.waiting_fen(session, order.id)
    kept = charging.charged_before(order)
    price = order.due_fen - kept
    return ladder.preview(order.number, party, step, rate, price, paid, kept_fen=kept)


@retrying
def cancel_order(
    order_id: int,
    shown_hash: str,
    *,
    party: str = "customer",
    reason_code: str = "other",
    reason: str = "",
    customer_id: int | None = None,
    actor: Actor,
) -> Cancellation:
    """End the order for what the preview with this hash showed.

    Frees the claims, ends offers, assignments, visits, open moves and edits, closes the attempts
    at their channels, books the fee and gives back the rest. Raises NotFound for another
    customer's, RuleViolation (changed_since_shown, with the new preview).
    """
    if reason_code not in REASONS:
        raise InvalidInput(_l("Choose a reason"), code="reason_unknown", allowed=list(REASONS))
    with transaction(actor) as session:
        order = locked(session, Order, order_id)
        if customer_id is not None and order.customer_id != customer_id:
            raise NotFound(_l("This order does not exist"), order_id=order_id)
        shown = preview(session, order, party)
        check_as_shown(shown, shown_hash)
        row = _row(order, shown, reason_code, reason, actor)
        session.add(row)
        _end_all(session, order, reason_code, actor)
        events.change_status(
            order, OrderStatus.CANCELLED, "cancelled", actor=actor, reason=reason or reason_code,
            party=party, fee_fen=shown.fee_fen, refund_fen=shown.refund_fen,
        )  # fmt: skip
        ending.settle(session, order, shown, actor, kind="order.cancelled")
        audit.record("cancel", "customer_order", order.id, shown.told(), actor=actor)
        return row


def check_as_shown(present: Preview, shown_hash: str) -> None:
    """Raise RuleViolation unless it is what was shown."""
    if present.hash != shown_hash:
        raise RuleViolation(
            _l("This has changed since it was shown. Please look at it again"),
            code="changed_since_shown",
            **present.told(),
        )


def _check_cancellable(session: Session, order: Order) -> None:
    if order.status not in CANCELLABLE:
        raise RuleViolation(
            _l("This order cannot be cancelled any more"), code="not_cancellable",
            status=order.status,
        )  # fmt: skip
    served = sa.select(Visit.id).where(Visit.order_id == order.id, Visit.status.in_(SERVED))
    if session.scalar(served.limit(1)) is not None:
        raise RuleViolation(
            _l("A part of it was served already. Please call us"), code="already_served"
        )


def rules_of(order: Order) -> dict[str, int]:
    """As the order froze them; orders from before they were frozen follow today's."""
    return {key: order.rules.get(key, parameters.get(key)) for key in RULES}


def step_at(order: Order, status: OrderStatus, start: datetime) -> str:
    """The step of the fee ladder for what begins then."""
    day_before = clock.city_date(start) - timedelta(days=1)
    minutes = rules_of(order)["cancel.free_until_minute"]
    free_until = clock.start_of(day_before) + timedelta(minutes=minutes)
    return ladder.step_of(status, clock.now(), free_until)


def _row(order: Order, shown: Preview, reason_code: str, reason: str, actor: Actor) -> Cancellation:
    return Cancellation(
        order_id=order.id,
        party=shown.party,
        reason_code=reason_code,
        reason=reason[:200],
        step=shown.step,
        rate_bp=shown.rate_bp,
        fee_fen=shown.charged_fen,
        refund_fen=shown.refund_fen,
        arithmetic=shown.told(),
        actor_kind=actor.kind,
        actor_id=actor.id,
        at=clock.now(),
    )


def _end_all(session: Session, order: Order, reason: str, actor: Actor) -> None:
    """Nobody comes, nobody is asked, nobody's time is kept, nobody can pay it any more."""
    timers.cancel_timers(order.id, *TIMERS)
    dispatching.end_offers(order, OfferStatus.WITHDRAWN)
    editing.give_up_open(session, order, actor=actor)
    _end_places(session, order, reason)
    for row in session.scalars(_of(Visit, order).where(Visit.status.in_(COMING))).all():
        move_status(row, VisitStatus.CANCELLED)
    open_moves.give_up(session, order, reason="order_cancelled", actor=actor)
    claims.release(order.owner)
    searching.end(order)
    coupons.keep(session, order)
    order.customer_chooses = False
    approvals.drop("order", order.id, note=str(_l("The order was cancelled")))
    refunds.reject_waiting(session, order, reason="cancelled", actor=actor)
    outbox.put("order.close_attempts", order.id)


def _of(model: Any, order: Order) -> sa.Select[Any]:
    return sa.select(model).where(model.order_id == order.id).order_by(model.id)


def _end_places(session: Session, order: Order, reason: str) -> None:
    coming = _of(Assignment, order).where(
        Assignment.status.in_((AssignmentStatus.PLANNED.value, AssignmentStatus.ACCEPTED.value))
    )
    told = set()
    for place in session.scalars(coming).all():
        move_status(place, AssignmentStatus.ENDED)
        place.ended_reason = reason
        told.add(place.worker_id)
    for worker_id in sorted(told):
        notifications.notify("worker", worker_id, "order.cancelled", order_id=order.id)


@outbox.delivers("order.close_attempts")
def _close_attempts(message: Outbox) -> None:
    """All of the order's open attempts, or those that the message names."""
    assert message.subject_id is not None  # noqa: S101  # whoever puts it names the order
    payments.close_open_attempts(message.subject_id, only=message.payload.get("attempts"))
