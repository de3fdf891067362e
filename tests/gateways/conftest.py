import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.gateways.alipay import Alipay
from app.gateways.local.alipay_keys import ensure_alipay_keys
from app.gateways.local.keys import ensure_keys
from app.gateways.local.server import create_gateway, local_gateway
from app.gateways.wechat_pay import WechatPay
from tests.gateways.support import (
    Inbox,
    LocalServer,
    StillClock,
    alipay_settings,
    served,
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


@pytest.fixture
def local(state_dir: Path, clock: StillClock) -> Iterator[LocalServer]:
    """A local gateway that sends its notices when a test says so."""
    app = create_gateway(state_dir, clock, background=False)
    with served(app) as url:
        yield LocalServer(url, local_gateway(app))
        local_gateway(app).faults.clear()  # nothing waits for a slow answer
    local_gateway(app).close()


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
