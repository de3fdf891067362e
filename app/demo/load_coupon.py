"""The coupons of the demo: a kind that the company gives out, and the orders that use one."""

from datetime import datetime

import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.errors import RuleViolation
from app.extensions import db
from app.models import CouponTemplate, Quote
from app.services import clock
from app.services.crm import giving
from app.services.orders import quotes
from app.services.orders.quotes import ItemWish
from app.services.transactions import transaction

CODE, NAME, NAME_EN = "DEMO20", "满百减二十", "20 off 100"
OFF_FEN, FROM_FEN = 2000, 10_000


def load_kind(valid_to: datetime, actor: Actor) -> None:
    """One a customer, from now on."""
    with transaction(actor) as session:
        session.add(
            CouponTemplate(
                code=CODE, name=NAME, name_en=NAME_EN, amount_fen=OFF_FEN, from_fen=FROM_FEN,
                valid_from=clock.now(), valid_to=valid_to,
            )
        )  # fmt: skip


def kind() -> CouponTemplate:
    return db.session.scalars(sa.select(CouponTemplate).filter_by(code=CODE)).one()


def quote_with(
    customer_id: int, address_id: int, wishes: list[ItemWish], *, service: Actor, customer: Actor
) -> Quote | None:
    """The price with a coupon that customer service has given; None where it cannot be used."""
    try:
        coupon = giving.give(kind().id, customer_id, actor=service)
        return quotes.make_quote(
            customer_id, address_id, wishes, coupon=coupon.code, actor=customer
        )
    except RuleViolation:
        return None
