"""The chart of accounts, declared once, and what a journal must be.

Amounts are integer fen; a debit is positive, a credit negative. An account's balance is told in
its own direction: what is usual is positive.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from app.domain.errors import N_, RuleViolation

PREPAYMENTS = "customer_prepayments"
REFUNDS_DUE = "refunds_due"
RECEIVABLES = "customer_receivables"
WORKER_FROZEN = "worker_frozen"
WORKER_AVAILABLE = "worker_available"
IN_TRANSIT = "withdrawals_in_transit"
COMMISSION = "commission_income"
WORKER_NEGATIVE = "worker_negative"
WORKER_CASH = "worker_cash"
CANCELLATION_FEES = "cancellation_fees"
COMPENSATION = "compensation"
COUPONS = "coupons"
WORKER_REWARDS = "worker_rewards"
PARTNER_PAYABLE = "partner_payable"
BANK = "bank"
CLEARING: Mapping[str, str] = {
    channel: f"clearing_{channel}" for channel in ("wechat", "alipay", "card", "bank", "cash")
}


@dataclass(frozen=True, slots=True)
class Account:
    """`minimum_fen`: the database lets no balance fall below it; None: any balance is possible.

    `name`: what people read; it is translated where a page or a document is made.
    `owner_kind`: each worker (partner) has an account of his own; empty: the company has one.
    `by_hand`: a manual journal may book here; the others move with orders, payments,
    statements and withdrawals only, so that each of their fen has such a source.
    """

    code: str
    name: str
    normal: Literal["debit", "credit"]
    minimum_fen: int | None = None
    owner_kind: Literal["", "worker", "partner"] = ""
    by_hand: bool = False


_DECLARED = (
    # What channels hold for us. Payouts may come before receipts, so there is no minimum.
    Account(CLEARING["wechat"], N_("WeChat Pay clearing"), "debit", by_hand=True),
    Account(CLEARING["alipay"], N_("Alipay clearing"), "debit", by_hand=True),
    Account(CLEARING["card"], N_("Bank card clearing"), "debit", by_hand=True),
    Account(CLEARING["bank"], N_("Bank transfers clearing"), "debit", by_hand=True),
    Account(CLEARING["cash"], N_("Cash clearing"), "debit", by_hand=True),
    Account(BANK, N_("Bank deposits"), "debit", by_hand=True),
    Account(WORKER_CASH, N_("Cash held by workers"), "debit", 0, "worker", by_hand=True),
    Account(RECEIVABLES, N_("Customers' receivables"), "debit", 0),
    Account(WORKER_NEGATIVE, N_("Owed by workers"), "debit", 0, "worker"),
    Account(PREPAYMENTS, N_("Customers' prepayments"), "credit", 0),
    Account(REFUNDS_DUE, N_("Refunds due"), "credit", 0),
    Account(WORKER_FROZEN, N_("Workers' payable, frozen"), "credit", 0, "worker"),
    Account(WORKER_AVAILABLE, N_("Workers' payable, available"), "credit", 0, "worker"),
    Account(IN_TRANSIT, N_("Withdrawals in transit"), "credit", 0, "worker"),
    Account(PARTNER_PAYABLE, N_("Partners' payable"), "credit", 0, "partner", by_hand=True),
    Account("tax_withheld", N_("Tax withheld"), "credit", 0, by_hand=True),
    Account(COMMISSION, N_("Commission income"), "credit", by_hand=True),
    Account(CANCELLATION_FEES, N_("Cancellation fees"), "credit", by_hand=True),
    Account("channel_fees", N_("Channel fees"), "debit", by_hand=True),
    Account(COUPONS, N_("Coupons and subsidies"), "debit", by_hand=True),
    Account(COMPENSATION, N_("Compensation"), "debit", by_hand=True),
    # What workers are given beside their shares, less what penalties take.
    Account(WORKER_REWARDS, N_("Workers' rewards and penalties"), "debit", by_hand=True),
    # What bills show too much or too little, until somebody explains it.
    Account("suspense", N_("Reconciliation suspense"), "credit", by_hand=True),
)
CHART: Mapping[str, Account] = {account.code: account for account in _DECLARED}


@dataclass(frozen=True, slots=True)
class Line:
    """One side of a journal. Without an order of its own it belongs to the journal's order."""

    code: str
    amount_fen: int
    owner_kind: str = ""
    owner_id: int = 0
    order_id: int | None = None


def checked(lines: Iterable[Line]) -> list[Line]:
    """Return the lines that move something. Raises RuleViolation unless they are a journal."""
    moving = [_checked_line(line) for line in lines if line.amount_fen != 0]
    if not moving or sum(line.amount_fen for line in moving) != 0:
        raise RuleViolation(
            N_("Debits and credits of a journal must be equal"),
            code="journal_unbalanced",
            difference_fen=sum(line.amount_fen for line in moving),
        )
    return moving


def payload_hash(
    kind: str, source_kind: str, source_id: int, order_id: int | None, lines: Iterable[Line]
) -> str:
    """A fingerprint of what a journal says; the order of its lines and its day do not matter."""
    parts = sorted(
        [line.code, line.owner_kind, line.owner_id, line.order_id or order_id or 0, line.amount_fen]
        for line in lines
    )
    text = json.dumps([kind, source_kind, source_id, order_id, parts], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _checked_line(line: Line) -> Line:
    if type(line.amount_fen) is not int:
        raise TypeError(f"{line.code}: {line.amount_fen!r} is not an integer number of fen")
    account = CHART.get(line.code)
    if account is None:
        raise RuleViolation(
            N_("There is no such account"), code="account_unknown", account=line.code
        )
    if account.owner_kind != line.owner_kind or bool(line.owner_kind) != (line.owner_id > 0):
        raise RuleViolation(
            N_("This account belongs to somebody else"), code="account_owner", account=line.code
        )
    return line
