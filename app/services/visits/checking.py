"""Going there, starting, finishing: by the server's clock and where the worker stands."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import NotFound, RuleViolation
from app.domain.geo import Point, distance_m
from app.domain.states import AssignmentStatus, OrderStatus, VisitStatus, move
from app.extensions import db
from app.models import Assignment, Attachment, CheckEvent, Order, Visit
from app.services import clock
from app.services.dispatch import crew
from app.services.orders import events, following, open_moves
from app.services.system import notifications, timers
from app.services.transactions import locked, retrying, transaction

MOST_CODE_TRIES = 5


@dataclass(frozen=True, slots=True)
class Presence:
    """How a worker shows that she is there: a GCJ-02 position, or the customer's code."""

    position: Point | None = None
    code: str | None = None
    device_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A worker's place in a visit, its rows locked."""

    order: Order
    visit: Visit
    assignment: Assignment


@retrying
def depart(visit_id: int, worker_id: int, presence: Presence, *, actor: Actor) -> Visit:
    """The lead sets out for the visit, on its day. The customer is told."""
    with transaction(actor) as session:
        place = _lead_place(session, visit_id, worker_id)
        if clock.today() != place.visit.service_on:
            raise RuleViolation(_l("The visit is not today"), code="not_today")
        move(place.visit, VisitStatus.EN_ROUTE)
        open_moves.give_up(
            session, place.order, reason="departed", visits=[place.visit], actor=actor
        )
        _note(place, "depart", presence, "position", None)
        events.change_status(place.order, OrderStatus.EN_ROUTE, "departed", actor=actor)
        _tell_customer(place.order, "visit.departed")
        return place.visit


@retrying
def check_in(visit_id: int, worker_id: int, presence: Presence, *, actor: Actor) -> Visit:
    """Start the visit: inside the geofence, or with the code that the customer shows.

    Raises RuleViolation for too early, too far, or a wrong code; five wrong codes end that way.
    """
    if presence.code is not None:
        _count_try(visit_id, worker_id, presence.code, actor)
    with transaction(actor) as session:
        place = _lead_place(session, visit_id, worker_id)
        check_time(place)
        method, away = _proved(place, presence)
        move(place.visit, VisitStatus.IN_SERVICE)
        place.visit.checked_in_at = clock.now()
        open_moves.give_up(
            session, place.order, reason="departed", visits=[place.visit], actor=actor
        )
        _move_crew(place.visit, AssignmentStatus.WORKING)
        _note(place, "check_in", presence, method, away)
        events.change_status(
            place.order, OrderStatus.IN_SERVICE, "checked_in", actor=actor, method=method
        )
        _tell_customer(place.order, "visit.started")
        return place.visit


@retrying
def check_out(visit_id: int, worker_id: int, presence: Presence, *, actor: Actor) -> Visit:
    """Finish the visit once the photos that the rules ask for are there.

    After the last visit the customer is asked to confirm; a timer confirms for her in the end.
    """
    with transaction(actor) as session:
        place = _lead_place(session, visit_id, worker_id)
        for kind in ("before", "after"):
            _check_photos(place, kind)
        end_visit(place.visit)
        _note(place, "check_out", presence, "position", None)
        session.flush()
        _after_visit(place, actor)
        return place.visit


def _count_try(visit_id: int, worker_id: int, code: str, actor: Actor) -> None:
    """A wrong code counts although the check-in fails, so it is committed before the error."""
    with transaction(actor) as session:
        visit = place_of(session, visit_id, worker_id).visit
        if visit.code_tries >= MOST_CODE_TRIES:
            raise RuleViolation(
                _l("Too many wrong codes. Check in by position"), code="visit_code_locked"
            )
        good = hmac.compare_digest(code.encode(), visit_code(visit_id).encode())
        visit.code_tries += not good
    if not good:
        raise RuleViolation(_l("The code is wrong"), code="visit_code_wrong", field="code")


def visit_code(visit_id: int) -> str:
    """The four digits that the customer shows to the worker at the door."""
    key = current_app.config["INDEX_KEY"]
    digest = hmac.new(key, f"visit-code|{visit_id}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10_000:04d}"


def end_visit(visit: Visit) -> None:
    """It is done, by the server's clock; its row is locked."""
    move(visit, VisitStatus.DONE)
    visit.checked_out_at = clock.now()
    _move_crew(visit, AssignmentStatus.DONE)


def check_in_crew(order: Order, worker_id: int) -> None:
    """Raise NotFound unless she has a place in the order's crew."""
    if worker_id not in crew.members(order.id):
        raise NotFound(_l("This order does not exist"), order_id=order.id)


def order_of_visit(visit_id: int, worker_id: int) -> int:
    """The order of a visit in which she has a place. Raises NotFound."""
    return _place(db.session(), visit_id, worker_id).order_id


def place_of(session: Session, visit_id: int, worker_id: int) -> Place:
    """The worker's place in a visit, order and visit locked. Raises NotFound."""
    assignment = _place(session, visit_id, worker_id)
    order = locked(session, Order, assignment.order_id)
    visit = locked(session, Visit, visit_id)
    return Place(order, visit, locked(session, Assignment, assignment.id))


def _place(session: Session, visit_id: int, worker_id: int) -> Assignment:
    assignment = session.scalar(
        sa.select(Assignment).where(
            Assignment.visit_id == visit_id,
            Assignment.worker_id == worker_id,
            Assignment.status != AssignmentStatus.ENDED.value,
        )
    )
    if assignment is None:
        raise NotFound(_l("This visit does not exist"), visit_id=visit_id)
    return assignment


def _lead_place(session: Session, visit_id: int, worker_id: int) -> Place:
    place = place_of(session, visit_id, worker_id)
    if place.assignment.role != "lead":
        raise RuleViolation(_l("The lead of the crew does this"), code="lead_only")
    return place


def check_time(place: Place) -> None:
    """Raise RuleViolation before the rules of the order let anybody begin."""
    early = timedelta(minutes=place.order.rules["visit.early_minutes"])
    if clock.now() < place.visit.planned_start - early:
        raise RuleViolation(
            _l("It is too early to check in"),
            code="too_early",
            from_at=place.visit.planned_start - early,
        )


def _proved(place: Place, presence: Presence) -> tuple[str, int | None]:
    """How presence was proved, and how far away (metres)."""
    if presence.code is not None:
        return "code", None  # checked and counted before
    if presence.position is None:
        raise RuleViolation(
            _l("Give your position or the customer's code"), code="presence_required"
        )
    away = round(distance_m(presence.position, Point(place.order.lat, place.order.lng)))
    most = place.order.rules["visit.geofence_m"]
    if away > most:
        raise RuleViolation(
            _l("You are %(away)s m away from the address", away=away),
            code="outside_geofence",
            away_m=away,
            geofence_m=most,
        )
    return "position", away


def _check_photos(place: Place, kind: str) -> None:
    needed = place.order.rules[f"visit.photos_{kind}"]
    query = sa.select(sa.func.count(Attachment.id)).filter_by(visit_id=place.visit.id, kind=kind)
    found = db.session.scalar(query) or 0
    if found < needed:
        raise RuleViolation(
            _l("%(needed)s photos are needed first", needed=needed),
            code="photos_missing",
            kind=kind,
            needed=needed,
            found=found,
        )


def _move_crew(visit: Visit, status: AssignmentStatus) -> None:
    query = sa.select(Assignment).where(
        Assignment.visit_id == visit.id, Assignment.status != AssignmentStatus.ENDED.value
    )
    for assignment in db.session.scalars(query.with_for_update()).all():
        move(assignment, status)


def _note(place: Place, kind: str, presence: Presence, method: str, away: int | None) -> None:
    position = presence.position
    db.session.add(
        CheckEvent(
            visit_id=place.visit.id,
            worker_id=place.assignment.worker_id,
            kind=kind,
            method=method,
            at=clock.now(),
            device_at=presence.device_at,
            lat=position.lat if position else None,
            lng=position.lng if position else None,
            distance_m=away,
        )
    )


def _after_visit(place: Place, actor: Actor) -> None:
    """The order follows its next open visit; after the last it waits to be confirmed."""
    if following.next_of(place.order) is not None:
        following.go_on(place.order, "visit_done", actor=actor)
        return
    events.change_status(place.order, OrderStatus.PENDING_CONFIRM, "checked_out", actor=actor)
    hours = place.order.rules["visit.confirm_hours"]
    timers.set_timer("order.confirm", place.order.id, clock.now() + timedelta(hours=hours))
    _tell_customer(place.order, "visit.done")


def _tell_customer(order: Order, kind: str) -> None:
    notifications.notify("customer", order.customer_id, kind, order_id=order.id)
