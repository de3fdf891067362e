"""The end of an order: the customer, or the clock, says that it was done."""

from flask_babel import lazy_gettext as _l

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import NotFound
from app.domain.states import OrderStatus
from app.extensions import db
from app.models import Order
from app.services import clock
from app.services.money import accruals
from app.services.orders import add_ons, events, reminding
from app.services.system import timers
from app.services.transactions import locked, retrying, transaction


@retrying
def confirm_order(customer_id: int, order_id: int, *, actor: Actor) -> Order:
    """The customer agrees: revenue is recognised, the workers' shares are accrued."""
    with transaction(actor) as session:
        order = locked(session, Order, order_id)
        if order.customer_id != customer_id:
            raise NotFound(_l("This order does not exist"), order_id=order_id)
        complete(order, "confirmed", actor)
        return order


@timers.handles("order.confirm")
def confirm_by_itself(order_id: int) -> None:
    """Nobody objected in time. Runs in the transaction that fires the timer."""
    order = locked(db.session(), Order, order_id)
    if order.status == OrderStatus.PENDING_CONFIRM and order.disputed_at is None:
        complete(order, "confirmed_by_clock", SYSTEM)


def complete(order: Order, kind: str, actor: Actor) -> None:
    """It is done and agreed: what it earned is booked. The order's row is locked."""
    events.change_status(order, OrderStatus.COMPLETED, kind, actor=actor)
    order.completed_at = clock.now()
    add_ons.expire(db.session(), order, actor=actor)
    timers.cancel_timer("order.confirm", order.id)
    accruals.recognise(db.session(), order, actor=actor)
    reminding.begin(order)
