"""Visits that do not take place: one of several, or all that remain after some were served.

What was served stays charged. An order of which nothing was served is cancelled as a whole.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain import cancelling as ladder
from app.domain.actors import Actor
from app.domain.cancelling import Preview
from app.domain.errors import InvalidInput, NotFound, RuleViolation
from app.domain.states import OfferStatus, OrderStatus, VisitStatus, move
from app.extensions import db
from app.models import Order, Visit
from app.services import audit, clock
from app.services.dispatch import crew, dispatching
from app.services.money import refunds, sums
from app.services.money.refunds import deciding
from app.services.orders import cancelling, charging, events, following, open_moves, searching
from app.services.roster import claims
from app.services.system import notifications, timers
from app.services.transactions import locked, retrying, transaction

FROM = (
    OrderStatus.PENDING_DISPATCH, OrderStatus.OFFERED, OrderStatus.ACCEPTED, OrderStatus.EN_ROUTE,
    OrderStatus.EXCEPTION,
)  # fmt: skip


def is_partly_served(session: Session, order: Order) -> bool:
    """Whether a visit of several is done: what remains can be called off, not the order."""
    if order.visit_count == 1:
        return False
    done = sa.select(Visit.id).filter_by(order_id=order.id, status=VisitStatus.DONE.value)
    return session.scalar(done.limit(1)) is not None


def preview(session: Session, order: Order, party: str, visit_id: int | None = None) -> Preview:
    """What calling off this visit, or all that remain, would cost now: as when cancelling.

    Raises RuleViolation (not_cancellable, last_visit).
    """
    visits = _visits(session, order, visit_id)
    worth = charging.values(order)
    price = sum(worth[visit.id] for visit in visits)
    step = ladder.PLATFORM if party != "customer" else _step(order, visits[0])
    paid = sums.kept_of(session, order.id) + deciding.waiting_fen(session, order.id)
    return ladder.preview(
        order.number, party, step, ladder.rate_of(step, cancelling.rules_of(order)), price, paid,
        kept_fen=max(order.due_fen - price, 0),
    )  # fmt: skip


def preview_any(session: Session, order: Order, party: str, visit_id: int | None = None) -> Preview:
    """What cancelling costs, whatever of the order it is that can still be cancelled."""
    if visit_id is None and not is_partly_served(session, order):
        return cancelling.preview(session, order, party)
    return preview(session, order, party, visit_id)


def cancel_any(order_id: int, shown_hash: str, *, visit_id: int | None = None, **more: Any) -> None:
    """Cancel what `preview_any` has shown; `more` as for cancel_order and call_off."""
    order = db.session.get_one(Order, order_id)
    if visit_id is None and not is_partly_served(db.session(), order):
        cancelling.cancel_order(order_id, shown_hash, **more)
    else:
        call_off(order_id, shown_hash, visit_id=visit_id, **more)


@retrying
def call_off(
    order_id: int,
    shown_hash: str,
    *,
    visit_id: int | None = None,
    party: str = "customer",
    reason_code: str = "other",
    reason: str = "",
    customer_id: int | None = None,
    actor: Actor,
) -> Order:
    """Call off one visit, or all that remain, for what the preview with this hash showed.

    Raises NotFound for another customer's, RuleViolation (changed_since_shown, last_visit).
    """
    if reason_code not in cancelling.REASONS:
        raise InvalidInput(
            _l("Choose a reason"), code="reason_unknown", allowed=list(cancelling.REASONS)
        )
    with transaction(actor) as session:
        order = locked(session, Order, order_id)
        if customer_id is not None and order.customer_id != customer_id:
            raise NotFound(_l("This order does not exist"), order_id=order_id)
        shown = preview(session, order, party, visit_id)
        cancelling.check_as_shown(shown, shown_hash)
        refunds.reject_waiting(session, order, reason="cancelled", actor=actor)
        visits = _visits(session, order, visit_id)
        end_visits(
            session, order, visits, VisitStatus.CANCELLED, shown.rate_bp, kind="visits_cancelled",
            reason=reason or reason_code, party=party, actor=actor,
        )  # fmt: skip
        return order


def end_visits(
    session: Session,
    order: Order,
    visits: Sequence[Visit],
    status: VisitStatus,
    rate_bp: int,
    *,
    kind: str,
    reason: str,
    party: str,
    actor: Actor,
) -> None:
    """These visits do not take place and cost that part of their price; the order goes on.

    After the last one it waits to be confirmed. The order's row is locked.
    """
    before = order.due_fen
    open_moves.give_up(session, order, reason=kind, visits=visits, actor=actor)
    dispatching.end_offers(order, OfferStatus.WITHDRAWN)
    for worker_id in crew.on_visits(visits):
        crew.end_place(order, worker_id, reason=kind, visits=visits)
        notifications.notify("worker", worker_id, "order.called_off", order_id=order.id)
    claims.release(order.owner, visit_starts=[visit.planned_start for visit in visits])
    charging.charge(order, visits, rate_bp, actor=actor)
    for visit in visits:
        move(visit, status)
    session.flush()
    order.customer_chooses = False
    searching.end(order)
    told: dict[str, Any] = {
        "visits": [visit.sequence for visit in visits], "before_fen": before,
        "due_fen": order.due_fen, "party": party,
    }  # fmt: skip
    _go_on(order, kind, actor, reason, told)
    audit.record("call_off", "customer_order", order.id, {**told, "kind": kind}, actor=actor)
    refunds.refund_surplus(session, order, reason="cancelled", actor=actor)
    notifications.notify(
        "customer", order.customer_id, "order.visits_cancelled",
        order_id=order.id, visits=told["visits"], due_fen=order.due_fen,
    )  # fmt: skip


def is_last(session: Session, order: Order, visit: Visit) -> bool:
    """No other visit of the order was served or is still to come."""
    others = sa.select(Visit.id).where(
        Visit.order_id == order.id, Visit.id != visit.id,
        Visit.status.in_((*crew.UNDER_WAY, VisitStatus.DONE.value)),
    )  # fmt: skip
    return order.visit_count == 1 or session.scalar(others.limit(1)) is None


def _go_on(order: Order, kind: str, actor: Actor, reason: str, told: dict[str, Any]) -> None:
    if following.next_of(order) is not None:
        following.go_on(order, kind, actor=actor, reason=reason, **told)
        return
    timers.cancel_timers(order.id, *searching.TIMERS, "order.worker_late")
    order.lead_worker_id = crew.lead_of(order.id)
    events.change_status(
        order, OrderStatus.PENDING_CONFIRM, kind, actor=actor, reason=reason, **told
    )
    hours = order.rules["visit.confirm_hours"]
    timers.set_timer("order.confirm", order.id, clock.now() + timedelta(hours=hours))


def _visits(session: Session, order: Order, visit_id: int | None) -> list[Visit]:
    """Those that are meant and still to come, locked by their order."""
    query = sa.select(Visit).where(Visit.order_id == order.id, Visit.status.in_(crew.TO_COME))
    if visit_id is not None:
        query = query.where(Visit.id == visit_id)
    visits = list(session.scalars(query.order_by(Visit.planned_start, Visit.id)))
    if order.status not in FROM or not visits:
        raise RuleViolation(
            _l("This order cannot be cancelled any more"), code="not_cancellable",
            status=order.status,
        )  # fmt: skip
    if is_last(session, order, visits[0]) or not (visit_id or is_partly_served(session, order)):
        raise RuleViolation(_l("Please cancel the whole order"), code="last_visit")
    return visits


def _step(order: Order, visit: Visit) -> str:
    """Who has set out for the next visit has not set out for a later one."""
    status = OrderStatus(order.status)
    if status is OrderStatus.EN_ROUTE and visit.status == VisitStatus.PLANNED:
        status = OrderStatus.ACCEPTED
    return cancelling.step_at(order, status, visit.planned_start)
