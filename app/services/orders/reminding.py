"""Reminding customers of what they owe for work that is done, or for a late cancellation."""

from datetime import timedelta

import sqlalchemy as sa

from app.domain.actors import SYSTEM
from app.domain.states import OrderStatus
from app.extensions import db
from app.models import Order, OrderEvent
from app.services import clock
from app.services.orders import events
from app.services.system import notifications, parameters, timers
from app.services.transactions import locked

KIND = "order.pay_reminder"
BEFORE = "order.pay_soon"
OWING = (OrderStatus.COMPLETED, OrderStatus.CANCELLED, OrderStatus.NO_SHOW)


def begin(order: Order) -> None:
    """The order has ended: what is still owed is asked for in some days. Inside transaction()."""
    if order.unpaid_fen:
        notifications.notify(
            "customer", order.customer_id, "order.owed",
            order_id=order.id, amount_fen=order.unpaid_fen,
        )  # fmt: skip
        _again(order)


@timers.handles(KIND)
def remind(order_id: int) -> None:
    """Runs in the transaction that fires the timer. After the last time, people are told."""
    order = locked(db.session(), Order, order_id)
    if not order.unpaid_fen or order.status not in OWING:
        return
    if order.disputed_at is not None:
        _again(order)  # nobody is pressed for what is just being looked into
        return
    told = {"order_id": order.id, "amount_fen": order.unpaid_fen}
    events.record(order, "pay.reminded", actor=SYSTEM, amount_fen=order.unpaid_fen)
    notifications.notify("customer", order.customer_id, "order.owed", **told)
    count = sa.select(sa.func.count(OrderEvent.id)).filter_by(
        order_id=order.id, kind="pay.reminded"
    )
    if (db.session.scalar(count) or 0) < parameters.get("payment.reminders"):
        _again(order)
    else:
        notifications.notify_staff("order.unpaid", **told)


def _again(order: Order) -> None:
    due_at = clock.now() + timedelta(days=parameters.get("payment.reminder_days"))
    timers.set_timer(KIND, order.id, due_at)


def remind_to_pay(order: Order) -> None:
    """An order that was made ahead waits for days: ask once more when half of them are over."""
    if order.status == OrderStatus.PENDING_PAYMENT and order.pay_by_at:
        timers.set_timer(BEFORE, order.id, clock.now() + (order.pay_by_at - clock.now()) / 2)


@timers.handles(BEFORE)
def remind_soon(order_id: int) -> None:
    """Runs in the transaction that fires the timer."""
    order = locked(db.session(), Order, order_id)
    if order.status != OrderStatus.PENDING_PAYMENT or not order.unpaid_fen or not order.pay_by_at:
        return
    events.record(order, "pay.due_soon", actor=SYSTEM, amount_fen=order.unpaid_fen)
    notifications.notify(
        "customer", order.customer_id, "order.pay_soon", order_id=order.id,
        amount_fen=order.unpaid_fen, pay_by=order.pay_by_at.isoformat(),
    )  # fmt: skip
