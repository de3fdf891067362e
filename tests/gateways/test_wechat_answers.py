"""Answers that cannot be believed leave the outcome unknown: nothing is guessed."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from flask import Flask, Response, request

from app.gateways.local.signing import signed_headers
from app.gateways.payment import GatewayRefused, OutcomeUnknown, RefundRequest
from app.gateways.wechat_pay import WechatPay
from tests.gateways.support import (
    NOON,
    Inbox,
    LocalServer,
    StillClock,
    an_order,
    served,
    wechat_settings,
)


@dataclass
class Impostor:
    """Answers every call with what a test put here."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def app(self) -> Flask:
        flask = Flask("impostor")

        @flask.route("/<path:path>", methods=["GET", "POST"])
        def answer(path: str) -> Response:
            self.calls.append(f"{request.method} /{path}")
            return Response(
                self.body, self.status, {"Content-Type": "application/json"} | self.headers
            )

        return flask


@pytest.fixture
def impostor() -> Impostor:
    return Impostor()


@pytest.fixture
def deceived(impostor: Impostor, local: LocalServer, clock: StillClock) -> Iterator[WechatPay]:
    with served(impostor.app()) as url:
        yield WechatPay(lambda: wechat_settings(local, gateway_url=url), clock)


@pytest.fixture
def sign(impostor: Impostor, local: LocalServer) -> Callable[..., None]:
    """Make the impostor's answer one that WeChat Pay signed."""

    def make(status: int, answer: dict[str, Any] | bytes, timestamp: int | None = None) -> None:
        keys = local.gateway.keys
        impostor.status = status
        impostor.body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        at = int(NOON.timestamp()) if timestamp is None else timestamp
        impostor.headers = signed_headers(keys.platform_key, keys.public_key_id, at, impostor.body)

    return make


def unclear(call: Callable[[], object]) -> dict[str, Any]:
    with pytest.raises(OutcomeUnknown) as unknown:
        call()
    assert (unknown.value.code, isinstance(unknown.value.details, dict)) == (
        "outcome_unknown",
        True,
    )
    return unknown.value.details


@pytest.mark.parametrize("status", [200, 204, 302, 400, 401, 404, 429, 500, 502])
def test_an_unsigned_answer_proves_nothing(
    deceived: WechatPay, impostor: Impostor, status: int
) -> None:
    impostor.status = status
    impostor.body = b'{"code": "ORDER_NOT_EXIST"}'

    details = unclear(lambda: deceived.query("P20260302-0001"))

    assert (details["reason"], details["status"]) == ("missing_header", status)


def test_an_answer_signed_by_a_stranger_proves_nothing(
    deceived: WechatPay, impostor: Impostor, local: LocalServer, inbox: Inbox
) -> None:
    stranger = generate_private_key(65537, 2048)
    key_id = local.gateway.keys.public_key_id
    impostor.body = b'{"prepay_id": "wx-mine"}'
    impostor.headers = signed_headers(stranger, key_id, int(NOON.timestamp()), impostor.body)

    assert unclear(lambda: deceived.create(an_order(inbox)))["reason"] == "bad_signature"


def test_an_answer_recorded_six_minutes_ago_proves_nothing(
    deceived: WechatPay, sign: Callable[..., None]
) -> None:
    sign(404, {"code": "ORDER_NOT_EXIST"}, timestamp=int(NOON.timestamp()) - 360)

    assert unclear(lambda: deceived.query("P20260302-0001"))["reason"] == "stale"


def test_a_signed_answer_about_another_payment_proves_nothing(
    deceived: WechatPay, sign: Callable[..., None], local: LocalServer
) -> None:
    keys = local.gateway.keys
    other = {"appid": keys.app_id, "mchid": keys.merchant_id, "out_trade_no": "P-another"}
    sign(200, {**other, "trade_state": "SUCCESS", "amount": {"total": 12_850}})

    assert unclear(lambda: deceived.query("P20260302-0001"))["reason"] == "other_number"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"mchid": "1900000110"}, "wrong_merchant"), ({"appid": "wx-another"}, "wrong_app")],
)
def test_a_signed_answer_about_another_merchant_proves_nothing(
    deceived: WechatPay,
    sign: Callable[..., None],
    local: LocalServer,
    changes: dict[str, str],
    reason: str,
) -> None:
    keys = local.gateway.keys
    ours = {"appid": keys.app_id, "mchid": keys.merchant_id, "out_trade_no": "P20260302-0001"}
    sign(200, {**ours, "trade_state": "SUCCESS", **changes})

    assert unclear(lambda: deceived.query("P20260302-0001"))["reason"] == reason


@pytest.mark.parametrize("body", [b"", b"[]", b"not json", b'{"trade_state": "SUCCESS"}'])
def test_a_signed_answer_of_the_wrong_shape_proves_nothing(
    deceived: WechatPay, sign: Callable[..., None], body: bytes
) -> None:
    sign(200, body)

    assert unclear(lambda: deceived.query("P20260302-0001"))["reason"] in (
        "bad_body",
        "wrong_merchant",
    )


def test_a_signed_server_error_leaves_a_refund_unknown(
    deceived: WechatPay, sign: Callable[..., None]
) -> None:
    sign(500, {"code": "SYSTEM_ERROR", "message": "系统异常"})

    details = unclear(lambda: deceived.refund(RefundRequest("P20260302-0001", "R1", 1, 2)))

    assert (details["reason"], details["gateway_code"]) == ("server_error", "SYSTEM_ERROR")


@pytest.mark.parametrize(
    ("status", "code", "temporary"),
    [
        (400, "PARAM_ERROR", False),
        (403, "NOT_ENOUGH", False),
        (403, "FREQUENCY_LIMIT_EXCEED", True),
        (404, "ORDER_NOT_EXIST", False),
        (429, "FREQUENCY_LIMITED", True),
        (429, "", True),
    ],
)
def test_a_signed_refusal_tells_whether_to_try_again(
    deceived: WechatPay, sign: Callable[..., None], status: int, code: str, temporary: bool
) -> None:
    sign(status, {"code": code, "message": "不行"})

    with pytest.raises(GatewayRefused) as refused:
        deceived.close("P20260302-0001")

    assert refused.value.details == {
        "gateway_code": code,
        "status": status,
        "gateway_message": "不行",
        "temporary": temporary,
    }


def test_a_redirect_is_not_followed(deceived: WechatPay, impostor: Impostor) -> None:
    impostor.status, impostor.headers = 302, {"Location": "/elsewhere"}

    unclear(lambda: deceived.query("P20260302-0001"))

    assert impostor.calls == ["GET /v3/pay/transactions/out-trade-no/P20260302-0001"]


def test_nobody_at_the_other_end_leaves_the_outcome_unknown(
    local: LocalServer, clock: StillClock, inbox: Inbox
) -> None:
    settings = wechat_settings(local, gateway_url="http://127.0.0.1:9")
    wechat = WechatPay(lambda: settings, clock)

    details = unclear(lambda: wechat.create(an_order(inbox)))

    assert (details["reason"], details["cause"]) == ("no_answer", "ConnectionError")
