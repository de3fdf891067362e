"""The payment page inside WeChat: its window pays with what the page hands it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from playwright.sync_api import Page, Route, expect

from app.domain.actors import SYSTEM
from app.extensions import db
from app.gateways import build_gateways, local_settings, local_state_dir
from app.gateways.local.server import create_gateway, local_gateway
from app.services.money.payments.pages import page_url
from app.services.system import parameters
from tests import factories
from tests.browser.conftest import faults, overhang
from tests.gateways.support import served
from tests.money.support import again, order

pytestmark = pytest.mark.backends("sqlite")
AGENT = "Mozilla/5.0 (iPhone) Mobile/15E148 MicroMessenger/8.0.50(0x1800323d) NetType/WIFI"
# What WeChat puts into every page that it shows.
BRIDGE = """window.WeixinJSBridge = {invoke: async (name, params, tell) => {
  tell({err_msg: name + ":" + await window.paidByTheWindow(name, params)});
  document.documentElement.dataset.answered = "yes";
}};"""


@pytest.fixture
def wechat(real_app: Flask, live_url: str, tmp_path: Path, monkeypatch: Any) -> Iterator[str]:
    """The product with real adapters on a local gateway; gives the gateway's address."""
    now = real_app.extensions["clock"].now
    gateway = create_gateway(local_state_dir(tmp_path), now, background=False)
    with served(gateway) as url:
        settings = {**local_settings(tmp_path, url), "DATA_DIR": str(tmp_path)}
        monkeypatch.setitem(real_app.extensions, "gateways", build_gateways(settings, now))
        monkeypatch.setitem(real_app.config, "PUBLIC_URL", live_url)
        yield url
    local_gateway(gateway).close()


@pytest.fixture
def unpaid(real_app: Flask) -> Any:
    parameters.set_parameter("payment.methods", ["wechat", "alipay"], actor=SYSTEM)
    return order(factories.company(), 33_400)


def inside(context_of: Any, gateway: str, answers: list[str], **more: Any) -> tuple[Page, list]:
    """A page in WeChat: it knows the visitor, and its window does what `answers` say."""
    page: Page = context_of(390, 844, also=[gateway], user_agent=AGENT, **more).new_page()
    handed: list[tuple[str, dict[str, str]]] = []

    def by_the_window(name: str, params: dict[str, str]) -> str:
        handed.append((name, params))
        answer = answers.pop(0)
        if answer == "ok":
            paid = requests.post(f"{gateway}/_local/wechat-window", json=params, timeout=5)
            assert paid.status_code == 200, paid.text
        return answer

    def know_the_visitor(route: Route) -> None:
        asked = requests.get(route.request.url, allow_redirects=False, timeout=5)
        route.fulfill(status=302, headers={"Location": asked.headers["Location"]})

    page.route(f"{gateway}/connect/**", know_the_visitor)
    page.expose_function("paidByTheWindow", by_the_window)
    page.add_init_script(BRIDGE)
    return page, handed


def test_the_window_opens_by_itself_and_again_by_the_button(
    context_of, wechat, unpaid, clock
) -> None:
    page, handed = inside(context_of, wechat, ["cancel", "fail", "ok"], locale="en")
    page.goto(page_url(unpaid.number))
    page.get_by_role("link", name="WeChat Pay").click()
    button = page.get_by_role("button", name="Pay with WeChat")
    expect(page.locator("html[data-answered]")).to_be_attached()
    assert [name for name, _ in handed] == ["getBrandWCPayRequest"]
    assert (faults(page), overhang(page)) == ([], 0)

    page.reload()
    button.click()
    expect(page.get_by_role("alert")).to_be_visible()
    button.click()
    expect(page.get_by_role("alert")).to_be_hidden()
    assert len(handed) == 3
    assert {params["package"] for _, params in handed} == {handed[0][1]["package"]}

    clock.travel(timedelta(seconds=5))  # the page asks the server, the server asks the channel
    expect(page.get_by_text("Thank you")).to_be_visible()
    db.session.rollback()  # what this test read before is over
    assert again(unpaid).status == "pending_dispatch"


def test_elsewhere_the_page_says_where_to_pay(context_of, wechat, unpaid, live_url) -> None:
    page, handed = inside(context_of, wechat, ["cancel"], locale="en")
    page.goto(page_url(unpaid.number))
    page.get_by_role("link", name="WeChat Pay").click()
    expect(page.locator("html[data-answered]")).to_be_attached()

    other = context_of(1366, 768, locale="en").new_page()
    other.goto(page_url(unpaid.number))

    expect(other.get_by_text("Open this page in WeChat to pay.")).to_be_visible()
    assert len(handed) == 1
