"""WeChat Pay API v3 behind the PaymentGateway protocol (pay.weixin.qq.com/doc/v3/merchant)."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from flask_babel import lazy_gettext as _l

from app.domain.scenes import Scene
from app.gateways.payment import (
    GatewayRefused,
    InvalidNotice,
    Notice,
    OutcomeUnknown,
    PaymentOrder,
    PaymentRequest,
    PaymentState,
    RefundRequest,
    RefundState,
    TransferRequest,
    TransferState,
)
from app.gateways.trust import NotTrusted, cut
from app.gateways.wechat_settings import COMMISSION_SCENE, WechatSettings
from app.gateways.wechat_states import NOTICES, payment_state, refund_state, transfer_state

if TYPE_CHECKING:
    from app.gateways.wechat_core import WechatClient

_BEIJING = timezone(timedelta(hours=8))
_UNKNOWN_NUMBER = {"ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS", "NOT_FOUND"}
_TEMPORARY = {"FREQUENCY_LIMITED", "FREQUENCY_LIMIT_EXCEED", "RATELIMIT_EXCEEDED"}
_DESCRIPTION_BYTES = 127
_REASON_BYTES = 80
_REMARK_CHARACTERS = 32

Answer = tuple[int, str]  # HTTP status and text, signature already checked
State = TypeVar("State", PaymentState, RefundState, TransferState)


class WechatPay:
    """A PaymentGateway. `load` is called at the first use, so that building it is free."""

    scenes: frozenset[Scene] = frozenset({"qr", "client", "h5"})

    def __init__(self, load: Callable[[], WechatSettings], clock: Callable[[], datetime]) -> None:
        self._load = load
        self._clock = clock

    @cached_property
    def _settings(self) -> WechatSettings:
        return self._load()

    @cached_property
    def _client(self) -> "WechatClient":
        # Imported here: the library takes 0.2 s, and most processes never pay.
        from app.gateways.wechat_core import WechatClient

        return WechatClient(self._settings, self._clock)

    def create(self, request: PaymentRequest) -> PaymentOrder:
        answer = self._client.pay_order(
            request.scene,
            description=cut(request.description, _DESCRIPTION_BYTES),
            out_trade_no=request.out_trade_no,
            amount={"total": request.amount_fen, "currency": "CNY"},
            payer={"openid": request.payer_openid} if request.payer_openid else None,
            time_expire=request.expires_at.astimezone(_BEIJING).isoformat(timespec="seconds"),
            scene_info=_scene_info(request),
            notify_url=request.notify_url,
        )
        return self._order(_accepted(answer))

    def query(self, out_trade_no: str) -> PaymentState:
        answer = self._client.query(out_trade_no=out_trade_no)
        if _is_unknown_number(answer):
            return PaymentState(out_trade_no, "not_found")
        state = self._believed(answer, payment_state)
        _check_same(out_trade_no, state.out_trade_no)
        return state

    def close(self, out_trade_no: str) -> None:
        _accepted(self._client.close(out_trade_no))

    def refund(self, request: RefundRequest) -> RefundState:
        answer = self._client.refund(
            request.out_refund_no,
            {"refund": request.refund_fen, "total": request.total_fen, "currency": "CNY"},
            out_trade_no=request.out_trade_no,
            reason=cut(request.reason, _REASON_BYTES),
            notify_url=request.notify_url,
        )
        state = self._believed(answer, refund_state)
        _check_same(request.out_refund_no, state.out_refund_no)
        return state

    def query_refund(self, out_refund_no: str, out_trade_no: str) -> RefundState:
        answer = self._client.query_refund(out_refund_no)
        if _is_unknown_number(answer):
            return RefundState(out_refund_no, "not_found")
        state = self._believed(answer, refund_state)
        _check_same(out_refund_no, state.out_refund_no)
        return state

    def transfer(self, request: TransferRequest) -> TransferState:
        answer = self._client.mch_transfer_bills(
            request.out_bill_no,
            self._settings.transfer_scene_id,
            request.openid,
            request.amount_fen,
            request.remark[:_REMARK_CHARACTERS],
            user_name=request.user_name,
            transfer_scene_report_infos=self._scene_report(request),
            notify_url=request.notify_url,
        )
        state = self._believed(answer, transfer_state)
        _check_same(request.out_bill_no, state.out_bill_no)
        return replace(state, client_params=self._transfer_params(state))

    def query_transfer(self, out_bill_no: str) -> TransferState:
        answer = self._client.mch_transfer_bills_query(out_bill_no=out_bill_no)
        if _is_unknown_number(answer):
            return TransferState(out_bill_no, "not_found")
        state = self._believed(answer, transfer_state)
        _check_same(out_bill_no, state.out_bill_no)
        return state

    def parse_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        try:
            event, data = self._client.core.open_notice(headers, body)
            self._check_owner(data, required=True)
            kind, translate = NOTICES[str(event["event_type"]).partition(".")[0]]
            return Notice(kind, str(event["id"]), translate(data), data)
        except NotTrusted as exc:
            raise _invalid_notice(exc.reason, **exc.details) from exc
        except (KeyError, TypeError, ValueError, AttributeError) as exc:
            raise _invalid_notice("bad_body") from exc

    def _believed(self, answer: Answer, translate: Callable[[dict[str, Any]], State]) -> State:
        data = _accepted(answer)
        try:
            self._check_owner(data, required=False)
            return translate(data)
        except NotTrusted as exc:
            raise _unclear(exc.reason) from exc
        except (KeyError, TypeError, ValueError, AttributeError) as exc:
            raise _unclear("bad_body") from exc

    def _check_owner(self, data: dict[str, Any], *, required: bool) -> None:
        """Transfers say mch_id; refunds carry no app id, and their answers no merchant either."""
        merchant = data.get("mchid") or data.get("mch_id")
        app = data.get("appid")
        paid = "trade_state" in data
        if merchant != self._settings.merchant_id and (merchant or required or paid):
            raise NotTrusted("wrong_merchant", merchant_id=merchant)
        if app != self._settings.app_id and (app or paid):
            raise NotTrusted("wrong_app", app_id=app)

    def _order(self, answer: dict[str, Any]) -> PaymentOrder:
        if "code_url" in answer:
            return PaymentOrder(code_url=answer["code_url"])
        if "h5_url" in answer:
            return PaymentOrder(pay_url=answer["h5_url"])
        prepay_id = answer.get("prepay_id")
        if not prepay_id:
            raise _unclear("bad_body")
        return PaymentOrder(prepay_id=prepay_id, client_params=self._jsapi_params(prepay_id))

    def _jsapi_params(self, prepay_id: str) -> dict[str, str]:
        timestamp, nonce = str(int(self._clock().timestamp())), secrets.token_hex(16)
        package = f"prepay_id={prepay_id}"
        return {
            "appId": self._settings.app_id,
            "timeStamp": timestamp,
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": self._client.sign([self._settings.app_id, timestamp, nonce, package]),
        }

    def _transfer_params(self, state: TransferState) -> dict[str, str]:
        if not state.package_info:
            return {}
        return {
            "mchId": self._settings.merchant_id,
            "appId": self._settings.app_id,
            "package": state.package_info,
        }

    def _scene_report(self, request: TransferRequest) -> list[dict[str, str]]:
        if self._settings.transfer_scene_id != COMMISSION_SCENE:
            return []
        remark = request.remark[:_REMARK_CHARACTERS]
        return [
            {"info_type": "岗位类型", "info_content": "家政服务员"},
            {"info_type": "报酬说明", "info_content": remark},
        ]


def _scene_info(request: PaymentRequest) -> dict[str, Any] | None:
    """A browser outside WeChat must say where the payer is; the page opens WeChat from there."""
    if request.scene != "h5":
        return None
    return {"payer_client_ip": request.payer_ip or "127.0.0.1", "h5_info": {"type": "Wap"}}


def _accepted(answer: Answer) -> dict[str, Any]:
    """The body of a 2xx. Otherwise raises GatewayRefused, or OutcomeUnknown for a 5xx."""
    status, text = answer
    data = _json(text)
    if 200 <= status < 300:
        return data
    code = str(data.get("code", ""))
    details: dict[str, Any] = {
        "gateway_code": code,
        "status": status,
        "gateway_message": data.get("message"),
    }
    if status >= 500:
        raise _unclear("server_error", **details)
    message = _l("WeChat Pay refused: %(code)s", code=code or status)
    raise GatewayRefused(message, temporary=status == 429 or code in _TEMPORARY, **details)


def _is_unknown_number(answer: Answer) -> bool:
    status, text = answer
    return status == 404 and _json(text).get("code") in _UNKNOWN_NUMBER


def _json(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text or "{}")
    except ValueError as exc:
        raise _unclear("bad_body") from exc
    if not isinstance(data, dict):
        raise _unclear("bad_body")
    return data


def _check_same(asked: str, answered: str) -> None:
    # The signature covers the answer only, not the question it belongs to.
    if asked != answered:
        raise _unclear("other_number", asked=asked, answered=answered)


def _unclear(reason: str, **details: Any) -> OutcomeUnknown:
    message = _l("WeChat Pay gave no reliable answer. The result is not known yet.")
    return OutcomeUnknown(message, reason=reason, **details)


def _invalid_notice(reason: str, **details: Any) -> InvalidNotice:
    return InvalidNotice(_l("This payment notice cannot be trusted."), reason=reason, **details)
