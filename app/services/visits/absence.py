"""Nobody opens the door: the worker waits and calls, customer service decides."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain import cancelling as ladder
from app.domain.actors import Actor
from app.domain.errors import Conflict, NotFound, RuleViolation
from app.domain.geo import Point, distance_m
from app.domain.money import share, split
from app.domain.states import AssignmentStatus, IncidentStatus, OrderStatus, VisitStatus, move
from app.models import Assignment, Cancellation, Incident, Order, OrderEvent, Visit
from app.services import audit, clock
from app.services.dispatch import crew
from app.services.money import adjustments, refunds, sums
from app.services.money.refunds import deciding
from app.services.orders import calling_off, ending, events, open_moves
from app.services.roster import claims
from app.services.system import notifications, outbox, parameters, timers
from app.services.transactions import locked, retrying, transaction
from app.services.visits import checking

KIND = "customer_no_show"
AWAITED = (OrderStatus.ACCEPTED, OrderStatus.EN_ROUTE)
CALLS = 2
BASIS_POINTS = 10_000


@retrying
def arrive(visit_id: int, worker_id: int, position: Point, *, actor: Actor) -> Order:
    """The worker is at the door: from now on she waits. Saying it again changes nothing.

    Raises RuleViolation (not_awaited, too_early, outside_geofence).
    """
    with transaction(actor) as session:
        place = checking.place_of(session, visit_id, worker_id)
        _check_awaited(place)
        checking.check_time(place)
        away = _at_the_door(place, position)
        if _arrived_at(session, place.order, worker_id) is None:
            events.record(place.order, "arrived", actor=actor, distance_m=away)
            notifications.notify(
                "customer", place.order.customer_id, "visit.arrived", order_id=place.order.id
            )
        return place.order


@retrying
def report(
    visit_id: int,
    worker_id: int,
    position: Point,
    *,
    calls: Sequence[datetime],
    note: str = "",
    actor: Actor,
) -> Incident:
    """Nobody came to the door: she has waited there, and called twice meanwhile.

    Customer service is asked. Raises RuleViolation (not_arrived, wait_longer, calls_missing,
    outside_geofence), Conflict (already_reported).
    """
    with transaction(actor) as session:
        place = checking.place_of(session, visit_id, worker_id)
        _check_awaited(place)
        _at_the_door(place, position)
        since = _waited(session, place, worker_id)
        made = sorted({call for call in calls if since <= call <= clock.now()})
        if len(made) < CALLS:
            raise RuleViolation(
                _l("Call the customer twice while you wait"), code="calls_missing", needed=CALLS
            )
        if open_report(session, place.order.id) is not None:
            raise Conflict(_l("Customer service is asked already"), code="already_reported")
        details: dict[str, Any] = {
            "arrived_at": since.isoformat(),
            "calls": [call.isoformat() for call in made],
            "visit_id": visit_id,
        }
        row = Incident(
            kind=KIND, severity="high", branch_id=place.order.branch_id,
            order_id=place.order.id, worker_id=worker_id, text=note[:500], details=details,
        )  # fmt: skip
        session.add(row)
        session.flush()
        events.record(place.order, "absence.reported", actor=actor, reason=note, **details)
        told = {"visit": place.visit.sequence, "incident": row.id}
        audit.record("absence", "customer_order", place.order.id, told, actor=actor)
        notifications.notify_staff("absence.reported", order_id=place.order.id)
        return row


@retrying
def decide(incident_id: int, *, confirm: bool, note: str, actor: Actor) -> Incident:
    """Customer service believes it, and the order ends for its fee; or the visit goes on.

    Raises NotFound for another kind of incident, Conflict when it was decided before.
    """
    with transaction(actor) as session:
        found = session.get(Incident, incident_id)
        if found is None or found.kind != KIND or found.order_id is None:
            raise NotFound(_l("This report does not exist"), incident_id=incident_id)
        order = locked(session, Order, found.order_id)
        row = locked(session, Incident, incident_id)
        if row.status == IncidentStatus.SOLVED:
            raise Conflict(_l("This was already decided"), code="already_decided")
        if confirm:
            _confirm(session, order, row, note, actor)
        else:
            events.record(order, "absence.refused", actor=actor, reason=note)
            if row.worker_id is not None:
                notifications.notify("worker", row.worker_id, "absence.refused", order_id=order.id)
        told = {"incident": row.id, "confirmed": confirm}
        audit.record("absence_decided", "customer_order", order.id, told, actor=actor)
        move(row, IncidentStatus.SOLVED)
        row.handler_id, row.solved_at = actor.id, clock.now()
        row.outcome = note[:500]
        row.details = {**row.details, "confirmed": confirm}
        return row


def open_report(session: Session, order_id: int) -> Incident | None:
    return session.scalar(
        sa.select(Incident).where(
            Incident.order_id == order_id, Incident.kind == KIND,
            Incident.status != IncidentStatus.SOLVED.value,
        )
    )  # fmt: skip


def _check_awaited(place: checking.Place) -> None:
    if place.order.status not in AWAITED:
        raise RuleViolation(
            _l("Nobody waits at this visit now"), code="not_awaited", status=place.order.status
        )


def _at_the_door(place: checking.Place, position: Point) -> int:
    away = round(distance_m(position, Point(place.order.lat, place.order.lng)))
    most = place.order.rules["visit.geofence_m"]
    if away > most:
        raise RuleViolation(
            _l("You are %(away)s m away from the address", away=away),
            code="outside_geofence", away_m=away, geofence_m=most,
        )  # fmt: skip
    return away


def _arrived_at(session: Session, order: Order, worker_id: int) -> datetime | None:
    """Since when she is there for this visit; what was before an earlier time does not count."""
    return session.scalar(
        sa.select(sa.func.min(OrderEvent.at, type_=OrderEvent.at.type)).where(
            OrderEvent.order_id == order.id, OrderEvent.kind == "arrived",
            OrderEvent.actor_kind == "worker", OrderEvent.actor_id == worker_id,
            OrderEvent.at >= order.promised_from - timedelta(days=1),
        )
    )  # fmt: skip


def _waited(session: Session, place: checking.Place, worker_id: int) -> datetime:
    """Since when she waits; not before the time that the customer was promised."""
    arrived = _arrived_at(session, place.order, worker_id)
    if arrived is None:
        raise RuleViolation(_l("Say first that you are there"), code="not_arrived")
    since = max(arrived, place.order.promised_from)
    minutes = _rule(place.order, "no_show.wait_minutes")
    if clock.now() < since + timedelta(minutes=minutes):
        raise RuleViolation(
            _l("Wait %(minutes)s minutes at the door", minutes=minutes),
            code="wait_longer",
            until=since + timedelta(minutes=minutes),
        )
    return since


def _rule(order: Order, key: str) -> int:
    """As the order froze it; older orders follow today's."""
    found: int = order.rules.get(key, parameters.get(key))
    return found


def _confirm(session: Session, order: Order, row: Incident, note: str, actor: Actor) -> None:
    """One visit of several is missed for the fee, which its crew earns with the others."""
    visit = _missed(session, order, row)
    if calling_off.is_last(session, order, visit):
        _close(session, order, row, note, actor)
        return
    rate = _rule(order, "no_show.fee_percent") * ladder.BASIS_POINTS_A_PERCENT
    if visit.status == VisitStatus.EN_ROUTE:
        move(visit, VisitStatus.PLANNED)
    calling_off.end_visits(
        session, order, [visit], VisitStatus.MISSED, rate, kind="visit_missed", reason=note,
        party="customer", actor=actor,
    )  # fmt: skip


def _missed(session: Session, order: Order, row: Incident) -> Visit:
    """The visit that was reported; it is still to come for whoever has not come yet."""
    visit = session.get(Visit, row.details.get("visit_id"))
    if visit is None or visit.order_id != order.id or visit.status not in crew.TO_COME:
        raise RuleViolation(_l("Nobody waits at this visit now"), code="not_awaited")
    return visit


def _close(session: Session, order: Order, row: Incident, note: str, actor: Actor) -> None:
    """The order ends: fee, what is left goes back, the crew gets its part of the fee."""
    paid = sums.kept_of(session, order.id) + deciding.waiting_fen(session, order.id)
    rate = _rule(order, "no_show.fee_percent") * ladder.BASIS_POINTS_A_PERCENT
    shown = ladder.preview(order.number, "customer", KIND, rate, order.due_fen, paid)
    worth = order.due_fen + order.subsidy_fen
    session.add(_cancellation(order, shown, note, actor))
    timers.cancel_timer("order.worker_late", order.id)
    refunds.reject_waiting(session, order, reason=KIND, actor=actor)
    outbox.put("order.close_attempts", order.id)
    open_moves.give_up(session, order, reason=KIND, actor=actor)
    workers = crew.members(order.id)
    _end_visits(session, order)
    claims.release(order.owner)
    events.change_status(
        order, OrderStatus.NO_SHOW, KIND, actor=actor, reason=note,
        fee_fen=shown.fee_fen, refund_fen=shown.refund_fen,
    )  # fmt: skip
    ending.settle(session, order, shown, actor, kind=KIND)
    _compensate(session, order, workers, share(worth, rate), actor)
    audit.record("no_show", "customer_order", order.id, shown.told(), actor=actor)


def _cancellation(order: Order, shown: ladder.Preview, note: str, actor: Actor) -> Cancellation:
    return Cancellation(
        order_id=order.id, party="customer", reason_code=KIND, reason=note[:200],
        step=shown.step, rate_bp=shown.rate_bp, fee_fen=shown.fee_fen,
        refund_fen=shown.refund_fen, arithmetic=shown.told(), actor_kind=actor.kind,
        actor_id=actor.id, at=clock.now(),
    )  # fmt: skip


def _end_visits(session: Session, order: Order) -> None:
    coming = (VisitStatus.PLANNED.value, VisitStatus.EN_ROUTE.value)
    for visit in session.scalars(
        sa.select(Visit).where(Visit.order_id == order.id, Visit.status.in_(coming))
    ).all():
        move(visit, VisitStatus.MISSED)
    for place in session.scalars(
        sa.select(Assignment).where(
            Assignment.order_id == order.id, Assignment.status == AssignmentStatus.ACCEPTED.value
        )
    ).all():
        move(place, AssignmentStatus.ENDED)
        place.ended_reason, place.fault = KIND, "customer"


def _compensate(
    session: Session, order: Order, workers: Sequence[int], fee_fen: int, actor: Actor
) -> None:
    """What she would have of the fee if it were a price, one before the customer's coupon."""
    parts = split(fee_fen - share(fee_fen, order.commission_bp), [1] * len(workers))
    for worker_id, amount in zip(workers, parts, strict=True):
        told: dict[str, Any] = {"order_id": order.id, "amount_fen": amount}
        if amount:
            adjustments.book_by_rule(
                session, order, worker_id, "compensation", amount, reason=KIND, actor=actor
            )
        notifications.notify("worker", worker_id, "absence.confirmed", **told)
