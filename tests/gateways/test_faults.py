"""Each fault of the local gateway, and how the adapter and a merchant come through it."""

from dataclasses import replace

import pytest
import requests

from app.gateways.payment import (
    InvalidNotice,
    OutcomeUnknown,
    PaymentState,
    RefundRequest,
    TransferState,
)
from app.gateways.wechat_pay import WechatPay
from tests.gateways.support import (
    Inbox,
    LocalServer,
    StillClock,
    a_transfer,
    an_order,
    wechat_settings,
)


@pytest.fixture
def order(wechat: WechatPay, inbox: Inbox) -> str:
    wechat.create(an_order(inbox))
    return "P20260302-0001"


def notice_state(local: LocalServer) -> list[tuple[str, int]]:
    rows = local.gateway.store.all("SELECT state, attempts FROM notices ORDER BY id")
    return [(row["state"], row["attempts"]) for row in rows]


def test_late_the_notice_comes_when_its_time_has_come(
    local: LocalServer, inbox: Inbox, order: str, clock: StillClock
) -> None:
    local.fault("late", seconds=90)
    local.pay(order)

    clock.travel(seconds=89)
    local.send_notices()
    assert inbox.received == []
    clock.travel(seconds=1)
    local.send_notices()
    assert notice_state(local) == [("delivered", 1)]


def test_twice_the_same_notice_comes_again(
    wechat: WechatPay, local: LocalServer, inbox: Inbox, order: str
) -> None:
    local.fault("twice")
    local.pay(order)

    local.send_notices()

    first, second = (wechat.parse_notice(*received) for received in inbox.received)
    assert first == second
    assert inbox.received[0] != inbox.received[1]  # signed and encrypted anew
    assert notice_state(local) == [("delivered", 2)]


def test_wrong_amount_the_caller_can_see_it(
    wechat: WechatPay, local: LocalServer, inbox: Inbox, order: str
) -> None:
    local.fault("wrong_amount")
    local.pay(order)
    local.send_notices()

    told = wechat.parse_notice(*inbox.received[0]).state

    assert isinstance(told, PaymentState)
    assert told.amount_fen == 12_851
    assert wechat.query(order).amount_fen == 12_850


def test_wrong_amount_in_a_transfer(wechat: WechatPay, local: LocalServer, inbox: Inbox) -> None:
    local.fault("wrong_amount", only="transfer")
    wechat.transfer(a_transfer(inbox))
    local.confirm("W202603020001")
    local.send_notices()

    told = wechat.parse_notice(*inbox.received[0]).state

    assert isinstance(told, TransferState)
    assert told.amount_fen == 35_001


@pytest.mark.parametrize(("fault", "reason"), [("forged", "bad_signature"), ("stale", "stale")])
def test_a_refused_attempt_is_followed_by_an_honest_one(
    wechat: WechatPay,
    local: LocalServer,
    inbox: Inbox,
    order: str,
    clock: StillClock,
    fault: str,
    reason: str,
) -> None:
    inbox.answers = [400]
    local.fault(fault)
    local.pay(order)
    local.send_notices()

    with pytest.raises(InvalidNotice) as refused:
        wechat.parse_notice(*inbox.received[0])
    assert refused.value.details["reason"] == reason

    clock.travel(seconds=15)
    local.send_notices()
    assert wechat.parse_notice(*inbox.received[1]).state == wechat.query(order)
    assert notice_state(local) == [("delivered", 2)]


def test_lost_only_a_query_tells(
    wechat: WechatPay, local: LocalServer, inbox: Inbox, order: str, clock: StillClock
) -> None:
    local.fault("lost")
    local.pay(order)
    clock.travel(days=2)
    local.send_notices()

    assert inbox.received == []
    assert wechat.query(order).state == "succeeded"


def test_out_of_order_the_refund_is_told_before_the_payment(
    wechat: WechatPay, local: LocalServer, inbox: Inbox, order: str
) -> None:
    local.fault("out_of_order", only="payment")
    local.pay(order)
    local.send_notices()
    assert inbox.received == []

    wechat.refund(RefundRequest(order, "R1", 12_850, 12_850, notify_url=inbox.url))
    local.send_notices()

    kinds = [wechat.parse_notice(*received).kind for received in inbox.received]
    assert kinds == ["refund", "payment"]


def test_out_of_order_does_not_wait_for_ever(
    local: LocalServer, inbox: Inbox, order: str, clock: StillClock
) -> None:
    local.fault("out_of_order", seconds=60)
    local.pay(order)

    clock.travel(seconds=60)
    local.send_notices()

    assert notice_state(local) == [("delivered", 1)]


def test_answer_lost_the_call_was_carried_out_and_a_repeat_is_harmless(
    wechat: WechatPay, local: LocalServer, inbox: Inbox
) -> None:
    local.fault("answer_lost", only="transfer")

    with pytest.raises(OutcomeUnknown) as unknown:
        wechat.transfer(a_transfer(inbox))
    assert unknown.value.details["reason"] == "no_answer"

    found = wechat.query_transfer("W202603020001")
    assert (found.state, found.amount_fen) == ("waiting_for_payee", 35_000)
    assert wechat.transfer(a_transfer(inbox)).transfer_id == found.transfer_id
    assert len(local.gateway.store.all("SELECT * FROM transfers")) == 1


def test_5xx_nothing_was_carried_out(wechat: WechatPay, local: LocalServer, inbox: Inbox) -> None:
    local.fault("5xx")

    with pytest.raises(OutcomeUnknown) as unknown:
        wechat.create(an_order(inbox))

    assert unknown.value.details["status"] == 500
    assert wechat.query("P20260302-0001").state == "not_found"


def test_slow_a_time_out_leaves_the_outcome_unknown(
    wechat: WechatPay, local: LocalServer, inbox: Inbox, clock: StillClock
) -> None:
    hasty_settings = replace(wechat_settings(local), timeout_seconds=(5.0, 0.2))
    hasty = WechatPay(lambda: hasty_settings, clock)
    local.fault("slow", seconds=600)

    with pytest.raises(OutcomeUnknown) as unknown:
        hasty.create(an_order(inbox))

    assert unknown.value.details["cause"] == "ReadTimeout"
    assert wechat.query("P20260302-0001").state == "not_paid"


def test_a_fault_is_used_up_and_can_be_switched_off(local: LocalServer) -> None:
    local.fault("late", times=2, seconds=5, only="refund")
    local.fault("lost")
    faults = local.gateway.faults

    assert faults.take("late", "payment") is None
    assert faults.take("late", "refund") is not None
    assert [(f["name"], f["times"]) for f in faults.listed()] == [("late", 1), ("lost", 1)]
    requests.delete(f"{local.url}/_local/faults", timeout=5).raise_for_status()
    assert faults.listed() == []


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"fault": "earthquake"},
        {"fault": "late", "times": 0},
        {"fault": "late", "seconds": -1},
        {"fault": "late", "only": "tax"},
        {"fault": "late", "extra": 1},
        {"fault": "late", "times": "many"},
    ],
)
def test_an_unknown_fault_is_refused(local: LocalServer, body: object) -> None:
    answer = requests.post(f"{local.url}/_local/faults", json=body, timeout=5)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "UNKNOWN_FAULT")
    assert local.gateway.faults.listed() == []
