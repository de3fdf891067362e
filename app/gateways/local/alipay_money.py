"""Alipay's refunds, which arrive at once, and its transfers to people's accounts."""

import secrets

from app.gateways.local.alipay_door import (
    AlipayError,
    Content,
    answers,
    fen_of,
    text_of,
    wire_time,
    yuan_of,
)
from app.gateways.local.alipay_trades import existing, told_of
from app.gateways.local.context import Gateway, gateway
from app.gateways.local.store import Row

NAMED_AS = ("ALIPAY_USER_ID", "ALIPAY_LOGON_ID")
NOBODY = "nobody@example.com"  # this account does not exist
LEAST_FEN = 10


@answers("alipay.trade.refund", "refund")
def refund(content: Content, parameters: dict[str, str]) -> Content:
    local, number = gateway(), text_of(content, "out_request_no", 64)
    amount_fen = fen_of(content, "refund_amount")
    with local.store.transaction():
        trade = existing(content)
        known = _find_refund(local, trade["out_trade_no"], number)
        if known and known["amount_fen"] != amount_fen:
            raise AlipayError("ACQ.REASON_TRADE_REFUND_FEE_ERR", "退款金额与首次不一致")
        if known is None:
            _give_back(local, trade, number, amount_fen)
    given = _given(local, trade["out_trade_no"])
    return {
        "trade_no": trade["trade_no"],
        "out_trade_no": trade["out_trade_no"],
        "fund_change": "N" if known else "Y",
        "refund_fee": yuan_of(given),
        "buyer_logon_id": "159****5620",
    }


@answers("alipay.trade.fastpay.refund.query", "refund")
def query_refund(content: Content, parameters: dict[str, str]) -> Content:
    trade = existing(content)
    number = text_of(content, "out_request_no", 64)
    known = _find_refund(gateway(), trade["out_trade_no"], number)
    if known is None:
        return {}
    return {
        "trade_no": trade["trade_no"],
        "out_trade_no": trade["out_trade_no"],
        "out_request_no": number,
        "total_amount": yuan_of(trade["amount_fen"]),
        "refund_amount": yuan_of(known["amount_fen"]),
        "refund_status": "REFUND_SUCCESS",
        "gmt_refund_pay": wire_time(known["created_at"]),
    }


@answers("alipay.fund.trans.uni.transfer", "transfer")
def transfer(content: Content, parameters: dict[str, str]) -> Content:
    wanted, local = _wanted(content), gateway()
    with local.store.transaction():
        known = _find_transfer(local, wanted["out_biz_no"])
        if known is None:
            order_id = f"{wire_time(local.now())[:10].replace('-', '')}11007{_digits(17)}"
            known = {**wanted, "order_id": order_id, "status": "SUCCESS", "at": local.now()}
            local.store.insert("alipay_transfers", **known)
        elif any(known[name] != wanted[name] for name in wanted):
            raise AlipayError("REPEAT_REQUEST", "商户单号重复,参数与首次不一致")
    return _told(known)


@answers("alipay.fund.trans.common.query", "transfer")
def query_transfer(content: Content, parameters: dict[str, str]) -> Content:
    _check_product(content)
    known = _find_transfer(gateway(), text_of(content, "out_biz_no", 64))
    if known is None:
        raise AlipayError("ORDER_NOT_EXIST", "转账订单不存在")
    told = _told(known) | {"trans_amount": yuan_of(known["amount_fen"])}
    return told | {"pay_date": told.pop("trans_date")}


def _give_back(local: Gateway, trade: Row, number: str, amount_fen: int) -> None:
    if trade["state"] != "TRADE_SUCCESS":
        raise AlipayError("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
    given = _given(local, trade["out_trade_no"]) + amount_fen
    if given > trade["amount_fen"]:
        raise AlipayError("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限")
    local.store.insert(
        "alipay_refunds",
        out_trade_no=trade["out_trade_no"],
        out_request_no=number,
        amount_fen=amount_fen,
        created_at=local.now(),
    )
    if given == trade["amount_fen"]:
        trade["state"] = "TRADE_CLOSED"
        local.store.run(
            "UPDATE alipay_trades SET state = 'TRADE_CLOSED' WHERE out_trade_no = ?",
            trade["out_trade_no"],
        )
    news = told_of(local, trade) | {
        "out_biz_no": number,
        "refund_fee": yuan_of(given),
        "gmt_refund": f"{wire_time(local.now())}.000",
    }
    local.notifier.queue("refund", "refund", trade["notify_url"], news, "alipay")


def _given(local: Gateway, out_trade_no: str) -> int:
    row = local.store.one(
        "SELECT COALESCE(SUM(amount_fen), 0) AS fen FROM alipay_refunds WHERE out_trade_no = ?",
        out_trade_no,
    )
    return int(row["fen"]) if row else 0


def _find_refund(local: Gateway, out_trade_no: str, number: str) -> Row | None:
    return local.store.one(
        "SELECT * FROM alipay_refunds WHERE out_trade_no = ? AND out_request_no = ?",
        *(out_trade_no, number),
    )


def _wanted(content: Content) -> Row:
    _check_product(content)
    payee = content.get("payee_info")
    if not isinstance(payee, dict) or payee.get("identity_type") not in NAMED_AS:
        raise AlipayError("INVALID_PARAMETER", "参数有误: payee_info")
    if payee["identity_type"] == "ALIPAY_LOGON_ID" and not payee.get("name"):
        raise AlipayError("INVALID_PARAMETER", "参数有误: payee_info.name")
    if payee.get("identity") == NOBODY:
        raise AlipayError("PAYEE_NOT_EXIST", "收款账号不存在")
    amount_fen = fen_of(content, "trans_amount")
    if amount_fen < LEAST_FEN:
        raise AlipayError("EXCEED_LIMIT_DM_MIN_AMOUNT", "转账金额过低")
    return {
        "out_biz_no": text_of(content, "out_biz_no", 64),
        "amount_fen": amount_fen,
        "identity": text_of(payee, "identity", 64),
        "name": payee.get("name"),
    }


def _check_product(content: Content) -> None:
    product = content.get("product_code"), content.get("biz_scene")
    if product != ("TRANS_ACCOUNT_NO_PWD", "DIRECT_TRANSFER"):
        raise AlipayError("INVALID_PARAMETER", "参数有误: product_code, biz_scene")


def _find_transfer(local: Gateway, out_biz_no: str) -> Row | None:
    return local.store.one("SELECT * FROM alipay_transfers WHERE out_biz_no = ?", out_biz_no)


def _told(known: Row) -> Content:
    return {
        "out_biz_no": known["out_biz_no"],
        "order_id": known["order_id"],
        "pay_fund_order_id": known["order_id"],
        "status": known["status"],
        "trans_date": wire_time(known["at"]),
    }


def _digits(count: int) -> str:
    return str(secrets.randbelow(10**count)).zfill(count)
