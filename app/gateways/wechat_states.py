"""From WeChat Pay's JSON to our words. Field names as in its API v3 reference."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from app.gateways.payment import (
    NoticeKind,
    PaymentState,
    PaymentStateName,
    RefundState,
    RefundStateName,
    TransferState,
    TransferStateName,
)

# REFUND means paid, and given back (in part) later.
_PAYMENT_STATES: dict[str, PaymentStateName] = {
    "NOTPAY": "not_paid",
    "USERPAYING": "not_paid",
    "SUCCESS": "succeeded",
    "REFUND": "succeeded",
    "CLOSED": "closed",
    "REVOKED": "closed",
    "PAYERROR": "failed",
}
_REFUND_STATES: dict[str, RefundStateName] = {
    "PROCESSING": "processing",
    "SUCCESS": "succeeded",
    "CLOSED": "closed",
    "ABNORMAL": "abnormal",
}
# TRANSFERING is WeChat Pay's own spelling.
_TRANSFER_STATES: dict[str, TransferStateName] = {
    "ACCEPTED": "accepted",
    "PROCESSING": "accepted",
    "WAIT_USER_CONFIRM": "waiting_for_payee",
    "TRANSFERING": "transferring",
    "SUCCESS": "succeeded",
    "FAIL": "failed",
    "CANCELING": "cancelling",
    "CANCELLED": "cancelled",
}


def payment_state(data: dict[str, Any]) -> PaymentState:
    amount = data.get("amount") or {}
    return PaymentState(
        out_trade_no=data["out_trade_no"],
        state=_PAYMENT_STATES.get(data["trade_state"], "unknown"),
        amount_fen=amount.get("total"),
        transaction_id=data.get("transaction_id"),
        paid_at=_instant(data.get("success_time")),
        app_id=data.get("appid"),
        merchant_id=data.get("mchid"),
    )


def refund_state(data: dict[str, Any]) -> RefundState:
    """An answer calls the state `status`, a notice `refund_status`."""
    amount = data.get("amount") or {}
    word = data.get("refund_status") or data.get("status") or ""
    return RefundState(
        out_refund_no=data["out_refund_no"],
        state=_REFUND_STATES.get(word, "unknown"),
        out_trade_no=data.get("out_trade_no"),
        refund_fen=amount.get("refund"),
        total_fen=amount.get("total"),
        refund_id=data.get("refund_id"),
        refunded_at=_instant(data.get("success_time")),
    )


def transfer_state(data: dict[str, Any]) -> TransferState:
    """A query calls the merchant `mch_id`; the first answer does not repeat the amount."""
    return TransferState(
        out_bill_no=data["out_bill_no"],
        state=_TRANSFER_STATES.get(data["state"], "unknown"),
        amount_fen=data.get("transfer_amount"),
        transfer_id=data.get("transfer_bill_no"),
        openid=data.get("openid"),
        fail_reason=data.get("fail_reason") or None,
        updated_at=_instant(data.get("update_time") or data.get("create_time")),
        package_info=data.get("package_info"),
        app_id=data.get("appid"),
        merchant_id=data.get("mch_id"),
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


# The first word of a notice's event_type: what it tells, and how it is read.
Translate = Callable[[dict[str, Any]], PaymentState | RefundState | TransferState]
NOTICES: dict[str, tuple[NoticeKind, Translate]] = {
    "TRANSACTION": ("payment", payment_state),
    "REFUND": ("refund", refund_state),
    "MCHTRANSFER": ("transfer", transfer_state),
}
