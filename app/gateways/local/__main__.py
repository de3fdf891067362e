"""python -m app.gateways.local --port N --state-dir D [--host H] [--database-url URL]"""

import argparse
import os
import signal
import socket
import sys
import time
from pathlib import Path
from threading import Thread

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from app.gateways.local.demo_clock import DemoClock
from app.gateways.local.server import create_gateway, local_gateway

PARENT_CHECK_SECONDS = 1.0


class QuietHandler(WSGIRequestHandler):
    """No line for each request: the demo's terminal belongs to the product."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return


def main(arguments: list[str]) -> int:
    options = _parsed(arguments)
    try:
        # Before anything else: a second gateway must not touch the first one's state.
        listener = socket.create_server((options.host, options.port))
    except OSError as exc:
        sys.stderr.write(
            f"The local gateway cannot use port {options.port}: {os.strerror(exc.errno or 0)}.\n"
        )
        return 1
    app = create_gateway(options.state_dir, DemoClock(options.database_url))
    server = _serving(listener, app)
    _stop_on_signals(server)
    if options.exit_with_parent:
        Thread(target=_stop_with_parent, args=(os.getppid(), server), daemon=True).start()
    sys.stdout.write(f"Local gateway: http://{options.host}:{server.port}/_local/\n")
    sys.stdout.flush()
    server.serve_forever()
    local_gateway(app).close()
    return 0


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m app.gateways.local")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--state-dir", type=Path, required=True)
    parser.add_argument("--database-url", help="where the demo's clock offset is kept")
    parser.add_argument("--exit-with-parent", action="store_true")
    return parser.parse_args(arguments)


def _serving(listener: socket.socket, app: Flask) -> BaseWSGIServer:
    host, port = listener.getsockname()[:2]
    return make_server(
        host, port, app, threaded=True, request_handler=QuietHandler, fd=listener.fileno()
    )


def _stop_on_signals(server: BaseWSGIServer) -> None:
    def stop(*_: object) -> None:
        # shutdown() waits for the loop that this signal interrupts, so another thread calls it.
        Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def _stop_with_parent(parent: int, server: BaseWSGIServer) -> None:
    """A parent that was killed outright cannot stop us, and the port must come free."""
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_SECONDS)
    server.shutdown()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
