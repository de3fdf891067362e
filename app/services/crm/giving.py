"""Giving a coupon to a customer, who may then use its code in one order."""

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import NotFound, RuleViolation
from app.models import Coupon, CouponTemplate, CustomerAccount
from app.services import clock
from app.services.numbers import new_number
from app.services.transactions import locked, retrying, transaction


@retrying
def give(template_id: int, customer_id: int, *, actor: Actor) -> Coupon:
    """A new coupon of this kind, valid as long as the kind is.

    Raises NotFound, RuleViolation: coupon_kind_over, coupons_gone, coupons_enough.
    """
    with transaction(actor) as session:
        template = locked(session, CouponTemplate, template_id)
        if session.get(CustomerAccount, customer_id) is None:
            raise NotFound(_l("This customer does not exist"), field="customer")
        _check(session, template, customer_id)
        coupon = Coupon(
            code=new_number("K"),
            template_id=template.id,
            customer_id=customer_id,
            expires_at=template.valid_to,
        )
        session.add(coupon)
        template.given_count += 1
        session.flush()
        return coupon


def _check(session: Session, template: CouponTemplate, customer_id: int) -> None:
    if not template.active or template.valid_to <= clock.now():
        raise RuleViolation(
            _l("Coupons of this kind are not given out any more"), code="coupon_kind_over"
        )
    if template.given_count >= template.given_most:
        raise RuleViolation(_l("All coupons of this kind were given out"), code="coupons_gone")
    has = sa.select(sa.func.count(Coupon.id)).filter_by(
        template_id=template.id, customer_id=customer_id
    )
    if (session.scalar(has) or 0) >= template.per_customer:
        raise RuleViolation(
            _l("This customer has as many of them as one may have"),
            code="coupons_enough",
            field="customer",
        )
