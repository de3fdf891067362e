"""The running product: installed, with its demo and local gateway, behind one web server."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from app import create_app
from app.extensions import db
from app.gateways import local_state_dir
from app.server import banner, demo_load, installation, job_processes, ports, web
from config import BASE_DIR

GATEWAY_PATIENCE = 20.0  # seconds


def run(settings: dict[str, Any], listener: socket.socket) -> int:
    """Serve until told to stop; returns the exit status."""
    job_processes.require_redis(settings)
    demo_load.forget_half(settings)
    with _local_gateway(settings) as gateway_is_up:  # it starts while we do
        app = create_app(settings)
        installed = installation.install(app)
        demo_load.complete(app)
        with app.app_context():
            db.engine.dispose()  # the web process is a fork: no connection may be shared with it
        gateway_is_up()
        with job_processes.beside(settings) as jobs:
            status = web.serve(app, listener, lambda: banner.show(app, installed))
            return status or jobs.exit_code


def gateway_command(settings: dict[str, Any]) -> list[str]:
    return [
        sys.executable, "-m", "app.gateways.local",
        "--port", str(settings["LOCAL_GATEWAY_PORT"]),
        "--state-dir", str(local_state_dir(settings["DATA_DIR"])),
        "--database-url", settings["SQLALCHEMY_DATABASE_URI"],
        "--exit-with-parent",
    ]  # fmt: skip


@contextmanager
def _local_gateway(settings: dict[str, Any]) -> Iterator[Callable[[], None]]:
    """The demo's payment channel and text messages, in a process and on a port of their own.

    Yields a function that waits until it answers.
    """
    if not settings["DEMO"]:
        yield lambda: None
        return
    # A session of its own: Ctrl-C must not take it away from requests that are being finished.
    process = subprocess.Popen(
        gateway_command(settings), cwd=BASE_DIR, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield lambda: _wait_for(process, settings["LOCAL_GATEWAY_PORT"])
    finally:
        process.terminate()
        process.wait()


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + GATEWAY_PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise ports.PortInUse(f"The local gateway did not start on port {port}.")
