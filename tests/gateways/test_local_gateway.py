"""The local gateway by itself: its schedule, its state, its page."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from app.gateways.local.server import create_gateway, local_gateway
from app.gateways.wechat_pay import WechatPay
from tests.gateways.support import (
    Inbox,
    LocalServer,
    StillClock,
    a_transfer,
    an_order,
    served,
    wechat_settings,
)


@contextmanager
def running(
    state_dir: Path, clock: StillClock, *, background: bool = False
) -> Iterator[tuple[LocalServer, WechatPay]]:
    app = create_gateway(state_dir, clock, background=background)
    with served(app) as url:
        local = LocalServer(url, local_gateway(app))
        yield local, WechatPay(lambda: wechat_settings(local), clock)
    local_gateway(app).close()


def test_an_unanswered_notice_is_tried_sixteen_times_in_24_hours_and_4_minutes(
    wechat: WechatPay, local: LocalServer, inbox: Inbox, clock: StillClock
) -> None:
    wechat.create(an_order(inbox))
    inbox.answers = [500] * 30
    local.pay("P20260302-0001")
    started, attempts = clock.now, []
    for _ in range(16):
        local.send_notices()
        attempts.append((len(inbox.received), clock.now - started))
        (notice,) = local.gateway.store.all("SELECT due_at, state FROM notices")
        clock.now = datetime.fromtimestamp(notice["due_at"], UTC)

    assert attempts[:3] == [
        (1, timedelta(0)),
        (2, timedelta(seconds=15)),
        (3, timedelta(seconds=30)),
    ]
    assert attempts[-1] == (16, timedelta(hours=24, minutes=4))
    assert notice["state"] == "given_up"


@pytest.mark.parametrize("status", [200, 204])
def test_the_status_alone_acknowledges_a_notice(
    wechat: WechatPay, local: LocalServer, inbox: Inbox, status: int, clock: StillClock
) -> None:
    wechat.create(an_order(inbox))
    inbox.answers = [302, status]
    local.pay("P20260302-0001")
    local.send_notices()
    clock.travel(days=2)
    local.send_notices()
    clock.travel(days=2)
    local.send_notices()

    assert len(inbox.received) == 2


def test_in_the_background_a_notice_arrives_by_itself(
    state_dir: Path, clock: StillClock, inbox: Inbox
) -> None:
    with running(state_dir, clock, background=True) as (local, wechat):
        wechat.create(an_order(inbox))
        local.pay("P20260302-0001")
        assert inbox.arrived.wait(timeout=10)

    assert wechat.parse_notice(*inbox.received[0]).state.state == "succeeded"


def test_what_was_paid_is_still_paid_after_a_restart(
    state_dir: Path, clock: StillClock, inbox: Inbox
) -> None:
    with running(state_dir, clock) as (first, wechat):
        wechat.create(an_order(inbox))
        first.pay("P20260302-0001")
    assert inbox.received == []

    with running(state_dir, clock) as (second, wechat):
        assert wechat.query("P20260302-0001").state == "succeeded"
        second.send_notices()

    assert len(inbox.received) == 1


def test_many_hands_pay_one_order_once(wechat: WechatPay, local: LocalServer, inbox: Inbox) -> None:
    wechat.create(an_order(inbox))
    url = f"{local.url}/_local/pay/P20260302-0001"

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: requests.post(url, timeout=5).status_code, range(8)))

    assert sorted(statuses) == [200] + [409] * 7
    assert len(local.gateway.store.all("SELECT * FROM notices")) == 1


def test_the_page_shows_what_waits_and_its_buttons_work(
    wechat: WechatPay, local: LocalServer, inbox: Inbox
) -> None:
    wechat.create(an_order(inbox, description="<b>保洁</b>"))
    wechat.transfer(a_transfer(inbox))

    page = requests.get(f"{local.url}/_local/", timeout=5)
    pressed = [
        requests.post(local.url + action, data={"x": "1"}, timeout=5)
        for action in re.findall(r'action="([^"]+)"', page.text)
        if not action.endswith("/fail")
    ]

    assert "¥128.50" in page.text
    assert "&lt;b&gt;保洁&lt;/b&gt;" in page.text
    assert "2月服务报酬" in page.text
    assert [answer.url for answer in pressed] == [f"{local.url}/_local/"] * 2
    assert wechat.query("P20260302-0001").state == "succeeded"
    assert wechat.query_transfer("W202603020001").state == "succeeded"
    assert "没有待付款的订单" in pressed[-1].text


def test_the_page_asks_no_other_host(local: LocalServer) -> None:
    page = requests.get(f"{local.url}/_local/", timeout=5)

    assert re.findall(r'(?:src|href|action)="(?!/_local/)([^"]*)"', page.text) == []
    assert "http" not in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_a_payee_can_also_be_unable_to_take_it(
    wechat: WechatPay, local: LocalServer, inbox: Inbox
) -> None:
    wechat.transfer(a_transfer(inbox))
    requests.post(f"{local.url}/_local/transfers/W202603020001/fail", timeout=5).raise_for_status()

    state = wechat.query_transfer("W202603020001")

    assert (state.state, state.fail_reason) == ("failed", "PAYEE_ACCOUNT_ABNORMAL")


def test_another_site_in_the_same_browser_cannot_pay(
    wechat: WechatPay, local: LocalServer, inbox: Inbox
) -> None:
    wechat.create(an_order(inbox))
    url = f"{local.url}/_local/pay/P20260302-0001"

    answer = requests.post(url, headers={"Origin": "https://evil.example"}, timeout=5)

    assert answer.status_code == 403
    assert wechat.query("P20260302-0001").state == "not_paid"
    assert requests.post(url, headers={"Origin": local.url}, timeout=5).status_code == 200


@pytest.mark.parametrize("path", ["/_local/pay/P-never-was", "/_local/transfers/Wneverwas/confirm"])
def test_nothing_to_pay_or_confirm_is_404(local: LocalServer, path: str) -> None:
    assert requests.post(local.url + path, timeout=5).status_code == 404
