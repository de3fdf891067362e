"""A private PostgreSQL cluster and a private Redis, started when the first test needs them.

All processes of one test run share them: the folder is the meeting place, a file lock decides who
starts, and a watchdog ends them should the test run be killed.
"""

import fcntl
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import redis

from tests.kit import binaries

PATIENCE = 30  # seconds
# What a test does not need costs a sixth of the server's time.
LIGHT = {
    "wal_level": "minimal", "max_wal_senders": "0", "max_wal_size": "4GB",
    "shared_buffers": "256MB", "bgwriter_lru_maxpages": "0", "jit": "off",
    "max_parallel_workers_per_gather": "0", "track_counts": "off",
    "update_process_title": "off",
}  # fmt: skip


class Servers:
    """`durable`: PostgreSQL writes each commit to the disk, as in production."""

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        self.folder = folder
        self._durable = durable

    def postgresql_url(self, database: str) -> str:
        socket = self._facts("postgresql", self._start_postgresql)["socket"]
        return f"postgresql+psycopg://postgres@/{database}?host={socket}"

    def redis_url(self, number: int = 0) -> str:
        port_file = self._facts("redis", self._start_redis)["socket"]
        return f"unix://{port_file}?db={number}"

    @contextmanager
    def postgresql_admin(self) -> Iterator[psycopg.Connection[Any]]:
        socket = self._facts("postgresql", self._start_postgresql)["socket"]
        with psycopg.connect(
            host=socket, user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            yield connection

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """One process of the test run at a time."""
        with (self.folder / f"{name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def stop(self) -> None:
        stop_all(self.folder)

    def _facts(self, name: str, start: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        path = self.folder / f"{name}.json"
        if not path.exists():
            with self.locked(name):
                if not path.exists():
                    path.write_text(json.dumps(start()))
        facts: dict[str, Any] = json.loads(path.read_text())
        return facts

    def _start_postgresql(self) -> dict[str, Any]:
        initdb = binaries.POSTGRESQL.path()
        assert initdb, binaries.POSTGRESQL.why_missing()
        home = self.folder / "postgresql"
        home.mkdir()
        who = _unprivileged()
        if who:
            os.chown(home, who["user"], who["group"])
        run = {"cwd": home, "stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, **who}
        subprocess.run(
            [initdb, "-D", str(home / "data"), "-U", "postgres", "-A", "trust",
             "-E", "UTF8", "--no-locale", "--no-sync"],
            check=True, **run,
        )  # fmt: skip
        # Durability costs half the time, and this data is thrown away.
        kept = "on" if self._durable else "off"
        options = {
            "listen_addresses": "", "unix_socket_directories": str(home), "max_connections": 200,
            "fsync": kept, "synchronous_commit": kept, "full_page_writes": kept,
            "autovacuum": "off", "timezone": "UTC", "logging_collector": "off",
        }  # fmt: skip
        if not self._durable:
            options |= LIGHT
        flags = [flag for name, value in options.items() for flag in ("-c", f"{name}={value}")]
        with (self.folder / "postgresql.log").open("wb") as log:
            process = subprocess.Popen(
                [str(Path(initdb).with_name("postgres")), "-D", str(home / "data"), *flags],
                stderr=log, start_new_session=True, **run,
            )  # fmt: skip
        _remember(self.folder, process, signal.SIGINT)
        _wait_until(lambda: _postgresql_answers(home), "PostgreSQL")
        return {"socket": str(home)}

    def _start_redis(self) -> dict[str, Any]:
        server = binaries.REDIS.path()
        assert server, binaries.REDIS.why_missing()
        socket = self.folder / "redis.sock"
        process = subprocess.Popen(
            [server, "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir",
             str(self.folder)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        _remember(self.folder, process, signal.SIGTERM)
        _wait_until(lambda: _redis_answers(socket), "Redis")
        return {"socket": str(socket)}


def watch(folder: Path) -> None:
    """End the servers if this process dies without doing so."""
    script = Path(__file__).with_name("watchdog.py")
    process = subprocess.Popen(
        [sys.executable, str(script), str(os.getpid()), str(folder)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True, cwd="/",
    )  # fmt: skip
    _outlives_us(process)


def free_port() -> int:
    """One that nobody listens on at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def stop_all(folder: Path) -> None:
    from tests.kit.watchdog import end

    end(folder)
    shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: become somebody who owns nothing."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise RuntimeError("Neither a user postgres nor nobody exists to run PostgreSQL")


def _remember(folder: Path, process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    with (folder / "pids").open("a") as file:
        file.write(f"{process.pid} {int(how)}\n")
    _outlives_us(process)


def _outlives_us(process: subprocess.Popen[bytes]) -> None:
    """The last process of the run ends it, whoever started it: no warning about a lost child."""
    process.returncode = 0


def _postgresql_answers(socket: Path) -> bool:
    try:
        psycopg.connect(host=str(socket), user="postgres", dbname="postgres").close()
    except psycopg.OperationalError:
        return False
    return True


def _redis_answers(socket: Path) -> bool:
    try:
        with redis.Redis(unix_socket_path=str(socket)) as client:
            client.ping()
    except (redis.ConnectionError, redis.TimeoutError):
        return False
    return True


def _wait_until(answers: Callable[[], bool], name: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not answers():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{name} did not start within {PATIENCE} s")
        time.sleep(0.05)
