"""Somebody who had accepted does not come after all: she withdraws, or is replaced."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import Conflict, InvalidInput, RuleViolation
from app.domain.reasons import REJECT_REASONS
from app.domain.states import OfferStatus, OrderStatus, VisitStatus, move
from app.models import Incident, Order, Visit
from app.services import audit, clock
from app.services.dispatch import crew, dispatching
from app.services.money import adjustments
from app.services.orders import events, lateness, new_times, open_moves, searching
from app.services.roster import claims
from app.services.system import notifications, parameters
from app.services.transactions import locked, retrying, transaction
from app.services.visits import checking

FAULTS = ("worker", "customer", "company")
REASSIGNABLE = (OrderStatus.OFFERED, OrderStatus.ACCEPTED, OrderStatus.EN_ROUTE)
WITHDREW = "worker_withdrew"
COUNTED_DAYS = 30


@retrying
def withdraw(
    visit_id: int, worker_id: int, *, reason_code: str, reason_text: str = "", actor: Actor
) -> Order:
    """A worker gives an accepted visit back, before the cut-off; the order looks for another.

    From the one on that is too many in thirty days she pays what the parameters say. Raises
    NotFound, InvalidInput, RuleViolation (not_accepted, withdraw_too_late).
    """
    if reason_code not in REJECT_REASONS:
        raise InvalidInput(
            _l("Choose a reason"), code="reason_unknown", allowed=list(REJECT_REASONS)
        )
    with transaction(actor) as session:
        place = checking.place_of(session, visit_id, worker_id)
        order = place.order
        _check_withdrawal(order, place.visit)
        _fine(session, order, worker_id, reason_code, actor)
        _leave(session, order, worker_id, reason=reason_code, fault="worker", actor=actor)
        _look_again(
            order, "worker_withdrew", actor, worker_id=worker_id, reason=reason_text or reason_code
        )
        audit.record("withdraw", "customer_order", order.id, {"worker": worker_id}, actor=actor)
        return order


@retrying
def reassign(
    order_id: int,
    *,
    reason: str,
    fault: str,
    worker_id: int | None = None,
    instead_of: int | None = None,
    starts_at: datetime | None = None,
    actor: Actor,
) -> Order:
    """A dispatcher sends somebody else: `worker_id`, or whoever accepts the next offer.

    Once the promised window has begun, the customer must have agreed to `starts_at`. Raises
    RuleViolation (not_reassignable, window_begun, rules_broken), Conflict.
    """
    if not reason.strip():
        raise RuleViolation(_l("Say why"), code="reason_required", field="reason")
    if fault not in FAULTS:
        raise InvalidInput(_l("Say whose fault it is"), code="fault_unknown", field="fault")
    with transaction(actor) as session:
        order = locked(session, Order, order_id)
        leaving = _leaving(order, instead_of)
        before = OrderStatus(order.status)
        _check_reassignable(order, starts_at)
        _back_on_the_way(session, order)
        dispatching.end_offers(order, OfferStatus.WITHDRAWN)
        open_moves.give_up(session, order, reason="reassigned", actor=actor)
        kept = _keep_time(order, starts_at, leaving, worker_id)
        if leaving is not None:
            crew.end_place(order, leaving, reason=reason, fault=fault)
            notifications.notify("worker", leaving, "order.reassigned", order_id=order.id)
        _go_on(order, before, worker_id, kept, reason, fault, actor)
        notifications.notify("customer", order.customer_id, "order.reassigned", order_id=order.id)
        told = {"from": leaving, "to": worker_id, "fault": fault, "reason": reason}
        audit.record("reassign", "customer_order", order.id, told, actor=actor)
        return order


def _check_withdrawal(order: Order, visit: Visit) -> None:
    if order.status != OrderStatus.ACCEPTED or visit.status != VisitStatus.PLANNED:
        raise RuleViolation(
            _l("This visit cannot be given back now"), code="not_accepted", status=order.status
        )
    hours = parameters.get("move.withdraw_cutoff_hours")
    until = visit.planned_start - timedelta(hours=hours)
    if clock.now() > until:
        raise RuleViolation(
            _l("It is too late to give this visit back. Please call us"),
            code="withdraw_too_late",
            until=until.isoformat(),
        )


def _fine(session: Session, order: Order, worker_id: int, reason: str, actor: Actor) -> None:
    """Each withdrawal is noted; beyond those that are free it costs."""
    since = clock.now() - timedelta(days=COUNTED_DAYS)
    earlier = sa.select(sa.func.count(Incident.id)).where(
        Incident.worker_id == worker_id, Incident.kind == WITHDREW, Incident.created_at >= since
    )
    count = (session.scalar(earlier) or 0) + 1
    session.add(
        Incident(
            kind=WITHDREW, severity="low", branch_id=order.branch_id, order_id=order.id,
            worker_id=worker_id, text=reason, details={"in_thirty_days": count},
        )
    )  # fmt: skip
    fine = parameters.get("move.withdraw_penalty_fen")
    if count > parameters.get("move.withdraw_free") and fine:
        adjustments.book_by_rule(
            session, order, worker_id, "penalty", -fine, reason="withdrew too often", actor=actor
        )


def _leave(
    session: Session, order: Order, worker_id: int, *, reason: str, fault: str, actor: Actor
) -> None:
    """She comes no more; somebody else is claimed where somebody is free."""
    open_moves.give_up(session, order, reason="withdrawn", actor=actor)
    crew.end_place(order, worker_id, reason=reason, fault=fault)
    dispatching.move_claim_away(order, worker_id)


def _look_again(
    order: Order, kind: str, actor: Actor, *, worker_id: int, reason: str, fault: str = "worker"
) -> None:
    order.dispatch_round, order.lead_worker_id = 0, crew.lead_of(order.id)
    events.change_status(
        order, OrderStatus.PENDING_DISPATCH, kind, actor=actor, reason=reason,
        worker_id=worker_id, fault=fault,
    )  # fmt: skip
    searching.begin(order)
    notifications.notify("customer", order.customer_id, "order.looking_again", order_id=order.id)
    notifications.notify_staff("order.worker_left", order_id=order.id)


def _leaving(order: Order, instead_of: int | None) -> int | None:
    """Who is replaced: the one named, else the lead; nobody where nobody has accepted."""
    placed = crew.places_taken(order.id)
    if instead_of is not None and instead_of not in placed:
        raise RuleViolation(_l("This worker is not in the crew"), code="not_in_crew")
    return instead_of or crew.lead_of(order.id)


def _check_reassignable(order: Order, starts_at: datetime | None) -> None:
    if order.status not in REASSIGNABLE:
        raise RuleViolation(
            _l("Nobody else can be sent to this order now"), code="not_reassignable",
            status=order.status,
        )  # fmt: skip
    if clock.now() >= order.promised_from and (starts_at is None or starts_at <= clock.now()):
        raise RuleViolation(
            _l("The promised time has begun: agree on a new one with the customer"),
            code="window_begun", field="starts_at",
        )  # fmt: skip


def _back_on_the_way(session: Session, order: Order) -> None:
    """Whoever had set out turns round."""
    for visit in session.scalars(
        sa.select(Visit).filter_by(order_id=order.id, status=VisitStatus.EN_ROUTE.value)
    ).all():
        move(visit, VisitStatus.PLANNED)


def _keep_time(
    order: Order, starts_at: datetime | None, leaving: int | None, worker_id: int | None
) -> bool:
    """Let the claim be another's: `worker_id`'s, or anybody's who is free, at the old time or a
    new one. Returns whether somebody's time is claimed.
    """
    visit = new_times.next_visit(order)
    if starts_at is not None:
        new_times.write(order, visit, starts_at)
    wanted = new_times.wanted_at(order, visit, visit.planned_start)
    staying = [one for one in crew.places_taken(order.id) if one != leaving]
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
        claims.release(order.owner, leaving)
        events.record(order, "capacity_lost", actor=Actor("system"), worker_id=leaving)
        return False
    if worker_id is not None and worker_id not in chosen:
        crew.check_able(order, worker_id, wanted)
    claims.release(order.owner)
    for one in chosen:
        claims.claim(one, wanted, "visit")
    return True


def _go_on(
    order: Order,
    before: OrderStatus,
    worker_id: int | None,
    kept: bool,
    reason: str,
    fault: str,
    actor: Actor,
) -> None:
    """Accepted again with who was named, or looking for whoever takes it."""
    order.dispatch_round, order.unassigned_reason = 0, ""
    if worker_id is not None:
        crew.take_place(order, worker_id, offer_id=None)
    order.lead_worker_id = crew.lead_of(order.id)
    told: dict[str, Any] = {"worker_id": worker_id, "fault": fault, "kept": kept}
    after = OrderStatus.ACCEPTED if crew.is_complete(order) else OrderStatus.PENDING_DISPATCH
    if after == before:
        events.record(order, "reassigned", actor=actor, reason=reason, **told)
    else:
        events.change_status(order, after, "reassigned", actor=actor, reason=reason, **told)
    if after == OrderStatus.ACCEPTED:
        searching.end(order)
        lateness.watch(order)
        notifications.notify("worker", worker_id or 0, "order.given", order_id=order.id)
    else:
        searching.begin(order)
