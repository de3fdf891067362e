"""Orders of the demo that their customers change, and the picture of a bank transfer."""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.demo import catalogue
from app.demo.load_orders import Cast
from app.demo.load_pictures import draw_room
from app.demo.load_scene import at
from app.domain.actors import SYSTEM, Actor
from app.domain.errors import Conflict, RuleViolation
from app.domain.states import OrderStatus
from app.extensions import db
from app.gateways.payment import PaymentState
from app.models import Address, Order, Quote
from app.services import clock
from app.services.dispatch import dispatching
from app.services.money import offline, payments
from app.services.orders import editing, holds, ordering, quotes
from app.services.orders.quotes import ItemWish, OptionWish
from app.services.roster import slots

MINUTE = timedelta(minutes=1)
MOST_TRIED = 20
# The difference of a change must be paid within 15 minutes.
GIVEN_UP_AFTER = 20 * MINUTE
Choice = Callable[[int, Order], bool]  # (price of the quote, order)


def load_changes(cast: Cast) -> None:
    """One change waits for its payment, one was given up, two were made; and a voucher."""
    unpaid = _orders(OrderStatus.PENDING_PAYMENT)
    for then in (_give_up, _pay_difference, _wait):
        _change_paid(cast, then)
    for order in unpaid[1:]:
        if _change(cast, order, _any):
            break
    for order in unpaid[:1]:
        _send_voucher(order)


def _change_paid(cast: Cast, then: Callable[[Order], None]) -> None:
    """Somebody books and pays a while ago, and asks for something dearer, as soon as that fits."""
    addresses = db.session.scalars(sa.select(Address).order_by(Address.id).limit(MOST_TRIED)).all()
    changed, unchanged = None, []
    with at(clock.now() - GIVEN_UP_AFTER if then is _give_up else clock.now()):
        for order in _paid(cast, addresses):
            if _change(cast, order, _dearer):
                changed = order
                break
            unchanged.append(order)
    for order in unchanged:
        dispatching.dispatch_order(order.id, actor=SYSTEM)
    if changed is not None:
        then(changed)


def _paid(cast: Cast, addresses: Sequence[Address]) -> Iterator[Order]:
    """New orders of the first service, each for its customer's first free time."""
    for address in addresses:
        actor = Actor("customer", address.customer_id)
        quote = _quote(cast, address, catalogue.SERVICES[0].code, actor)
        start = _first_free(quote, cast.reference.branch_id) if quote else None
        if quote is None or start is None:
            continue
        held = holds.hold_slot(address.customer_id, quote.number, start, actor=actor)
        order = ordering.create_order(address.customer_id, held.number, quote.hash, actor=actor)
        _pay(order)
        yield order


def _first_free(quote: Quote, branch_id: int) -> datetime | None:
    first = clock.today() + timedelta(days=2)
    days = slots.free_times(quote, branch_id, first, first + timedelta(days=4))
    return next((slot.starts_at for day in days for slot in day.slots), None)


def _pay(order: Order) -> None:
    actor = Actor("customer", order.customer_id)
    attempt = payments.start_payment(order.id, "wechat", actor=actor)
    payments.apply_payment(
        attempt.channel,
        PaymentState(
            attempt.out_trade_no, "succeeded", amount_fen=attempt.amount_fen,
            transaction_id=f"42{attempt.out_trade_no}", paid_at=clock.now(),
        ),
    )  # fmt: skip


def _give_up(order: Order) -> None:
    """Asked for a while ago, and the difference was never paid."""
    editing.drop_unpaid(order.id)
    dispatching.dispatch_order(order.id, actor=SYSTEM)


def _pay_difference(order: Order) -> None:
    """The order is what was asked for."""
    _pay(order)
    dispatching.dispatch_order(order.id, actor=SYSTEM)


def _wait(order: Order) -> None:
    """The old order and the new time are both kept until the difference is paid."""


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
    """One service at that address of the customer which is in the order's area."""
    addresses = sa.select(Address).filter_by(customer_id=order.customer_id)
    for address in db.session.scalars(addresses).all():
        quote = _quote(cast, address, code, actor)
        if quote is not None and quote.area_id == order.area_id:
            return quote
    return None


def _quote(cast: Cast, address: Address, code: str, actor: Actor) -> Quote | None:
    """One service with the first answer to each question; None where it is not to be had."""
    spec, reference = catalogue.SERVICES_BY_CODE[code], cast.reference
    ids = [
        reference.options[code, group.code, group.options[0].code]
        for group in spec.groups
        if group.required
    ]
    wish = ItemWish(reference.services[code], options=[OptionWish(key) for key in ids])
    try:
        return quotes.make_quote(address.customer_id, address.id, [wish], actor=actor)
    except (Conflict, RuleViolation):
        return None


def _send_voucher(order: Order) -> None:
    """The customer transfers the money, and sends a picture of the slip."""
    actor = Actor("customer", order.customer_id)
    attempt = payments.start_payment(order.id, "bank", actor=actor)
    offline.add_voucher(attempt.id, draw_room(random.Random(7), tidy=True), actor=actor)
