"""What happens to an order when nobody does anything."""

from app.domain.actors import SYSTEM
from app.domain.states import OrderStatus
from app.models import Order, Outbox
from app.services import clock
from app.services.money import payments
from app.services.orders import events
from app.services.roster import claims
from app.services.system import outbox, timers
from app.services.transactions import locked, retrying, transaction


@timers.handles("order.pay_timeout")
def pay_timeout(order_id: int) -> None:
    """Ask the channel first, outside this transaction: the customer may just have paid."""
    outbox.put("order.close_unpaid", order_id)


@outbox.delivers("order.close_unpaid")
def _close_unpaid(message: Outbox) -> None:
    assert message.subject_id is not None  # noqa: S101  # pay_timeout writes it
    payments.close_open_attempts(message.subject_id)
    close_unpaid_order(message.subject_id)


@retrying
def close_unpaid_order(order_id: int) -> None:
    """Close an order whose time to pay is over and free its claim; a paid one is left alone."""
    with transaction(SYSTEM) as session:
        order = locked(session, Order, order_id)
        if order.status != OrderStatus.PENDING_PAYMENT or order.pay_by_at is None:
            return
        if order.pay_by_at > clock.now():
            timers.set_timer("order.pay_timeout", order.id, order.pay_by_at)
            return
        claims.release(order.owner)
        events.change_status(order, OrderStatus.CLOSED, "pay_timeout", actor=SYSTEM)
