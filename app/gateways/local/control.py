"""What the demo's people do outside the product: pay, confirm, read a message; and the faults."""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.gateways.local import alipay_trades, inside_wechat, payments, transfers
from app.gateways.local.alipay_door import AlipayError, handed_to_the_app
from app.gateways.local.context import ApiError, gateway, wire_time
from app.gateways.local.faults import FAULTS, Fault
from app.gateways.local.store import Row
from app.gateways.local.text_messages import messages_to

control = Blueprint("control", __name__, url_prefix="/_local")

Answer = tuple[dict[str, Any], int] | BaseResponse
_SHOWN = 20
_SHOWN_MESSAGES = 5


@control.before_request
def _only_from_here() -> None:
    # Another site open in the same browser must not press these buttons.
    origin = request.headers.get("Origin")
    if request.method != "GET" and origin and urlsplit(origin).netloc != request.host:
        raise ApiError(403, "FORBIDDEN", "请求来自其他网站")


@control.after_request
def _no_other_hosts(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@control.errorhandler(ApiError)
def _refusal(error: ApiError) -> tuple[dict[str, Any], int]:
    return {"error": {"code": error.code, "message": error.message}}, error.status


@control.get("/")
def page() -> str:
    transfers.expire_transfers(gateway())
    return render_template(
        "local_gateway.html",
        messages=[_message(row) for row in messages_to(None)[:_SHOWN_MESSAGES]],
        orders=_open_orders(),
        transfers=_waiting_transfers(),
        notices=_last_notices(),
        faults=gateway().faults.listed(),
        now=wire_time(gateway().now()),
    )


@control.get("/sms")
def sms() -> dict[str, Any]:
    return {"messages": [_message(row) for row in messages_to(request.args.get("phone"))]}


@control.get("/payments")
def open_payments() -> dict[str, Any]:
    return {"payments": [payments.transaction(gateway(), row) for row in _open_orders("wechat")]}


@control.post("/pay/<out_trade_no>")
def pay(out_trade_no: str) -> Answer:
    """Of either channel: the merchant's numbers are unique."""
    if alipay_trades.find(gateway(), out_trade_no):
        number = alipay_trades.pay(gateway(), out_trade_no)["trade_no"]
    else:
        number = payments.pay(gateway(), out_trade_no)["transaction_id"]
    return _done(out_trade_no=out_trade_no, transaction_id=number)


@control.post("/alipay-app")
def alipay_app() -> Answer:
    """What Alipay's app is handed by the merchant's: {"order_text": "..."}."""
    data: Any = request.get_json(silent=True)
    try:
        trade = handed_to_the_app(data["order_text"])
    except (AlipayError, KeyError, TypeError) as error:
        raise ApiError(400, "PARAM_ERROR", str(error)) from None
    return _done(out_trade_no=trade["out_trade_no"])


@control.post("/wechat-window")
def wechat_window() -> Answer:
    """What a page inside WeChat hands to its payment window, as JSON."""
    data: Any = request.get_json(silent=True)
    paid = inside_wechat.pay_in_window(gateway(), data if isinstance(data, dict) else {})
    return _done(out_trade_no=paid["out_trade_no"])


@control.post("/transfers/<out_bill_no>/confirm")
def confirm_transfer(out_bill_no: str) -> Answer:
    state = transfers.confirm(gateway(), out_bill_no)["state"]
    return _done(out_bill_no=out_bill_no, state=state)


@control.post("/transfers/<out_bill_no>/fail")
def fail_transfer(out_bill_no: str) -> Answer:
    state = transfers.fail(gateway(), out_bill_no)["state"]
    return _done(out_bill_no=out_bill_no, state=state)


@control.get("/faults")
def list_faults() -> dict[str, Any]:
    return {"known": FAULTS, "active": gateway().faults.listed()}


@control.post("/faults")
def switch_on_fault() -> Answer:
    """{"fault": name, "times": 1, "seconds": 60, "only": "payment"}; all but the name optional."""
    data: Any = request.get_json(silent=True)
    try:
        wanted = dict(data)
        gateway().faults.switch_on(Fault(wanted.pop("fault"), **wanted))
    except (KeyError, TypeError, ValueError):
        raise ApiError(400, "UNKNOWN_FAULT", ", ".join(FAULTS)) from None
    return {"active": gateway().faults.listed()}, 200


@control.delete("/faults")
def clear_faults() -> Answer:
    gateway().faults.clear()
    return {"active": []}, 200


def _done(**facts: Any) -> Answer:
    """JSON for programs; back to the page for a person who pressed a button."""
    if request.mimetype == "application/x-www-form-urlencoded":
        return redirect(url_for("control.page"), 303)
    return facts, 200


def _open_orders(*channels: str) -> list[Row]:
    """Of all channels, or of those named."""
    tables = {
        "wechat": "SELECT out_trade_no, description, amount_fen, created_at, state, paid_at,"
        " transaction_id, openid, trade_type FROM orders WHERE state = 'NOTPAY'",
        "alipay": "SELECT out_trade_no, subject AS description, amount_fen, created_at"
        " FROM alipay_trades WHERE state = 'WAIT_BUYER_PAY'",
    }
    found: list[Row] = []
    for channel in channels or tables:
        found += gateway().store.all(
            f"{tables[channel]} AND COALESCE(expires_at, ?) >= ?"
            " ORDER BY created_at DESC, rowid DESC LIMIT ?",
            *(gateway().now() + 1, gateway().now() + 1, _SHOWN),
        )
    return sorted(found, key=lambda row: int(row["created_at"]), reverse=True)[:_SHOWN]


def _waiting_transfers() -> list[Row]:
    return gateway().store.all(
        "SELECT * FROM transfers WHERE state = 'WAIT_USER_CONFIRM'"
        " ORDER BY created_at DESC, rowid DESC LIMIT ?",
        _SHOWN,
    )


def _last_notices() -> list[Row]:
    return gateway().store.all("SELECT * FROM notices ORDER BY id DESC LIMIT ?", _SHOWN)


def _message(row: Row) -> Row:
    return {
        "phone": row["phone"],
        "text": row["text"],
        "code": row["code"],
        "message_id": row["message_id"],
        "sent_at": wire_time(row["sent_at"]),
    }
