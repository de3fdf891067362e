"""The door of the WeChat Pay side: who may come in, how every answer is signed, and its faults."""

import json
from typing import Any

from flask import Blueprint, Response, g, request

from app.gateways.local.context import ApiError, gateway
from app.gateways.local.signing import Authorization, signed_headers

api = Blueprint("wechat_pay", __name__, url_prefix="/v3")

_KINDS = {"pay": "payment", "refund": "refund", "fund-app": "transfer"}


@api.before_request
def _check_caller() -> None:
    claim = Authorization.parse(request.headers.get("Authorization", ""))
    keys = gateway().keys
    if claim is None or (claim.mchid, claim.serial_no) != (keys.merchant_id, keys.merchant_serial):
        raise ApiError(401, "SIGN_ERROR", "商户号或证书序列号不正确")
    if not gateway().is_fresh(claim.timestamp):
        raise ApiError(401, "SIGN_ERROR", "请求时间戳已过期")
    url = request.environ.get("RAW_URI") or request.environ["REQUEST_URI"]
    if not claim.signed_by(keys.merchant_public_key, request.method, url, request.get_data()):
        raise ApiError(401, "SIGN_ERROR", "签名错误")
    g.caller_is_known = True


@api.before_request
def _refuse_on_demand() -> None:
    if gateway().faults.take("5xx", _kind()):
        raise ApiError(500, "SYSTEM_ERROR", "系统异常,请稍后重试")


@api.after_request
def _sign(response: Response) -> Response:
    keys = gateway().keys
    response.headers.update(
        signed_headers(keys.platform_key, keys.public_key_id, gateway().now(), response.get_data())
    )
    gateway().notifier.wake()
    return misbehave(response, _kind()) if g.get("caller_is_known") else response


@api.errorhandler(ApiError)
def _refusal(error: ApiError) -> tuple[dict[str, str], int]:
    return {"code": error.code, "message": error.message}, error.status


def misbehave(response: Response, kind: str) -> Response:
    """Slow or broken answers, after the call was carried out."""
    faults = gateway().faults
    if slow := faults.take("slow", kind):
        faults.wait(slow)
    if faults.take("answer_lost", kind):
        # Fewer bytes than promised, then the end: the caller sees a broken connection.
        response.set_data(b"")
        response.headers["Content-Length"] = "1000"
        response.headers["Connection"] = "close"
        response.status_code = 200
    return response


def body() -> dict[str, Any]:
    """The call's JSON object, meant for this merchant and app where it says so."""
    try:
        data = json.loads(request.get_data())
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise ApiError(400, "PARAM_ERROR", "请求报文不是JSON对象")
    keys = gateway().keys
    if data.get("mchid", keys.merchant_id) != keys.merchant_id:
        raise ApiError(400, "PARAM_ERROR", "商户号与签名不一致")
    if data.get("appid", keys.app_id) != keys.app_id:
        raise ApiError(400, "APPID_MCHID_NOT_MATCH", "AppID与商户号不匹配")
    return data


def _kind() -> str:
    return _KINDS.get(request.path.split("/")[2], "payment")
