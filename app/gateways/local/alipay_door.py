"""The door of the Alipay side: one address, the method says what is wanted; its faults."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from app.gateways.local.alipay_signing import request_is_signed, text_signature
from app.gateways.local.context import gateway
from app.gateways.local.merchant_api import misbehave

alipay_api = Blueprint("alipay", __name__)

BEIJING = timezone(timedelta(hours=8))
Content = dict[str, Any]
Method = Callable[[Content, dict[str, str]], Content]
# Filled by the modules that know them.
METHODS: dict[str, tuple[str, Method]] = {}
PAGES: dict[str, Method] = {}
_FORMAT = "%Y-%m-%d %H:%M:%S"


class AlipayError(Exception):
    """A refusal in Alipay's own shape: a business one has code 40004."""

    def __init__(self, sub_code: str, sub_msg: str, code: str = "40004") -> None:
        super().__init__(sub_msg)
        self.answer = {"code": code, "msg": "Business Failed", "sub_code": sub_code}
        self.answer["sub_msg"] = sub_msg


def answers(method: str, kind: str) -> Callable[[Method], Method]:
    """Register what answers a method; kind is what a fault can be limited to."""

    def register(function: Method) -> Method:
        METHODS[method] = (kind, function)
        return function

    return register


def opens(method: str) -> Callable[[Method], Method]:
    """Register what a customer's browser or app brings by itself."""

    def register(function: Method) -> Method:
        PAGES[method] = function
        return function

    return register


@alipay_api.route("/gateway.do", methods=["GET", "POST"])
def call() -> BaseResponse:
    parameters = {**request.args, **request.form}
    method = parameters.get("method", "")
    if method in PAGES:
        return _opened(method, parameters)
    kind, function = METHODS.get(method, ("payment", _unknown))
    if gateway().faults.take("5xx", kind):
        return Response("Service Unavailable", status=503)
    known = False
    try:
        content = _checked(parameters)
        known = True
        answer = {"code": "10000", "msg": "Success", **function(content, parameters)}
    except AlipayError as error:
        answer = error.answer
    gateway().notifier.wake()
    response = _signed(method, answer)
    return misbehave(response, kind) if known else response


def handed_to_the_app(order_text: str) -> Content:
    """What Alipay's app does with the text that a merchant's app gives it."""
    parameters = dict(parse_qsl(order_text, keep_blank_values=True))
    return PAGES["alipay.trade.app.pay"](_checked(parameters), parameters)


def wire_time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, BEIJING).strftime(_FORMAT)


def read_time(text: str) -> int:
    """Raises ValueError."""
    return int(datetime.strptime(text, _FORMAT).replace(tzinfo=BEIJING).timestamp())


def fen_of(data: Content, name: str) -> int:
    text = str(data.get(name, ""))
    whole, _, rest = text.partition(".")
    if not (whole.isascii() and whole.isdigit() and rest.isdigit() and len(rest) == 2):
        raise AlipayError("ACQ.INVALID_PARAMETER", f"参数无效: {name}")
    if int(whole + rest) == 0:
        raise AlipayError("ACQ.INVALID_PARAMETER", f"参数无效: {name}")
    return int(whole + rest)


def yuan_of(amount_fen: int) -> str:
    return f"{amount_fen // 100}.{amount_fen % 100:02d}"


def text_of(data: Content, name: str, longest: int) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise AlipayError("ACQ.INVALID_PARAMETER", f"参数无效: {name}")
    return value


def _checked(parameters: dict[str, str]) -> Content:
    """The content of a call of our one application, signed with its key just now."""
    keys = gateway().alipay
    if parameters.get("app_id") != keys.app_id:
        raise AlipayError("isv.invalid-app-id", "无效的AppID参数", "40002")
    if parameters.get("app_cert_sn") != keys.app_number:
        raise AlipayError("isv.invalid-app-cert-sn", "应用证书序列号不正确", "40002")
    if parameters.get("alipay_root_cert_sn") != keys.root_number:
        raise AlipayError("isv.invalid-root-cert-sn", "根证书序列号不正确", "40002")
    if (parameters.get("sign_type"), parameters.get("charset")) != ("RSA2", "utf-8"):
        raise AlipayError("isv.invalid-signature-type", "无效的签名类型", "40002")
    if not request_is_signed(keys.app_public_key, parameters):
        raise AlipayError("isv.invalid-signature", "无效签名", "40002")
    _check_time(parameters.get("timestamp", ""))
    try:
        content = json.loads(parameters.get("biz_content", ""))
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise AlipayError("isv.invalid-parameter", "biz_content不是JSON对象", "40002")
    return content


def _check_time(told: str) -> None:
    try:
        seconds = read_time(told)
    except ValueError:
        seconds = 0
    if not gateway().is_fresh(str(seconds)):
        raise AlipayError("isv.invalid-timestamp", "非法的时间戳参数", "40002")


def _signed(method: str, answer: Content) -> Response:
    """The node is signed exactly as it is sent, so it is put together by hand."""
    keys = gateway().alipay
    node = json.dumps(answer, ensure_ascii=False)
    name = f"{method.replace('.', '_')}_response"
    signature = text_signature(keys.alipay_key, node)
    text = f'{{"{name}":{node},"alipay_cert_sn":"{keys.alipay_number}","sign":"{signature}"}}'
    return Response(text, mimetype="text/html")


def _opened(method: str, parameters: dict[str, str]) -> BaseResponse:
    try:
        trade = PAGES[method](_checked(parameters), parameters)
    except AlipayError as error:
        return Response(json.dumps(error.answer, ensure_ascii=False), status=400)
    return redirect(f"/_local/#{trade['out_trade_no']}", 303)


def _unknown(content: Content, parameters: dict[str, str]) -> Content:
    raise AlipayError("isv.invalid-method", "不存在的方法名", "40002")
