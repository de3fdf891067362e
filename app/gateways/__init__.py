"""The outside world. Each gateway is a protocol, a real adapter, and a local counterpart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from app.gateways.payment import PaymentGateway
from app.gateways.sms import ConsoleSms, SmsGateway, TencentSms, TencentSmsSettings
from app.gateways.storage import LocalStorage, Storage
from app.gateways.wechat_pay import WechatPay
from app.gateways.wechat_settings import COMMISSION_SCENE, WechatSettings

_WECHAT_KEYS = (
    "WECHAT_MCH_ID",
    "WECHAT_APP_ID",
    "WECHAT_API_V3_KEY",
    "WECHAT_MCH_SERIAL",
    "WECHAT_MCH_KEY_FILE",
    "WECHAT_PUBLIC_KEY_FILE",
    "WECHAT_PUBLIC_KEY_ID",
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
    """payment maps a method's name ("wechat") to its provider; empty when none is configured."""

    payment: Mapping[str, PaymentGateway]
    sms: SmsGateway
    storage: Storage


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
    WECHAT_TRANSFER_SCENE_ID  transfer scene, default 1005 (commission)
    SMS_ENDPOINT            None is the real host
    SMS_SECRET_ID, SMS_SECRET_KEY, SMS_APP_ID, SMS_SIGN_NAME
    SMS_TEMPLATE_LOGIN      template id for "login"; SMS_TEMPLATE_<NAME> defines template "<name>"
    STORAGE_DIR             default DATA_DIR/files

    With DEMO and no WECHAT_MCH_ID (SMS_SECRET_ID) the local gateway's values are used.
    Without DEMO and without SMS_SECRET_ID messages go to the log.
    Raises ValueError with one sentence when a service is configured in part.
    """
    sources = _Sources(settings)
    return Gateways(_payment(sources, clock), _sms(sources, clock), _storage(settings))


def local_state_dir(data_dir: str | Path) -> Path:
    """Where the local gateway keeps its state and keys: its --state-dir."""
    return Path(data_dir) / "gateway"


def local_settings(data_dir: str | Path, gateway_url: str) -> dict[str, Any]:
    """The settings that point the adapters at the local gateway; makes its keys if need be."""
    # Imported here: only the demo needs it, and it loads the cryptography library.
    from app.gateways.local.keys import ensure_keys

    return ensure_keys(local_state_dir(data_dir)).settings(gateway_url)


class _Sources:
    """Explicit settings, and the local gateway's for a demo, made when somebody needs them."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.explicit = settings
        self.demo = bool(settings.get("DEMO"))

    @cached_property
    def local(self) -> dict[str, Any]:
        return local_settings(self.explicit["DATA_DIR"], self.explicit["LOCAL_GATEWAY_URL"])

    def has(self, keys: tuple[str, ...]) -> bool:
        """True when all are given, False when none; anything between is a mistake."""
        if not self.explicit.get(keys[0]):
            return False
        missing = [key for key in keys if not self.explicit.get(key)]
        if missing:
            raise ValueError(f"{keys[0]} is set, so {', '.join(missing)} must be set too.")
        return True


def _payment(sources: _Sources, clock: Callable[[], datetime]) -> dict[str, PaymentGateway]:
    if sources.has(_WECHAT_KEYS):
        return {"wechat": WechatPay(lambda: _wechat_settings(sources.explicit), clock)}
    if sources.demo:
        return {"wechat": WechatPay(lambda: _wechat_settings(sources.local), clock)}
    return {}


def _sms(sources: _Sources, clock: Callable[[], datetime]) -> SmsGateway:
    if sources.has(_SMS_KEYS):
        return TencentSms(lambda: _sms_settings(sources.explicit), clock)
    if sources.demo:
        return TencentSms(lambda: _sms_settings(sources.local), clock)
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
