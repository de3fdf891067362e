"""A worker who does not come: noticed by the clock. Then the customer chooses (`choosing`)."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.actors import SYSTEM
from app.domain.geo import Point, distance_m
from app.domain.states import OrderStatus, VisitStatus, move
from app.extensions import db
from app.models import Incident, LocationPing, Order, OrderEvent, Visit
from app.services import audit, clock
from app.services.dispatch import crew
from app.services.orders import events, open_moves, searching
from app.services.roster import claims
from app.services.system import notifications, parameters, timers
from app.services.transactions import locked

TIMER = "order.worker_late"
AWAITED = (OrderStatus.ACCEPTED, OrderStatus.EN_ROUTE)
KIND = "worker_no_show"
# A position that is older says nothing of where she is.
FRESH = timedelta(minutes=15)


def watch(order: Order) -> None:
    """Look again when the promised window and the grace are over. The order's row is locked."""
    timers.set_timer(TIMER, order.id, late_at(order), instead_of=searching.TIMERS)


def late_at(order: Order) -> datetime:
    return order.promised_to + timedelta(minutes=parameters.get("no_show.grace_minutes"))


@timers.handles(TIMER)
def worker_is_late(order_id: int) -> None:
    """Runs in the transaction that fires the timer. Who is near gets a little longer."""
    session = db.session()
    order = locked(session, Order, order_id)
    if order.status not in AWAITED:
        return
    if late_at(order) > clock.now():
        watch(order)
    elif _is_near(session, order):
        timers.set_timer(TIMER, order.id, clock.now() + FRESH)
    else:
        _nobody_came(session, order)


def _is_near(session: Session, order: Order) -> bool:
    """Somebody of the crew said that she is there, or her telephone was at the address."""
    crew_ids = crew.on_visits(_awaited(order))
    arrived = sa.select(OrderEvent.id).where(
        OrderEvent.order_id == order.id, OrderEvent.kind == "arrived",
        OrderEvent.at >= order.promised_from - FRESH, OrderEvent.actor_id.in_(crew_ids),
    )  # fmt: skip
    if session.scalar(arrived.limit(1)) is not None:
        return True
    pings = sa.select(LocationPing.lat, LocationPing.lng).where(
        LocationPing.worker_id.in_(crew_ids), LocationPing.at >= clock.now() - FRESH
    )
    door, most = Point(order.lat, order.lng), order.rules["visit.geofence_m"]
    return any(distance_m(Point(lat, lng), door) <= most for lat, lng in session.execute(pings))


def _nobody_came(session: Session, order: Order) -> None:
    """Urgent: an incident, everybody is told, and the customer says how it goes on."""
    visits = _awaited(order)
    missing, lead = crew.on_visits(visits), order.lead_worker_id
    open_moves.give_up(session, order, reason="worker_no_show")
    for visit in visits:
        if visit.status == VisitStatus.EN_ROUTE:
            move(visit, VisitStatus.PLANNED)
    for worker_id in missing:
        crew.end_place(order, worker_id, reason=KIND, fault="worker", visits=visits)
        notifications.notify("worker", worker_id, "order.missed", order_id=order.id)
    claims.release(order.owner, visit_starts=[visit.planned_start for visit in visits])
    order.urgent = order.customer_chooses = True
    order.lead_worker_id, order.dispatch_round, order.unassigned_reason = None, 0, ""
    session.add(
        Incident(
            kind=KIND, severity="high", branch_id=order.branch_id, order_id=order.id,
            worker_id=lead, details={"workers": missing, "promised_to": _told(order.promised_to)},
        )
    )  # fmt: skip
    events.change_status(order, OrderStatus.PENDING_DISPATCH, KIND, actor=SYSTEM, workers=missing)
    audit.record(KIND, "customer_order", order.id, {"workers": missing}, actor=SYSTEM)
    searching.ask_to_choose(order, KIND)
    notifications.notify_staff(KIND, order_id=order.id)


def _awaited(order: Order) -> list[Visit]:
    """The visit that should have begun."""
    query = sa.select(Visit).where(Visit.order_id == order.id, Visit.status.in_(crew.TO_COME))
    return list(db.session.scalars(query.order_by(Visit.planned_start, Visit.id).limit(1)))


def _told(instant: datetime) -> str:
    return instant.isoformat()
