"""A customer does not agree with what was done: a complaint that holds the order's money."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import Conflict, NotFound, RuleViolation
from app.domain.states import OrderStatus
from app.models import Complaint, Order
from app.services import clock
from app.services.orders import disputes
from app.services.quality import complaints
from app.services.transactions import locked, retrying, transaction


@retrying
def dispute(
    customer_id: int, order_id: int, *, category: str = "quality", text: str, actor: Actor
) -> Complaint:
    """Open a complaint; until it is resolved nothing is confirmed by itself or settled.

    Raises NotFound, RuleViolation (not_disputable, dispute_too_late), Conflict (disputed).
    """
    with transaction(actor) as session:
        order = locked(session, Order, order_id)
        if order.customer_id != customer_id:
            raise NotFound(_l("This order does not exist"), order_id=order_id)
        _check(order)
        disputes.hold(order, reason=text, actor=actor)
        return complaints.create(
            customer_id, category=category, severity="normal", text=text, source="customer",
            order_id=order.id, actor=actor,
        )  # fmt: skip


def can_be_disputed(order: Order) -> bool:
    try:
        _check(order)
    except (RuleViolation, Conflict):
        return False
    return True


def _check(order: Order) -> None:
    if order.status not in disputes.DISPUTABLE:
        raise RuleViolation(
            _l("There is nothing to dispute yet"), code="not_disputable", status=order.status
        )
    if order.disputed_at is not None:
        raise Conflict(_l("We are looking into it already"), code="disputed")
    if order.status == OrderStatus.COMPLETED and order.completed_at is not None:
        days = order.rules["review.within_days"]
        if clock.now() > order.completed_at + timedelta(days=days):
            raise RuleViolation(_l("It is too late to dispute this"), code="dispute_too_late")
