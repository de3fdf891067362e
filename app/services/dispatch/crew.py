"""The places of a visit's crew, and whose time they take."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.domain.eligibility import WantedVisit
from app.domain.errors import Conflict, RuleViolation
from app.domain.states import AssignmentStatus, move
from app.extensions import db
from app.models import Assignment, Order, Visit, Worker
from app.services.roster import claims, workforce

COMING = (AssignmentStatus.PLANNED.value, AssignmentStatus.ACCEPTED.value)
NOT_ENDED = Assignment.status != AssignmentStatus.ENDED.value


def take_place(
    order: Order, worker_id: int, offer_id: int | None, *, despite: Collection[str] = ()
) -> Assignment:
    """Put the worker into the crew and move a claim of the order to her.

    `despite` are broken rules that a second person has allowed. The order's row is locked; the
    workers' rows are locked here, in id order. Raises RuleViolation that names the hard rules
    she breaks, Conflict when the crew is complete.
    """
    if order.supplement_fen:
        raise RuleViolation(_l("A change of this order waits for its payment"), code="edit_open")
    if order.customer_chooses:
        raise RuleViolation(
            _l("The customer chooses first how it goes on"), code="customer_chooses"
        )
    taken = places_taken(order.id)
    if worker_id in taken or len(taken) >= order.crew_size:
        raise Conflict(_l("Somebody else has taken this order"), code="place_taken")
    held = claims.claimed_workers(order.owner)
    claims.lock_workers([*held, worker_id])
    wanted = workforce.wanted_by(order)
    check_able(order, worker_id, wanted, despite)
    if worker_id not in held:
        _give_up_one(order, held, taken)
        claims.claim(worker_id, wanted, "visit")
    return _assign(order, worker_id, offer_id, lead=not taken)


def check_able(
    order: Order, worker_id: int, wanted: WantedVisit, despite: Collection[str] = ()
) -> None:
    """Raise RuleViolation that names the hard rules which the locked worker breaks."""
    found = claims.still_free(order.branch_id, [worker_id], wanted).get(worker_id, ["gone"])
    broken = [code for code in found if code not in despite]
    if broken:
        raise RuleViolation(
            _l("This worker cannot take the visit"), code="rules_broken", broken=broken
        )


def places_taken(order_id: int) -> list[int]:
    """Workers who have a place in the crew of the order's visits."""
    query = sa.select(Assignment.worker_id).where(Assignment.order_id == order_id, NOT_ENDED)
    return list(db.session.scalars(query.distinct().order_by(Assignment.worker_id)))


def gone(order_id: int) -> set[int]:
    """Workers who had accepted this order and did not come of their own fault."""
    query = sa.select(Assignment.worker_id).filter_by(order_id=order_id, fault="worker")
    return set(db.session.scalars(query))


def end_place(order: Order, worker_id: int, *, reason: str, fault: str = "") -> None:
    """She does not come; somebody else leads if she did. The order's row is locked."""
    places = db.session.scalars(
        sa.select(Assignment)
        .where(
            Assignment.order_id == order.id,
            Assignment.status.in_(COMING),
        )
        .order_by(Assignment.id)
    ).all()
    for place in places:
        if place.worker_id == worker_id:
            move(place, AssignmentStatus.ENDED)
            place.ended_reason, place.fault = reason[:200], fault
    db.session.flush()
    staying = [place for place in places if place.worker_id != worker_id]
    for visit_id in {place.visit_id for place in staying}:
        crew = [place for place in staying if place.visit_id == visit_id]
        if not any(place.role == "lead" for place in crew):
            crew[0].role = "lead"
    db.session.flush()


def is_complete(order: Order) -> bool:
    return len(places_taken(order.id)) >= order.crew_size


def lead_of(order_id: int) -> int | None:
    query = sa.select(Assignment.worker_id).where(
        Assignment.order_id == order_id, NOT_ENDED, Assignment.role == "lead"
    )
    return db.session.scalar(query.order_by(Assignment.id).limit(1))


def _give_up_one(order: Order, held: list[int], taken: list[int]) -> None:
    spare = [worker_id for worker_id in held if worker_id not in taken]
    if spare:
        claims.release(order.owner, spare[0])


def _assign(order: Order, worker_id: int, offer_id: int | None, *, lead: bool) -> Assignment:
    """One place on each visit of the order; returns that on the first."""
    values: dict[str, Any] = {"role": "lead" if lead else "member", "worker_id": worker_id}
    db.session.get_one(Worker, worker_id)
    visits = sa.select(Visit.id).filter_by(order_id=order.id).order_by(Visit.sequence)
    places = [
        Assignment(order_id=order.id, visit_id=visit_id, **values)
        for visit_id in db.session.scalars(visits)
    ]
    places[0].offer_id = offer_id
    db.session.add_all(places)
    db.session.flush()
    for place in places:
        move(place, AssignmentStatus.ACCEPTED)
    db.session.flush()
    return places[0]
