"""Gunicorn's settings for `make serve` and for your own service files."""

import os
import sys

from config import ConfigError, load_settings

try:
    _settings = load_settings()
except ConfigError as exc:
    sys.exit(str(exc))  # one sentence instead of a traceback for each worker

_host = _settings["HOST"]
bind = f"[{_host}]:{_settings['PORT']}" if ":" in _host else f"{_host}:{_settings['PORT']}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_PROCESSES", "2"))
threads = int(os.environ.get("WEB_THREADS", "100"))
timeout = 120
keepalive = 75  # longer than a proxy in front keeps one, or it would send into a closed one
graceful_timeout = 30  # for requests that are being answered when a worker is told to stop
loglevel = "warning"
control_socket_disable = True
