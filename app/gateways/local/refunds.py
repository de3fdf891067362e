"""Refunds: taken at once, back with the customer a moment later, as in real life."""

import re
import secrets
from typing import Any

from app.gateways.local.context import (
    ApiError,
    Gateway,
    fen_field,
    gateway,
    text_field,
    url_field,
    wire_time,
)
from app.gateways.local.merchant_api import api, body
from app.gateways.local.payments import find as find_order
from app.gateways.local.store import Row

_NUMBER = re.compile(r"[0-9A-Za-z_\-|*@]{1,64}")


@api.post("/refund/domestic/refunds")
def create_refund() -> Row:
    data, local = body(), gateway()
    number = text_field(data, "out_refund_no", 64)
    if not _NUMBER.fullmatch(number):
        raise ApiError(400, "PARAM_ERROR", "参数错误: out_refund_no")
    with local.store.transaction():
        order = _paid_order(local, text_field(data, "out_trade_no", 32))
        refund_fen = _checked_amount(data.get("amount"), order)
        known = _find(local, number)
        if known is None:
            known = _new_refund(local, order, number, refund_fen, data)
        elif (known["out_trade_no"], known["refund_fen"]) != (order["out_trade_no"], refund_fen):
            raise ApiError(400, "INVALID_REQUEST", "商户退款单号重复,参数与首次不一致")
    return _told(local, known)


@api.get("/refund/domestic/refunds/<out_refund_no>")
def query_refund(out_refund_no: str) -> Row:
    refund = _find(gateway(), out_refund_no)
    if refund is None:
        raise ApiError(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
    return _told(gateway(), refund)


def settle_refunds(local: Gateway) -> None:
    """The money arrives: every refund that is under way succeeds, with a notice."""
    with local.store.transaction():
        for refund in local.store.all("SELECT * FROM refunds WHERE status = 'PROCESSING'"):
            arrived = {"status": "SUCCESS", "success_at": local.now()}
            local.store.run(
                "UPDATE refunds SET status = ?, success_at = ? WHERE out_refund_no = ?",
                *(*arrived.values(), refund["out_refund_no"]),
            )
            refund.update(arrived)
            news = _news(local, refund)
            local.notifier.queue("refund", "REFUND.SUCCESS", refund["notify_url"], news)


def _paid_order(local: Gateway, out_trade_no: str) -> Row:
    order = find_order(local, out_trade_no)
    if order is None:
        raise ApiError(404, "RESOURCE_NOT_EXISTS", "订单不存在")
    if order["state"] not in ("SUCCESS", "REFUND"):
        raise ApiError(400, "INVALID_REQUEST", "订单未支付")
    return order


def _checked_amount(amount: Any, order: Row) -> int:
    refund_fen, total_fen = fen_field(amount, "refund"), fen_field(amount, "total")
    if total_fen != order["amount_fen"] or amount.get("currency") != "CNY":
        raise ApiError(400, "PARAM_ERROR", "订单金额或币种不一致")
    return refund_fen


def _new_refund(
    local: Gateway, order: Row, number: str, refund_fen: int, data: dict[str, Any]
) -> Row:
    given = local.store.one(
        "SELECT COALESCE(SUM(refund_fen), 0) AS fen FROM refunds WHERE out_trade_no = ?",
        order["out_trade_no"],
    )
    if given and given["fen"] + refund_fen > order["amount_fen"]:
        raise ApiError(400, "INVALID_REQUEST", "退款金额超过可退金额")
    refund = {
        "out_refund_no": number,
        "out_trade_no": order["out_trade_no"],
        "refund_id": "50" + str(secrets.randbelow(10**27)).zfill(27),
        "refund_fen": refund_fen,
        "status": "PROCESSING",
        "notify_url": url_field(data, "notify_url") if data.get("notify_url") else None,
        "created_at": local.now(),
        "success_at": None,
    }
    local.store.insert("refunds", **refund)
    local.store.run(
        "UPDATE orders SET state = 'REFUND' WHERE out_trade_no = ?", order["out_trade_no"]
    )
    return refund


def _find(local: Gateway, out_refund_no: str) -> Row | None:
    return local.store.one("SELECT * FROM refunds WHERE out_refund_no = ?", out_refund_no)


def _told(local: Gateway, refund: Row) -> Row:
    told = _common(local, refund)
    told |= {
        "status": refund["status"],
        "channel": "ORIGINAL",
        "create_time": wire_time(refund["created_at"]),
        "funds_account": "AVAILABLE",
    }
    told["amount"]["currency"] = "CNY"
    return told


def _news(local: Gateway, refund: Row) -> Row:
    merchant = {"mchid": local.keys.merchant_id, "refund_status": refund["status"]}
    return _common(local, refund) | merchant


def _common(local: Gateway, refund: Row) -> Row:
    order = find_order(local, refund["out_trade_no"])
    if order is None:
        raise LookupError(refund["out_trade_no"])
    amount = {"total": order["amount_fen"], "refund": refund["refund_fen"]}
    told: Row = {
        "out_refund_no": refund["out_refund_no"],
        "refund_id": refund["refund_id"],
        "out_trade_no": refund["out_trade_no"],
        "transaction_id": order["transaction_id"],
        "user_received_account": "支付用户零钱",
        "amount": amount | {"payer_total": amount["total"], "payer_refund": amount["refund"]},
    }
    if refund["success_at"] is not None:
        told["success_time"] = wire_time(refund["success_at"])
    return told
