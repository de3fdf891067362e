"""The coupon of the demo, and the order that is made with one: a line that lowers the price."""

from app.domain.actors import Actor
from app.domain.states import OrderStatus
from app.models import Order, OrderLine
from app.services.transactions import transaction

CODE, NAME, NAME_EN = "DEMO20", "满百减二十", "20 off 100"
OFF_FEN, FROM_FEN = 2000, 10_000


def fits(order: Order) -> bool:
    return order.status == OrderStatus.PENDING_PAYMENT and order.total_fen >= FROM_FEN


def use(order: Order, *, actor: Actor) -> None:
    """Before it is paid, so that the books know the lower price only."""
    with transaction(actor) as session:
        session.add(
            OrderLine(
                order_id=order.id, position=1 + max(line.position for line in order.lines),
                kind="coupon", label=NAME, label_en=NAME_EN, unit_fen=-OFF_FEN, amount_fen=-OFF_FEN,
            )
        )  # fmt: skip
        order.total_fen -= OFF_FEN
        order.due_fen -= OFF_FEN
        order.subsidy_fen += OFF_FEN
