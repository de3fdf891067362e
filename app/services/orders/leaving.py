"""A worker who had accepted gives a visit back, or all of an order that remain."""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import InvalidInput, RuleViolation
from app.domain.reasons import REJECT_REASONS
from app.domain.states import OrderStatus, VisitStatus
from app.extensions import db
from app.models import Incident, Order, Visit
from app.services import audit, clock
from app.services.dispatch import crew, dispatching
from app.services.money import adjustments
from app.services.orders import following, open_moves
from app.services.system import notifications, parameters
from app.services.transactions import retrying, transaction
from app.services.visits import checking

# Her own visit is still to come, whatever others of the order, or others of its crew, do.
WITHDRAWABLE = (
    OrderStatus.PENDING_DISPATCH, OrderStatus.OFFERED, OrderStatus.ACCEPTED, OrderStatus.EN_ROUTE,
    OrderStatus.IN_SERVICE,
)  # fmt: skip
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
            worker_id=worker_id, fault="worker", **following.which(order, visits),
        )  # fmt: skip
        notifications.notify(
            "customer", order.customer_id, "order.looking_again", order_id=order.id
        )
        notifications.notify_staff("order.worker_left", order_id=order.id)
        told = {"worker": worker_id, "visits": [visit.sequence for visit in visits]}
        audit.record("withdraw", "customer_order", order.id, told, actor=actor)
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
            until=until,
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
