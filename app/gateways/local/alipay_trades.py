"""Alipay's trades: precreate, the three ways that a customer brings, query, close, pay."""

import re
import secrets

from app.gateways.local.alipay_door import (
    AlipayError,
    Content,
    answers,
    fen_of,
    opens,
    read_time,
    text_of,
    wire_time,
    yuan_of,
)
from app.gateways.local.context import ApiError, Gateway, gateway
from app.gateways.local.store import Row

_NUMBER = re.compile(r"[0-9A-Za-z_]{1,64}")
_NOT_THERE = ("ACQ.TRADE_NOT_EXIST", "交易不存在")


@answers("alipay.trade.precreate", "payment")
def precreate(content: Content, parameters: dict[str, str]) -> Content:
    """As at Alipay, nobody can query or close the trade before the code was scanned."""
    trade = _created(content, parameters, "qr")
    return {"out_trade_no": trade["out_trade_no"], "qr_code": trade["qr_code"]}


@opens("alipay.trade.page.pay")
@opens("alipay.trade.wap.pay")
@opens("alipay.trade.app.pay")
def opened(content: Content, parameters: dict[str, str]) -> Content:
    trade = _created(content, parameters, parameters["method"].split(".")[2])
    _scan(gateway(), trade["out_trade_no"])
    return trade


@answers("alipay.trade.query", "payment")
def query(content: Content, parameters: dict[str, str]) -> Content:
    trade = existing(content)
    told = {
        "out_trade_no": trade["out_trade_no"],
        "trade_no": trade["trade_no"],
        "trade_status": trade["state"],
        "total_amount": yuan_of(trade["amount_fen"]),
        "buyer_logon_id": "159****5620",
    }
    if trade["paid_at"] is not None:
        told["send_pay_date"] = wire_time(trade["paid_at"])
    return told


@answers("alipay.trade.close", "payment")
def close(content: Content, parameters: dict[str, str]) -> Content:
    local = gateway()
    with local.store.transaction():
        trade = existing(content)
        if trade["state"] != "WAIT_BUYER_PAY":
            raise AlipayError("ACQ.REASON_TRADE_STATUS_INVALID", "交易状态异常")
        _set_state(local, trade["out_trade_no"], "TRADE_CLOSED")
    return {"out_trade_no": trade["out_trade_no"], "trade_no": trade["trade_no"]}


def pay(local: Gateway, out_trade_no: str) -> Row:
    """The customer scans and pays. Raises ApiError when there is nothing (left) to pay."""
    with local.store.transaction():
        trade = find(local, out_trade_no)
        if trade is None:
            raise ApiError(404, "ORDER_NOT_EXIST", "订单不存在")
        if trade["state"] != "WAIT_BUYER_PAY":
            raise ApiError(409, "ORDER_NOT_OPEN", trade["state"])
        local.store.run(
            "UPDATE alipay_trades SET state = 'TRADE_SUCCESS', scanned = 1, paid_at = ?"
            " WHERE out_trade_no = ?",
            *(local.now(), out_trade_no),
        )
        trade |= {"state": "TRADE_SUCCESS", "paid_at": local.now()}
        news = told_of(local, trade)
        local.notifier.queue("payment", "trade", trade["notify_url"], news, "alipay")
    local.notifier.wake()
    return trade


def told_of(local: Gateway, trade: Row) -> Row:
    """The trade in the words of Alipay's notices; when it is sent is added then."""
    return {
        "notify_type": "trade_status_sync",
        "charset": "utf-8",
        "version": "1.0",
        "app_id": local.alipay.app_id,
        "auth_app_id": local.alipay.app_id,
        "seller_id": local.alipay.seller_id,
        "trade_no": trade["trade_no"],
        "out_trade_no": trade["out_trade_no"],
        "trade_status": trade["state"],
        "total_amount": yuan_of(trade["amount_fen"]),
        "receipt_amount": yuan_of(trade["amount_fen"]),
        "subject": trade["subject"],
        "body": "",
        "gmt_create": wire_time(trade["created_at"]),
        "gmt_payment": wire_time(trade["paid_at"]),
    }


def find(local: Gateway, out_trade_no: str) -> Row | None:
    """The trade as it is now: an unpaid one closes by itself when its time is over."""
    trade = local.store.one("SELECT * FROM alipay_trades WHERE out_trade_no = ?", out_trade_no)
    over = trade and trade["expires_at"] is not None and trade["expires_at"] <= local.now()
    if trade and over and trade["state"] == "WAIT_BUYER_PAY":
        _set_state(local, out_trade_no, "TRADE_CLOSED")
        trade["state"] = "TRADE_CLOSED"
    return trade


def existing(content: Content) -> Row:
    """What a merchant may ask about: not a code that nobody has scanned."""
    trade = find(gateway(), text_of(content, "out_trade_no", 64))
    if trade is None or not trade["scanned"]:
        raise AlipayError(*_NOT_THERE)
    return trade


def _created(content: Content, parameters: dict[str, str], way: str) -> Row:
    wanted = _wanted(content, parameters, way)
    local = gateway()
    with local.store.transaction():
        known = find(local, wanted["out_trade_no"])
        if known is None:
            number = wire_time(local.now())[:10].replace("-", "")
            trade = {
                **wanted,
                "trade_no": f"{number}22001{secrets.randbelow(10**15):015d}",
                "qr_code": f"https://qr.alipay.com/bax{secrets.token_hex(10)}",
                "state": "WAIT_BUYER_PAY",
                "scanned": 0,
                "created_at": local.now(),
            }
            local.store.insert("alipay_trades", **trade)
            return trade | {"paid_at": None}
        _check_repeated(known, wanted)
        return known


def _wanted(content: Content, parameters: dict[str, str], way: str) -> Row:
    number = text_of(content, "out_trade_no", 64)
    notify_url = parameters.get("notify_url", "")
    if not _NUMBER.fullmatch(number) or not notify_url.startswith(("http://", "https://")):
        raise AlipayError("ACQ.INVALID_PARAMETER", "参数无效: out_trade_no, notify_url")
    if way != "qr" and not content.get("product_code"):
        raise AlipayError("ACQ.INVALID_PARAMETER", "参数无效: product_code")
    return {
        "out_trade_no": number,
        "way": way,
        "subject": text_of(content, "subject", 256),
        "amount_fen": fen_of(content, "total_amount"),
        "notify_url": notify_url,
        "expires_at": _expiry(content.get("time_expire")),
    }


def _expiry(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        expires_at = read_time(text)
    except (TypeError, ValueError):
        raise AlipayError("ACQ.INVALID_PARAMETER", "参数无效: time_expire") from None
    if expires_at <= gateway().now():
        raise AlipayError("ACQ.INVALID_PARAMETER", "time_expire时间已过")
    return expires_at


def _check_repeated(known: Row, wanted: Row) -> None:
    if known["state"] in ("TRADE_SUCCESS", "TRADE_FINISHED"):
        raise AlipayError("ACQ.TRADE_HAS_SUCCESS", "交易已被支付")
    if known["state"] == "TRADE_CLOSED":
        raise AlipayError("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")
    if any(known[name] != wanted[name] for name in ("amount_fen", "subject")):
        raise AlipayError("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改")


def _scan(local: Gateway, out_trade_no: str) -> None:
    local.store.run("UPDATE alipay_trades SET scanned = 1 WHERE out_trade_no = ?", out_trade_no)


def _set_state(local: Gateway, out_trade_no: str, state: str) -> None:
    local.store.run(
        "UPDATE alipay_trades SET state = ? WHERE out_trade_no = ?", state, out_trade_no
    )
