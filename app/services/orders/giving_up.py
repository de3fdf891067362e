"""Nobody takes an order: a person looks after it, then the customer chooses, then it ends."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.domain.actors import SYSTEM
from app.domain.states import OfferStatus, OrderStatus
from app.extensions import db
from app.models import Incident, Order, Visit
from app.services import audit, clock
from app.services.dispatch import crew, dispatching
from app.services.orders import choosing, editing, events, open_moves, searching
from app.services.roster import claims
from app.services.system import incidents, notifications, outbox, parameters, timers
from app.services.transactions import locked

KIND = searching.KIND


@timers.handles(searching.ESCALATE)
def escalate(order_id: int) -> None:
    """The visit is near: the dispatchers are told. The search goes on meanwhile."""
    order = locked(db.session(), Order, order_id)
    if not _is_sought(order):
        return
    if searching.escalate_at(order) > clock.now():
        timers.set_timer(searching.ESCALATE, order.id, searching.escalate_at(order))
        return
    order.urgent = True
    # Whoever orders late has his order offered all the same.
    until = max(searching.give_up_at(order), clock.now() + searching.offer_time(order))
    events.record(order, "escalated", actor=SYSTEM, until=until.isoformat())
    audit.record("escalate", "customer_order", order.id, {"until": until.isoformat()}, actor=SYSTEM)
    notifications.notify_staff("order.escalated", order_id=order.id, until=until.isoformat())
    _note(order, "normal", {"reason": order.unassigned_reason, "until": until.isoformat()})
    timers.set_timer(searching.GIVE_UP, order.id, until)


@timers.handles(searching.GIVE_UP)
def give_up(order_id: int) -> None:
    """It is too late for anybody to come: the customer says how it goes on.

    She may choose until the promised window is over, then she has her money back.
    """
    session = db.session()
    order = locked(session, Order, order_id)
    if not _is_sought(order):
        return
    if searching.give_up_at(order) > clock.now():
        timers.set_timer(searching.GIVE_UP, order.id, searching.give_up_at(order))
        return
    if order.status not in searching.SOUGHT:  # an earlier visit of it is still under way
        timers.set_timer(searching.GIVE_UP, order.id, clock.now() + searching.offer_time(order))
        return
    visit = crew.lacking(order)[0]
    told = {"reason": order.unassigned_reason, "placed": crew.on_visits([visit])}
    _end_search(session, order, visit)
    order.urgent = order.customer_chooses = True
    until = _choose_by(order)
    _note(order, "high", told)
    data: dict[str, Any] = {"choose_by": until.isoformat()}
    if order.status == OrderStatus.OFFERED:
        events.change_status(order, OrderStatus.PENDING_DISPATCH, KIND, actor=SYSTEM, **data)
    else:
        events.record(order, KIND, actor=SYSTEM, **data)
    audit.record("give_up", "customer_order", order.id, told, actor=SYSTEM)
    timers.set_timer(searching.CHOICE, order.id, until)
    searching.ask_to_choose(order, "order.nobody_found", **data)
    notifications.notify_staff("order.nobody_found", order_id=order.id)


@timers.handles(searching.CHOICE)
def choice_over(order_id: int) -> None:
    """She has not chosen: the order ends, and everything that was paid comes back."""
    session = db.session()
    order = locked(session, Order, order_id)
    if not order.customer_chooses or order.status != OrderStatus.PENDING_DISPATCH:
        return
    choosing.end_visit_free(session, order, party="clock", reason_code=KIND, actor=SYSTEM)


def _note(order: Order, severity: str, details: dict[str, Any]) -> None:
    """One incident of an order, that grows worse."""
    row = incidents.open_of(order.id, KIND)
    if row is None:
        row = Incident(kind=KIND, branch_id=order.branch_id, order_id=order.id)
        db.session.add(row)
    row.severity, row.details = severity, details


def _is_sought(order: Order) -> bool:
    sought = order.status in dispatching.SEARCHING or order.status == OrderStatus.OFFERED
    return sought and not order.customer_chooses and not crew.is_complete(order)


def _choose_by(order: Order) -> datetime:
    least = timedelta(minutes=parameters.get("dispatch.give_up_minutes"))
    return max(order.promised_to, clock.now() + least)


def _end_search(session: Session, order: Order, visit: Visit) -> None:
    """Nobody is asked and nobody's time is kept; who had a place in the crew is free again."""
    dispatching.end_offers(order, OfferStatus.WITHDRAWN)
    if order.supplement_fen:
        editing.give_up_open(session, order, actor=SYSTEM)
        outbox.put("order.close_attempts", order.id)
    open_moves.give_up(session, order, reason=KIND)
    for worker_id in crew.on_visits([visit]):
        crew.end_place(order, worker_id, reason=KIND, fault="company", visits=[visit])
        notifications.notify("worker", worker_id, "order.called_off", order_id=order.id)
    claims.release(order.owner, visit_starts=[visit.planned_start])
    order.lead_worker_id, order.dispatch_round = None, 0
