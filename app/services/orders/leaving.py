"""Somebody who had accepted does not come after all: she withdraws, or is replaced."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import Conflict, InvalidInput, RuleViolation
from app.domain.reasons import REJECT_REASONS
from app.domain.states import OfferStatus, OrderStatus, VisitStatus, move
from app.extensions import db
from app.models import Incident, Order, Visit
from app.services import audit, clock
from app.services.dispatch import crew, dispatching
from app.services.money import adjustments
from app.services.orders import events, following, new_times, open_moves, searching
from app.services.roster import claims, workforce
from app.services.system import notifications, parameters
from app.services.transactions import locked, retrying, transaction
from app.services.visits import checking

FAULTS = ("worker", "customer", "company")
# Her own visit is still to come, whatever others of the order, or others of its crew, do.
WITHDRAWABLE = (
    OrderStatus.PENDING_DISPATCH, OrderStatus.OFFERED, OrderStatus.ACCEPTED, OrderStatus.EN_ROUTE,
    OrderStatus.IN_SERVICE,
)  # fmt: skip
REASSIGNABLE = (OrderStatus.OFFERED, OrderStatus.ACCEPTED, OrderStatus.EN_ROUTE)
WITHDREW = "worker_withdrew"
COUNTED_DAYS = 30


@retrying
def withdraw(
    visit_id: int,
    worker_id: int,
    *,
    reason_code: str,
    reason_text: str = "",
    rest: bool = False,
    actor: Actor,
) -> Order:
    """A worker gives an accepted visit back, before the cut-off; the order looks for another.

    `rest`: and all of the order's visits after it.

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
        visits = _from(order, place.visit) if rest else [place.visit]
        _leave(session, order, worker_id, visits, reason=reason_code, actor=actor)
        following.go_on(
            order, "worker_withdrew", actor=actor, reason=reason_text or reason_code,
            worker_id=worker_id, fault="worker", **_told(order, visits),
        )  # fmt: skip
        notifications.notify(
            "customer", order.customer_id, "order.looking_again", order_id=order.id
        )
        notifications.notify_staff("order.worker_left", order_id=order.id)
        told = {"worker": worker_id, "visits": [visit.sequence for visit in visits]}
        audit.record("withdraw", "customer_order", order.id, told, actor=actor)
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
        audit.record("reassign", "customer_order", order.id, told, actor=actor)
        return order


def _check_withdrawal(order: Order, visit: Visit) -> None:
    if order.status not in WITHDRAWABLE or visit.status != VisitStatus.PLANNED:
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
    session: Session,
    order: Order,
    worker_id: int,
    visits: Sequence[Visit],
    *,
    reason: str,
    actor: Actor,
) -> None:
    """She comes to these no more; somebody else is claimed where somebody is free."""
    open_moves.give_up(session, order, reason="withdrawn", visits=visits, actor=actor)
    crew.end_place(order, worker_id, reason=reason, fault="worker", visits=visits)
    dispatching.move_claim_away(order, worker_id)


def _from(order: Order, first: Visit) -> list[Visit]:
    """This visit and those after it that have not begun."""
    visits = sa.select(Visit).where(
        Visit.order_id == order.id, Visit.planned_start >= first.planned_start,
        Visit.status == VisitStatus.PLANNED.value,
    )  # fmt: skip
    return list(db.session.scalars(visits.order_by(Visit.planned_start)))


def _told(order: Order, visits: Sequence[Visit]) -> dict[str, Any]:
    """Which visits it is about, where there are several."""
    several = order.visit_count > 1
    return {"visits": [visit.sequence for visit in visits]} if several else {}


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
    several = order.visit_count > 1 and order.status in WITHDRAWABLE
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
        kept=kept, **_told(order, visits),
    )  # fmt: skip
