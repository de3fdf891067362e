"""What happens to an order when nobody does anything."""

from app.models import Outbox
from app.services.money import payments
from app.services.orders import editing, paying
from app.services.system import outbox, timers


@timers.handles("order.pay_timeout")
def pay_timeout(order_id: int) -> None:
    """Ask the channel first, outside this transaction: the customer may just have paid."""
    outbox.put("order.close_unpaid", order_id)


@outbox.delivers("order.close_edit")
def _close_edit(message: Outbox) -> None:
    assert message.subject_id is not None  # noqa: S101  # the timer's handler writes it
    payments.close_open_attempts(message.subject_id)
    editing.drop_unpaid(message.subject_id)


@outbox.delivers("order.close_unpaid")
def _close_unpaid(message: Outbox) -> None:
    assert message.subject_id is not None  # noqa: S101  # pay_timeout writes it
    payments.close_open_attempts(message.subject_id)
    paying.close_unpaid_order(message.subject_id)
