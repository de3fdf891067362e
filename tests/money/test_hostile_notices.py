"""Notices that nobody should believe, put to the real adapters through the real endpoint.

The local gateway makes each as it would send it; what the product answers is what the channel
would read. Counted for both channels: none is accepted.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.domain.actors import SYSTEM, Actor
from app.extensions import db
from app.gateways import build_gateways
from app.gateways.local.alipay_trades import pay as pay_alipay
from app.gateways.local.context import Gateway
from app.gateways.local.faults import Fault
from app.gateways.local.payments import pay as pay_wechat
from app.gateways.local.server import assemble, create_gateway, local_gateway
from app.models import Journal, PaymentAttempt, PaymentNotice
from app.services.clock import SystemClock
from app.services.money import payments
from app.services.system import parameters
from app.views.labels_money import NOTICE_OUTCOME
from tests.gateways.support import keys_read_once, served_parts
from tests.money.support import again, count, order, wrong

CHANNELS = ("wechat", "alipay")
# What is done to a genuine notice -> the outcome that is kept beside the raw text.
CHANGES = {
    "forged": "bad_signature",
    "stale": "stale",
    "wrong_amount": "payment_mismatch",
    "wrong_merchant": "wrong_merchant",
    "wrong_app": "wrong_app",
}


@dataclass
class Channel:
    name: str
    local: Gateway
    client: FlaskClient

    def pay(self, attempt: PaymentAttempt, fault: str = "") -> tuple[dict[str, str], bytes]:
        """The customer pays; the notice as it would be sent now."""
        if fault:
            self.local.faults.switch_on(Fault(fault))

        pay = {"wechat": pay_wechat, "alipay": pay_alipay}[self.name]
        pay(self.local, attempt.out_trade_no)
        return self.message()

    def message(self) -> tuple[dict[str, str], bytes]:
        row = self.local.store.one("SELECT * FROM notices ORDER BY id DESC LIMIT 1")
        return self.local.notifier._message(row)

    def tell(self, headers: dict[str, str], body: bytes) -> Any:
        return self.client.post(f"/api/pay/{self.name}/notice", data=body, headers=headers)

    def is_refused(self, answer: Any) -> bool:
        """In the channel's own words: it will send the notice again."""
        if self.name == "alipay":
            return (answer.status_code, answer.text) == (200, "failure")
        return answer.status_code >= 400 and answer.json["code"] == "FAIL"

    def is_taken(self, answer: Any) -> bool:
        if self.name == "alipay":
            return (answer.status_code, answer.text) == (200, "success")
        return (answer.status_code, answer.json["code"]) == (200, "SUCCESS")


@pytest.fixture(scope="module")
def gateway_keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with keys_read_once():
        yield tmp_path_factory.mktemp("hostile")


@pytest.fixture(scope="module")
def gateway_app(gateway_keys: Path) -> Flask:
    app = create_gateway(gateway_keys / "gateway", SystemClock().now, background=False)
    local_gateway(app).close()
    return app


@pytest.fixture(params=CHANNELS)
def channel(
    request: pytest.FixtureRequest,
    app: Flask,
    client: FlaskClient,
    gateway_keys: Path,
    gateway_app: Flask,
) -> Iterator[Channel]:
    clock = app.extensions["clock"]
    parts = assemble(gateway_keys / "gateway", lambda: clock.now())
    with served_parts(gateway_app, parts) as url:
        settings = {"DATA_DIR": str(gateway_keys), "DEMO": True, "LOCAL_GATEWAY_URL": url}
        usual = app.extensions["gateways"]
        built = build_gateways(settings, lambda: clock.now())
        app.extensions["gateways"] = replace(usual, payment=built.payment)
        parameters.set_parameter("payment.methods", list(CHANNELS), actor=SYSTEM)
        yield Channel(request.param, parts, client)
        app.extensions["gateways"] = usual


@pytest.fixture
def attempt(company, channel: Channel) -> PaymentAttempt:
    row = order(company, 33_400)
    return payments.start_payment(row.id, channel.name, actor=Actor("customer", row.customer_id))


def outcomes() -> list[str]:
    db.session.expire_all()
    found = [row.outcome for row in db.session.query(PaymentNotice).order_by(PaymentNotice.id)]
    assert set(found) <= set(NOTICE_OUTCOME), "the page has a word for each"
    return found


def test_a_genuine_notice_is_taken_once_however_often_it_comes(channel, attempt):
    notice = channel.pay(attempt)

    answers = [channel.tell(*notice) for _again in range(3)]

    assert all(channel.is_taken(answer) for answer in answers)
    assert (again(attempt).status, count(Journal)) == ("succeeded", 1)
    assert outcomes() == ["applied", "repeated", "repeated"]
    assert wrong() == {}


@pytest.mark.parametrize("change", CHANGES)
def test_a_hostile_notice_is_refused_kept_and_without_effect(channel, attempt, change):
    answer = channel.tell(*channel.pay(attempt, change))

    assert channel.is_refused(answer)
    assert (again(attempt).status, count(Journal)) == ("pending", 0)
    assert outcomes() == [CHANGES[change]]


def test_a_replay_an_hour_later_is_refused(channel, attempt, clock):
    notice = channel.pay(attempt)
    clock.travel(timedelta(hours=1))

    assert channel.is_refused(channel.tell(*notice))
    assert (again(attempt).status, outcomes()) == ("pending", ["stale"])


def test_a_replay_for_another_payment_is_refused(company, channel, attempt):
    """A genuine notice whose number was changed on the way."""
    headers, body = channel.pay(attempt)
    other = order(company, 33_400)
    second = payments.start_payment(other.id, channel.name, actor=SYSTEM)
    changed = body.replace(attempt.out_trade_no.encode(), second.out_trade_no.encode())
    if channel.name == "wechat":  # the number is encrypted: change what can be changed
        envelope = json.loads(body)
        cipher = envelope["resource"]["ciphertext"]
        envelope["resource"]["ciphertext"] = cipher[:-8] + "AAAAAAA="
        changed = json.dumps(envelope).encode()

    assert changed != body
    assert channel.is_refused(channel.tell(headers, changed))
    assert (again(second).status, count(Journal)) == ("pending", 0)


def test_none_of_many_hostile_notices_is_accepted(channel, attempt, clock):
    """Every change at once, again and again: 0 accepted of those counted."""
    genuine = channel.pay(attempt)
    sent = accepted = 0
    for position in range(0, len(genuine[1]), max(1, len(genuine[1]) // 20)):
        flipped = bytearray(genuine[1])
        flipped[position] ^= 1
        accepted += channel.is_taken(channel.tell(genuine[0], bytes(flipped)))
        sent += 1
    for body in (b"", b"{}", b"sign=x&sign_type=RSA2", b"\x00" * 100, genuine[1] * 2):
        accepted += channel.is_taken(channel.tell(genuine[0], body))
        accepted += channel.is_taken(channel.tell({}, body))
        sent += 2

    assert sent >= 30
    assert accepted == 0
    assert (again(attempt).status, count(Journal)) == ("pending", 0)
    assert count(PaymentNotice) == sent
