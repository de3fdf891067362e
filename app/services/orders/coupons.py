"""Coupons in quotes and orders: checked when quoted, taken with the order, given back with its end.

An order holds exactly the coupons of the quotes that it may become; the database refuses a coupon
in two orders at once.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain import coupons
from app.domain.errors import NotFound, RuleViolation
from app.domain.states import CouponStatus, OrderStatus, move
from app.extensions import db
from app.models import Coupon, CouponTemplate, Order, Quote, Redemption
from app.services import clock
from app.services.transactions import locked

# An order that can still be changed keeps its coupon for the changed one.
CHANGEABLE = (
    OrderStatus.PENDING_PAYMENT.value, OrderStatus.PENDING_DISPATCH.value,
    OrderStatus.OFFERED.value,
)  # fmt: skip


def find(customer_id: int, code: str) -> Coupon:
    """The customer's coupon, if it can be used now. Raises NotFound, RuleViolation."""
    mine = sa.select(Coupon).filter_by(customer_id=customer_id)
    coupon = db.session.scalar(mine.where(sa.func.upper(Coupon.code) == code.strip().upper()))
    if coupon is None:
        raise NotFound(_l("You have no such coupon"), field="coupon")
    if coupon.expires_at <= clock.now() or coupon.status == CouponStatus.EXPIRED:
        raise _refused(_l("This coupon is no longer valid"), "coupon_expired")
    if coupon.template.valid_from > clock.now():
        raise _refused(_l("This coupon is not valid yet"), "coupon_not_yet")
    if coupon.status == CouponStatus.USED and not _may_change(coupon):
        raise _refused(_l("This coupon was used already"), "coupon_used")
    if coupon.status == CouponStatus.WITHDRAWN:
        raise _refused(_l("This coupon was withdrawn"), "coupon_withdrawn")
    return coupon


def terms_of(coupon: Coupon) -> dict[str, Any]:
    """What it takes off, as plain values to keep in a quote."""
    template = coupon.template
    return {
        "code": coupon.code,
        "name": template.name,
        "name_en": template.name_en,
        "amount_fen": template.amount_fen,
        "rate_bp": template.rate_bp,
        "from_fen": template.from_fen,
        "most_fen": template.most_fen,
        "service_codes": list(template.service_codes),
    }


def check_takes_off(content: Mapping[str, Any]) -> None:
    """Raise RuleViolation for a quote whose coupon takes nothing off, and say why."""
    terms = content.get("coupon")
    if not terms or coupons.taken_off(content):
        return
    if content["total_fen"] < terms["from_fen"]:
        raise RuleViolation(
            _l("This coupon is for larger orders"), code="coupon_minimum", field="coupon",
            from_fen=terms["from_fen"],
        )  # fmt: skip
    raise _refused(_l("This coupon is for other services"), "coupon_other_services")


def take(session: Session, order: Order) -> None:
    """The new order holds the coupon of its quote. Raises RuleViolation (coupon_used)."""
    for code, amount in _wanted([order.quote]).items():
        _take(session, order, code, amount)


def keep(session: Session, order: Order, *kept: Quote | None) -> None:
    """From now on the order holds the coupons of these quotes and no others.

    Raises RuleViolation (coupon_used) when one went into another order meanwhile.
    """
    wanted = _wanted(kept)
    for row in _held(session, order):
        amount = wanted.pop(row.coupon.code, 0)
        if amount:
            row.amount_fen = amount
        else:
            _give_back(session, row)
    session.flush()
    for code, amount in sorted(wanted.items()):
        _take(session, order, code, amount)


def can_keep(session: Session, order: Order) -> bool:
    """Whether an order that gave its coupon back could have it again. The order's row is locked."""
    query = sa.select(Coupon).where(Coupon.code.in_(_wanted([order.quote])))
    fresh = query.with_for_update().execution_options(populate_existing=True)
    return all(coupon.status == CouponStatus.GIVEN for coupon in session.scalars(fresh))


def _wanted(kept: Sequence[Quote | None]) -> dict[str, int]:
    """Of each coupon what it takes off; by the last of the quotes that has it."""
    contents = [quote.content for quote in kept if quote is not None]
    return {
        content["coupon"]["code"]: off
        for content in contents
        if content.get("coupon") and (off := coupons.taken_off(content))
    }


def _held(session: Session, order: Order) -> Sequence[Redemption]:
    query = sa.select(Redemption).filter_by(order_id=order.id, returned_at=None)
    return session.scalars(query.order_by(Redemption.id)).all()


def _take(session: Session, order: Order, code: str, amount_fen: int) -> None:
    found = session.scalar(sa.select(Coupon.id).filter_by(code=code, customer_id=order.customer_id))
    coupon = locked(session, Coupon, found)
    if coupon.status != CouponStatus.GIVEN:
        raise _refused(_l("This coupon was used already"), "coupon_used")
    move(coupon, CouponStatus.USED)
    session.add(Redemption(coupon_id=coupon.id, order_id=order.id, amount_fen=amount_fen))
    _count(session, coupon, 1)


def _give_back(session: Session, row: Redemption) -> None:
    coupon = locked(session, Coupon, row.coupon_id)
    row.returned_at = clock.now()
    move(coupon, CouponStatus.GIVEN)
    _count(session, coupon, -1)


def _count(session: Session, coupon: Coupon, change: int) -> None:
    locked(session, CouponTemplate, coupon.template_id).used_count += change


def _may_change(coupon: Coupon) -> bool:
    query = (
        sa.select(Order.id)
        .join(Redemption, Redemption.order_id == Order.id)
        .where(
            Redemption.coupon_id == coupon.id,
            Redemption.returned_at.is_(None),
            Order.status.in_(CHANGEABLE),
        )
    )
    return db.session.scalar(query.limit(1)) is not None


def _refused(text: Any, code: str) -> RuleViolation:
    return RuleViolation(text, code=code, field="coupon")
