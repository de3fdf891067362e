"""What an agreed move does: the visit is at its new time, with who can come then."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.states import AssignmentStatus, MoveStatus, OfferStatus, move
from app.extensions import db
from app.models import Assignment, MoveRequest, Order, Visit
from app.services.dispatch import crew, dispatching
from app.services.orders import following, move_price, new_times, open_moves
from app.services.roster import claims
from app.services.system import notifications


def lock_coming(order: Order, visit: Visit, row: MoveRequest) -> list[int]:
    """Who has the new time and can still come; others are claimed where they cannot.

    Raises Conflict when nobody can: the move stays open, and the booking what it was.
    """
    claimed = claims.claimed_workers(order.owner, visit_starts=[row.new_start])
    wanted = new_times.wanted_at(order, visit, row.new_start)
    placed = crew.on_visits([visit])
    coming = new_times.lock_crew(order, wanted, prefer=claimed, also=[*claimed, *placed])
    if sorted(coming) != sorted(claimed):
        claims.release(order.owner, visit_starts=[row.new_start])
        for worker_id in coming:
            claims.claim(worker_id, wanted, "visit")
    return coming


def carry_out(
    order: Order,
    visit: Visit,
    row: MoveRequest,
    coming: Collection[int],
    *,
    note: str,
    actor: Actor,
) -> None:
    """Write the new time, which `coming` have claimed; order, visit and move are locked."""
    claims.release(order.owner, visit_starts=[visit.planned_start])
    open_moves.close(row, MoveStatus.AGREED, note)
    before = open_moves.as_told(visit.planned_start)
    settled = visit not in crew.lacking(order)
    new_times.write(order, visit, row.new_start)
    told: dict[str, Any] = {"before": before, "after": open_moves.as_told(row.new_start)}
    told |= following.which(order, [visit])
    left, stay = _end_places(visit, but_not=coming if settled else ())
    if visit in crew.lacking(order):  # somebody has to accept the new time
        dispatching.end_offers(order, OfferStatus.WITHDRAWN)
    move_price.apply(db.session(), order, row, actor=actor)
    open_moves.trace("move_end", order, row, actor)
    following.go_on(order, "moved", actor=actor, reason=note, move=row.id, **told)
    _tell(order, row, [*left, *stay], actor)


def _end_places(visit: Visit, *, but_not: Collection[int]) -> tuple[list[int], list[int]]:
    """End the places of who cannot come; somebody leads those that stay. Returns both."""
    places = db.session.scalars(
        sa.select(Assignment)
        .where(
            Assignment.visit_id == visit.id, Assignment.status == AssignmentStatus.ACCEPTED.value
        )
        .order_by(Assignment.id)
    ).all()
    leaving = [place for place in places if place.worker_id not in but_not]
    for place in leaving:
        move(place, AssignmentStatus.ENDED)
        place.ended_reason = "moved"
    db.session.flush()
    staying = [place for place in places if place not in leaving]
    if staying and not any(place.role == "lead" for place in staying):
        staying[0].role = "lead"
    return [place.worker_id for place in leaving], [place.worker_id for place in staying]


def _tell(order: Order, row: MoveRequest, workers: Collection[int], actor: Actor) -> None:
    told = {"order_id": order.id, "move_id": row.id}
    if actor.kind != "customer":
        notifications.notify("customer", order.customer_id, "move.agreed", **told)
    for worker_id in sorted(set(workers)):
        if (actor.kind, actor.id) != ("worker", worker_id):
            notifications.notify("worker", worker_id, "move.agreed", **told)
