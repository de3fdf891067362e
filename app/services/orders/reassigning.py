"""Somebody else is sent, to one visit or to all that remain."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import Conflict, InvalidInput, RuleViolation
from app.domain.states import OfferStatus, OrderStatus, VisitStatus, move
from app.models import Order, Visit
from app.services import audit, clock
from app.services.dispatch import crew, dispatching
from app.services.orders import events, following, new_times, open_moves, searching
from app.services.roster import claims, workforce
from app.services.system import notifications
from app.services.transactions import locked, retrying, transaction

FAULTS = ("worker", "customer", "company")
REASSIGNABLE = (OrderStatus.OFFERED, OrderStatus.ACCEPTED, OrderStatus.EN_ROUTE)
# Of several visits one may lack somebody, or be served, while another one is given away.
SEVERAL = (*REASSIGNABLE, OrderStatus.PENDING_DISPATCH, OrderStatus.IN_SERVICE)


@retrying
def reassign(
    order_id: int,
    *,
    reason: str,
    fault: str,
    worker_id: int | None = None,
    instead_of: int | None = None,
    starts_at: datetime | None = None,
    visit_id: int | None = None,
    actor: Actor,
) -> Order:
    """A dispatcher sends somebody else: `worker_id`, or whoever accepts the next offer.

    To one visit, or to all that remain to her whom it is `instead_of`. Once the promised window
    has begun, the customer must have agreed to `starts_at`. Raises RuleViolation
    (not_reassignable, window_begun, rules_broken), Conflict.
    """
    if not reason.strip():
        raise RuleViolation(_l("Say why"), code="reason_required", field="reason")
    if fault not in FAULTS:
        raise InvalidInput(_l("Say whose fault it is"), code="fault_unknown", field="fault")
    with transaction(actor) as session:
        order = locked(session, Order, order_id)
        leaving, visits = _leaving(session, order, instead_of, visit_id, starts_at)
        _check_reassignable(order, visits, starts_at)
        _back_on_the_way(visits)
        dispatching.end_offers(order, OfferStatus.WITHDRAWN)
        open_moves.give_up(session, order, reason="reassigned", visits=visits, actor=actor)
        kept = _keep_time(order, visits, starts_at, leaving, worker_id)
        if leaving is not None:
            crew.end_place(order, leaving, reason=reason, fault=fault, visits=visits)
            notifications.notify("worker", leaving, "order.reassigned", order_id=order.id)
        _go_on(order, visits, worker_id, kept, reason, fault, actor)
        notifications.notify("customer", order.customer_id, "order.reassigned", order_id=order.id)
        told = {"from": leaving, "to": worker_id, "fault": fault, "reason": reason}
        audit.record(
            "reassign", "customer_order", order.id, told, about=("order", order.id), actor=actor
        )
        return order


def _leaving(
    session: Session,
    order: Order,
    instead_of: int | None,
    visit_id: int | None,
    starts_at: datetime | None,
) -> tuple[int | None, list[Visit]]:
    """Who is replaced, and in which visits: the one named, else the lead; nobody where nobody has
    accepted.
    """
    coming = _to_come(session, order)
    if visit_id is not None or starts_at is not None:
        coming = [visit for visit in coming if visit_id in (None, visit.id)][:1]
    if not coming:
        raise not_reassignable(order)
    leaving = instead_of or crew.lead_on(coming[0].id)
    hers = [visit for visit in coming if leaving in crew.on_visits([visit])]
    if instead_of is not None and not hers:
        raise RuleViolation(_l("This worker is not in the crew"), code="not_in_crew")
    return leaving, hers or crew.lacking(order)


def _to_come(session: Session, order: Order) -> list[Visit]:
    visits = sa.select(Visit).where(Visit.order_id == order.id, Visit.status.in_(crew.TO_COME))
    return list(session.scalars(visits.order_by(Visit.planned_start, Visit.id)))


def _check_reassignable(order: Order, visits: Sequence[Visit], starts_at: datetime | None) -> None:
    several = order.visit_count > 1 and order.status in SEVERAL
    if order.status not in REASSIGNABLE and not several:
        raise not_reassignable(order)
    begun = clock.now() >= order.promised_from and visits[0].planned_start == order.planned_start
    if begun and (starts_at is None or starts_at <= clock.now()):
        raise RuleViolation(
            _l("The promised time has begun: agree on a new one with the customer"),
            code="window_begun", field="starts_at",
        )  # fmt: skip


def not_reassignable(order: Order) -> RuleViolation:
    return RuleViolation(
        _l("Nobody else can be sent to this order now"), code="not_reassignable",
        status=order.status,
    )  # fmt: skip


def _back_on_the_way(visits: Sequence[Visit]) -> None:
    """Whoever had set out turns round."""
    for visit in visits:
        if visit.status == VisitStatus.EN_ROUTE:
            move(visit, VisitStatus.PLANNED)


def _keep_time(
    order: Order,
    visits: Sequence[Visit],
    starts_at: datetime | None,
    leaving: int | None,
    worker_id: int | None,
) -> bool:
    """Let the claims be another's: `worker_id`'s, or anybody's who is free, at the old time or a
    new one. Returns whether somebody's time is claimed.
    """
    before = [visit.planned_start for visit in visits]
    if starts_at is not None:
        new_times.write(order, visits[0], starts_at)
    wanted = workforce.wanted_by(order, visits)
    staying = [one for one in crew.on_visits(visits) if one != leaving]
    prefer = [*staying, *([worker_id] if worker_id else [])]
    try:
        chosen = new_times.lock_crew(
            order, wanted, prefer=prefer, but_not=[leaving] if leaving else [],
            also=[*prefer, *([leaving] if leaving else [])],
        )  # fmt: skip
    except Conflict:
        if worker_id is not None:
            crew.check_able(order, worker_id, wanted)
        if worker_id is not None or starts_at is not None:
            raise
        claims.release(order.owner, leaving, visit_starts=before)
        events.record(order, "capacity_lost", actor=SYSTEM, worker_id=leaving)
        return False
    if worker_id is not None and worker_id not in chosen:
        crew.check_able(order, worker_id, wanted)
    claims.release(order.owner, visit_starts=before)
    for one in chosen:
        claims.claim(one, wanted, "visit")
    return True


def _go_on(
    order: Order,
    visits: Sequence[Visit],
    worker_id: int | None,
    kept: bool,
    reason: str,
    fault: str,
    actor: Actor,
) -> None:
    """Accepted again with who was named, or looking for whoever takes it."""
    if worker_id is not None:
        crew.take_place(order, worker_id, offer_id=None)
        notifications.notify("worker", worker_id, "order.given", order_id=order.id)
    if crew.is_complete(order):
        order.unassigned_reason = ""
        searching.end(order)
    following.go_on(
        order, "reassigned", actor=actor, reason=reason, worker_id=worker_id, fault=fault,
        kept=kept, **following.which(order, visits),
    )  # fmt: skip
