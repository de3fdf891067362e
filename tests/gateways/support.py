"""A clock that stands still, servers on a loopback port, and a merchant's notice inbox."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import requests
import wechatpayv3.utils
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from flask import Flask, Response, request
from werkzeug.serving import WSGIRequestHandler, make_server

from app.gateways import alipay_core
from app.gateways.alipay_settings import AlipaySettings
from app.gateways.local.context import Gateway
from app.gateways.payment import PaymentRequest, TransferRequest
from app.gateways.wechat_settings import WechatSettings

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # 12:00 in Beijing


class StillClock:
    """Moves only when a test says so."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def travel(self, **delta: float) -> None:
        self.now += timedelta(**delta)


class SilentHandler(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        return


@contextmanager
def keys_read_once() -> Iterator[None]:
    """The same text is the same key: to read one, its primes are looked at for 40 ms."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (alipay_core, wechatpayv3.utils):
            patch.setattr(module, "load_pem_private_key", functools.cache(load_pem_private_key))
        yield


@contextmanager
def served_parts(app: Flask, local: Gateway) -> Iterator[str]:
    """Parts of one test's own behind an application that was made once."""
    app.extensions["local_gateway"] = local
    with served(app) as url:
        yield url
        local.faults.clear()  # nothing waits for a slow answer
    local.close()


@contextmanager
def served(app: Callable[..., Any]) -> Iterator[str]:
    """The app on a free loopback port, in threads; gives its URL."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=SilentHandler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Inbox:
    """A merchant's notice address. Answers with the next of `answers`, then with 204."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    arrived: Event = field(default_factory=Event)

    def app(self) -> Flask:
        flask = Flask("inbox")

        @flask.post("/notices")
        def take() -> Response:
            """Each channel wants another thanks."""
            self.received.append((dict(request.headers), request.get_data()))
            self.arrived.set()
            form = request.mimetype == "application/x-www-form-urlencoded"
            status = self.answers.pop(0) if self.answers else (200 if form else 204)
            return Response("success" if status == 200 else "", status=status)

        return flask


@dataclass
class LocalServer:
    """A running local gateway and what the people around it do."""

    url: str
    gateway: Gateway

    def pay(self, out_trade_no: str) -> None:
        requests.post(f"{self.url}/_local/pay/{out_trade_no}", timeout=5).raise_for_status()

    def confirm(self, out_bill_no: str) -> None:
        url = f"{self.url}/_local/transfers/{out_bill_no}/confirm"
        requests.post(url, timeout=5).raise_for_status()

    def fault(self, name: str, **options: Any) -> None:
        body = {"fault": name, **options}
        requests.post(f"{self.url}/_local/faults", json=body, timeout=5).raise_for_status()

    def send_notices(self) -> None:
        self.gateway.notifier.tick()


def wechat_settings(local: LocalServer, **changes: Any) -> WechatSettings:
    values = local.gateway.keys.settings(local.url)
    known = {
        "merchant_id": values["WECHAT_MCH_ID"],
        "app_id": values["WECHAT_APP_ID"],
        "api_v3_key": values["WECHAT_API_V3_KEY"],
        "merchant_serial": values["WECHAT_MCH_SERIAL"],
        "merchant_key_file": Path(values["WECHAT_MCH_KEY_FILE"]),
        "public_key_file": Path(values["WECHAT_PUBLIC_KEY_FILE"]),
        "public_key_id": values["WECHAT_PUBLIC_KEY_ID"],
        "gateway_url": local.url,
        "timeout_seconds": (5.0, 5.0),
    }
    return WechatSettings(**{**known, **changes})


def alipay_settings(local: LocalServer, **changes: Any) -> AlipaySettings:
    values = local.gateway.alipay.settings(local.url)
    known = {
        "app_id": values["ALIPAY_APP_ID"],
        "seller_id": values["ALIPAY_SELLER_ID"],
        "app_key_file": Path(values["ALIPAY_APP_KEY_FILE"]),
        "app_cert_file": Path(values["ALIPAY_APP_CERT_FILE"]),
        "alipay_cert_file": Path(values["ALIPAY_CERT_FILE"]),
        "root_cert_file": Path(values["ALIPAY_ROOT_CERT_FILE"]),
        "gateway_url": values["ALIPAY_GATEWAY_URL"],
        "timeout_seconds": (5.0, 5.0),
    }
    return AlipaySettings(**{**known, **changes})


def an_order(inbox: Inbox, **changes: Any) -> PaymentRequest:
    known: dict[str, Any] = {
        "out_trade_no": "P20260302-0001",
        "amount_fen": 12_850,
        "description": "深度保洁 3小时",
        "notify_url": inbox.url,
        "expires_at": NOON + timedelta(minutes=15),
        "payer_openid": "o-customer-1",
    }
    known |= changes
    known.setdefault("scene", "client" if known["payer_openid"] else "qr")
    return PaymentRequest(**known)


def a_transfer(inbox: Inbox, **changes: Any) -> TransferRequest:
    known: dict[str, Any] = {
        "out_bill_no": "W202603020001",
        "amount_fen": 35_000,
        "openid": "o-worker-1",
        "user_name": None,
        "remark": "2月服务报酬",
        "notify_url": inbox.url,
    }
    return TransferRequest(**{**known, **changes})
