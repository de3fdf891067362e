"""Being paid: attempts are started, answered by notices and queries, and closed."""

from app.services.money.payments.applying import apply_payment
from app.services.money.payments.notices import receive_notice
from app.services.money.payments.querying import (
    close_open_attempts,
    query_open_payments,
    query_payment,
)
from app.services.money.payments.starting import start_payment

__all__ = [
    "apply_payment",
    "close_open_attempts",
    "query_open_payments",
    "query_payment",
    "receive_notice",
    "start_payment",
]
