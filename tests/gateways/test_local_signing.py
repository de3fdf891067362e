"""The local gateway's verifiers against what WeChat Pay and Tencent Cloud publish.

The adapters sign with other code; that the verifiers accept them as well is what ties both
ends to the published examples.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from app.gateways.local.signing import Authorization, Tc3, tc3_signature
from app.gateways.wechat_core import WechatCore
from tests.gateways.support import LocalServer, StillClock, wechat_settings

# Public half of the test key in pay.weixin.qq.com/doc/v3/merchant/4012365336.
WECHAT_EXAMPLE_KEY = b"""-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAptpm+qvIDCh/9wjU26SQ
CK26ogYkBhDrYxnAaw2JbbBsp1oDbHKk+1r381NeBUG2HEFAuU+Fr72u5ot3yKdz
oF/FajAzQNKnm569/D3upKoi8mYBaST15Uig8j8qoUW1U217LL0jEHlSnHV3lcaD
TXqDpTRR4Bfz9IqOgJgFZ8/oTfEomSrjrLYef81Eyxr7ZIMQXEKKEK7V4UXKS0+/
fDsiG/cXidhzt8UbTL9vqXqxM2+IDImyO+FAc/tkBG55LmzxPto1Nq0WbnZzRM/w
Tzrd0I/8NlevxtFbphg4evlHjFNI7+GrqR87ViEwuAJJ9Je5QQjct5YJfFRWiZ5C
MQIDAQAB
-----END PUBLIC KEY-----
"""
WECHAT_EXAMPLES = [
    (  # a body: .../4012365336
        "POST",
        "/v3/pay/transactions/jsapi",
        '{"appid":"wxd678efh567hg6787","mchid":"1900007291","description":"Image形象店-深圳腾大'
        '-QQ公仔","out_trade_no":"1217752501201407033233368018","notify_url":"https://www.weixin'
        '.qq.com/wxpay/pay.php","amount":{"total":100,"currency":"CNY"},"payer":{"openid":'
        '"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}}',
        "jnks4dlrPw3ZX+ozVvSK39oa0t7OMBsg83BHAwd8BRdUFiVaQNTLTvci+wURgP1OQBbKYhFGvt7iqYpDSTQkp7U"
        "q1sltaQKyncCyrA1g88m5bsKERQfPyT0ahSwKTYJ1CAn9QiJuSJRq1QsQs07eehbU/k9BCS51jTyc1Jpsi2H77H"
        "F9f/BnjXAOP3/sPObg6V5Ee4EzwLox684hhuMuIwHo7D8KFk3LIHOKDcNI4It1aCXydFWNpNK+SG86VUDe5kwoD"
        "pw4Ulqfu9z8OFDGbDs9TCxEv8iqQzbpxOlEVoOe2kalSYM5kApQb3nZcxdUtoE0liJGW3RGUNE0t4v01A==",
    ),
    (  # a path and no body: .../4012365334
        "GET",
        "/v3/refund/domestic/refunds/123123123123",
        "",
        "Lc9VXxmeonkdV8Xk9tmigQFLhl0vRWTerdmoRu01aAnYwIrD/5nsSwE1WlmZGLRlAFTNQ3QsMa0+VRDlJp1Wp5p"
        "0nO8EK68b5sJBbjouxaFciIfq1zfDWWz+jqhcMoKXI1A6dPm1AW7D4d30WsMTNzp6g23OXakIsh9LO3lUmwvTuE"
        "0BY8ncf6tNGk4wKmvXwERd/ZpoQY3MAVKz+Nakwc+2XBmzT66KcUehU5kr4IvGa/lEU5RZb/q00zP9VLdBhC/jQ"
        "SX3X1UcJLCtEc4gTmib4tnmAT+bHF/e17ZAuxDNcx6rqT8gNEXqaJGG+1OflMSTU2tpyG65G4dMKdFcoA==",
    ),
]
# Both examples are from Tencent Cloud's page on signature v3 (an older and a newer edition).
TC3_BODY = (
    rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
)
TC3_HEADERS = {
    "content-type": "application/json; charset=utf-8",
    "host": "cvm.tencentcloudapi.com",
    "x-tc-action": "DescribeInstances",
    "x-tc-timestamp": "1551113065",
}


@pytest.mark.parametrize(("method", "url", "body", "signature"), WECHAT_EXAMPLES)
def test_wechat_pays_published_signatures_are_accepted(
    method: str, url: str, body: str, signature: str
) -> None:
    key = load_pem_public_key(WECHAT_EXAMPLE_KEY)
    assert isinstance(key, RSAPublicKey)
    header = (
        'WECHATPAY2-SHA256-RSA2048 mchid="1900007291",'
        f'nonce_str="593BEC0C930BF1AFEB40B4A08C8FB242",signature="{signature}",'
        'timestamp="1554208460",serial_no="408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB"'
    )

    claim = Authorization.parse(header)

    assert claim is not None
    assert claim.signed_by(key, method, url, body.encode())
    assert not claim.signed_by(key, method, url + "?", body.encode())


@pytest.mark.parametrize(
    ("secret_key", "signed_headers", "signature"),
    [
        (
            "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
            "content-type;host",
            "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168",
        ),
        (
            "*" * 32,
            "content-type;host;x-tc-action",
            "10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f",
        ),
    ],
)
def test_tencents_published_signatures_are_ours_too(
    secret_key: str, signed_headers: str, signature: str
) -> None:
    header = (
        "TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/2019-02-25/cvm/tc3_request, "
        f"SignedHeaders={signed_headers}, Signature={signature}"
    )

    claim = Tc3.parse(header)

    assert claim is not None
    assert tc3_signature(claim, secret_key, "POST", TC3_HEADERS, TC3_BODY) == signature
    assert claim.signed_with(secret_key, "POST", TC3_HEADERS, TC3_BODY)
    assert not claim.signed_with(secret_key, "POST", TC3_HEADERS, TC3_BODY + b" ")


@pytest.mark.parametrize(
    "header",
    ["", "Bearer token", "WECHATPAY2-SHA256-RSA2048", 'WECHATPAY2-SHA256-RSA2048 mchid="1"'],
)
def test_an_authorization_that_is_not_whole_is_none(header: str) -> None:
    assert Authorization.parse(header) is None
    assert Tc3.parse(header) is None


@pytest.mark.parametrize(
    "change",
    ["body", "path", "method", "stale", "future", "merchant", "serial", "missing"],
)
def test_a_call_that_is_not_what_was_signed_is_answered_401_and_signed(
    local: LocalServer, clock: StillClock, change: str
) -> None:
    core = WechatCore(wechat_settings(local), clock)
    path, body = "/v3/pay/transactions/native", b"{}"
    at = core.timestamp() + {"stale": -301, "future": 301}.get(change, 0)
    method = "GET" if change == "method" else "POST"
    header = core.authorization(method, path, body.decode(), at, "NONCE")
    if change == "merchant":
        header = header.replace('mchid="', 'mchid="0')
    if change == "serial":
        header = header.replace('serial_no="', 'serial_no="0')

    answer = requests.post(
        local.url + path + ("?x=1" if change == "path" else ""),
        data=b"{} " if change == "body" else body,
        headers={} if change == "missing" else {"Authorization": header},
        timeout=5,
    )

    assert (answer.status_code, answer.json()["code"]) == (401, "SIGN_ERROR")
    core.verify(answer.headers, answer.text)


def test_the_same_call_unchanged_gets_past_the_signature(
    local: LocalServer, clock: StillClock
) -> None:
    core = WechatCore(wechat_settings(local), clock)
    path = "/v3/pay/transactions/native"
    header = core.authorization("POST", path, "{}", core.timestamp() - 300, "NONCE")

    answer = requests.post(
        local.url + path, data=b"{}", headers={"Authorization": header}, timeout=5
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "PARAM_ERROR")


def test_no_adapter_shares_code_with_the_local_gateway() -> None:
    """Otherwise one mistake on both sides would cancel out."""
    package = Path(__file__).parents[2] / "app" / "gateways"
    local_side = "".join(path.read_text() for path in (package / "local").glob("*.py"))
    adapters = "".join(p.read_text() for p in package.glob("*.py") if p.name != "__init__.py")

    assert "app.gateways.local" not in adapters
    assert "wechatpayv3" not in local_side
    assert "tencentcloud" not in local_side
    assert "app.gateways.wechat" not in local_side


def test_times_on_the_wire_are_beijings() -> None:
    from app.gateways.local.context import wire_time

    instant = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)
    assert wire_time(int(instant.timestamp())) == "2026-03-02T02:30:00+08:00"
