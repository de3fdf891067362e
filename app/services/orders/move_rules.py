"""Who may move which visit, how late and how often; and who answers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.errors import Conflict, RuleViolation
from app.domain.states import MoveStatus, OrderStatus, VisitStatus
from app.models import MoveRequest, Order, Visit
from app.services import clock
from app.services.dispatch import crew
from app.services.orders import open_moves
from app.services.roster import claims
from app.services.system import parameters

Side = Literal["customer", "worker", "staff"]
MOVABLE = (OrderStatus.PENDING_DISPATCH, OrderStatus.OFFERED, OrderStatus.ACCEPTED)


@dataclass(frozen=True, slots=True)
class For:
    """Whose order it must be; nobody's in particular for staff, who may see it."""

    customer_id: int | None = None
    worker_id: int | None = None


ANYBODY = For()


def can_be_moved(order: Order, side: Side) -> bool:
    """Whether it makes sense to offer it; `propose` decides."""
    planned = [row for row in order.visits if row.status == VisitStatus.PLANNED]
    visit = min(planned, key=lambda row: row.planned_start) if planned else None
    late = side != "staff" and visit is not None and cutoff_of(visit) < clock.now()
    waits = order.supplement_fen or order.customer_chooses
    return visit is not None and _movable(order) and not late and not waits


def check(session: Session, order: Order, visit: Visit, side: Side) -> None:
    check_status(order, visit)
    if order.supplement_fen:
        raise RuleViolation(_l("A change of this order waits for its payment"), code="edit_open")
    if open_moves.of_order(session, order.id) is not None:
        raise Conflict(_l("Another new time waits for its answer"), code="move_open")
    # The office may move later: it speaks with both.
    if side != "staff" and cutoff_of(visit) < clock.now():
        raise RuleViolation(
            _l("It is too late to move this visit"), code="move_too_late",
            until=cutoff_of(visit),
        )  # fmt: skip
    agreed = sa.select(sa.func.count(MoveRequest.id)).filter_by(
        order_id=order.id, status=MoveStatus.AGREED.value
    )
    most = parameters.get("move.most")
    if (session.scalar(agreed) or 0) >= most:
        raise RuleViolation(
            _l("This order was moved as often as it can be"), code="moves_used_up", most=most
        )


def check_status(order: Order, visit: Visit) -> None:
    """Raise RuleViolation unless the visit can still be moved."""
    if not _movable(order) or order.customer_chooses or visit.status != VisitStatus.PLANNED:
        raise not_movable(order)


def _movable(order: Order) -> bool:
    """While one visit of several is served, a later one can be."""
    later = order.visit_count > 1 and order.status in (OrderStatus.EN_ROUTE, OrderStatus.IN_SERVICE)
    return later or order.status in MOVABLE


def not_movable(order: Order) -> RuleViolation:
    return RuleViolation(
        _l("This order cannot be moved now"), code="not_movable", status=order.status
    )


def cutoff_of(visit: Visit) -> datetime:
    return visit.planned_start - timedelta(hours=parameters.get("move.cutoff_hours"))


def answer_by(*starts: datetime) -> datetime:
    """The time to think, at most until the earlier of both visits begins."""
    hours = parameters.get("move.answer_hours")
    return min(clock.now() + timedelta(hours=hours), *starts)


def check_answerer(order: Order, row: MoveRequest, whose: For) -> None:
    """The customer; or of the crew who would come, its lead where she is one of them."""
    asked = row.status == MoveStatus.AWAIT_OTHER_SIDE
    if whose.worker_id is not None:
        coming = claims.claimed_workers(order.owner, visit_starts=[row.new_start])
        lead = crew.lead_on(row.visit_id) if row.visit_id else order.lead_worker_id
        speaks = lead if lead in coming else whose.worker_id
        asked = asked and row.asked_by == "customer" and whose.worker_id == speaks
    if whose.customer_id is not None:
        asked = asked and row.asked_by != "customer"
    if not asked:
        raise RuleViolation(_l("The other side answers this"), code="not_yours_to_answer")


def side_of(whose: For) -> Side:
    if whose.customer_id is not None:
        return "customer"
    return "worker" if whose.worker_id is not None else "staff"
