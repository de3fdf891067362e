"""WeChat around a page: it says who the visitor is, and its own window pays with a prepay_id.

The window takes six signed parameters (pay.weixin.qq.com/doc/v3/merchant/4012365340).
"""

import secrets
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from app.gateways.local import payments
from app.gateways.local.context import ApiError, Gateway, gateway
from app.gateways.local.signing import rsa_verify
from app.gateways.local.store import Row

inside_wechat = Blueprint("inside_wechat", __name__)

OPENID = "o-local-visitor"


@inside_wechat.get("/connect/oauth2/authorize")
def authorize() -> BaseResponse:
    """The visitor is not asked (snsapi_base): straight back, with a code."""
    told = request.args
    known = (told.get("appid"), told.get("response_type"), told.get("scope"))
    back = told.get("redirect_uri", "")
    if known != (gateway().keys.app_id, "code", "snsapi_base") or not back.startswith("http"):
        raise ApiError(400, "PARAM_ERROR", "redirect_uri 或 appid 参数错误")
    code = secrets.token_hex(16)
    gateway().visitors.add(code)
    mark = "&" if "?" in back else "?"
    answer = urlencode({"code": code, "state": told.get("state", "")})
    return redirect(f"{back}{mark}{answer}", 302)


@inside_wechat.get("/sns/oauth2/access_token")
def access_token() -> dict[str, Any]:
    """Errors come with status 200. A code is good once."""
    told, keys = request.args, gateway().keys
    if (told.get("appid"), told.get("secret")) != (keys.app_id, keys.app_secret):
        return {"errcode": 40125, "errmsg": "invalid appsecret"}
    code = told.get("code", "")
    if code not in gateway().visitors or told.get("grant_type") != "authorization_code":
        return {"errcode": 40029, "errmsg": "invalid code"}
    gateway().visitors.discard(code)
    return {"access_token": secrets.token_hex(16), "openid": OPENID, "scope": "snsapi_base"}


@inside_wechat.errorhandler(ApiError)
def _refusal(error: ApiError) -> tuple[dict[str, str], int]:
    return {"code": error.code, "message": error.message}, error.status


def pay_in_window(local: Gateway, told: dict[str, Any]) -> Row:
    """What getBrandWCPayRequest does with what the page hands it, when the customer agrees."""
    lines = [str(told.get(name)) for name in ("appId", "timeStamp", "nonceStr", "package")]
    message = "".join(f"{line}\n" for line in lines).encode()
    key = local.keys.merchant_public_key
    signed = rsa_verify(key, message, str(told.get("paySign")))
    if told.get("signType") != "RSA" or lines[0] != local.keys.app_id or not signed:
        raise ApiError(400, "SIGN_ERROR", "支付验证签名失败")
    prepay_id = lines[3].removeprefix("prepay_id=")
    order = local.store.one("SELECT * FROM orders WHERE prepay_id = ?", prepay_id)
    if order is None or order["trade_type"] != "JSAPI" or order["openid"] != OPENID:
        raise ApiError(400, "ORDER_NOT_EXIST", "下单账号与支付账号不一致")
    return payments.pay(local, order["out_trade_no"])
