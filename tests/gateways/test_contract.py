"""What every channel must do alike, over real HTTP with real signatures on both sides."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import requests

from app.gateways.alipay import Alipay
from app.gateways.payment import (
    GatewayRefused,
    InvalidNotice,
    Notice,
    OutcomeUnknown,
    PaymentGateway,
    PaymentRequest,
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
    alipay_settings,
    an_order,
    wechat_settings,
)

P, R, W = "P20260302_1", "R20260302_1", "W202603020001"
CHANNELS = ("wechat", "alipay")
SCENES = [("wechat", "qr"), ("wechat", "client"), ("wechat", "h5")]
SCENES += [("alipay", scene) for scene in ("qr", "page", "h5", "app")]
PAID_CODES = {"wechat": "ORDERPAID", "alipay": "ACQ.REASON_TRADE_STATUS_INVALID"}


@dataclass
class Channel:
    """A provider and the people around it."""

    name: str
    provider: PaymentGateway
    local: LocalServer
    inbox: Inbox
    clock: StillClock

    def order(self, scene: str = "qr", **changes: Any) -> PaymentRequest:
        openid = "o-customer-1" if scene == "client" else None
        known = {"out_trade_no": P, "payer_openid": openid, "scene": scene}
        return an_order(self.inbox, **{**known, **changes})

    def paid(self) -> None:
        self.provider.create(self.order())
        self.local.pay(P)

    def notices(self) -> list[Notice]:
        """What was sent since the last time, read."""
        self.local.send_notices()
        received, self.inbox.received = self.inbox.received, []
        return [self.provider.parse_notice(*one) for one in received]

    def refund(self, number: str = R, fen: int = 5_000) -> RefundState:
        request = RefundRequest(P, number, fen, 12_850, "改期", self.inbox.url)
        return self.provider.refund(request)

    def refusal(self, received: tuple[dict[str, str], bytes]) -> str:
        with pytest.raises(InvalidNotice) as refused:
            self.provider.parse_notice(*received)
        return str(refused.value.details["reason"])


@pytest.fixture(params=CHANNELS)
def channel(
    request: pytest.FixtureRequest, local: LocalServer, inbox: Inbox, clock: StillClock
) -> Channel:
    return Channel(request.param, built(request.param, local, clock), local, inbox, clock)


def built(name: str, local: LocalServer, clock: StillClock, **changes: Any) -> PaymentGateway:
    if name == "wechat":
        return WechatPay(lambda: wechat_settings(local, **changes), clock)
    return Alipay(lambda: alipay_settings(local, **changes), clock)


@pytest.mark.parametrize(("name", "scene"), SCENES)
def test_each_way_to_pay_gives_the_client_what_it_needs_and_can_be_paid(
    name: str, scene: str, local: LocalServer, inbox: Inbox, clock: StillClock
) -> None:
    channel = Channel(name, built(name, local, clock), local, inbox, clock)
    assert scene in channel.provider.scenes

    order = channel.provider.create(channel.order(scene, payer_ip="203.0.113.9"))

    given = {"qr": order.code_url, "h5": order.pay_url, "page": order.pay_url}
    assert given.get(scene) or order.client_params
    _customer_goes(name, local, order.pay_url, order.client_params.get("order_text"))
    local.pay(P)
    state = channel.provider.query(P)
    assert (state.state, state.amount_fen) == ("succeeded", 12_850)


def _customer_goes(name: str, local: LocalServer, url: str | None, text: str | None) -> None:
    """At Alipay nothing exists before the customer's browser or app has brought the order."""
    if url and name == "alipay":
        answer = requests.get(url, timeout=5, allow_redirects=False)
        assert answer.status_code == 303
    if text:
        url = f"{local.url}/_local/alipay-app"
        requests.post(url, json={"order_text": text}, timeout=5).raise_for_status()


def test_a_payment_is_followed_until_it_is_paid(channel: Channel) -> None:
    channel.provider.create(channel.order())
    assert channel.provider.query(P).state in ("not_paid", "not_found")

    channel.clock.travel(minutes=3)
    channel.local.pay(P)

    paid = channel.provider.query(P)
    assert (paid.state, paid.amount_fen, paid.out_trade_no) == ("succeeded", 12_850, P)
    assert paid.paid_at == NOON + timedelta(minutes=3)
    assert paid.transaction_id


def test_a_notice_says_the_same_as_a_query(channel: Channel) -> None:
    channel.paid()

    (notice,) = channel.notices()

    asked = channel.provider.query(P)
    assert isinstance(notice.state, PaymentState)
    assert notice.kind == "payment"
    assert (notice.state.state, notice.state.amount_fen) == (asked.state, asked.amount_fen)
    assert (notice.state.transaction_id, notice.state.paid_at) == (
        asked.transaction_id,
        asked.paid_at,
    )
    assert notice.state.app_id
    assert notice.state.merchant_id


def test_numbers_that_nobody_knows_are_not_found(channel: Channel) -> None:
    assert channel.provider.query("P_never") == PaymentState("P_never", "not_found")
    assert channel.provider.query_refund("R_never", "P_never").state == "not_found"
    assert channel.provider.query_transfer("Wnever") == TransferState("Wnever", "not_found")


def test_creating_again_is_harmless_and_another_amount_is_refused(channel: Channel) -> None:
    channel.provider.create(channel.order())
    assert channel.provider.create(channel.order()).code_url

    with pytest.raises(GatewayRefused) as refused:
        channel.provider.create(channel.order(amount_fen=12_851))

    assert refused.value.details["temporary"] is False
    channel.local.pay(P)
    assert channel.provider.query(P).amount_fen == 12_850


def test_a_paid_payment_cannot_be_closed(channel: Channel) -> None:
    channel.paid()

    with pytest.raises(GatewayRefused) as refused:
        channel.provider.close(P)

    assert refused.value.details["gateway_code"] == PAID_CODES[channel.name]
    assert channel.provider.query(P).state == "succeeded"


def test_an_unpaid_payment_cannot_be_paid_after_its_time(channel: Channel) -> None:
    channel.provider.create(channel.order())
    channel.clock.travel(minutes=15)

    with pytest.raises(requests.HTTPError, match="409"):
        channel.local.pay(P)


def test_what_was_given_back_stays_paid(channel: Channel) -> None:
    """Also when all of it went back, which Alipay calls closed."""
    channel.paid()
    channel.refund(fen=12_850)

    assert channel.provider.query(P).state == "succeeded"


def test_a_refund_arrives_once_however_often_it_is_asked_for(channel: Channel) -> None:
    channel.paid()
    assert channel.provider.query_refund(R, P).state == "not_found"

    channel.refund()
    channel.refund()
    channel.local.send_notices()

    state = channel.provider.query_refund(R, P)
    assert (state.out_refund_no, state.state, state.refund_fen) == (R, "succeeded", 5_000)
    with pytest.raises(GatewayRefused):
        channel.refund("R20260302_2", 12_850 - 5_000 + 1)
    assert channel.refund("R20260302_3", 12_850 - 5_000).out_refund_no == "R20260302_3"


def test_a_refunds_notice_names_the_refund(channel: Channel) -> None:
    channel.paid()
    channel.notices()
    channel.refund()

    notices = channel.notices()

    (notice,) = [one for one in notices if one.kind == "refund"]
    assert isinstance(notice.state, RefundState)
    assert (notice.state.out_refund_no, notice.state.state) == (R, "succeeded")
    assert notice.state.refund_fen in (None, 5_000)
    assert notice.state.refunded_at == NOON


def test_a_transfer_is_paid_once(channel: Channel) -> None:
    wanted = a_transfer(channel.inbox, user_name="王师傅")
    channel.provider.transfer(wanted)
    channel.provider.transfer(wanted)
    if channel.name == "wechat":
        channel.local.confirm(W)

    state = channel.provider.query_transfer(W)

    assert (state.out_bill_no, state.state, state.amount_fen) == (W, "succeeded", 35_000)
    table = {"wechat": "transfers", "alipay": "alipay_transfers"}[channel.name]
    assert len(channel.local.gateway.store.all(f"SELECT * FROM {table}")) == 1


@pytest.mark.parametrize("fault", ["answer_lost", "5xx"])
def test_no_answer_is_unknown_and_a_query_tells(channel: Channel, fault: str) -> None:
    channel.paid()
    channel.local.fault(fault, only="refund")

    with pytest.raises(OutcomeUnknown):
        channel.refund()

    carried_out = fault == "answer_lost"
    known = channel.provider.query_refund(R, P).state != "not_found"
    assert known == carried_out
    assert channel.refund().out_refund_no == R


def test_a_slow_answer_is_unknown(
    local: LocalServer, inbox: Inbox, clock: StillClock, request: pytest.FixtureRequest
) -> None:
    for name in CHANNELS:
        hasty = built(name, local, clock, timeout_seconds=(5.0, 0.05))
        local.fault("slow", seconds=30)
        with pytest.raises(OutcomeUnknown):
            hasty.query(P)
        local.gateway.faults.clear()


FAULTY = {
    "forged": "bad_signature",
    "stale": "stale",
    "wrong_merchant": "wrong_merchant",
    "wrong_app": "wrong_app",
}


@pytest.mark.parametrize("fault", FAULTY)
def test_a_notice_that_is_not_ours_is_refused(channel: Channel, fault: str) -> None:
    channel.local.fault(fault)
    channel.paid()
    channel.local.send_notices()

    assert channel.refusal(channel.inbox.received[0]) == FAULTY[fault]


def test_a_recorded_notice_is_refused_later(channel: Channel) -> None:
    channel.local.fault("replayed", seconds=600)
    channel.paid()
    (first,) = channel.notices()
    channel.clock.travel(seconds=600)
    channel.local.send_notices()

    assert channel.refusal(channel.inbox.received[0]) == "stale"
    assert first.kind == "payment"


def test_a_notice_of_another_amount_tells_that_amount(channel: Channel) -> None:
    """It is signed, so it is read; the books refuse it."""
    channel.local.fault("wrong_amount")
    channel.paid()

    (notice,) = channel.notices()

    assert isinstance(notice.state, PaymentState)
    assert notice.state.amount_fen == 12_851


Change = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.replace(b"P", b"Q", 1) if b"P" in body else body + b" ",
        lambda body: b"",
        lambda body: b"\xff\xfe" + body,
        lambda body: body[: len(body) // 2],
    ],
)
def test_a_changed_notice_is_refused(channel: Channel, change: Change) -> None:
    channel.paid()
    channel.local.send_notices()
    headers, body = channel.inbox.received[0]

    assert channel.refusal((headers, change(body))) in (
        "bad_signature",
        "bad_body",
        "missing_header",
    )


def test_a_lost_notice_is_never_sent(channel: Channel) -> None:
    channel.local.fault("lost")
    channel.paid()

    assert channel.notices() == []
    assert channel.provider.query(P).state == "succeeded"


def test_a_notice_that_is_late_twice_or_overtaken_comes_all_the_same(channel: Channel) -> None:
    channel.local.fault("out_of_order", seconds=9_999)
    channel.local.fault("twice", only="refund")
    channel.paid()
    channel.refund()

    kinds = [notice.kind for notice in channel.notices()]

    assert kinds == ["refund", "refund", "payment"] or kinds == ["refund", "payment", "refund"]
