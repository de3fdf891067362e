"""From Alipay's words to ours. Field names as in its reference of trade.query, trade.refund,
trade.fastpay.refund.query, fund.trans.uni.transfer and the notices of payments.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from app.gateways.alipay_settings import BEIJING
from app.gateways.payment import (
    PaymentState,
    PaymentStateName,
    RefundState,
    TransferState,
    TransferStateName,
)

_PAYMENT_STATES: dict[str, PaymentStateName] = {
    "WAIT_BUYER_PAY": "not_paid",
    "TRADE_SUCCESS": "succeeded",
    "TRADE_FINISHED": "succeeded",
    "TRADE_CLOSED": "closed",
}
_TRANSFER_STATES: dict[str, TransferStateName] = {
    "SUCCESS": "succeeded",
    "WAIT_PAY": "transferring",
    "DEALING": "transferring",
    "INIT": "transferring",
    "CLOSED": "failed",
    "FAIL": "failed",
    "REFUND": "failed",
}


def fen(yuan: str | None) -> int | None:
    """Raises ValueError for what is no amount of money."""
    if not yuan:
        return None
    try:
        amount = Decimal(yuan) * 100
    except InvalidOperation as exc:
        raise ValueError(yuan) from exc
    if not amount.is_finite() or amount != int(amount):
        raise ValueError(yuan)
    return int(amount)


def yuan(amount_fen: int) -> str:
    return f"{Decimal(amount_fen) / 100:.2f}"


def payment_state(data: Mapping[str, Any]) -> PaymentState:
    """An answer tells send_pay_date, a notice gmt_payment, app_id and seller_id."""
    paid_at = data.get("send_pay_date") or data.get("gmt_payment")
    state = _PAYMENT_STATES.get(data["trade_status"], "unknown")
    # A payment that was given back whole is closed, too.
    if state == "closed" and paid_at:
        state = "succeeded"
    return PaymentState(
        out_trade_no=data["out_trade_no"],
        state=state,
        amount_fen=fen(data.get("total_amount")),
        transaction_id=data.get("trade_no") or None,
        paid_at=_instant(paid_at),
        app_id=data.get("app_id"),
        merchant_id=data.get("seller_id"),
    )


def refund_notice(data: Mapping[str, Any]) -> RefundState | None:
    """Alipay tells of a refund where it told of the payment. Its refund_fee is the sum so far."""
    if not (data.get("out_biz_no") and data.get("gmt_refund")):
        return None
    return RefundState(
        out_refund_no=data["out_biz_no"],
        state="succeeded",
        out_trade_no=data["out_trade_no"],
        total_fen=fen(data.get("total_amount")),
        # With three digits of a second, unlike any other time.
        refunded_at=_instant(data["gmt_refund"][:19]),
    )


def refund_state(data: Mapping[str, Any], out_refund_no: str) -> RefundState:
    """Of a query, which says nothing of a refund that failed or never arrived."""
    if data.get("refund_status") != "REFUND_SUCCESS":
        return RefundState(out_refund_no, "not_found")
    return RefundState(
        out_refund_no=data["out_request_no"],
        state="succeeded",
        out_trade_no=data["out_trade_no"],
        refund_fen=fen(data.get("refund_amount")),
        total_fen=fen(data.get("total_amount")),
        refund_id=data.get("trade_no"),
        refunded_at=_instant(data.get("gmt_refund_pay")),
    )


def transfer_state(data: Mapping[str, Any]) -> TransferState:
    return TransferState(
        out_bill_no=data["out_biz_no"],
        state=_TRANSFER_STATES.get(data["status"], "unknown"),
        amount_fen=fen(data.get("trans_amount")),
        transfer_id=data.get("order_id"),
        fail_reason=data.get("error_code") or data.get("fail_reason") or None,
        updated_at=_instant(data.get("pay_date") or data.get("trans_date")),
    )


def _instant(text: str | None) -> datetime | None:
    """Alipay's times are Beijing's and name no zone."""
    if not text:
        return None
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING).astimezone(UTC)
