"""Payment notices end to end over HTTP: gunicorn, PostgreSQL and Redis, as the product is served.

Each notice is genuine and another payment's: signature checked, stored raw, the order paid,
booked and handed to dispatch. Half are WeChat Pay's, half Alipay's. Baseline: a stock Flask
application under the same gunicorn that only stores what came, believing everybody.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import sqlalchemy as sa

from app.domain.states import PaymentStatus
from app.extensions import db
from app.gateways import local_settings, local_state_dir
from app.gateways.local.alipay_keys import ensure_alipay_keys
from app.gateways.local.alipay_notices import AlipaySpeaker
from app.gateways.local.keys import ensure_keys
from app.gateways.local.wechat_notices import WechatSpeaker
from app.models import Journal, Order, PaymentAttempt
from benchmarks.figures import Figure
from benchmarks.notices_baseline import TABLE
from config import BASE_DIR
from tests import factories
from tests.kit import apps, binaries
from tests.kit.databases import Postgresql
from tests.kit.servers import Servers, stop_all
from tests.kit.settings import environment
from tests.money import support

CLIENTS, AT_ONCE = 8, 600  # as fast as they go
A_SECOND, SECONDS = 50, 10  # at the pace of the goal
WARM_UP = 60
MOST_MS = 100
AMOUNT_FEN = 33_400

Notice = tuple[str, dict[str, str], bytes]  # path, headers, body


def run() -> list[Figure]:
    if not binaries.POSTGRESQL.path() or not binaries.REDIS.path():
        return []
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    folder.chmod(0o755)
    servers = Servers(folder)
    try:
        url = Postgresql(servers, lambda at: apps.fill(apps.make(folder, at))).fresh("notices")
        redis = servers.redis_url()
        count = WARM_UP + AT_ONCE + A_SECOND * SECONDS
        attempts = _attempts(folder, url, count)
        with _served("app:create_app()", folder, url, redis) as base:
            ours = _measured(base, lambda: _signed(folder, attempts), _is_taken)
        _check_all_paid(folder, url, count)
        with _served("benchmarks.notices_baseline:make()", folder, url, redis) as base:
            raw = [("/notice", headers, body) for _, headers, body in _signed(folder, attempts)]
            stock = _measured(base, lambda: raw, lambda status, _text: status == 200)
        return _figures(ours, stock)
    finally:
        stop_all(folder)


def _figures(ours: tuple[float, float], stock: tuple[float, float]) -> list[Figure]:
    told = f"notices: ms each, {CLIENTS} clients ({1000 / ours[0]:.0f} a second)"
    return [
        Figure(f"notices: p95 at {A_SECOND} a second", ours[1], stock[1], "ms", at_most=MOST_MS),
        Figure(told, ours[0], stock[0], "ms"),
    ]


def _attempts(folder: Path, url: str, count: int) -> list[str]:
    """Orders that wait for their money, all like one, each with an open payment."""
    app = apps.make(folder, url)
    with app.app_context():
        model = support.order(factories.company(), AMOUNT_FEN)
        row = dict(db.session.execute(sa.select(Order.__table__)).mappings().one())
        row.pop("id")
        row["pay_by_at"] = row["planned_start"]
        numbers = [f"P260101{n:010d}" for n in range(count)]
        orders = [row | {"number": f"D260101{n:010d}"} for n in range(count)]
        made = sa.insert(Order.__table__).returning(
            Order.__table__.c.id, sort_by_parameter_order=True
        )
        keys = db.session.scalars(made, orders).all()
        db.session.execute(
            sa.insert(PaymentAttempt.__table__),
            [_attempt(key, number, model) for key, number in zip(keys, numbers, strict=True)],
        )
        db.session.connection().execute(sa.schema.CreateTable(TABLE))
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return numbers


def _attempt(order_id: int, number: str, model: Order) -> dict[str, Any]:
    channel = "wechat" if int(number[-1]) % 2 else "alipay"
    return {
        "order_id": order_id, "out_trade_no": number, "channel": channel, "method": channel,
        "amount_fen": AMOUNT_FEN, "status": PaymentStatus.PENDING.value, "refund_fen": 0,
        "expires_at": model.planned_start, "created_at": model.created_at, "version": 1,
    }  # fmt: skip


def _signed(folder: Path, numbers: list[str]) -> list[Notice]:
    """What the channels send, signed now: a notice of five minutes ago would be refused."""
    state, now = local_state_dir(folder), int(time.time())
    wechat, alipay = ensure_keys(state), ensure_alipay_keys(state)
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(now + 8 * 3600))
    envelope = json.dumps({"event_type": "TRANSACTION.SUCCESS", "create_time": at})
    speakers = {"wechat": WechatSpeaker(wechat), "alipay": AlipaySpeaker(alipay)}
    notices = []
    for number in numbers:
        channel = "wechat" if int(number[-1]) % 2 else "alipay"
        row = {"notice_id": f"n-{number}", "kind": "payment", "envelope": envelope}
        told = _told(channel, number, wechat, alipay, at)
        headers, body = speakers[channel].message(row, told, now, forged=False)
        notices.append((f"/api/pay/{channel}/notice", headers, body))
    return notices


def _told(channel: str, number: str, wechat: Any, alipay: Any, at: str) -> dict[str, Any]:
    if channel == "wechat":
        return {
            "appid": wechat.app_id, "mchid": wechat.merchant_id, "out_trade_no": number,
            "trade_state": "SUCCESS", "transaction_id": f"42{number}",
            "success_time": f"{at.replace(' ', 'T')}+08:00",
            "amount": {"total": AMOUNT_FEN, "currency": "CNY"},
        }  # fmt: skip
    return {
        "app_id": alipay.app_id, "seller_id": alipay.seller_id, "out_trade_no": number,
        "trade_status": "TRADE_SUCCESS", "trade_no": f"2026{number}", "gmt_payment": at,
        "total_amount": f"{AMOUNT_FEN // 100}.{AMOUNT_FEN % 100:02d}", "subject": "全屋保洁",
    }  # fmt: skip


@contextmanager
def _served(target: str, folder: Path, url: str, redis: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    keys = {n: str(v) for n, v in local_settings(folder, base).items() if not n.startswith("SMS_")}
    settings = environment(folder, url, REDIS_URL=redis, PUBLIC_URL=base, PORT=str(port), **keys)
    command = [sys.executable, "-m", "gunicorn", "--config", "app/server/gunicorn_conf.py",
               "--bind", f"127.0.0.1:{port}", target]  # fmt: skip
    log = (folder / "gunicorn.log").open("ab")
    process = subprocess.Popen(
        command, cwd=BASE_DIR, env={**os.environ, **settings}, stdout=log, stderr=log
    )
    try:
        _wait(base, process, folder)
        yield base
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _wait(base: str, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError((folder / "gunicorn.log").read_text())
        try:
            requests.get(base, timeout=5)
            return
        except requests.RequestException:  # not listening yet, or still loading
            time.sleep(0.2)
    raise RuntimeError("gunicorn does not answer")


def _measured(
    base: str, make: Callable[[], list[Notice]], is_taken: Callable[[int, str], bool]
) -> tuple[float, float]:
    """(milliseconds each when all clients push, p95 in milliseconds at the pace of the goal)."""
    notices = make()
    own = threading.local()  # a connection of its own, kept, as a channel has it

    def tell(notice: Notice) -> float:
        # Not `requests`: it would cost the machine that is measured a third of a notice.
        to = own.__dict__.setdefault("to", HTTPConnection(urlsplit(base).netloc, timeout=30))
        begun = time.perf_counter()
        path, headers, body = notice
        to.request("POST", path, body, headers)
        answer = to.getresponse()
        text = answer.read().decode()
        took = (time.perf_counter() - begun) * 1000
        assert is_taken(answer.status, text), (answer.status, text[:200])
        return took

    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(tell, notices[:WARM_UP]))
        begun = time.perf_counter()
        list(clients.map(tell, notices[WARM_UP : WARM_UP + AT_ONCE]))
        each = (time.perf_counter() - begun) * 1000 / AT_ONCE
    with ThreadPoolExecutor(A_SECOND) as clients:
        begun, waiting = time.perf_counter(), []
        for place, notice in enumerate(notices[WARM_UP + AT_ONCE :]):
            time.sleep(max(0.0, begun + place / A_SECOND - time.perf_counter()))
            waiting.append(clients.submit(tell, notice))
        took = [future.result() for future in waiting]
    return each, statistics.quantiles(took, n=20)[-1]


def _is_taken(status: int, text: str) -> bool:
    return status == 200 and (text == "success" or json.loads(text)["code"] == "SUCCESS")


def _check_all_paid(folder: Path, url: str, count: int) -> None:
    """A fast wrong answer is no figure."""
    app = apps.make(folder, url)
    with app.app_context():
        paid = sa.select(sa.func.count(PaymentAttempt.id)).filter_by(status="succeeded")
        booked = sa.select(sa.func.count(Journal.id)).filter_by(kind="payment")
        found = db.session.scalar(paid), db.session.scalar(booked)
        assert found == (count, count), f"{found} of {count} payments were applied and booked"
        db.session.remove()
        db.engine.dispose()
