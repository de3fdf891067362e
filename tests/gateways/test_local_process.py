"""The local gateway's keys, its clock, and its life as a process of its own."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests
import sqlalchemy as sa

from app.gateways.local.demo_clock import DemoClock
from app.gateways.local.keys import ensure_keys
from app.gateways.local.server import create_gateway, local_gateway
from app.gateways.sms import TencentSms, TencentSmsSettings
from tests.gateways.support import StillClock

ROOT = Path(__file__).parents[2]


def test_keys_are_private_and_stay_the_same(state_dir: Path) -> None:
    keys = ensure_keys(state_dir)

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in keys.folder.iterdir()}
    assert modes == {
        "local.json": 0o600,
        "merchant_key.pem": 0o600,
        "platform_key.pem": 0o600,
        "platform_public.pem": 0o600,
    }
    assert ensure_keys(state_dir) == keys
    assert len(keys.api_v3_key) == 32


def test_keys_made_by_many_at_once_are_one_set(tmp_path: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        made = list(pool.map(lambda _: ensure_keys(tmp_path), range(3)))

    assert made == [made[0]] * 3
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


def test_secrets_of_the_gateway_are_not_in_the_merchants_settings(state_dir: Path) -> None:
    keys = ensure_keys(state_dir)

    assert "platform_key.pem" not in json.dumps(keys.settings("http://127.0.0.1:1"))


def test_without_a_database_the_demo_clock_is_the_real_one(tmp_path: Path) -> None:
    missing = tmp_path / "app.sqlite"
    for clock in (DemoClock(None), DemoClock(f"sqlite:///{missing}")):
        assert abs(clock() - datetime.now(UTC)) < timedelta(seconds=5)
    assert not missing.exists()


def test_the_demo_clock_follows_the_offset_in_the_database(empty_database: str) -> None:
    ticks = [0.0]
    clock = DemoClock(empty_database, monotonic=lambda: ticks[0])
    engine = sa.create_engine(empty_database, poolclass=sa.NullPool)

    def run(*statements: str) -> None:
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))

    def days_ahead() -> int:
        return round((clock() - datetime.now(UTC)) / timedelta(days=1))

    assert days_ahead() == 0
    run(
        "CREATE TABLE installation (id INTEGER, clock_offset_seconds INTEGER)",
        f"INSERT INTO installation VALUES (1, {8 * 86400})",
    )
    ticks[0] = 0.49
    assert days_ahead() == 0
    ticks[0] = 0.5
    assert days_ahead() == 8
    run(f"UPDATE installation SET clock_offset_seconds = {9 * 86400}")
    clock.refresh()
    assert days_ahead() == 9


def test_a_call_right_after_a_jump_of_the_clock_is_not_stale(
    state_dir: Path, clock: StillClock
) -> None:
    class Cached(StillClock):
        def refresh(self) -> None:
            self.now = clock.now

    app = create_gateway(state_dir, Cached(), background=False)
    clock.travel(days=8)

    assert local_gateway(app).is_fresh(str(int(clock.now.timestamp())))
    assert not local_gateway(app).is_fresh(str(int(clock.now.timestamp()) + 301))
    local_gateway(app).close()


def started(state_dir: Path, port: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "app.gateways.local", f"--port={port}", f"--state-dir={state_dir}"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )


def test_as_a_process_it_serves_and_ends_at_a_signal(state_dir: Path) -> None:
    process = started(state_dir)
    assert process.stdout is not None
    assert process.stderr is not None
    with process, process.stdout, process.stderr:
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert found is not None
        keys = ensure_keys(state_dir)
        sms = TencentSms(
            lambda: TencentSmsSettings(
                keys.sms_secret_id,
                keys.sms_secret_key,
                keys.sms_app_id,
                keys.sms_sign_name,
                {"login": "1000001"},
                found.group(),
            ),
            lambda: datetime.now(UTC),
        )
        sms.send("16600000001", "login", ["482913"])
        inbox = requests.get(f"{found.group()}/_local/sms?phone=16600000001", timeout=5).json()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0

    assert [message["code"] for message in inbox["messages"]] == ["482913"]


def test_a_port_in_use_is_one_clear_sentence_and_touches_no_state(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = started(tmp_path / "gateway", port)
        _, errors = process.communicate(timeout=60)

    assert process.returncode == 1
    assert errors == f"The local gateway cannot use port {port}: Address already in use.\n"
    assert list(tmp_path.iterdir()) == []
