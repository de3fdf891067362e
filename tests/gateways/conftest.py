import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.gateways.alipay import Alipay
from app.gateways.local.alipay_keys import ensure_alipay_keys
from app.gateways.local.keys import ensure_keys
from app.gateways.local.server import assemble, create_gateway, local_gateway
from app.gateways.wechat_pay import WechatPay
from tests.gateways.support import (
    Inbox,
    LocalServer,
    StillClock,
    alipay_settings,
    keys_read_once,
    served,
    served_parts,
    wechat_settings,
)


@pytest.fixture(scope="session")
def made_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys are made once: each pair takes a good part of a second."""
    state_dir = tmp_path_factory.mktemp("gateway-keys")
    ensure_keys(state_dir)
    ensure_alipay_keys(state_dir)
    return state_dir


@pytest.fixture
def state_dir(made_keys: Path, tmp_path: Path) -> Path:
    shutil.copytree(made_keys, tmp_path / "gateway")
    return tmp_path / "gateway"


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture(scope="session", autouse=True)
def _keys_read_once() -> Iterator[None]:
    with keys_read_once():
        yield


@pytest.fixture(scope="session")
def gateway_app(made_keys: Path) -> Flask:
    """Its routes cost more than what a test asks it."""
    app = create_gateway(made_keys, StillClock(), background=False)
    local_gateway(app).close()
    (made_keys / "state.sqlite").unlink()
    return app


@pytest.fixture
def local(gateway_app: Flask, state_dir: Path, clock: StillClock) -> Iterator[LocalServer]:
    """A local gateway that sends its notices when a test says so."""
    parts = assemble(state_dir, clock)
    with served_parts(gateway_app, parts) as url:
        yield LocalServer(url, parts)


@pytest.fixture
def wechat(local: LocalServer, clock: StillClock) -> WechatPay:
    return WechatPay(lambda: wechat_settings(local), clock)


@pytest.fixture
def alipay(local: LocalServer, clock: StillClock) -> Alipay:
    return Alipay(lambda: alipay_settings(local), clock)


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    box = Inbox()
    with served(box.app()) as url:
        box.url = f"{url}/notices"
        yield box
