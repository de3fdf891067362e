"""The local gateway as a WSGI application."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from flask import Flask

# Imported for their routes and methods, which they register themselves.
from app.gateways.local import alipay_money, payments, refunds, transfers
from app.gateways.local.alipay_door import alipay_api
from app.gateways.local.alipay_keys import ensure_alipay_keys
from app.gateways.local.alipay_notices import AlipaySpeaker
from app.gateways.local.context import Gateway
from app.gateways.local.control import control
from app.gateways.local.faults import Faults
from app.gateways.local.inside_wechat import inside_wechat
from app.gateways.local.keys import ensure_keys
from app.gateways.local.merchant_api import api
from app.gateways.local.notices import Notifier, Speaker
from app.gateways.local.store import Store
from app.gateways.local.text_messages import sms_api
from app.gateways.local.wechat_notices import RETRY_SECONDS, WechatSpeaker

__all__ = [
    "alipay_money", "application", "assemble", "create_gateway", "local_gateway", "payments",
]  # fmt: skip

_MOST_BYTES = 1024 * 1024


def create_gateway(
    state_dir: str | Path,
    clock: Callable[[], datetime],
    *,
    retry_seconds: Sequence[int] = RETRY_SECONDS,
    background: bool = True,
) -> Flask:
    """Build it on the keys and the state under state_dir, made if need be.

    clock gives aware UTC. Without `background` nothing is sent until somebody calls
    local_gateway(app).notifier.tick().
    """
    local = assemble(state_dir, clock, retry_seconds)
    app = application(local)
    if background:
        local.notifier.start()
    return app


def assemble(
    state_dir: str | Path,
    clock: Callable[[], datetime],
    retry_seconds: Sequence[int] = RETRY_SECONDS,
) -> Gateway:
    """The parts alone, without an application; nothing is sent yet."""
    keys, alipay = ensure_keys(Path(state_dir)), ensure_alipay_keys(Path(state_dir))
    store, faults = Store(Path(state_dir) / "state.sqlite"), Faults()
    speakers: dict[str, Speaker] = {
        "wechat": WechatSpeaker(keys, retry_seconds),
        "alipay": AlipaySpeaker(alipay),
    }
    notifier = Notifier(speakers, store, faults, clock)
    local = Gateway(keys, alipay, store, faults, clock, notifier)
    notifier.before_sending = [
        lambda: refunds.settle_refunds(local),
        lambda: transfers.expire_transfers(local),
    ]
    return local


def application(local: Gateway) -> Flask:
    """What answers for these parts."""
    app = Flask(__name__, template_folder="pages", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = _MOST_BYTES
    app.extensions["local_gateway"] = local
    for blueprint in (api, alipay_api, sms_api, inside_wechat, control):
        app.register_blueprint(blueprint)
    return app


def local_gateway(app: Flask) -> Gateway:
    """The parts behind an app, for tests and for shutting down."""
    found: Gateway = app.extensions["local_gateway"]
    return found
