"""Both ends against what Alipay publishes, and against a library that neither was written from.

The notice, the certificates and their numbers are those of Alipay's own SDK for Node (MIT),
github.com/alipay/alipay-sdk-nodejs-all, test/alipay.test.ts and test/antcertutil.test.ts.
"""

import base64
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from alipay import DCAliPay
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from cryptography.x509 import load_pem_x509_certificate

from app.gateways.alipay import Alipay
from app.gateways.alipay_core import AlipayCore, certificate_number, root_number, signing_text
from app.gateways.local import alipay_signing
from app.gateways.trust import NotTrusted
from tests.gateways.support import Inbox, LocalServer, StillClock, alipay_settings, an_order

# The library asks pyOpenSSL, whose X.509 part is on its way out.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
PUBLISHED = Path(__file__).parent / "published"
NOTICE_KEY = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqObrdC7hrgAVM98tK0nv3hSQRGGKT4lBsQjHiGjeYZjOPIPH"
    "R5knm2jnnz/YGIXIofVHkA/tAlBAd5DrY7YpvI4tP5EONLtZKC2ghBMx7McI2wRD0xiqzxOQr1FuhZGJ8/AUokBzJrzY"
    "+aGX2xcOrxFYRlFilvVLTXg4LWjR1tdPkO6+i7wQZAIVMClPkwVRZEbaERRHlKqTzv2gGv5rDU8gRoe1LeaN+6BlbTqH"
    "WkQcNCUNrA8C6l17XAXGKDsm/9TFWwO8EPHHHCaQdjtV5/FdcWIt+L8SR1ss7EXTjYDFtxcKVv9rEoY1lX8T4mX+GbXf"
    "ZHraG5NCF1+XioL5JwIDAQAB"
)
NOTICE = {
    "gmt_create": "2019-08-15 15:56:22",
    "charset": "utf-8",
    "seller_email": "z97-yuquerevenue@service.aliyun.com",
    "subject": "语雀空间 500人规模",
    "buyer_id": "2088102534368455",
    "invoice_amount": "0.10",
    "notify_id": "2019081500222155624068450559358070",
    "fund_bill_list": '[{"amount":"0.10","fundChannel":"ALIPAYACCOUNT"}]',
    "notify_type": "trade_status_sync",
    "trade_status": "TRADE_SUCCESS",
    "receipt_amount": "0.10",
    "buyer_pay_amount": "0.10",
    "sign_type": "RSA2",
    "app_id": "2019073166072302",
    "seller_id": "2088531891668739",
    "gmt_payment": "2019-08-15 15:56:24",
    "notify_time": "2019-08-15 15:56:25",
    "version": "1.0",
    "out_trade_no": "20190815155618536-564-57",
    "total_amount": "0.10",
    "trade_no": "2019081522001468450512505578",
    "auth_app_id": "2019073166072302",
    "buyer_logon_id": "xud***@126.com",
    "point_amount": "0.00",
    "sign": (
        "QfTb8tqE1BMhS5qAnXtvsF3/jBkEvu9q9en0pdbBUDDjvKycZhQb7h8GDs4FKfi049PynaNuatxSgLb/nLWZpXyyh0L"
        "EWdK2S6Ri7nPwrVgOs08zugLO20vOQz44y3ti2Ncm8/wZts1Fr2gZ7pShnVX3d1B50hbsXnObT1r/U8ONNQjWXd0HIul"
        "4TG+Q3fm3svmSvFEy0WnzuhcyHPX5Gm4ELNctL6Qd5YniGJFNcc7kopHYtI/XD9YCKCH6Ct02rzUs9i11C9CsadtZn+W"
        "hxF26Dqt9sGEFajkJ8cxUTLi8+VCpLHsgPE8P0y095uQcDdK0YjCh4x7wVSov+lrmOQ=="
    ),
}
# From Alipay's page on signing, opendocs.alipay.com/common/02mse3.
CALL = {
    "app_id": "2014072300007148",
    "method": "alipay.mobile.public.menu.add",
    "charset": "GBK",
    "sign_type": "RSA2",
    "timestamp": "2014-07-24 03:07:50",
    "biz_content": '{"button":[{"actionParam":"ZFB_HFCZ","actionType":"out","name":"话费充值"}]}',
    "sign": "e9zEAe4TTQ4LPLQvETPoLGXTiURcxiAKfMVQ6Hrrsx2hmyIEGvSfAQzbLxHrhyZ48wOJXTsD4FPnt",
    "version": "1.0",
}


@pytest.fixture
def core(local: LocalServer, clock: StillClock) -> AlipayCore:
    return AlipayCore(alipay_settings(local), clock)


@pytest.fixture
def library(local: LocalServer) -> DCAliPay:
    """python-alipay-sdk with the same key and certificates."""
    folder = local.gateway.alipay.folder

    def text(name: str) -> str:
        return (folder / name).read_text()

    return DCAliPay(
        appid=local.gateway.alipay.app_id,
        app_private_key_string=text("app_key.pem"),
        app_public_key_cert_string=text("app_cert.pem"),
        alipay_public_key_cert_string=text("alipay_cert.pem"),
        alipay_root_cert_string=text("root_cert.pem"),
    )


def published_key() -> RSAPublicKey:
    key = load_der_public_key(base64.b64decode(NOTICE_KEY))
    assert isinstance(key, RSAPublicKey)
    return key


def test_a_notice_that_alipay_has_sent_is_believed_at_its_time_only(
    core: AlipayCore, clock: StillClock
) -> None:
    core._alipay_key = published_key()
    body = urlencode(NOTICE).encode()

    with pytest.raises(NotTrusted) as late:
        core.open_notice(body)

    assert late.value.reason == "stale"
    clock.now = clock.now.replace(year=2019, month=8, day=15, hour=7, minute=57)
    assert core.open_notice(body)["trade_no"] == "2019081522001468450512505578"
    with pytest.raises(NotTrusted) as changed:
        core.open_notice(urlencode(NOTICE | {"total_amount": "0.11"}).encode())
    assert changed.value.reason == "bad_signature"


def test_numbers_of_certificates_are_as_alipay_counts_them() -> None:
    """The root file holds four, of which two count; one no general library can read."""
    alipay = load_pem_x509_certificate((PUBLISHED / "alipayCertPublicKey_RSA2.crt").read_bytes())
    roots = (PUBLISHED / "alipayRootCert.crt").read_bytes()

    assert certificate_number(alipay) == "7513daaaa48aa3ba2e4018d84402479c"
    assert alipay_signing.number_of(alipay) == "7513daaaa48aa3ba2e4018d84402479c"
    assert root_number(roots) == "687b59193f3f462dd5336e5abf83c5d8_02941eef3187dddf3d3b83462e1dfcf6"


def test_a_root_file_without_any_rsa_root_is_refused() -> None:
    with pytest.raises(ValueError, match="no RSA certificate"):
        root_number(b"")


def test_the_text_to_sign_is_that_of_alipays_example() -> None:
    assert signing_text(CALL | {"format": ""}) == (
        'app_id=2014072300007148&biz_content={"button":[{"actionParam":"ZFB_HFCZ","actionType":"out"'
        ',"name":"话费充值"}]}&charset=GBK&method=alipay.mobile.public.menu.add&sign_type=RSA2'
        "&timestamp=2014-07-24 03:07:50&version=1.0"
    )


def test_another_library_counts_the_same_numbers(core: AlipayCore, library: DCAliPay) -> None:
    parameters = core.signed("alipay.trade.query", {})

    assert parameters["app_cert_sn"] == library.app_cert_sn
    assert parameters["alipay_root_cert_sn"] == library.alipay_root_cert_sn


def test_another_library_signs_what_we_sign_alike(core: AlipayCore, library: DCAliPay) -> None:
    ours = core.signed("alipay.trade.query", {"out_trade_no": "P1", "subject": "擦窗 & 保洁"})
    theirs = library.sign_data({name: text for name, text in ours.items() if name != "sign"})

    assert dict(parse_qsl(theirs)) == ours


def test_the_local_gateway_takes_what_another_library_signs(
    local: LocalServer, library: DCAliPay, clock: StillClock
) -> None:
    data = library.build_body("alipay.trade.precreate", {"out_trade_no": "P1"})
    fields = dict(parse_qsl(library.sign_data(data)))

    assert alipay_signing.request_is_signed(local.gateway.alipay.app_public_key, fields)
    changed = fields | {"biz_content": '{"out_trade_no":"P2"}'}
    assert not alipay_signing.request_is_signed(local.gateway.alipay.app_public_key, changed)


def test_another_library_believes_the_local_gateways_notices(
    alipay: Alipay, local: LocalServer, inbox: Inbox, library: DCAliPay
) -> None:
    alipay.create(an_order(inbox, out_trade_no="P20260302_1", payer_openid=None))
    local.pay("P20260302_1")
    local.send_notices()
    fields = dict(parse_qsl(inbox.received[0][1].decode(), keep_blank_values=True))
    signature = fields.pop("sign")

    assert library.verify(dict(fields), signature)
    assert not library.verify(fields | {"total_amount": "128.51"}, signature)


def test_a_page_that_we_sign_is_signed_for_another_library_too(
    alipay: Alipay, local: LocalServer, inbox: Inbox, library: DCAliPay
) -> None:
    order = alipay.create(
        an_order(inbox, out_trade_no="P20260302_1", payer_openid=None, scene="page")
    )
    fields = dict(parse_qsl(urlsplit(order.pay_url or "").query))
    signature = fields.pop("sign")

    # The library verifies with Alipay's key only, so it signs again instead: RSA2 has one answer.
    again = dict(parse_qsl(library.sign_data(fields)))
    assert again["sign"] == signature
