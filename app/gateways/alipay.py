"""Alipay behind the PaymentGateway protocol (opendocs.alipay.com/open)."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from flask_babel import lazy_gettext as _l

from app.domain.scenes import Scene
from app.gateways.alipay_settings import BEIJING, AlipaySettings
from app.gateways.alipay_states import (
    payment_state,
    refund_notice,
    refund_state,
    transfer_state,
    yuan,
)
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
from app.gateways.trust import NotTrusted

if TYPE_CHECKING:
    from app.gateways.alipay_core import AlipayCore

# What the customer holds in hand: Alipay's method, and the product of the contract.
_PAGES = {
    "page": ("alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"),
    "h5": ("alipay.trade.wap.pay", "QUICK_WAP_WAY"),
    "app": ("alipay.trade.app.pay", "QUICK_MSECURITY_PAY"),
}
_NO_TRADE = {"ACQ.TRADE_NOT_EXIST"}
_NO_TRANSFER = {"ORDER_NOT_EXIST"}
# Alipay does not know itself: isp. and aop. are its own servers, 20000 is "not available".
_UNSURE = re.compile(r"(isp|aop)\..*|ACQ\.SYSTEM_ERROR|SYSTEM_ERROR|REQUEST_PROCESSING")
_TEMPORARY = {"ACQ.REQUEST_TOO_FREQUENT", "app-call-limited", "isv.app-call-limited"}
_ALIPAY_USER = re.compile(r"2088\d{12}")
_NOT_IN_SUBJECTS = str.maketrans(dict.fromkeys("/=&", " "))
_TRANSFER = {"product_code": "TRANS_ACCOUNT_NO_PWD", "biz_scene": "DIRECT_TRANSFER"}

Answer = dict[str, Any]
State = TypeVar("State", PaymentState, RefundState, TransferState)


class Alipay:
    """A PaymentGateway. `load` is called at the first use, so that building it is free."""

    scenes: frozenset[Scene] = frozenset({"qr", "page", "h5", "app"})

    def __init__(self, load: Callable[[], AlipaySettings], clock: Callable[[], datetime]) -> None:
        self._load, self._clock = load, clock

    @cached_property
    def _settings(self) -> AlipaySettings:
        return self._load()

    @cached_property
    def _core(self) -> "AlipayCore":
        # Imported here, as the cryptography takes its time and most processes never pay.
        from app.gateways.alipay_core import AlipayCore

        return AlipayCore(self._settings, self._clock)

    def create(self, request: PaymentRequest) -> PaymentOrder:
        content = {
            "out_trade_no": request.out_trade_no,
            "total_amount": yuan(request.amount_fen),
            "subject": request.description.translate(_NOT_IN_SUBJECTS)[:256],
            "time_expire": _beijing(request.expires_at),
        }
        if request.scene in _PAGES:
            return self._page(request, content)
        answer = _accepted(
            self._core.call("alipay.trade.precreate", content, notify_url=request.notify_url)
        )
        _check_same(request.out_trade_no, answer.get("out_trade_no"))
        if not answer.get("qr_code"):
            raise _unclear("bad_body")
        return PaymentOrder(code_url=answer["qr_code"])

    def query(self, out_trade_no: str) -> PaymentState:
        answer = self._core.call("alipay.trade.query", {"out_trade_no": out_trade_no})
        if answer.get("sub_code") in _NO_TRADE:
            return PaymentState(out_trade_no, "not_found")
        state = _believed(answer, payment_state)
        _check_same(out_trade_no, state.out_trade_no)
        return state

    def close(self, out_trade_no: str) -> None:
        _accepted(self._core.call("alipay.trade.close", {"out_trade_no": out_trade_no}))

    def refund(self, request: RefundRequest) -> RefundState:
        """Alipay gives back at once. fund_change is N when it had done so before: ask then."""
        content = {
            "out_trade_no": request.out_trade_no,
            "out_request_no": request.out_refund_no,
            "refund_amount": yuan(request.refund_fen),
            "refund_reason": request.reason[:256],
        }
        answer = _accepted(self._core.call("alipay.trade.refund", content))
        _check_same(request.out_trade_no, answer.get("out_trade_no"))
        state = self.query_refund(request.out_refund_no, request.out_trade_no)
        if state.state == "not_found":
            return RefundState(request.out_refund_no, "processing", request.out_trade_no)
        return state

    def query_refund(self, out_refund_no: str, out_trade_no: str) -> RefundState:
        content = {
            "out_trade_no": out_trade_no,
            "out_request_no": out_refund_no,
            "query_options": ["gmt_refund_pay"],
        }
        answer = self._core.call("alipay.trade.fastpay.refund.query", content)
        if answer.get("sub_code") in _NO_TRADE:
            return RefundState(out_refund_no, "not_found")
        state = _believed(answer, lambda data: refund_state(data, out_refund_no))
        _check_same(out_refund_no, state.out_refund_no)
        return state

    def transfer(self, request: TransferRequest) -> TransferState:
        is_number = _ALIPAY_USER.fullmatch(request.openid)
        payee = {
            "identity": request.openid,
            "identity_type": "ALIPAY_USER_ID" if is_number else "ALIPAY_LOGON_ID",
        }
        content = {
            "out_biz_no": request.out_bill_no,
            "trans_amount": yuan(request.amount_fen),
            "order_title": request.remark[:128],
            "payee_info": payee | ({"name": request.user_name} if request.user_name else {}),
            **_TRANSFER,
        }
        answer = self._core.call("alipay.fund.trans.uni.transfer", content)
        state = _believed(answer, transfer_state)
        _check_same(request.out_bill_no, state.out_bill_no)
        return state

    def query_transfer(self, out_bill_no: str) -> TransferState:
        content = {"out_biz_no": out_bill_no, **_TRANSFER}
        answer = self._core.call("alipay.fund.trans.common.query", content)
        if answer.get("sub_code") in _NO_TRANSFER:
            return TransferState(out_bill_no, "not_found")
        state = _believed(answer, transfer_state)
        _check_same(out_bill_no, state.out_bill_no)
        return state

    def parse_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        try:
            data = self._core.open_notice(body)
            self._check_owner(data)
            refund = refund_notice(data)
            if refund:
                return Notice("refund", data["notify_id"], refund, dict(data))
            return Notice("payment", data["notify_id"], payment_state(data), dict(data))
        except NotTrusted as exc:
            raise _invalid_notice(exc.reason, **exc.details) from exc
        except (KeyError, TypeError, ValueError) as exc:
            raise _invalid_notice("bad_body") from exc

    def _page(self, request: PaymentRequest, content: dict[str, str]) -> PaymentOrder:
        """Nothing is sent: the customer's own browser or app carries the signed order."""
        method, product = _PAGES[request.scene]
        content = content | {"product_code": product}
        to = {"notify_url": request.notify_url}
        if request.return_url:
            to["return_url"] = request.return_url
        if request.scene == "app":
            text = self._core.order_text(method, content, **to)
            return PaymentOrder(client_params={"order_text": text})
        return PaymentOrder(pay_url=self._core.page_url(method, content, **to))

    def _check_owner(self, data: Mapping[str, str]) -> None:
        if data.get("app_id") != self._settings.app_id:
            raise NotTrusted("wrong_app", app_id=data.get("app_id"))
        if data.get("seller_id") != self._settings.seller_id:
            raise NotTrusted("wrong_merchant", merchant_id=data.get("seller_id"))


def _beijing(instant: datetime) -> str:
    return instant.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def _accepted(answer: Answer) -> Answer:
    """Raises GatewayRefused, or OutcomeUnknown when Alipay does not know itself."""
    code, sub_code = str(answer.get("code", "")), str(answer.get("sub_code", ""))
    if code == "10000":
        return answer
    details = {"gateway_code": sub_code or code, "gateway_message": answer.get("sub_msg")}
    if code == "20000" or _UNSURE.fullmatch(sub_code):
        raise _unclear("server_error", **details)
    message = _l("Alipay refused: %(code)s", code=sub_code or code)
    raise GatewayRefused(message, temporary=sub_code in _TEMPORARY, status=200, **details)


def _believed(answer: Answer, translate: Callable[[Answer], State]) -> State:
    data = _accepted(answer)
    try:
        return translate(data)
    except (KeyError, TypeError, ValueError) as exc:
        raise _unclear("bad_body") from exc


def _check_same(asked: str, answered: Any) -> None:
    # The signature covers the answer only, not the question it belongs to.
    if asked != answered:
        raise _unclear("other_number", asked=asked, answered=answered)


def _unclear(reason: str, **details: Any) -> OutcomeUnknown:
    message = _l("Alipay gave no reliable answer. The result is not known yet.")
    return OutcomeUnknown(message, reason=reason, **details)


def _invalid_notice(reason: str, **details: Any) -> InvalidNotice:
    return InvalidNotice(_l("This payment notice cannot be trusted."), reason=reason, **details)
