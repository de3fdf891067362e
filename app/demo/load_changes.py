"""Orders of the demo that their customers change, and the picture of a bank transfer."""

import random
from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa

from app.demo import catalogue
from app.demo.load_orders import Cast
from app.demo.load_pictures import draw_room
from app.demo.load_scene import at
from app.domain.actors import Actor
from app.domain.errors import Conflict, RuleViolation
from app.domain.states import OrderStatus
from app.extensions import db
from app.models import Address, Order, Quote
from app.services import clock
from app.services.money import offline, payments
from app.services.orders import editing, quotes
from app.services.orders.quotes import ItemWish, OptionWish

MINUTE = timedelta(minutes=1)
# A paid order waits for an answer; the difference of its change must be paid within 15 minutes.
WAITING = (OrderStatus.PENDING_DISPATCH, OrderStatus.OFFERED)
GIVEN_UP_AFTER = 20 * MINUTE
Choice = Callable[[int, Order], bool]  # (price of the quote, order)


def load_changes(cast: Cast) -> None:
    """One change waits for its payment, one was given up, one was made; and a voucher."""
    waiting = [order for order in _orders(*WAITING) if order.pay_mode == "prepaid"]
    unpaid = _orders(OrderStatus.PENDING_PAYMENT)
    old = [order for order in waiting if order.created_at < clock.now() - GIVEN_UP_AFTER]
    for order in old:
        if _give_up(cast, order):
            break
    for order in [order for order in waiting if order not in old]:
        if _change(cast, order, _dearer):
            break
    for order in unpaid[1:]:
        if _change(cast, order, _any):
            break
    for order in unpaid[:1]:
        _send_voucher(order)


def _give_up(cast: Cast, order: Order) -> bool:
    """Asked for a while ago, and the difference was never paid."""
    with at(clock.now() - GIVEN_UP_AFTER):
        changed = _change(cast, order, _dearer)
    if changed:
        editing.drop_unpaid(order.id)
    return changed


def _orders(*statuses: OrderStatus) -> list[Order]:
    found = sa.select(Order).where(
        Order.status.in_([status.value for status in statuses]),
        Order.planned_start > clock.now() + timedelta(days=1),
    )
    return list(db.session.scalars(found.order_by(Order.created_at, Order.id)).all())


def _dearer(total_fen: int, order: Order) -> bool:
    return total_fen > order.due_fen


def _any(_total_fen: int, _order: Order) -> bool:
    return True


def _change(cast: Cast, order: Order, wanted: Choice) -> bool:
    """The first service that fits the hour and the wish, in place of what was ordered."""
    actor = Actor("customer", order.customer_id)
    for spec in catalogue.SERVICES:
        quote = _quoted(cast, order, spec.code, actor)
        if quote is None or not wanted(quote.total_fen, order):
            continue
        try:
            editing.edit_order(order.customer_id, order.id, quote.number, quote.hash, actor=actor)
        except (Conflict, RuleViolation):
            continue
        return True
    return False


def _quoted(cast: Cast, order: Order, code: str, actor: Actor) -> Quote | None:
    """One service with the first answer to each question, at an address of the customer."""
    spec, reference = catalogue.SERVICES_BY_CODE[code], cast.reference
    ids = [
        reference.options[code, group.code, group.options[0].code]
        for group in spec.groups
        if group.required
    ]
    wish = ItemWish(reference.services[code], options=[OptionWish(key) for key in ids])
    addresses = sa.select(Address.id).filter_by(customer_id=order.customer_id)
    for address_id in db.session.scalars(addresses):
        try:
            quote = quotes.make_quote(order.customer_id, address_id, [wish], actor=actor)
        except (Conflict, RuleViolation):
            continue
        if quote.area_id == order.area_id:
            return quote
    return None


def _send_voucher(order: Order) -> None:
    """The customer transfers the money, and sends a picture of the slip."""
    actor = Actor("customer", order.customer_id)
    attempt = payments.start_payment(order.id, "bank", actor=actor)
    offline.add_voucher(attempt.id, draw_room(random.Random(7), tidy=True), actor=actor)
