"""What only Alipay does."""

import json
from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl, urlencode

import pytest
import requests
from flask import Flask, Response

from app.gateways.alipay import Alipay
from app.gateways.alipay_core import AlipayCore
from app.gateways.alipay_states import fen, payment_state, transfer_state
from app.gateways.local.alipay_signing import notice_signature, text_signature
from app.gateways.payment import GatewayRefused, InvalidNotice, OutcomeUnknown, RefundRequest
from app.gateways.trust import NotTrusted
from tests.gateways.support import (
    Inbox,
    LocalServer,
    StillClock,
    a_transfer,
    alipay_settings,
    an_order,
    served,
)

P = "P20260302_1"
METHOD = "alipay.trade.query"


@pytest.fixture
def core(local: LocalServer, clock: StillClock) -> AlipayCore:
    return AlipayCore(alipay_settings(local), clock)


@pytest.fixture
def text(local: LocalServer) -> Callable[..., str]:
    """An answer as Alipay puts it together."""

    def make(node: str, *, number: str = "", name: str = "alipay_trade_query_response") -> str:
        keys = local.gateway.alipay
        signature = text_signature(keys.alipay_key, node)
        number = number or keys.alipay_number
        return f'{{"{name}":{node},"alipay_cert_sn":"{number}","sign":"{signature}"}}'

    return make


@pytest.fixture
def answering(local: LocalServer, clock: StillClock) -> Iterator[Callable[[str], Alipay]]:
    """Alipay that gives one answer to everything."""
    flask, answer = Flask("answering"), {"text": ""}

    @flask.post("/gateway.do")
    def call() -> Response:
        return Response(answer["text"])

    with served(flask) as url:

        def make(text: str) -> Alipay:
            answer["text"] = text
            return Alipay(lambda: alipay_settings(local, gateway_url=f"{url}/gateway.do"), clock)

        yield make


@pytest.mark.parametrize(
    "node",
    [
        '{"code":"10000","msg":"a } in a value, and a \\" and a { too"}',
        '{ "code" : "10000", "list": [{"a": "}"}, []] }',
        '{"code":"10000","msg":"\\u670d\\u52a1"}',
    ],
)
def test_the_signature_is_checked_over_the_characters_that_came(
    core: AlipayCore, text: Callable[..., str], node: str
) -> None:
    assert core.believed(text(node), METHOD) == json.loads(node)


def test_the_signature_may_come_first(core: AlipayCore, text: Callable[..., str]) -> None:
    whole = json.loads(text('{"code":"10000"}'))
    turned = json.dumps({name: whole[name] for name in reversed(whole)}, separators=(",", ":"))

    assert core.believed(turned, METHOD) == {"code": "10000"}


def test_an_answer_that_cannot_be_believed_is_unknown(
    answering: Callable[[str], Alipay], text: Callable[..., str]
) -> None:
    node = '{"code":"10000","out_trade_no":"P20260302_1","trade_status":"TRADE_SUCCESS"}'
    for said, reason in (
        (text(node).replace("TRADE_SUCCESS", "TRADE_CLOSED"), "bad_signature"),
        (text(node, number="0" * 32), "unknown_key"),
        (text(node, name="alipay_trade_close_response"), "missing_header"),
        ('{"error_response":{"code":"40002"}}', "missing_header"),
        ("<html>busy</html>", "bad_body"),
        ("", "bad_body"),
        (text('["code"]'), "bad_body"),
        (text('{"code":"20000","sub_code":"isp.unknow-error"}'), "server_error"),
        (text('{"code":"40004","sub_code":"ACQ.SYSTEM_ERROR"}'), "server_error"),
        (text('{"code":"10000"}'), "bad_body"),
        (text(node.replace(P, "P_other")), "other_number"),
    ):
        with pytest.raises(OutcomeUnknown) as unclear:
            answering(said).query(P)
        assert unclear.value.details["reason"] == reason, said


def test_a_code_that_nobody_has_scanned_is_not_known_at_alipay(
    alipay: Alipay, local: LocalServer, inbox: Inbox
) -> None:
    alipay.create(an_order(inbox, out_trade_no=P, payer_openid=None))

    assert alipay.query(P).state == "not_found"
    with pytest.raises(GatewayRefused) as refused:
        alipay.close(P)
    assert refused.value.details["gateway_code"] == "ACQ.TRADE_NOT_EXIST"


def test_a_closed_trade_cannot_be_paid(alipay: Alipay, local: LocalServer, inbox: Inbox) -> None:
    order = alipay.create(an_order(inbox, out_trade_no=P, payer_openid=None, scene="app"))
    fields = {"order_text": order.client_params["order_text"]}

    requests.post(f"{local.url}/_local/alipay-app", json=fields, timeout=5).raise_for_status()
    assert alipay.query(P).state == "not_paid"

    alipay.close(P)

    assert alipay.query(P).state == "closed"


def test_a_refund_of_nothing_paid_is_refused(alipay: Alipay, inbox: Inbox) -> None:
    alipay.create(an_order(inbox, out_trade_no=P, payer_openid=None))

    with pytest.raises(GatewayRefused):
        alipay.refund(RefundRequest(P, "R1", 1, 12_850))


@pytest.mark.parametrize(
    ("openid", "name", "code"),
    [
        ("nobody@example.com", "王师傅", "PAYEE_NOT_EXIST"),
        ("13800000001", None, "INVALID_PARAMETER"),
    ],
)
def test_a_transfer_that_cannot_arrive_is_refused(
    alipay: Alipay, inbox: Inbox, openid: str, name: str | None, code: str
) -> None:
    wanted = a_transfer(inbox, openid=openid, user_name=name)

    with pytest.raises(GatewayRefused) as refused:
        alipay.transfer(wanted)

    assert refused.value.details["gateway_code"] == code


def test_a_number_of_an_alipay_user_needs_no_name(alipay: Alipay, inbox: Inbox) -> None:
    wanted = a_transfer(inbox, openid="2088123456789012")

    assert alipay.transfer(wanted).state == "succeeded"


@pytest.mark.parametrize(
    ("told", "amount"), [("12.50", 1250), ("0.01", 1), ("12", 1200), (None, None), ("", None)]
)
def test_yuan_become_fen_exactly(told: str | None, amount: int | None) -> None:
    assert fen(told) == amount


@pytest.mark.parametrize("told", ["12.505", "1e", "NaN", "Infinity", "十元"])
def test_what_is_no_amount_is_refused(told: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        fen(told)


def test_closed_after_payment_means_given_back() -> None:
    data = {"out_trade_no": P, "trade_status": "TRADE_CLOSED", "total_amount": "1.00"}

    assert payment_state(data).state == "closed"
    assert payment_state(data | {"send_pay_date": "2026-03-02 12:00:00"}).state == "succeeded"
    assert payment_state(data | {"trade_status": "NEW_WORD"}).state == "unknown"


def test_a_transfer_that_came_back_has_failed() -> None:
    data = {"out_biz_no": "W1", "status": "REFUND", "error_code": "MONEY_BACK"}

    assert (transfer_state(data).state, transfer_state(data).fail_reason) == (
        "failed",
        "MONEY_BACK",
    )


def notice(local: LocalServer, clock: StillClock, **changes: str) -> bytes:
    keys = local.gateway.alipay
    told = {
        "app_id": keys.app_id,
        "seller_id": keys.seller_id,
        "notify_id": "n1",
        "notify_time": "2026-03-02 12:00:00",
        "out_trade_no": P,
        "trade_status": "TRADE_SUCCESS",
        "total_amount": "128.50",
        "sign_type": "RSA2",
    }
    fields = {name: text for name, text in {**told, **changes}.items() if text != "-"}
    return urlencode(fields | {"sign": notice_signature(keys.alipay_key, fields)}).encode()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"app_id": "2021999999999999"}, "wrong_app"),
        ({"app_id": "-"}, "wrong_app"),
        ({"seller_id": "2088999999999999"}, "wrong_merchant"),
        ({"seller_id": "-"}, "wrong_merchant"),
        ({"notify_id": "-"}, "bad_body"),
        ({"notify_time": "-"}, "missing_header"),
        ({"notify_time": "yesterday"}, "stale"),
        ({"notify_time": "2026-03-02 11:54:59"}, "stale"),
        ({"notify_time": "2026-03-02 12:05:01"}, "stale"),
        ({"sign_type": "RSA"}, "unknown_key"),
        ({"alipay_cert_sn": "0" * 32}, "unknown_key"),
        ({"total_amount": "a lot"}, "bad_body"),
        ({"out_trade_no": "-"}, "bad_body"),
    ],
)
def test_a_signed_notice_that_does_not_fit_is_refused(
    alipay: Alipay, local: LocalServer, clock: StillClock, changes: dict[str, str], reason: str
) -> None:
    with pytest.raises(InvalidNotice) as refused:
        alipay.parse_notice({}, notice(local, clock, **changes))

    assert refused.value.details["reason"] == reason


def test_a_field_that_comes_twice_is_refused(
    core: AlipayCore, local: LocalServer, clock: StillClock
) -> None:
    body = notice(local, clock)
    assert core.open_notice(body)["out_trade_no"] == P

    with pytest.raises(NotTrusted, match="bad_body"):
        core.open_notice(body + b"&out_trade_no=P_other")


def test_the_local_gateway_refuses_a_stranger_and_an_old_call(
    core: AlipayCore, local: LocalServer, clock: StillClock
) -> None:

    def said(**changes: str) -> str:
        fields = core.signed(METHOD, {"out_trade_no": P}) | changes
        answer = requests.post(f"{local.url}/gateway.do", data=fields, timeout=5).json()
        return str(answer["alipay_trade_query_response"]["sub_code"])

    assert said() == "ACQ.TRADE_NOT_EXIST"
    assert said(app_id="2021999999999999") == "isv.invalid-app-id"
    assert said(app_cert_sn="0") == "isv.invalid-app-cert-sn"
    assert said(alipay_root_cert_sn="0") == "isv.invalid-root-cert-sn"
    assert said(biz_content="{}") == "isv.invalid-signature"
    old = core.signed(METHOD, {})
    clock.travel(hours=1)
    answer = requests.post(f"{local.url}/gateway.do", data=old, timeout=5).json()
    assert answer["alipay_trade_query_response"]["sub_code"] == "isv.invalid-timestamp"


def test_notices_go_out_as_a_form_with_the_channels_fields(
    alipay: Alipay, local: LocalServer, inbox: Inbox
) -> None:
    alipay.create(an_order(inbox, out_trade_no=P, payer_openid=None))
    local.pay(P)
    inbox.answers = [500]
    local.send_notices()

    headers, body = inbox.received[0]

    assert headers["Content-Type"].startswith("application/x-www-form-urlencoded")
    fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
    assert (fields["trade_status"], fields["total_amount"], fields["body"]) == (
        "TRADE_SUCCESS",
        "128.50",
        "",
    )
    # Not taken: it comes again in four minutes, with the same number.
    assert local.gateway.store.one("SELECT due_at - 0 AS at, state FROM notices") == {
        "at": local.gateway.now() + 240.0,
        "state": "pending",
    }
