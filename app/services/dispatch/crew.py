"""The places of a visit's crew, and whose time they take."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.domain.eligibility import WantedVisit
from app.domain.errors import Conflict, RuleViolation
from app.domain.states import AssignmentStatus, VisitStatus, move
from app.extensions import db
from app.models import Assignment, Order, Visit, Worker
from app.services.roster import claims, workforce

COMING = (AssignmentStatus.PLANNED.value, AssignmentStatus.ACCEPTED.value)
TO_COME = (VisitStatus.PLANNED.value, VisitStatus.EN_ROUTE.value)
UNDER_WAY = (*TO_COME, VisitStatus.IN_SERVICE.value)
NOT_ENDED = Assignment.status != AssignmentStatus.ENDED.value


def take_place(
    order: Order, worker_id: int, offer_id: int | None, *, despite: Collection[str] = ()
) -> Assignment:
    """Put the worker into the crew of each visit that lacks somebody; move a claim to her.

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
    sought = lacking(order)
    taken = on_visits(sought)
    if not sought or worker_id in taken:
        raise Conflict(_l("Somebody else has taken this order"), code="place_taken")
    starts = [visit.planned_start for visit in sought]
    held = claims.claimed_workers(order.owner, visit_starts=starts)
    claims.lock_workers([*held, worker_id])
    wanted = workforce.wanted_by(order, sought)
    check_able(order, worker_id, wanted, despite)
    if worker_id not in held:
        _give_up_one(order, starts, held, taken)
        claims.claim(worker_id, wanted, "visit")
    return _assign(order, sought, worker_id, offer_id)


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


def members(order_id: int) -> list[int]:
    """Workers who have, or had until it was done, a place on any visit of the order."""
    query = sa.select(Assignment.worker_id).where(Assignment.order_id == order_id, NOT_ENDED)
    return list(db.session.scalars(query.distinct().order_by(Assignment.worker_id)))


def on_visits(visits: Iterable[Visit]) -> list[int]:
    """Workers who have a place on one of these visits."""
    ids = [visit.id for visit in visits]
    query = sa.select(Assignment.worker_id).where(Assignment.visit_id.in_(ids), NOT_ENDED)
    return list(db.session.scalars(query.distinct().order_by(Assignment.worker_id)))


def lacking(order: Order) -> list[Visit]:
    """Visits still to come whose crew is not complete, in the order of time."""
    return [visit for visit, _places in _gaps(order)]


def missing(order: Order) -> int:
    """How many more it takes: the most that any visit lacks."""
    return max((places for _visit, places in _gaps(order)), default=0)


def _gaps(order: Order) -> list[tuple[Visit, int]]:
    placed = (
        sa.select(sa.func.count(Assignment.id))
        .where(Assignment.visit_id == Visit.id, NOT_ENDED)
        .scalar_subquery()
    )
    query = sa.select(Visit, order.crew_size - placed).where(
        Visit.order_id == order.id, Visit.status.in_(TO_COME), placed < order.crew_size
    )
    rows = db.session.execute(query.order_by(Visit.planned_start, Visit.id)).all()
    return [(visit, places) for visit, places in rows]


def gone(order_id: int) -> set[int]:
    """Workers who had accepted this order and did not come of their own fault."""
    query = sa.select(Assignment.worker_id).filter_by(order_id=order_id, fault="worker")
    return set(db.session.scalars(query))


def end_place(
    order: Order,
    worker_id: int,
    *,
    reason: str,
    fault: str = "",
    visits: Collection[Visit] | None = None,
) -> None:
    """She does not come to these visits, or to none that remains; somebody else leads if she did.

    The order's row is locked.
    """
    where = [Assignment.order_id == order.id, Assignment.status.in_(COMING)]
    if visits is not None:
        where.append(Assignment.visit_id.in_([visit.id for visit in visits]))
    query = sa.select(Assignment).where(*where).order_by(Assignment.id)
    places = db.session.scalars(query).all()
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
    return not _gaps(order)


def lead_on(visit_id: int) -> int | None:
    """Who leads this visit."""
    query = sa.select(Assignment.worker_id).where(
        Assignment.visit_id == visit_id, NOT_ENDED, Assignment.role == "lead"
    )
    return db.session.scalar(query)


def lead_of(order_id: int) -> int | None:
    """Who leads the next visit; after the last one, who led it."""
    query = (
        sa.select(Assignment.worker_id)
        .join(Visit, Visit.id == Assignment.visit_id)
        .where(Assignment.order_id == order_id, NOT_ENDED, Assignment.role == "lead")
    )
    under_way = query.where(Visit.status.in_(UNDER_WAY)).order_by(Visit.planned_start)
    leads = db.session.scalar(under_way.limit(1))
    return leads or db.session.scalar(query.order_by(Visit.planned_start.desc()).limit(1))


def _give_up_one(
    order: Order, starts: Collection[datetime], held: list[int], taken: list[int]
) -> None:
    spare = [worker_id for worker_id in held if worker_id not in taken]
    if spare:
        claims.release(order.owner, spare[0], visit_starts=starts)


def _assign(
    order: Order, visits: Sequence[Visit], worker_id: int, offer_id: int | None
) -> Assignment:
    """One place on each of these visits; returns that on the first."""
    db.session.get_one(Worker, worker_id)
    led = sa.select(Assignment.visit_id).where(
        Assignment.visit_id.in_([visit.id for visit in visits]), NOT_ENDED,
        Assignment.role == "lead",
    )  # fmt: skip
    with_lead = set(db.session.scalars(led))
    places = [
        Assignment(
            order_id=order.id, visit_id=visit.id, worker_id=worker_id,
            role="member" if visit.id in with_lead else "lead",
        )
        for visit in visits
    ]  # fmt: skip
    places[0].offer_id = offer_id
    db.session.add_all(places)
    db.session.flush()
    for place in places:
        move(place, AssignmentStatus.ACCEPTED)
    db.session.flush()
    return places[0]
