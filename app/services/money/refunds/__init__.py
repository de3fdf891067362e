"""Giving money to customers: asked for, decided by amount, sent until it is answered, booked twice.

The decision moves it to the refunds due; the channel's word, or a person's, moves it out.
"""

from app.services.money.refunds.asking import request_refund
from app.services.money.refunds.compensating import Spread, spread
from app.services.money.refunds.deciding import fold_compensation, refund_surplus, reject_waiting
from app.services.money.refunds.otherwise import confirm_settled, is_by_hand, settle_otherwise
from app.services.money.refunds.sending import apply_refund, refresh_open, send_again, submit

__all__ = [
    "Spread",
    "apply_refund",
    "confirm_settled",
    "fold_compensation",
    "is_by_hand",
    "refresh_open",
    "refund_surplus",
    "reject_waiting",
    "request_refund",
    "send_again",
    "settle_otherwise",
    "spread",
    "submit",
]
