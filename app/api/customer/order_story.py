"""What a customer is told of an order besides its own columns."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from app.api.words import TIMELINE
from app.domain.contact import phone_visible
from app.domain.errors import RuleViolation
from app.domain.states import OrderStatus, VisitStatus
from app.extensions import db
from app.models import Order, OrderEvent, Review, Visit, WorkerAccount
from app.services import clock
from app.services.money import payments
from app.services.orders import cancelling, editing, move_rules, paying
from app.services.quality import disputing
from app.services.visits import checking

MOST_EVENTS = 200
_TOLD = (
    sa.select(OrderEvent)
    .where(OrderEvent.order_id == sa.bindparam("order"), OrderEvent.kind.in_(list(TIMELINE)))
    .order_by(OrderEvent.id)
    .limit(MOST_EVENTS)
)
COMING = (VisitStatus.PLANNED.value, VisitStatus.EN_ROUTE.value)
AT_THE_DOOR = (OrderStatus.ACCEPTED.value, OrderStatus.EN_ROUTE.value)


def told(order: Order) -> dict[str, Any]:
    """For OrderResponse."""
    review = _review(order)
    actions = actions_of(order, review)
    return {
        "order": order,
        "visits": [_visit(order, visit) for visit in order.visits],
        "worker": _worker_card(order),
        "timeline": _timeline(order.id),
        "review": review,
        "payment_url": payments.page_url(order.number) if "pay" in actions else None,
        "actions": actions,
    }


def _review(order: Order) -> Review | None:
    if order.status != OrderStatus.COMPLETED:
        return None  # nobody reviews what is not done
    return db.session.scalar(sa.select(Review).filter_by(order_id=order.id))


def actions_of(order: Order, review: Review | None) -> list[str]:
    """What the customer can do now: the client shows exactly these buttons."""
    possible = {
        "pay": _payable(order),
        "edit": editing.can_be_edited(order),
        "move": move_rules.can_be_moved(order, "customer"),
        "cancel": order.status in cancelling.CANCELLABLE,
        "choose": order.customer_chooses,
        "stop": order.status == OrderStatus.IN_SERVICE,
        "dispute": disputing.can_be_disputed(order),
        "confirm": order.status == OrderStatus.PENDING_CONFIRM,
        "review": review is None and _reviewable(order),
    }
    return [action for action, can in possible.items() if can]


def _payable(order: Order) -> bool:
    try:
        paying.check_payable(order)
    except RuleViolation:
        return False
    return True


def _reviewable(order: Order) -> bool:
    if order.status != OrderStatus.COMPLETED or order.completed_at is None:
        return False
    days = timedelta(days=order.rules["review.within_days"])
    return clock.now() <= order.completed_at + days


def _visit(order: Order, visit: Visit) -> dict[str, Any]:
    """The code is for the door: shown as long as somebody is still to come."""
    shown = order.status in AT_THE_DOOR and visit.status in COMING
    return {"visit": visit, "code": checking.visit_code(visit.id) if shown else None}


def _worker_card(order: Order) -> dict[str, Any] | None:
    worker = order.lead_worker
    if worker is None:
        return None
    phone = None
    if phone_visible(order.status, order.completed_at, clock.now()):
        phone = db.session.scalar(sa.select(WorkerAccount.phone).filter_by(id=worker.account_id))
    return {"worker": worker, "phone": phone}


def _timeline(order_id: int) -> list[OrderEvent]:
    return list(db.session.scalars(_TOLD, {"order": order_id}))
