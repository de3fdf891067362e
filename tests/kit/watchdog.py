"""Ends the private servers of a test run that was killed. Run as a script: PID FOLDER."""

import os
import shutil
import sys
import time
from contextlib import suppress
from pathlib import Path


def end(folder: Path) -> None:
    """Signal every remembered server and wait until it is gone."""
    pids = []
    for line in _lines(folder / "pids"):
        pid, how = (int(part) for part in line.split())
        if _alive(pid):
            os.kill(pid, how)
            pids.append(pid)
    deadline = time.monotonic() + 10
    while any(_alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.02)


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def _alive(pid: int) -> bool:
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def main(parent: int, folder: Path) -> None:
    while folder.exists():
        if not _alive(parent):
            end(folder)
            shutil.rmtree(folder, ignore_errors=True)
            return
        time.sleep(1)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
