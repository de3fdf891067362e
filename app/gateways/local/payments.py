"""Payments: create (JSAPI, native, H5), query, close, and the customer's hand that pays."""

import re
import secrets
from datetime import datetime
from typing import Any

from flask import request

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
from app.gateways.local.store import Row

_NUMBER = re.compile(r"[0-9A-Za-z_\-|*]{6,32}")
_DESCRIPTIONS = {
    "NOTPAY": "订单未支付",
    "SUCCESS": "支付成功",
    "REFUND": "转入退款",
    "CLOSED": "订单已关闭",
}
# What must be the same when a merchant creates the same number again.
_IDENTITY = ("trade_type", "description", "amount_fen", "notify_url", "openid")


@api.post("/pay/transactions/jsapi")
def create_jsapi() -> dict[str, str]:
    data = body()
    payer = data.get("payer")
    openid = text_field(payer if isinstance(payer, dict) else {}, "openid", 128)
    return {"prepay_id": _created(data, "JSAPI", openid)["prepay_id"]}


@api.post("/pay/transactions/native")
def create_native() -> dict[str, str]:
    order = _created(body(), "NATIVE", None)
    return {"code_url": f"weixin://wxpay/bizpayurl?pr={order['prepay_id'][-10:]}"}


@api.post("/pay/transactions/h5")
def create_h5() -> dict[str, str]:
    data = body()
    scene = data.get("scene_info")
    text_field(scene if isinstance(scene, dict) else {}, "payer_client_ip", 45)
    order = _created(data, "MWEB", None)
    return {"h5_url": f"{request.host_url}_local/#{order['out_trade_no']}"}


@api.get("/pay/transactions/out-trade-no/<out_trade_no>")
def query(out_trade_no: str) -> Row:
    if request.args.get("mchid") != gateway().keys.merchant_id:
        raise ApiError(400, "PARAM_ERROR", "商户号与签名不一致")
    return transaction(gateway(), _existing(out_trade_no))


@api.post("/pay/transactions/out-trade-no/<out_trade_no>/close")
def close(out_trade_no: str) -> tuple[str, int]:
    body()
    with gateway().store.transaction():
        order = _existing(out_trade_no)
        if order["state"] in ("SUCCESS", "REFUND"):
            raise ApiError(400, "ORDERPAID", "该订单已支付")
        _set_state(gateway(), out_trade_no, "CLOSED")
    return "", 204


def pay(local: Gateway, out_trade_no: str) -> Row:
    """The customer pays. Raises ApiError when there is nothing (left) to pay."""
    with local.store.transaction():
        order = find(local, out_trade_no)
        if order is None:
            raise ApiError(404, "ORDER_NOT_EXIST", "订单不存在")
        if order["state"] != "NOTPAY":
            raise ApiError(409, "ORDER_NOT_OPEN", _DESCRIPTIONS[order["state"]])
        paid = {
            "state": "SUCCESS",
            "transaction_id": "42000" + str(secrets.randbelow(10**23)).zfill(23),
            "paid_at": local.now(),
        }
        local.store.run(
            "UPDATE orders SET state = ?, transaction_id = ?, paid_at = ? WHERE out_trade_no = ?",
            *(*paid.values(), out_trade_no),
        )
        order.update(paid)
        news = transaction(local, order)
        local.notifier.queue("payment", "TRANSACTION.SUCCESS", order["notify_url"], news)
    local.notifier.wake()
    return order


def find(local: Gateway, out_trade_no: str) -> Row | None:
    """The order as it is now: an unpaid one closes by itself when its time is over."""
    order = local.store.one("SELECT * FROM orders WHERE out_trade_no = ?", out_trade_no)
    over = order and order["expires_at"] is not None and order["expires_at"] <= local.now()
    if order and over and order["state"] == "NOTPAY":
        _set_state(local, out_trade_no, "CLOSED")
        order["state"] = "CLOSED"
    return order


def transaction(local: Gateway, order: Row) -> Row:
    """The order in the words of WeChat Pay's query and notice."""
    told: Row = {
        "appid": local.keys.app_id,
        "mchid": local.keys.merchant_id,
        "out_trade_no": order["out_trade_no"],
        "trade_state": order["state"],
        "trade_state_desc": _DESCRIPTIONS[order["state"]],
        "amount": {"total": order["amount_fen"], "currency": "CNY"},
    }
    if order["paid_at"] is None:
        return told
    told["amount"] |= {"payer_total": order["amount_fen"], "payer_currency": "CNY"}
    return told | {
        "transaction_id": order["transaction_id"],
        "trade_type": order["trade_type"],
        "bank_type": "OTHERS",
        "success_time": wire_time(order["paid_at"]),
        "payer": {"openid": order["openid"] or "o-local-payer"},
    }


def _created(data: dict[str, Any], trade_type: str, openid: str | None) -> Row:
    wanted = _wanted(data, trade_type, openid)
    local = gateway()
    with local.store.transaction():
        known = find(local, wanted["out_trade_no"])
        if known is None:
            prepay_id = "wx" + secrets.token_hex(17)
            order = {**wanted, "prepay_id": prepay_id, "state": "NOTPAY", "created_at": local.now()}
            local.store.insert("orders", **order)
            return order
        _check_repeated(known, wanted)
        return known


def _wanted(data: dict[str, Any], trade_type: str, openid: str | None) -> Row:
    number = text_field(data, "out_trade_no", 32)
    amount = data.get("amount")
    if not _NUMBER.fullmatch(number) or not {"appid", "mchid"} <= data.keys():
        raise ApiError(400, "PARAM_ERROR", "参数错误: out_trade_no, appid, mchid")
    if not isinstance(amount, dict) or amount.get("currency", "CNY") != "CNY":
        raise ApiError(400, "PARAM_ERROR", "参数错误: amount")
    return {
        "out_trade_no": number,
        "trade_type": trade_type,
        "description": text_field(data, "description", 127),
        "amount_fen": fen_field(amount, "total"),
        "notify_url": url_field(data, "notify_url"),
        "openid": openid,
        "expires_at": _expiry(data.get("time_expire")),
    }


def _expiry(text: Any) -> int | None:
    if text is None:
        return None
    try:
        expires_at = int(datetime.fromisoformat(text).timestamp())
    except (TypeError, ValueError):
        raise ApiError(400, "PARAM_ERROR", "参数错误: time_expire") from None
    if expires_at <= gateway().now():
        raise ApiError(400, "PARAM_ERROR", "time_expire时间已过")
    return expires_at


def _check_repeated(known: Row, wanted: Row) -> None:
    if known["state"] in ("SUCCESS", "REFUND"):
        raise ApiError(400, "ORDERPAID", "该订单已支付")
    if known["state"] == "CLOSED":
        raise ApiError(400, "ORDER_CLOSED", "该订单已关闭")
    if any(known[name] != wanted[name] for name in _IDENTITY):
        raise ApiError(400, "INVALID_REQUEST", "商户订单号重复,参数与首次不一致")


def _existing(out_trade_no: str) -> Row:
    order = find(gateway(), out_trade_no)
    if order is None:
        raise ApiError(404, "ORDER_NOT_EXIST", "订单不存在")
    return order


def _set_state(local: Gateway, out_trade_no: str, state: str) -> None:
    local.store.run("UPDATE orders SET state = ? WHERE out_trade_no = ?", state, out_trade_no)
