"""The product over HTTP as it is served in production: gunicorn, processes that can be killed."""

import ctypes
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from config import BASE_DIR
from tests.kit.servers import free_port

PRODUCT = "app:create_app()"
PATIENCE = 60  # seconds until it answers
PR_SET_PDEATHSIG = 1  # prctl(2)


@dataclass(frozen=True)
class Served:
    """Where it listens ("127.0.0.1:port"), and gunicorn's first process."""

    netloc: str
    master: int

    def processes(self) -> list[int]:
        """The processes that answer requests now."""
        children = Path(f"/proc/{self.master}/task/{self.master}/children").read_text()
        return [int(pid) for pid in children.split()]

    def kill(self, pid: int) -> bool:
        """End it by SIGKILL; False when it had gone already. Another one takes its place."""
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            return True
        return False


@contextmanager
def served(
    folder: Path, environment: Mapping[str, str], *, processes: int, target: str = PRODUCT
) -> Iterator[Served]:
    """Serve `target` until the end of the block; its log is gunicorn.log in the folder.

    Loaded once and forked: a process that is killed has a successor in a moment.
    """
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", "--config", "app/server/gunicorn_conf.py",
        "--preload", "--bind", f"127.0.0.1:{port}", target,
    ]  # fmt: skip
    settings = {**os.environ, **environment, "WEB_PROCESSES": str(processes), "PORT": str(port)}
    with (folder / "gunicorn.log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=BASE_DIR, env=settings, stdout=log, stderr=log, preexec_fn=_ends_with_us
        )
    try:
        _wait(port, process, folder)
        yield Served(f"127.0.0.1:{port}", process.pid)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _ends_with_us() -> None:
    """Linux tells the new process when the one that started it is killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _wait(port: int, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError((folder / "gunicorn.log").read_text())
        if _answers(port):
            return
        time.sleep(0.1)
    raise RuntimeError("gunicorn does not answer")


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
