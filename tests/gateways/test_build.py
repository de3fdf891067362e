"""How the settings become gateways, and what that costs."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.gateways import build_gateways, local_settings, local_state_dir
from app.gateways.alipay import Alipay
from app.gateways.local.alipay_keys import ensure_alipay_keys
from app.gateways.local.keys import ensure_keys
from app.gateways.sms import ConsoleSms, TencentSms
from app.gateways.storage import LocalStorage
from app.gateways.wechat_pay import WechatPay
from tests.gateways.support import Inbox, LocalServer, StillClock, an_order

EXPLICIT = {
    "WECHAT_MCH_ID": "1",
    "WECHAT_APP_ID": "wx1",
    "WECHAT_API_V3_KEY": "k" * 32,
    "WECHAT_MCH_SERIAL": "S",
    "WECHAT_MCH_KEY_FILE": "/nowhere/merchant.pem",
    "WECHAT_PUBLIC_KEY_FILE": "/nowhere/public.pem",
    "WECHAT_PUBLIC_KEY_ID": "PUB_KEY_ID_1",
    "ALIPAY_APP_ID": "2021000000000001",
    "ALIPAY_SELLER_ID": "2088000000000001",
    "ALIPAY_APP_KEY_FILE": "/nowhere/app.pem",
    "ALIPAY_APP_CERT_FILE": "/nowhere/app.crt",
    "ALIPAY_CERT_FILE": "/nowhere/alipay.crt",
    "ALIPAY_ROOT_CERT_FILE": "/nowhere/root.crt",
    "SMS_SECRET_ID": "AKID",
    "SMS_SECRET_KEY": "secret",
    "SMS_APP_ID": "1400000001",
    "SMS_SIGN_NAME": "某家政",
    "SMS_TEMPLATE_LOGIN": "1",
    "SMS_TEMPLATE_VISIT_REMINDER": "2",
}


def demo(data_dir: Path, **changes: Any) -> dict[str, Any]:
    url = {"LOCAL_GATEWAY_URL": "http://127.0.0.1:8001"}
    return {"DATA_DIR": str(data_dir), "DEMO": True, **url, **changes}


def test_without_a_provider_people_pay_by_hand_and_messages_are_logged(
    tmp_path: Path, clock: StillClock
) -> None:
    gateways = build_gateways({"DATA_DIR": str(tmp_path), "DEMO": False}, clock)

    assert set(gateways.payment) == {"bank", "cash"}
    assert isinstance(gateways.sms, ConsoleSms)
    assert isinstance(gateways.storage, LocalStorage)


def test_building_for_the_demo_makes_and_reads_nothing(tmp_path: Path, clock: StillClock) -> None:
    gateways = build_gateways(demo(tmp_path), clock)

    assert isinstance(gateways.payment["wechat"], WechatPay)
    assert isinstance(gateways.payment["alipay"], Alipay)
    assert isinstance(gateways.sms, TencentSms)
    assert list(tmp_path.iterdir()) == []


def test_the_demo_pays_at_the_local_gateway(
    local: LocalServer, state_dir: Path, clock: StillClock, inbox: Inbox
) -> None:
    assert local_state_dir(state_dir.parent) == state_dir
    settings = demo(state_dir.parent, LOCAL_GATEWAY_URL=local.url)
    gateways = build_gateways(settings, clock)

    gateways.payment["wechat"].create(an_order(inbox))
    gateways.payment["alipay"].create(an_order(inbox, out_trade_no="P1_alipay", payer_openid=None))
    gateways.sms.send("16600000001", "login", ["482913"])

    assert len(local.gateway.store.all("SELECT * FROM orders")) == 1
    assert len(local.gateway.store.all("SELECT * FROM alipay_trades")) == 1
    assert len(local.gateway.store.all("SELECT * FROM sms")) == 1


def test_explicit_settings_win_over_the_demos(
    tmp_path: Path, clock: StillClock, inbox: Inbox
) -> None:
    gateways = build_gateways(demo(tmp_path, **EXPLICIT), clock)

    with pytest.raises(FileNotFoundError, match=r"/nowhere/merchant\.pem"):
        gateways.payment["wechat"].create(an_order(inbox))

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("prefix", ["WECHAT", "ALIPAY", "SMS"])
def test_a_service_configured_in_part_is_one_clear_sentence(
    tmp_path: Path, clock: StillClock, prefix: str
) -> None:
    names = [name for name in EXPLICIT if name.startswith(prefix)]
    part = {"DATA_DIR": str(tmp_path), **EXPLICIT, names[1]: None, names[2]: ""}

    with pytest.raises(ValueError, match=f"^{names[0]} is set, so {names[1]}, {names[2]} must"):
        build_gateways(part, clock)


def test_local_settings_name_every_setting_a_provider_needs(state_dir: Path) -> None:
    url = "http://127.0.0.1:8001"
    known = ensure_keys(state_dir).settings(url) | ensure_alipay_keys(state_dir).settings(url)

    settings = local_settings(state_dir.parent, url)

    assert settings == known
    assert set(EXPLICIT) <= set(settings)


def test_templates_are_named_by_their_settings(tmp_path: Path, clock: StillClock) -> None:
    sms = build_gateways({"DATA_DIR": str(tmp_path), **EXPLICIT}, clock).sms

    assert isinstance(sms, TencentSms)
    assert sms._load().templates == {"login": "1", "visit_reminder": "2"}


def test_importing_the_gateways_loads_neither_sdk() -> None:
    code = (
        "import sys, types; app = types.ModuleType('app'); app.__path__ = ['app'];"
        "sys.modules['app'] = app; import app.gateways;"
        "print([m for m in ('wechatpayv3', 'tencentcloud', 'cryptography', 'requests', 'PIL')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert done.stdout == "[]\n"
