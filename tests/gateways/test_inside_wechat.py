"""Paying inside WeChat: who looks at the page, and what its own window believes."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from app.domain.errors import OutsideError
from app.gateways.wechat_pay import WechatPay
from app.gateways.wechat_visitor import WechatVisitor, WechatVisitorSettings
from tests.gateways.support import Inbox, LocalServer, an_order

BACK = "https://office.example.com/pay/D1/token/wechat?lang=en"


def settings(local: LocalServer) -> WechatVisitorSettings:
    keys = local.gateway.keys
    return WechatVisitorSettings(keys.app_id, keys.app_secret, local.url, local.url)


@pytest.fixture
def visitor(local: LocalServer) -> WechatVisitor:
    return WechatVisitor(lambda: settings(local))


def code_of(visitor: WechatVisitor) -> str:
    answer = requests.get(visitor.address(BACK), allow_redirects=False, timeout=5)
    assert answer.status_code == 302
    told = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert (told["lang"], told["state"]) == (["en"], ["pay"])
    return told["code"][0]


def test_a_code_tells_once_who_looks(visitor: WechatVisitor) -> None:
    code = code_of(visitor)

    assert visitor.openid(code) == "o-local-visitor"
    for wrong in (code, "", "nonsense"):
        with pytest.raises(OutsideError):
            visitor.openid(wrong)


def test_without_the_secret_or_an_answer_nobody_is_known(
    visitor: WechatVisitor, local: LocalServer
) -> None:
    known = settings(local)
    code = code_of(visitor)
    for other in (
        replace(known, app_secret="x"),
        replace(known, api_host="http://127.0.0.1:9"),
        replace(known, api_host=f"{local.url}/_local"),
    ):
        with pytest.raises(OutsideError):
            WechatVisitor(lambda: other).openid(code)  # noqa: B023
    assert visitor.openid(code) == "o-local-visitor"


def window(local: LocalServer, params: dict[str, str]) -> int:
    return requests.post(f"{local.url}/_local/wechat-window", json=params, timeout=5).status_code


def test_the_window_pays_only_what_the_merchant_signed_for_this_visitor(
    wechat: WechatPay, local: LocalServer, inbox: Inbox
) -> None:
    request = an_order(inbox, payer_openid="o-local-visitor", scene="client")
    params = dict(wechat.create(request).client_params)
    for name in ("timeStamp", "nonceStr", "package", "appId", "paySign"):
        assert window(local, {**params, name: params[name][:-1]}) == 400, name
    assert window(local, {**params, "signType": "MD5"}) == 400
    assert wechat.query(request.out_trade_no).state == "not_paid"

    assert window(local, params) == 200
    assert wechat.query(request.out_trade_no).state == "succeeded"

    other = an_order(inbox, out_trade_no="P20260302-0002", scene="client")
    assert window(local, dict(wechat.create(other).client_params)) == 400
