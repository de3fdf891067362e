"""`python -m tests.e2e.serve_smoke`: `make serve` on a private PostgreSQL and Redis, one order
sent through it over HTTP, and a clean stop.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests
import sqlalchemy as sa

from tests.kit.databases import Postgresql
from tests.kit.servers import Servers, free_port, stop_all
from tests.kit.settings import environment

ROOT = Path(__file__).resolve().parents[2]
UP_WITHIN = 300  # seconds; the first start loads the demo company
STOPPED_WITHIN = 90


def main() -> int:
    folder = Path(tempfile.mkdtemp(prefix="smoke-"))
    folder.chmod(0o755)
    servers = Servers(folder)
    url = Postgresql(servers, lambda _url: None).empty("smoke")
    port, gateway_port = free_port(), free_port()
    env = os.environ | environment(
        folder, url, REDIS_URL=servers.redis_url(), PORT=str(port),
        LOCAL_GATEWAY_PORT=str(gateway_port), DEMO="1",
    )  # fmt: skip
    serving = subprocess.Popen(["make", "serve"], cwd=ROOT, env=env, start_new_session=True)
    base_url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(serving, base_url)
        _send_one_order(base_url, env)
        _prove(env)
    finally:
        status = _stop(serving)
        _print_traces(url)
        stop_all(folder)
    print(f"make serve stopped with {status}")
    return 0


def _wait_until_ready(serving: subprocess.Popen, base_url: str) -> None:
    deadline = time.monotonic() + UP_WITHIN
    while time.monotonic() < deadline:
        if serving.poll() is not None:
            raise SystemExit(f"make serve ended with {serving.returncode}")
        try:
            if requests.get(f"{base_url}/readyz", timeout=5).ok:
                return
        except requests.RequestException:
            time.sleep(0.5)
    raise SystemExit("make serve was not ready in time")


def _send_one_order(base_url: str, env: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, "-m", "app.demo.journey", "--base-url", base_url,
         "--gateway-url", f"http://127.0.0.1:{env['LOCAL_GATEWAY_PORT']}"],
        cwd=ROOT, env=env, check=True, timeout=600,
    )  # fmt: skip


def _prove(env: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, "-m", "flask", "check"], cwd=ROOT, env=env, check=True, timeout=300
    )


def _stop(serving: subprocess.Popen) -> int:
    if serving.poll() is None:
        os.killpg(serving.pid, signal.SIGTERM)
    try:
        return serving.wait(STOPPED_WITHIN)
    except subprocess.TimeoutExpired:
        os.killpg(serving.pid, signal.SIGKILL)
        raise SystemExit("make serve did not stop in time") from None


def _print_traces(url: str) -> None:
    """What the jobs did, by the rows they left."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        waiting = connection.scalar(
            sa.text("SELECT count(*) FROM outbox WHERE delivered_at IS NULL")
        )
        print(f"outbox: {waiting} messages wait")
    engine.dispose()


if __name__ == "__main__":
    sys.exit(main())
