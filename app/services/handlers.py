"""Importing this module registers every timer, outbox and approval handler of the product."""

from app.services.dispatch import answering, dispatching
from app.services.identity import otp
from app.services.money import payments, refunds, settlement, withdrawals
from app.services.orders import confirming, holds, paying, timeouts
from app.services.system import approvals

MODULES = (
    answering, approvals, confirming, dispatching, holds, otp, paying, payments, refunds,
    settlement, timeouts, withdrawals,
)  # fmt: skip
