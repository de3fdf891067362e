"""What WeChat Pay tells us by itself: believed when it is right, refused in every other case."""

import json
from datetime import timedelta
from typing import Any

import pytest
import requests

from app.gateways.local.signing import encrypted, signed_headers
from app.gateways.payment import (
    InvalidNotice,
    Notice,
    PaymentState,
    RefundRequest,
    RefundState,
    TransferState,
)
from app.gateways.wechat_pay import WechatPay
from tests.gateways.support import NOON, Inbox, LocalServer, StillClock, a_transfer, an_order

Received = tuple[dict[str, str], bytes]


@pytest.fixture
def paid(wechat: WechatPay, local: LocalServer, inbox: Inbox) -> Received:
    """The notice of a payment, as it arrived."""
    wechat.create(an_order(inbox))
    local.pay("P20260302-0001")
    local.send_notices()
    assert len(inbox.received) == 1
    return inbox.received[0]


def resealed(local: LocalServer, clock: StillClock, **changes: Any) -> Received:
    """A notice that is signed and encrypted as it should be, with another content."""
    keys = local.gateway.keys
    told = {
        "appid": keys.app_id,
        "mchid": keys.merchant_id,
        "out_trade_no": "P20260302-0001",
        "trade_state": "SUCCESS",
        "amount": {"total": 12_850},
    }
    content = {name: value for name, value in {**told, **changes}.items() if value is not None}
    sealed = encrypted(keys.api_v3_key, json.dumps(content).encode(), "transaction")
    envelope = {"id": "n-1", "event_type": "TRANSACTION.SUCCESS", "resource": sealed}
    return signed(local, clock, json.dumps(envelope).encode())


def signed(local: LocalServer, clock: StillClock, body: bytes) -> Received:
    keys = local.gateway.keys
    timestamp = int(clock.now.timestamp())
    return signed_headers(keys.platform_key, keys.public_key_id, timestamp, body), body


def refusal(wechat: WechatPay, received: Received) -> str:
    with pytest.raises(InvalidNotice) as refused:
        wechat.parse_notice(*received)
    reason: str = refused.value.details["reason"]
    return reason


def test_a_payment_notice_says_the_same_as_a_query(
    wechat: WechatPay, local: LocalServer, paid: Received
) -> None:
    notice = wechat.parse_notice(*paid)

    assert notice == Notice("payment", notice.notice_id, wechat.query("P20260302-0001"), notice.raw)
    assert isinstance(notice.state, PaymentState)
    assert (notice.state.state, notice.state.amount_fen) == ("succeeded", 12_850)
    assert notice.state.paid_at == NOON
    assert notice.raw["payer"] == {"openid": "o-customer-1"}
    assert len(notice.notice_id) == 36


def test_a_refund_notice_tells_when_the_money_arrived(
    wechat: WechatPay, local: LocalServer, inbox: Inbox, paid: Received, clock: StillClock
) -> None:
    request = RefundRequest("P20260302-0001", "R1", 5_000, 12_850, notify_url=inbox.url)
    under_way = wechat.refund(request)
    clock.travel(minutes=5)
    local.send_notices()

    notice = wechat.parse_notice(*inbox.received[1])

    assert notice.kind == "refund"
    assert notice.state == RefundState(
        out_refund_no="R1",
        state="succeeded",
        out_trade_no="P20260302-0001",
        refund_fen=5_000,
        total_fen=12_850,
        refund_id=under_way.refund_id,
        refunded_at=NOON + timedelta(minutes=5),
    )


def test_a_transfer_notice_tells_that_the_worker_has_it(
    wechat: WechatPay, local: LocalServer, inbox: Inbox
) -> None:
    waiting = wechat.transfer(a_transfer(inbox))
    local.confirm("W202603020001")
    local.send_notices()

    notice = wechat.parse_notice(*inbox.received[0])

    assert notice.kind == "transfer"
    assert notice.state == TransferState(
        out_bill_no="W202603020001",
        state="succeeded",
        amount_fen=35_000,
        transfer_id=waiting.transfer_id,
        openid="o-worker-1",
        updated_at=NOON,
        merchant_id=local.gateway.keys.merchant_id,
    )


def test_header_names_may_come_in_any_case(wechat: WechatPay, paid: Received) -> None:
    headers, body = paid

    assert wechat.parse_notice({k.upper(): v for k, v in headers.items()}, body).kind == "payment"
    assert wechat.parse_notice({k.lower(): v for k, v in headers.items()}, body).kind == "payment"


def test_a_replayed_notice_keeps_its_id_so_that_the_caller_sees_it(
    wechat: WechatPay, paid: Received
) -> None:
    assert wechat.parse_notice(*paid).notice_id == wechat.parse_notice(*paid).notice_id


@pytest.mark.parametrize("missing", ["Timestamp", "Nonce", "Serial", "Signature"])
def test_a_missing_header_is_named(wechat: WechatPay, paid: Received, missing: str) -> None:
    headers, body = paid
    headers.pop(f"Wechatpay-{missing}")

    with pytest.raises(InvalidNotice) as refused:
        wechat.parse_notice(headers, body)

    assert refused.value.details == {
        "reason": "missing_header",
        "headers": [f"wechatpay-{missing.lower()}"],
    }


def test_an_unknown_key_is_refused_without_calling_anybody(
    wechat: WechatPay, paid: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []
    monkeypatch.setattr(requests.Session, "request", lambda *args, **_: calls.append(args))
    headers, body = paid

    assert refusal(wechat, ({**headers, "Wechatpay-Serial": "5" * 40}, body)) == "unknown_key"
    assert calls == []


def test_another_algorithm_is_refused(wechat: WechatPay, paid: Received) -> None:
    headers, body = paid
    other = {**headers, "Wechatpay-Signature-Type": "WECHATPAY2-SM2-WITH-SM3"}

    assert refusal(wechat, (other, body)) == "unknown_key"


def test_a_notice_is_good_for_five_minutes(
    wechat: WechatPay, paid: Received, clock: StillClock
) -> None:
    clock.travel(seconds=300)
    assert wechat.parse_notice(*paid).kind == "payment"

    clock.travel(seconds=1)
    assert refusal(wechat, paid) == "stale"


def test_a_notice_from_the_future_is_refused(
    wechat: WechatPay, paid: Received, clock: StillClock
) -> None:
    clock.travel(seconds=-301)

    assert refusal(wechat, paid) == "stale"


@pytest.mark.parametrize("timestamp", ["-1", "soon", "1e9", "٣"])
def test_a_timestamp_that_is_no_number_is_refused(
    wechat: WechatPay, paid: Received, timestamp: str
) -> None:
    headers, body = paid

    assert refusal(wechat, ({**headers, "Wechatpay-Timestamp": timestamp}, body)) == "bad_signature"


@pytest.mark.parametrize("part", ["Timestamp", "Nonce", "Signature"])
def test_a_changed_header_breaks_the_signature(
    wechat: WechatPay, paid: Received, part: str
) -> None:
    headers, body = paid
    value = headers[f"Wechatpay-{part}"]
    headers[f"Wechatpay-{part}"] = ("2" if value[0] != "2" else "3") + value[1:]

    assert refusal(wechat, (headers, body)) == "bad_signature"


def test_a_changed_body_breaks_the_signature(wechat: WechatPay, paid: Received) -> None:
    headers, body = paid

    assert refusal(wechat, (headers, body.replace(b"SUCCESS", b"SUCCES5"))) == "bad_signature"


def test_wechats_own_test_signature_is_refused(wechat: WechatPay, paid: Received) -> None:
    headers, body = paid
    probe = {**headers, "Wechatpay-Signature": "WECHATPAY/SIGNTEST/nTCq7B"}

    assert refusal(wechat, (probe, body)) == "bad_signature"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "bad_body"),
        (b"[]", "bad_body"),
        (b"null", "bad_body"),
        (b"{}", "bad_body"),
        (b"\xff", "bad_body"),
        (b'{"resource": {"algorithm": "AEAD_AES_256_GCM"}}', "bad_body"),
        (b'{"resource": {"algorithm": "NONE", "ciphertext": "", "nonce": ""}}', "cannot_decrypt"),
    ],
)
def test_a_signed_body_of_the_wrong_shape_is_refused(
    wechat: WechatPay, local: LocalServer, clock: StillClock, body: bytes, reason: str
) -> None:
    assert refusal(wechat, signed(local, clock, body)) == reason


def test_a_notice_encrypted_with_another_key_is_refused(
    wechat: WechatPay, local: LocalServer, clock: StillClock
) -> None:
    sealed = encrypted("x" * 32, b"{}", "transaction")
    body = json.dumps({"id": "1", "event_type": "TRANSACTION.SUCCESS", "resource": sealed})

    assert refusal(wechat, signed(local, clock, body.encode())) == "cannot_decrypt"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"mchid": "1900000110"}, "wrong_merchant"),
        ({"mchid": None}, "wrong_merchant"),
        ({"appid": "wx-another"}, "wrong_app"),
        ({"appid": None}, "wrong_app"),
    ],
)
def test_a_notice_for_another_merchant_or_app_is_refused(
    wechat: WechatPay, local: LocalServer, clock: StillClock, changes: dict[str, Any], reason: str
) -> None:
    assert refusal(wechat, resealed(local, clock, **changes)) == reason


@pytest.mark.parametrize("changes", [{"out_trade_no": None}, {"amount": "much"}])
def test_a_notice_without_what_it_is_about_is_refused(
    wechat: WechatPay, local: LocalServer, clock: StillClock, changes: dict[str, Any]
) -> None:
    assert refusal(wechat, resealed(local, clock, **changes)) == "bad_body"


def test_a_state_we_have_no_word_for_is_unknown(
    wechat: WechatPay, local: LocalServer, clock: StillClock
) -> None:
    notice = wechat.parse_notice(*resealed(local, clock, trade_state="REVIEWING"))

    assert notice.state.state == "unknown"
