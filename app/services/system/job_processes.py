"""Which process runs a job, and whether it still lives.

A process number is given out again, so the name holds the instant at which the process began.
"""

import os
import socket
from pathlib import Path


def own_name() -> str:
    """Host, number and start of this process, as lives() reads them."""
    return f"{socket.gethostname()[:80]}:{os.getpid()}:{_started(os.getpid()) or ''}"


def lives(name: str) -> bool | None:
    """Whether the process still lives; None when that cannot be told, as of another host."""
    place, _colon, began = name.rpartition(":")
    host, _colon, pid = place.rpartition(":")
    if host != socket.gethostname()[:80] or not pid.isdigit() or not began:
        return None
    return _started(int(pid)) == began


def _started(pid: int) -> str | None:
    """Ticks since the machine's start at which the process began; None when there is none.

    `man 5 proc`: the 22nd field of /proc/<pid>/stat; the second, in brackets, may hold spaces. A
    process that has ended and waits for its parent (state Z) lives no more.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields[19]
