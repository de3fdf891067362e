"""The work ends before it is done: only what was done is charged."""

from datetime import timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import NotFound, RuleViolation
from app.domain.states import OfferStatus, OrderStatus, VisitStatus, move
from app.models import Order, Visit
from app.services import audit, clock
from app.services.dispatch import crew, dispatching
from app.services.money import refunds
from app.services.orders import charging, events, open_moves, searching
from app.services.orders.move_rules import ANYBODY, For
from app.services.roster import claims
from app.services.system import notifications, timers
from app.services.transactions import locked, retrying, transaction
from app.services.visits import checking

WHOLE_BP = 10_000
A_PERCENT_BP = 100


@retrying
def stop(
    order_id: int,
    *,
    reason: str,
    done_percent: int | None = None,
    whose: For = ANYBODY,
    actor: Actor,
) -> Order:
    """Stop the work that has begun, for a reason; the customer is asked to confirm.

    Charged is the part of the planned time that was worked, by the server's clock; staff may say
    another part. What was paid beyond it goes back. Raises NotFound, RuleViolation
    (reason_required, not_in_service).
    """
    if not reason.strip():
        raise RuleViolation(_l("Say why"), code="reason_required", field="reason")
    with transaction(actor) as session:
        order = locked(session, Order, order_id)
        _check_whose(order, whose)
        visit = _visit(session, order)
        done_bp = _done_bp(visit) if done_percent is None else done_percent * A_PERCENT_BP
        before = order.due_fen
        charging.charge(order, [visit], min(done_bp, WHOLE_BP), actor=actor)
        checking.end_visit(visit)
        _call_off_the_rest(session, order, actor)
        told = {"done_bp": done_bp, "before_fen": before, "due_fen": order.due_fen}
        events.change_status(
            order, OrderStatus.PENDING_CONFIRM, "stopped", actor=actor, reason=reason[:200],
            done_bp=done_bp, before_fen=before, due_fen=order.due_fen,
        )  # fmt: skip
        audit.record("stop", "customer_order", order.id, told, actor=actor)
        refunds.refund_surplus(session, order, reason="stopped", actor=actor)
        hours = order.rules["visit.confirm_hours"]
        timers.set_timer("order.confirm", order.id, clock.now() + timedelta(hours=hours))
        notifications.notify(
            "customer", order.customer_id, "visit.stopped",
            order_id=order.id, due_fen=order.due_fen,
        )  # fmt: skip
        return order


def _check_whose(order: Order, whose: For) -> None:
    if whose.worker_id is not None:
        checking.check_in_crew(order, whose.worker_id)
    if whose.customer_id not in (None, order.customer_id):
        raise NotFound(_l("This order does not exist"), order_id=order.id)


def _visit(session: Session, order: Order) -> Visit:
    under_way = sa.select(Visit.id).filter_by(
        order_id=order.id, status=VisitStatus.IN_SERVICE.value
    )
    visit_id = session.scalar(under_way)
    if order.status != OrderStatus.IN_SERVICE or visit_id is None:
        raise RuleViolation(_l("The work has not begun"), code="not_in_service")
    return locked(session, Visit, visit_id)


def _done_bp(visit: Visit) -> int:
    planned = visit.planned_end - visit.planned_start
    worked = clock.now() - (visit.checked_in_at or clock.now())
    return min(WHOLE_BP * worked // planned, WHOLE_BP)


def _call_off_the_rest(session: Session, order: Order, actor: Actor) -> None:
    """Visits that were still to come do not take place."""
    coming = (VisitStatus.PLANNED.value, VisitStatus.EN_ROUTE.value)
    visits = session.scalars(
        sa.select(Visit).where(Visit.order_id == order.id, Visit.status.in_(coming))
    ).all()
    charging.charge(order, visits, 0, actor=actor)
    for worker_id in crew.on_visits(visits):
        crew.end_place(order, worker_id, reason="stopped", visits=visits)
    for visit in visits:
        move(visit, VisitStatus.CANCELLED)
    claims.release(order.owner, visit_starts=[visit.planned_start for visit in visits])
    dispatching.end_offers(order, OfferStatus.WITHDRAWN)
    open_moves.give_up(session, order, reason="stopped")
    timers.cancel_timers(order.id, *searching.TIMERS)
