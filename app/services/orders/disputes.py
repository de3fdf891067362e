"""While a customer disputes an order nothing is confirmed by itself, and nothing settled."""

from datetime import timedelta

from app.domain.actors import Actor
from app.domain.states import OrderStatus
from app.models import Order
from app.services import audit, clock
from app.services.orders import events
from app.services.system import timers

DISPUTABLE = (OrderStatus.PENDING_CONFIRM, OrderStatus.COMPLETED)


def hold(order: Order, *, reason: str, actor: Actor) -> None:
    """The clock stands still. The order's row is locked."""
    timers.cancel_timer("order.confirm", order.id)
    order.disputed_at = clock.now()
    events.record(order, "disputed", actor=actor, reason=reason[:200])
    audit.record(
        "dispute",
        "customer_order",
        order.id,
        {"reason": reason[:200]},
        about=("order", order.id),
        actor=actor,
    )


def release(order: Order, *, actor: Actor) -> None:
    """It is solved: the clock begins anew. The order's row is locked."""
    if order.disputed_at is None:
        return
    order.disputed_at = None
    events.record(order, "dispute.ended", actor=actor)
    audit.record("dispute_end", "customer_order", order.id, {}, actor=actor)
    if order.status == OrderStatus.PENDING_CONFIRM:
        hours = order.rules["visit.confirm_hours"]
        timers.set_timer("order.confirm", order.id, clock.now() + timedelta(hours=hours))
