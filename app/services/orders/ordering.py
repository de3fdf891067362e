"""From a held time to an order."""

from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain import coupons as coupon_lines
from app.domain.actors import Actor
from app.domain.errors import Conflict, RuleViolation
from app.domain.states import HoldStatus, OrderStatus, move
from app.extensions import db
from app.models import (
    Address,
    Area,
    Order,
    OrderItem,
    OrderLine,
    Quote,
    SlotHold,
    Visit,
)
from app.services import audit, clock
from app.services.money import commission
from app.services.numbers import new_number
from app.services.orders import coupons, events, holds, searching
from app.services.roster import claims, workforce
from app.services.system import parameters, timers
from app.services.transactions import retrying, transaction

FROZEN_RULES = (
    "settlement.hold_days", "visit.confirm_hours", "visit.geofence_m", "visit.early_minutes",
    "visit.photos_before", "visit.photos_after", "review.within_days", "cancel.free_until_minute",
    "cancel.late_percent", "cancel.departed_percent", "no_show.wait_minutes", "no_show.fee_percent",
)  # fmt: skip


@retrying
def create_order(
    customer_id: int,
    hold_number: str,
    quote_hash: str,
    *,
    note: str = "",
    source: str = "app",
    actor: Actor,
) -> Order:
    """Order what was quoted at the time that is held; the order takes the claim over.

    Price, rules and address are copied. Raises NotFound, Conflict when the hold is over, and
    RuleViolation when the quote is not the one that the customer saw.
    """
    with transaction(actor) as session:
        hold = holds.locked_hold(customer_id, hold_number)
        _check_hold(hold, quote_hash)
        order = placed(session, hold.quote, hold.starts_at, note=note, source=source)
        move(hold, HoldStatus.TAKEN)
        timers.cancel_timer("hold.expire", hold.id)
        claims.hand_over(hold.owner, workforce.times_of(order))
        begun(order, actor=actor)
        return order


def placed(
    session: Session,
    quote: Quote,
    starts_at: datetime,
    *,
    note: str,
    source: str,
    pay_within: timedelta | None = None,
) -> Order:
    """The rows of the order that the quote describes.

    Whoever calls gives it its claim, then calls `begun`. Without `pay_within` it has the usual
    minutes to be paid in.
    """
    order = _copied(quote, starts_at, note, source, pay_within)
    session.add(order)
    session.flush()
    add_parts(order, quote)
    _add_visits(order)
    return order


def begun(order: Order, *, actor: Actor) -> None:
    """Its coupon is used, its story begins, and its clock: an unpaid order waits for its money."""
    coupons.take(db.session(), order)
    events.record(order, "created", actor=actor, to_status=order.status, total_fen=order.total_fen)
    _start_clock(order)
    told = {"number": order.number, "total_fen": order.total_fen, "source": order.source}
    audit.record("booking", "customer_order", order.id, told, actor=actor)


def _check_hold(hold: SlotHold, quote_hash: str) -> None:
    if hold.status != HoldStatus.LIVE or hold.expires_at <= clock.now():
        raise Conflict(_l("The time is no longer held. Please choose again"), code="hold_over")
    if hold.quote.hash != quote_hash:
        raise RuleViolation(
            _l("The price has changed. Please look at it again"), code="quote_changed"
        )


def _copied(
    quote: Quote, starts_at: datetime, note: str, source: str, pay_within: timedelta | None
) -> Order:
    content = quote.content
    prepaid = content["pay_mode"] == "prepaid" and quote.total_fen > 0
    status = OrderStatus.PENDING_PAYMENT if prepaid else OrderStatus.PENDING_DISPATCH
    area = db.session.get_one(Area, quote.area_id)
    rule = commission.in_force(db.session())
    pay_by = pay_within or timedelta(minutes=parameters.get("payment.pay_within_minutes"))
    return Order(
        number=new_number("D"),
        branch_id=area.branch_id,
        customer_id=quote.customer_id,
        status=status.value,
        source=source,
        note=note,
        area_id=quote.area_id,
        **content_copy(quote, starts_at),
        pay_by_at=clock.now() + pay_by if prepaid else None,
        pay_mode=content["pay_mode"],
        due_fen=quote.total_fen,
        subsidy_fen=coupon_lines.taken_off(content),
        commission_rule_id=rule.id,
        commission_bp=rule.rate_bp,
        rules={key: parameters.get(key) for key in FROZEN_RULES},
    )


def content_copy(quote: Quote, start: datetime) -> dict[str, Any]:
    """What an order is and when and where: columns by name, copied from its quote."""
    content = quote.content
    window = timedelta(minutes=parameters.get("booking.window_minutes"))
    return {
        "quote_id": quote.id,
        "summary": "、".join(item["name"] for item in content["items"])[:200],
        **_address_copy(quote.address),
        "minutes": quote.minutes,
        "buffer_before_minutes": content["buffer_before_minutes"],
        "buffer_after_minutes": content["buffer_after_minutes"],
        "crew_size": content["crew_size"],
        "visit_count": content.get("days", 1),
        "skills": content["skills"],
        "service_on": clock.city_date(start),
        "promised_from": start,
        "promised_to": start + window,
        "planned_start": start,
        "planned_end": start + timedelta(minutes=quote.minutes),
        "total_fen": quote.total_fen,
    }


def _address_copy(address: Address) -> dict[str, Any]:
    return {
        "region_code": address.region.code,
        "region_name": address.region.name,
        "address_detail": address.detail,
        "contact_name": address.contact_name,
        "contact_phone": address.contact_phone,
        "access_note": address.access_note,
        "lat": address.lat,
        "lng": address.lng,
    }


def add_parts(order: Order, quote: Quote) -> None:
    """What is done and what it costs, copied from the quote."""
    for item in quote.content["items"]:
        db.session.add(
            OrderItem(
                order_id=order.id,
                service_id=item["service_id"],
                service_code=item["code"],
                service_name=item["name"],
                quantity=item["quantity"],
                options=item["options"],
                minutes=item["minutes"],
                amount_fen=item["amount_fen"],
            )
        )
    add_lines(order, quote)


def add_lines(order: Order, quote: Quote) -> None:
    """The lines of its price, copied from the quote."""
    for position, line in enumerate(quote.content["lines"], 1):
        db.session.add(OrderLine(order_id=order.id, position=position, **line))


def _add_visits(order: Order) -> None:
    for n in range(order.visit_count):
        start = order.planned_start + timedelta(days=n)
        visit = Visit(
            order_id=order.id,
            sequence=n + 1,
            service_on=clock.city_date(start),
            planned_start=start,
            planned_end=order.planned_end + timedelta(days=n),
        )
        db.session.add(visit)


def _start_clock(order: Order) -> None:
    """An unpaid order waits for its money, any other is dispatched at once."""
    if order.status == OrderStatus.PENDING_PAYMENT and order.pay_by_at:
        timers.set_first_timer("order.pay_timeout", order.id, order.pay_by_at)
    else:
        searching.begin_first(order)
