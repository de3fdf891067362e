"""The outside world. Each gateway is a protocol, a real adapter, and a local counterpart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from app.gateways.alipay import Alipay
from app.gateways.alipay_settings import AlipaySettings
from app.gateways.offline import Offline
from app.gateways.payment import PaymentGateway
from app.gateways.sms import ConsoleSms, SmsGateway, TencentSms, TencentSmsSettings
from app.gateways.storage import LocalStorage, Storage
from app.gateways.wechat_pay import WechatPay
from app.gateways.wechat_settings import COMMISSION_SCENE, WechatSettings
from app.gateways.wechat_visitor import WechatVisitor, WechatVisitorSettings

_WECHAT_KEYS = (
    "WECHAT_MCH_ID",
    "WECHAT_APP_ID",
    "WECHAT_API_V3_KEY",
    "WECHAT_MCH_SERIAL",
    "WECHAT_MCH_KEY_FILE",
    "WECHAT_PUBLIC_KEY_FILE",
    "WECHAT_PUBLIC_KEY_ID",
)
_ALIPAY_KEYS = (
    "ALIPAY_APP_ID",
    "ALIPAY_SELLER_ID",
    "ALIPAY_APP_KEY_FILE",
    "ALIPAY_APP_CERT_FILE",
    "ALIPAY_CERT_FILE",
    "ALIPAY_ROOT_CERT_FILE",
)
_SMS_KEYS = (
    "SMS_SECRET_ID",
    "SMS_SECRET_KEY",
    "SMS_APP_ID",
    "SMS_SIGN_NAME",
    "SMS_TEMPLATE_LOGIN",
)
_TEMPLATE = "SMS_TEMPLATE_"


@dataclass(frozen=True)
class Gateways:
    """payment maps a method's name ("wechat") to its provider; "bank" and "cash" are always there,
    because nobody outside is needed for them. `wechat_visitor` is there with an app secret.
    """

    payment: Mapping[str, PaymentGateway]
    sms: SmsGateway
    storage: Storage
    wechat_visitor: WechatVisitor | None = None


def build_gateways(settings: Mapping[str, Any], clock: Callable[[], datetime]) -> Gateways:
    """Wire the adapters. Cheap: no network, no key is read or made until the first use.

    Settings:
    DATA_DIR, DEMO, LOCAL_GATEWAY_URL  as the application has them
    WECHAT_GATEWAY_URL      None is the real host
    WECHAT_MCH_ID           merchant number; without it (and without DEMO) there is no "wechat"
    WECHAT_APP_ID           the app id that customers and workers log in with
    WECHAT_API_V3_KEY       32 characters, opens notices
    WECHAT_MCH_SERIAL       serial number of the merchant's certificate
    WECHAT_MCH_KEY_FILE     PEM file with the merchant's private key
    WECHAT_PUBLIC_KEY_FILE  PEM file with WeChat Pay's public key
    WECHAT_PUBLIC_KEY_ID    its id, PUB_KEY_ID_...
    WECHAT_APP_SECRET       of the official account; with it one pays inside WeChat without a code
    WECHAT_PAGE_URL, WECHAT_API_URL  None are the real hosts
    WECHAT_TRANSFER_SCENE_ID  transfer scene, default 1005 (commission)
    ALIPAY_GATEWAY_URL      None is the real host
    ALIPAY_APP_ID           the application's number; without it (and DEMO) there is no "alipay"
    ALIPAY_SELLER_ID        the merchant's own number, 2088...
    ALIPAY_APP_KEY_FILE     PEM file with the application's private key
    ALIPAY_APP_CERT_FILE    PEM file with its certificate (appCertPublicKey)
    ALIPAY_CERT_FILE        PEM file with Alipay's certificate (alipayCertPublicKey_RSA2)
    ALIPAY_ROOT_CERT_FILE   PEM file with Alipay's roots (alipayRootCert)
    SMS_ENDPOINT            None is the real host
    SMS_SECRET_ID, SMS_SECRET_KEY, SMS_APP_ID, SMS_SIGN_NAME
    SMS_TEMPLATE_LOGIN      template id for "login"; SMS_TEMPLATE_<NAME> defines template "<name>"
    STORAGE_DIR             default DATA_DIR/files

    With DEMO the local gateway's values are used where WECHAT_MCH_ID, ALIPAY_APP_ID or
    SMS_SECRET_ID is not set.
    Without DEMO and without SMS_SECRET_ID messages go to the log.
    Raises ValueError with one sentence when a service is configured in part.
    """
    sources = _Sources(settings)
    return Gateways(
        _payment(sources, clock), _sms(sources, clock), _storage(settings), _visitor(sources)
    )


def local_state_dir(data_dir: str | Path) -> Path:
    """Where the local gateway keeps its state and keys: its --state-dir."""
    return Path(data_dir) / "gateway"


def local_settings(data_dir: str | Path, gateway_url: str) -> dict[str, Any]:
    """The settings that point the adapters at the local gateway; makes its keys if need be."""
    # Imported here: only the demo needs it, and it loads the cryptography library.
    from app.gateways.local.alipay_keys import ensure_alipay_keys
    from app.gateways.local.keys import ensure_keys

    folder = local_state_dir(data_dir)
    alipay = ensure_alipay_keys(folder).settings(gateway_url)
    return ensure_keys(folder).settings(gateway_url) | alipay


class _Sources:
    """Explicit settings, and the local gateway's for a demo, made when somebody needs them."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.explicit = settings
        self.demo = bool(settings.get("DEMO"))

    @cached_property
    def local(self) -> dict[str, Any]:
        return local_settings(self.explicit["DATA_DIR"], self.explicit["LOCAL_GATEWAY_URL"])

    def of(self, keys: tuple[str, ...]) -> "Callable[[], Mapping[str, Any]] | None":
        """Where a service's settings come from; None when there are none."""
        if self.has(keys):
            return lambda: self.explicit
        return (lambda: self.local) if self.demo else None

    def has(self, keys: tuple[str, ...]) -> bool:
        """True when all are given, False when none; anything between is a mistake."""
        if not self.explicit.get(keys[0]):
            return False
        missing = [key for key in keys if not self.explicit.get(key)]
        if missing:
            raise ValueError(f"{keys[0]} is set, so {', '.join(missing)} must be set too.")
        return True


def _payment(sources: _Sources, clock: Callable[[], datetime]) -> dict[str, PaymentGateway]:
    providers: dict[str, PaymentGateway] = {}
    if wechat := sources.of(_WECHAT_KEYS):
        providers["wechat"] = WechatPay(lambda: _wechat_settings(wechat()), clock)
    if alipay := sources.of(_ALIPAY_KEYS):
        providers["alipay"] = Alipay(lambda: _alipay_settings(alipay()), clock)
    return {**providers, "bank": Offline("bank"), "cash": Offline("cash")}


def _visitor(sources: _Sources) -> WechatVisitor | None:
    values = sources.of(_WECHAT_KEYS)
    if values is None or (sources.has(_WECHAT_KEYS) and not values().get("WECHAT_APP_SECRET")):
        return None
    return WechatVisitor(lambda: _visitor_settings(values()))


def _sms(sources: _Sources, clock: Callable[[], datetime]) -> SmsGateway:
    if values := sources.of(_SMS_KEYS):
        return TencentSms(lambda: _sms_settings(values()), clock)
    return ConsoleSms()


def _storage(settings: Mapping[str, Any]) -> Storage:
    folder = settings.get("STORAGE_DIR") or Path(settings["DATA_DIR"]) / "files"
    return LocalStorage(Path(folder))


def _wechat_settings(values: Mapping[str, Any]) -> WechatSettings:
    return WechatSettings(
        merchant_id=values["WECHAT_MCH_ID"],
        app_id=values["WECHAT_APP_ID"],
        api_v3_key=values["WECHAT_API_V3_KEY"],
        merchant_serial=values["WECHAT_MCH_SERIAL"],
        merchant_key_file=Path(values["WECHAT_MCH_KEY_FILE"]),
        public_key_file=Path(values["WECHAT_PUBLIC_KEY_FILE"]),
        public_key_id=values["WECHAT_PUBLIC_KEY_ID"],
        gateway_url=values.get("WECHAT_GATEWAY_URL"),
        transfer_scene_id=values.get("WECHAT_TRANSFER_SCENE_ID") or COMMISSION_SCENE,
    )


def _visitor_settings(values: Mapping[str, Any]) -> WechatVisitorSettings:
    real = WechatVisitorSettings(values["WECHAT_APP_ID"], values["WECHAT_APP_SECRET"])
    return replace(
        real,
        page_host=values.get("WECHAT_PAGE_URL") or real.page_host,
        api_host=values.get("WECHAT_API_URL") or real.api_host,
    )


def _alipay_settings(values: Mapping[str, Any]) -> AlipaySettings:
    return AlipaySettings(
        app_id=values["ALIPAY_APP_ID"],
        seller_id=values["ALIPAY_SELLER_ID"],
        app_key_file=Path(values["ALIPAY_APP_KEY_FILE"]),
        app_cert_file=Path(values["ALIPAY_APP_CERT_FILE"]),
        alipay_cert_file=Path(values["ALIPAY_CERT_FILE"]),
        root_cert_file=Path(values["ALIPAY_ROOT_CERT_FILE"]),
        gateway_url=values.get("ALIPAY_GATEWAY_URL"),
    )


def _sms_settings(values: Mapping[str, Any]) -> TencentSmsSettings:
    names = [key for key in values if key.startswith(_TEMPLATE) and values[key]]
    return TencentSmsSettings(
        secret_id=values["SMS_SECRET_ID"],
        secret_key=values["SMS_SECRET_KEY"],
        app_id=values["SMS_APP_ID"],
        sign_name=values["SMS_SIGN_NAME"],
        templates={key.removeprefix(_TEMPLATE).lower(): values[key] for key in names},
        endpoint=values.get("SMS_ENDPOINT"),
    )
