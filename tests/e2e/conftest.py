"""A whole product in processes of its own, on a fresh database of each kind, with a small demo."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from flask import Flask

from app import create_app
from app.demo import loader
from app.extensions import db
from config import BASE_DIR, load_settings
from tests.kit.servers import free_port
from tests.kit.settings import environment

PATIENCE = 40  # seconds
# Enough people to choose from, and no history: every fen that moves is the journey's.
BARE = loader.Scale(
    customers=8, workers=24, days_back=1, model_days=0, recent_days=0, orders_a_day=(0, 0),
    settled_every_days=7,
)  # fmt: skip


@dataclass(frozen=True)
class Product:
    """Addresses of the running product, and an application on the same database."""

    base_url: str
    gateway_url: str
    app: Flask


@pytest.fixture
def product(
    installed_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Product]:
    port, gateway_port = free_port(), free_port()
    settings = environment(
        tmp_path, installed_url, DEMO="1", PORT=str(port), LOCAL_GATEWAY_PORT=str(gateway_port)
    )
    app = create_app(load_settings(settings))
    monkeypatch.setitem(loader.SCALES, "bare", BARE)
    with app.app_context():
        loader.load("bare", printer=lambda line: None)
        db.session.remove()
    process = subprocess.Popen(
        [sys.executable, "app.py"], cwd=BASE_DIR, env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    base_url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(process, f"{base_url}/readyz")
        yield Product(base_url, f"http://127.0.0.1:{gateway_port}", app)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)
        with app.app_context():
            db.engine.dispose()


def _wait_for(process: "subprocess.Popen[bytes]", url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if requests.get(url, timeout=2).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise RuntimeError(f"The product did not start ({process.poll()})")
