"""Words for stored values, as finance reads them."""

from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.domain.ledger import CHART

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
}
CARRIED = _l("Carried to the next statement")
# Of those that follow from a rule; a person's are what he wrote.
ADJUSTMENT_REASON = {
    "customer_no_show": _l("Nobody was at home"),
    "withdrew too often": _l("Gave visits back too often"),
}
DIRECTION = {"debit": _l("Debit"), "credit": _l("Credit")}
ACCOUNT = {code: _l(account.name) for code, account in CHART.items()}


def label(words: Mapping[str, LazyString | Any], value: str) -> str:
    """The word for a stored value; an unknown value stands for itself."""
    return str(words.get(value, value))
