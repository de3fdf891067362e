"""A worker who does not come: noticed by the clock, and what the customer wants instead."""

from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import InvalidInput, NotFound, RuleViolation
from app.domain.geo import Point, distance_m
from app.domain.states import OrderStatus, VisitStatus, move
from app.extensions import db
from app.models import Incident, LocationPing, Order, OrderEvent, Visit
from app.services import audit, clock
from app.services.dispatch import crew
from app.services.orders import events, new_times, open_moves
from app.services.roster import claims
from app.services.system import notifications, outbox, parameters, timers
from app.services.transactions import locked, retrying, transaction

Choice = Literal["new_time", "other_worker", "refund"]
CHOICES: tuple[Choice, ...] = ("new_time", "other_worker", "refund")
TIMER = "order.worker_late"
AWAITED = (OrderStatus.ACCEPTED, OrderStatus.EN_ROUTE)
KIND = "worker_no_show"
# A position that is older says nothing of where she is.
FRESH = timedelta(minutes=15)


def watch(order: Order) -> None:
    """Look again when the promised window and the grace are over. The order's row is locked."""
    timers.set_timer(TIMER, order.id, late_at(order))


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


@retrying
def choose(
    order_id: int,
    choice: Choice,
    *,
    starts_at: datetime | None = None,
    customer_id: int | None = None,
    actor: Actor,
) -> Order:
    """The customer wants another time, somebody else as soon as possible, or the money back.

    Raises NotFound, InvalidInput, RuleViolation (nothing_to_choose, slot_not_offered), Conflict
    (slot_taken): then something else can be chosen.
    """
    if choice not in CHOICES or (choice == "new_time") != (starts_at is not None):
        raise InvalidInput(_l("Choose one of these"), code="choice_unknown", allowed=list(CHOICES))
    with transaction(actor) as session:
        order = locked(session, Order, order_id)
        if customer_id not in (None, order.customer_id):
            raise NotFound(_l("This order does not exist"), order_id=order_id)
        if not order.customer_chooses:
            raise RuleViolation(_l("There is nothing to choose now"), code="nothing_to_choose")
        if choice == "refund":
            _give_back(session, order, actor)
        else:
            _come_again(order, starts_at, actor)
        order.customer_chooses = False
        audit.record("choose", "customer_order", order.id, {"choice": choice}, actor=actor)
        return order


def _is_near(session: Session, order: Order) -> bool:
    """Somebody of the crew said that she is there, or her telephone was at the address."""
    crew_ids = crew.places_taken(order.id)
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
    missing = crew.places_taken(order.id)
    lead = order.lead_worker_id
    open_moves.give_up(session, order, reason="worker_no_show")
    for visit in session.scalars(_under_way(order)).all():
        move(visit, VisitStatus.PLANNED)
    for worker_id in missing:
        crew.end_place(order, worker_id, reason=KIND, fault="worker")
        notifications.notify("worker", worker_id, "order.missed", order_id=order.id)
    claims.release(order.owner)
    order.urgent = order.customer_chooses = True
    order.lead_worker_id, order.dispatch_round, order.unassigned_reason = None, 0, ""
    session.add(
        Incident(
            kind=KIND, severity="high", branch_id=order.branch_id, order_id=order.id,
            worker_id=lead, details={"workers": missing, "promised_to": _told(order.promised_to)},
        )
    )  # fmt: skip
    events.change_status(order, OrderStatus.PENDING_DISPATCH, KIND, actor=SYSTEM, workers=missing)
    notifications.notify("customer", order.customer_id, KIND, order_id=order.id)
    notifications.notify_staff(KIND, order_id=order.id)


def _under_way(order: Order) -> sa.Select[tuple[Visit]]:
    return sa.select(Visit).filter_by(order_id=order.id, status=VisitStatus.EN_ROUTE.value)


def _give_back(session: Session, order: Order, actor: Actor) -> None:
    from app.services.orders import cancelling  # it knows of dispatch, which knows of us

    shown = cancelling.preview(session, order, "platform")
    cancelling.cancel_order(
        order.id, shown.hash, party="platform", reason_code="worker_unavailable",
        reason=KIND, actor=actor,
    )  # fmt: skip


def _come_again(order: Order, starts_at: datetime | None, actor: Actor) -> None:
    """Claim the time for whoever is free then, and look for her."""
    visit = new_times.next_visit(order)
    if starts_at is not None:
        new_times.check_offered(order, visit, starts_at)
    start = starts_at or _soonest()
    wanted = new_times.wanted_at(order, visit, start)
    refused = crew.gone(order.id)
    crew_ids = new_times.lock_crew(order, wanted, prefer=(), but_not=refused)
    claims.release(order.owner)
    for worker_id in crew_ids:
        claims.claim(worker_id, wanted, "visit")
    before = _told(visit.planned_start)
    new_times.write(order, visit, start)
    events.record(order, "chosen", actor=actor, before=before, after=_told(start))
    outbox.put("order.dispatch", order.id)


def _soonest() -> datetime:
    """As for a booking for now, at the next full five minutes."""
    start = clock.now() + timedelta(minutes=parameters.get("booking.instant_minutes"))
    over = timedelta(minutes=start.minute % 5, seconds=start.second, microseconds=start.microsecond)
    return start - over + timedelta(minutes=5)


def _told(instant: datetime) -> str:
    return instant.isoformat()
