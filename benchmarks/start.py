"""Cold start of a web process on a database that is installed and up to date.

Baseline: Flask-AppBuilder with its default settings, on the same tables and with as many views;
its first start, which fills its tables (`flask init` does that for us), is told apart. Each start
is a fresh interpreter; seconds are of the wall clock, until it could answer.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.figures import Figure
from config import BASE_DIR
from tests.kit import apps, binaries
from tests.kit.databases import Backend, Postgresql, Sqlite
from tests.kit.servers import Servers, stop_all

STARTS, STOCK_STARTS = 7, 3  # stock takes ten times as long
Facts = dict[str, float]


def run() -> list[Figure]:
    with _prepared() as (folder, fresh):
        ours_url, stock_url = fresh("ours"), fresh("stock")
        counts = _start("ours", folder, ours_url)
        alike = (str(int(counts["views"])), str(int(counts["resources"])))
        first = _start("stock", folder, stock_url, *alike)
        ours, stock = [], []
        for number in range(STARTS):
            ours.append(_start("ours", folder, ours_url))
            if number < STOCK_STARTS:
                stock.append(_start("stock", folder, stock_url, *alike))
    return _figures(ours, stock, first)


def _figures(ours: list[Facts], stock: list[Facts], first: Facts) -> list[Figure]:
    def of(name: str) -> tuple[float, float]:
        return (
            statistics.median(facts[name] for facts in ours),
            statistics.median(facts[name] for facts in stock),
        )

    return [
        Figure("start: seconds", *of("seconds"), "s", at_most=2, at_least_ratio=3),
        Figure("start: statements", *of("statements"), at_most=20, at_least_ratio=3),
        Figure("start: seconds of processor", *of("cpu_seconds"), "s"),
        Figure("start: seconds, baseline's first", of("seconds")[0], first["seconds"], "s"),
        Figure("start: statements, same", of("statements")[0], first["statements"]),
        Figure("start: memory of a process", *of("megabytes"), "MB"),
        Figure("start: views", *of("views")),
    ]


def _start(which: str, folder: Path, url: str, *counts: str) -> Facts:
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.start_child", which, str(folder), url, *counts],
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
    )
    seconds = time.monotonic() - begun
    if done.returncode:
        raise RuntimeError(f"{which} did not start: {done.stderr}")
    return {"seconds": seconds, **json.loads(done.stdout.splitlines()[-1])}


@contextmanager
def _prepared() -> Iterator[tuple[Path, Callable[[str], str]]]:
    """A folder, and fresh copies of an installed database: PostgreSQL where there is one."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    folder.chmod(0o755)
    servers = Servers(folder)

    def build(url: str) -> None:
        apps.fill(apps.make(folder, url))

    kind: type[Postgresql] | type[Sqlite] = Postgresql if binaries.POSTGRESQL.path() else Sqlite
    backend: Backend = kind(servers, build)
    try:
        yield folder, backend.fresh
    finally:
        stop_all(folder)
