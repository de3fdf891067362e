"""The adapter against a running local gateway: real HTTP, real signatures on both sides."""

import base64
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.gateways.payment import (
    GatewayRefused,
    OutcomeUnknown,
    PaymentState,
    RefundRequest,
    RefundState,
    TransferState,
)
from app.gateways.wechat_pay import WechatPay
from tests.gateways.support import (
    NOON,
    Inbox,
    LocalServer,
    StillClock,
    a_transfer,
    an_order,
    wechat_settings,
)


def test_a_customer_in_wechat_gets_parameters_signed_by_the_merchant(
    wechat: WechatPay, local: LocalServer, inbox: Inbox
) -> None:
    order = wechat.create(an_order(inbox))

    params = dict(order.client_params)
    signature = base64.b64decode(params.pop("paySign"))
    nonce = params.pop("nonceStr")
    app_id, timestamp = local.gateway.keys.app_id, str(int(NOON.timestamp()))
    package = f"prepay_id={order.prepay_id}"
    assert params == {
        "appId": app_id,
        "timeStamp": timestamp,
        "package": package,
        "signType": "RSA",
    }
    message = f"{app_id}\n{timestamp}\n{nonce}\n{package}\n".encode()
    merchant = local.gateway.keys.merchant_public_key
    merchant.verify(signature, message, PKCS1v15(), hashes.SHA256())
    assert order.code_url is None


def test_without_an_openid_the_customer_gets_a_code_to_scan(
    wechat: WechatPay, inbox: Inbox
) -> None:
    order = wechat.create(an_order(inbox, payer_openid=None))

    assert order.code_url is not None
    assert order.code_url.startswith("weixin://wxpay/bizpayurl?pr=")
    assert (order.prepay_id, order.client_params) == (None, {})


def test_creating_the_same_payment_again_gives_the_same_one(
    wechat: WechatPay, inbox: Inbox
) -> None:
    first = wechat.create(an_order(inbox))

    assert wechat.create(an_order(inbox)).prepay_id == first.prepay_id


def test_the_same_number_with_another_amount_is_refused(wechat: WechatPay, inbox: Inbox) -> None:
    wechat.create(an_order(inbox))

    with pytest.raises(GatewayRefused) as refused:
        wechat.create(an_order(inbox, amount_fen=12_851))

    assert refused.value.details["gateway_code"] == "INVALID_REQUEST"
    assert refused.value.details["temporary"] is False
    assert wechat.query("P20260302-0001").amount_fen == 12_850


def test_a_payment_is_followed_from_open_to_paid(
    wechat: WechatPay, local: LocalServer, inbox: Inbox, clock: StillClock
) -> None:
    keys = local.gateway.keys
    wechat.create(an_order(inbox))
    not_paid = PaymentState(
        out_trade_no="P20260302-0001",
        state="not_paid",
        amount_fen=12_850,
        app_id=keys.app_id,
        merchant_id=keys.merchant_id,
    )
    assert wechat.query("P20260302-0001") == not_paid

    clock.travel(minutes=3)
    local.pay("P20260302-0001")

    paid = wechat.query("P20260302-0001")
    assert paid == replace(
        not_paid,
        state="succeeded",
        transaction_id=paid.transaction_id,
        paid_at=NOON + timedelta(minutes=3),
    )
    assert paid.transaction_id is not None
    assert len(paid.transaction_id) == 28


def test_a_number_nobody_created_is_not_found(wechat: WechatPay) -> None:
    assert wechat.query("P-never-was") == PaymentState("P-never-was", "not_found")
    assert wechat.query_refund("R-never-was", "P20260302-0001") == RefundState(
        "R-never-was", "not_found"
    )
    assert wechat.query_transfer("Wneverwas") == TransferState("Wneverwas", "not_found")


def test_a_closed_payment_cannot_be_paid(
    wechat: WechatPay, local: LocalServer, inbox: Inbox
) -> None:
    wechat.create(an_order(inbox))

    wechat.close("P20260302-0001")

    assert wechat.query("P20260302-0001").state == "closed"
    with pytest.raises(Exception, match="409"):
        local.pay("P20260302-0001")


def test_a_paid_payment_cannot_be_closed(
    wechat: WechatPay, local: LocalServer, inbox: Inbox
) -> None:
    wechat.create(an_order(inbox))
    local.pay("P20260302-0001")

    with pytest.raises(GatewayRefused) as refused:
        wechat.close("P20260302-0001")

    assert refused.value.details["gateway_code"] == "ORDERPAID"
    assert wechat.query("P20260302-0001").state == "succeeded"


def test_an_unpaid_payment_closes_itself_when_its_time_is_over(
    wechat: WechatPay, inbox: Inbox, clock: StillClock
) -> None:
    wechat.create(an_order(inbox))

    clock.travel(minutes=14, seconds=59)
    assert wechat.query("P20260302-0001").state == "not_paid"
    clock.travel(seconds=1)
    assert wechat.query("P20260302-0001").state == "closed"


def test_a_refund_is_under_way_first_and_arrives_later(
    wechat: WechatPay, local: LocalServer, inbox: Inbox, clock: StillClock
) -> None:
    wechat.create(an_order(inbox))
    local.pay("P20260302-0001")

    under_way = wechat.refund(RefundRequest("P20260302-0001", "R1", 5_000, 12_850, "改期"))
    clock.travel(minutes=1)
    local.send_notices()

    assert under_way == RefundState(
        out_refund_no="R1",
        state="processing",
        out_trade_no="P20260302-0001",
        refund_fen=5_000,
        total_fen=12_850,
        refund_id=under_way.refund_id,
    )
    assert wechat.query_refund("R1", "P20260302-0001") == replace(
        under_way, state="succeeded", refunded_at=NOON + timedelta(minutes=1)
    )
    assert wechat.query("P20260302-0001").state == "succeeded"


def test_refunds_never_exceed_what_was_paid(
    wechat: WechatPay, local: LocalServer, inbox: Inbox
) -> None:
    wechat.create(an_order(inbox))
    local.pay("P20260302-0001")
    wechat.refund(RefundRequest("P20260302-0001", "R1", 12_000, 12_850))

    with pytest.raises(GatewayRefused) as refused:
        wechat.refund(RefundRequest("P20260302-0001", "R2", 851, 12_850))

    assert refused.value.details["gateway_code"] == "INVALID_REQUEST"
    assert wechat.query_refund("R2", "P20260302-0001").state == "not_found"
    assert wechat.refund(RefundRequest("P20260302-0001", "R3", 850, 12_850)).refund_fen == 850


def test_the_same_refund_number_gives_money_back_once(
    wechat: WechatPay, local: LocalServer, inbox: Inbox
) -> None:
    wechat.create(an_order(inbox))
    local.pay("P20260302-0001")
    first = wechat.refund(RefundRequest("P20260302-0001", "R1", 10_000, 12_850))

    again = wechat.refund(RefundRequest("P20260302-0001", "R1", 10_000, 12_850))

    assert again == first
    with pytest.raises(GatewayRefused):
        wechat.refund(RefundRequest("P20260302-0001", "R1", 9_999, 12_850))


def test_a_worker_confirms_a_transfer(
    wechat: WechatPay, local: LocalServer, inbox: Inbox, clock: StillClock
) -> None:
    keys = local.gateway.keys
    waiting = wechat.transfer(a_transfer(inbox))
    assert waiting == TransferState(
        out_bill_no="W202603020001",
        state="waiting_for_payee",
        transfer_id=waiting.transfer_id,
        updated_at=NOON,
        package_info=waiting.package_info,
        client_params={
            "mchId": keys.merchant_id,
            "appId": keys.app_id,
            "package": str(waiting.package_info),
        },
    )

    clock.travel(hours=2)
    local.confirm("W202603020001")

    assert wechat.query_transfer("W202603020001") == TransferState(
        out_bill_no="W202603020001",
        state="succeeded",
        amount_fen=35_000,
        transfer_id=waiting.transfer_id,
        openid="o-worker-1",
        updated_at=NOON + timedelta(hours=2),
        app_id=keys.app_id,
        merchant_id=keys.merchant_id,
    )


def test_a_transfer_nobody_confirms_fails_after_a_day(
    wechat: WechatPay, inbox: Inbox, clock: StillClock
) -> None:
    wechat.transfer(a_transfer(inbox))

    clock.travel(hours=23, minutes=59)
    assert wechat.query_transfer("W202603020001").state == "waiting_for_payee"
    clock.travel(minutes=1)
    state = wechat.query_transfer("W202603020001")

    assert (state.state, state.fail_reason) == ("failed", "OVERDUE_CLOSE")


def test_the_same_transfer_number_pays_once(wechat: WechatPay, inbox: Inbox) -> None:
    first = wechat.transfer(a_transfer(inbox))

    assert wechat.transfer(a_transfer(inbox)) == first
    with pytest.raises(GatewayRefused):
        wechat.transfer(a_transfer(inbox, amount_fen=35_001))
    assert wechat.query_transfer("W202603020001").amount_fen == 35_000


def test_a_large_transfer_carries_the_payees_name_encrypted(
    wechat: WechatPay, local: LocalServer, inbox: Inbox
) -> None:
    wechat.transfer(a_transfer(inbox, amount_fen=200_000, user_name="王小明"))

    row = local.gateway.store.one("SELECT user_name FROM transfers")
    assert row == {"user_name": "王小明"}


def test_a_large_transfer_without_a_name_is_not_even_asked_for(inbox: Inbox) -> None:
    assert a_transfer(inbox, amount_fen=199_999).user_name is None
    with pytest.raises(ValueError, match="user_name"):
        a_transfer(inbox, amount_fen=200_000)


def test_both_sides_travel_with_the_demos_clock(
    wechat: WechatPay, inbox: Inbox, clock: StillClock
) -> None:
    clock.travel(days=40)

    wechat.create(an_order(inbox, expires_at=clock.now + timedelta(minutes=15)))

    assert wechat.query("P20260302-0001").state == "not_paid"


def test_a_merchant_whose_clock_is_six_minutes_off_achieves_nothing(
    local: LocalServer, inbox: Inbox
) -> None:
    late = StillClock()
    late.travel(minutes=6)
    wechat = WechatPay(lambda: wechat_settings(local), late)

    with pytest.raises(OutcomeUnknown) as unknown:
        wechat.create(an_order(inbox))

    assert (unknown.value.details["status"], unknown.value.details["reason"]) == (401, "stale")
    assert local.gateway.store.all("SELECT * FROM orders") == []


def test_a_call_signed_with_another_key_is_refused(
    local: LocalServer, inbox: Inbox, clock: StillClock, tmp_path: Path
) -> None:
    other = generate_private_key(65537, 2048)
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "other.pem").write_bytes(pem)
    settings = wechat_settings(local, merchant_key_file=tmp_path / "other.pem")
    wechat = WechatPay(lambda: settings, clock)

    with pytest.raises(GatewayRefused) as refused:
        wechat.create(an_order(inbox))

    assert refused.value.details["gateway_code"] == "SIGN_ERROR"
    assert local.gateway.store.all("SELECT * FROM orders") == []


@pytest.mark.parametrize("number", ["short", "x" * 33, "with space", "斜杠/00001", ""])
def test_a_payment_number_the_provider_would_refuse_is_a_mistake_of_ours(
    inbox: Inbox, number: str
) -> None:
    with pytest.raises(ValueError, match="out_trade_no"):
        an_order(inbox, out_trade_no=number)


def test_a_long_description_is_cut_between_characters(
    wechat: WechatPay, local: LocalServer, inbox: Inbox
) -> None:
    wechat.create(an_order(inbox, description="洁" * 60))

    row = local.gateway.store.one("SELECT description FROM orders")
    assert row == {"description": "洁" * 42}
