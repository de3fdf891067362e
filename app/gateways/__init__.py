"""The outside world. Each gateway is a protocol, a real adapter, and a local counterpart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.gateways.payment import PaymentGateway
from app.gateways.sms import SmsGateway
from app.gateways.storage import Storage


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
    """
    raise NotImplementedError


def local_settings(data_dir: str, gateway_url: str) -> dict[str, Any]:
    """The settings that point the adapters at the local gateway; makes its keys if need be."""
    raise NotImplementedError
