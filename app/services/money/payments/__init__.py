"""Being paid: attempts are started, answered by notices and queries, and closed."""

from app.services.money.payments.applying import apply_payment
from app.services.money.payments.inside_wechat import start_for_visitor, visitor_address
from app.services.money.payments.notices import receive_notice
from app.services.money.payments.pages import page_url
from app.services.money.payments.querying import (
    close_open_attempts,
    look,
    query_open_payments,
    query_payment,
)
from app.services.money.payments.starting import Way, start_payment
from app.services.money.payments.states import OPEN

__all__ = [
    "OPEN",
    "Way",
    "apply_payment",
    "close_open_attempts",
    "look",
    "page_url",
    "query_open_payments",
    "query_payment",
    "receive_notice",
    "start_for_visitor",
    "start_payment",
    "visitor_address",
]
