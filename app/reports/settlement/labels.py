"""Words for stored values, as finance reads them."""

from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

RUN_STATUS = {
    "draft": _l("Draft"),
    "reviewed": _l("Waiting for approval"),
    "approved": _l("Approved"),
    "cancelled": _l("Cancelled"),
}
STATEMENT_STATUS = {
    "draft": _l("Draft"),
    "reviewed": _l("Waiting for approval"),
    "approved": _l("Approved"),
    "confirmed": _l("Confirmed by the worker"),
    "disputed": _l("Disputed by the worker"),
}
WORKER_KIND = {
    "employee": _l("Employee"),
    "contract": _l("Contract worker"),
    "partner": _l("Partner's worker"),
}
CHANNEL = {
    "wechat": _l("WeChat Pay"),
    "alipay": _l("Alipay"),
    "bank": _l("Bank transfer"),
    "cash": _l("Cash"),
}
ADJUSTMENT_KIND = {
    "reward": _l("Reward"),
    "penalty": _l("Penalty"),
    "compensation": _l("Compensation"),
    "carry_over": _l("Carried over"),
    "correction": _l("Correction"),
    "refund": _l("Taken back by a refund"),
    "carried": _l("Carried to the next statement"),
}
DIRECTION = {"debit": _l("Debit"), "credit": _l("Credit")}
ACCOUNT = {
    "clearing_wechat": _l("WeChat Pay clearing"),
    "clearing_alipay": _l("Alipay clearing"),
    "clearing_bank": _l("Bank transfers clearing"),
    "clearing_cash": _l("Cash clearing"),
    "bank": _l("Bank deposits"),
    "worker_cash": _l("Cash held by workers"),
    "customer_receivables": _l("Customers' receivables"),
    "worker_negative": _l("Owed by workers"),
    "customer_prepayments": _l("Customers' prepayments"),
    "refunds_due": _l("Refunds due"),
    "worker_frozen": _l("Workers' payable, frozen"),
    "worker_available": _l("Workers' payable, available"),
    "withdrawals_in_transit": _l("Withdrawals in transit"),
    "partner_payable": _l("Partners' payable"),
    "tax_withheld": _l("Tax withheld"),
    "commission_income": _l("Commission income"),
    "cancellation_fees": _l("Cancellation fees"),
    "channel_fees": _l("Channel fees"),
    "coupons": _l("Coupons and subsidies"),
    "compensation": _l("Compensation"),
    "worker_rewards": _l("Workers' rewards and penalties"),
    "suspense": _l("Reconciliation suspense"),
}


def label(words: Mapping[str, LazyString | Any], value: str) -> str:
    """The word for a stored value; an unknown value stands for itself."""
    return str(words.get(value, value))
