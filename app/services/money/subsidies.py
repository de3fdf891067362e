"""What the company bears of an order's price by the customer's coupon.

Workers earn on the price before the coupon. What lowers the price lowers the coupon's part in
proportion, so that half an order costs the company half the coupon, and none costs it nothing.
"""

from sqlalchemy.orm import Session

from app.domain import coupons
from app.domain.money import split
from app.models import Order, Quote
from app.services.money import sums


def of_quote(quote: Quote, price_fen: int) -> int:
    """The coupon's part when only `price_fen` of the quoted total is left, in fen."""
    off = coupons.taken_off(quote.content)
    return _kept(off, min(price_fen, quote.total_fen), quote.total_fen)


def lower(session: Session, order: Order, amount_fen: int) -> int:
    """The order's price falls by so much: the coupon bears its part of that no more.

    Returns how much less it bears. Call it before the price falls; the order's row is locked.
    """
    if not order.subsidy_fen:
        return 0
    price = order.due_fen + sums.compensated_of(session, order.id)
    kept = _kept(order.subsidy_fen, price - amount_fen, price)
    less = order.subsidy_fen - kept
    order.subsidy_fen = kept
    return less


def _kept(off_fen: int, left_fen: int, price_fen: int) -> int:
    """A price of nothing is borne by the coupon alone."""
    return split(off_fen, [left_fen, price_fen - left_fen])[0] if price_fen else off_fen
