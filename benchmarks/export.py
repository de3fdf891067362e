"""The order list as an Excel file: 200,000 rows, ours against openpyxl's write-only mode.

Each side is a process of its own on the same database, one after the other. Ours is the product's
own way, from the click to the stored file: permission, filters, keys, rows, typed cells, progress
and audit. The baseline is what one writes with openpyxl: the same orders in the same order with
customer and worker joined, streamed, the same eight columns with the same number formats, saved.
`writing alone` leaves the database out: the same rows from memory into both writers.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.extensions import db
from benchmarks.figures import Figure
from benchmarks.order_plans import Size
from benchmarks.order_rows import fill_orders
from config import BASE_DIR
from tests.kit import apps, binaries
from tests.kit.clients import add_staff
from tests.kit.databases import Backend, Postgresql, Sqlite
from tests.kit.servers import Servers, stop_all

ORDERS = Size(orders=200_000, customers=50_000, workers=2_000)
MOST_MEGABYTES, LEAST_RATIO = 100, 2.5
Facts = dict[str, float]


def run() -> list[Figure]:
    kind: type[Postgresql] | type[Sqlite] = Postgresql if binaries.POSTGRESQL.path() else Sqlite
    with _orders(kind) as (folder, url):
        ours, plain = (_export(which, folder, url) for which in ("ours", "plain"))
        our_cells, plain_cells = (
            _export(which, folder, url) for which in ("ours_cells", "plain_cells")
        )
    if ours["rows"] != plain["rows"]:
        raise RuntimeError(f"{ours['rows']} rows are not {plain['rows']}")
    return [
        Figure("export: rows", ours["rows"], plain["rows"]),
        _less("export: seconds", ours, plain, "seconds", "s", LEAST_RATIO),
        _less("export: seconds of processor", ours, plain, "cpu_seconds", "s"),
        _less("export: writing alone, seconds", our_cells, plain_cells, "seconds", "s"),
        _less("export: memory it needs", ours, plain, "grown", "MB", most=MOST_MEGABYTES),
        _less("export: memory of the process", ours, plain, "peak", "MB"),
        _less("export: size of the file", ours, plain, "file", "MB"),
    ]


def _less(
    name: str,
    ours: Facts,
    plain: Facts,
    fact: str,
    unit: str,
    ratio: float | None = None,
    most: float | None = None,
) -> Figure:
    return Figure(name, ours[fact], plain[fact], unit, at_most=most, at_least_ratio=ratio)


def _export(which: str, folder: Path, url: str) -> Facts:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.export_child", which, str(folder), url],
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{which} failed: {done.stderr}")
    facts: Facts = json.loads(done.stdout.splitlines()[-1])
    return facts


@contextmanager
def _orders(kind: type[Postgresql] | type[Sqlite]) -> Iterator[tuple[Path, str]]:
    """A folder and the address of a database with the orders in it."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    folder.chmod(0o755)
    backend: Backend = kind(Servers(folder), lambda url: apps.fill(apps.make(folder, url)))
    try:
        url = backend.fresh("export")
        app = apps.make(folder, url)
        with app.app_context():
            add_staff("operations", username="operations")
            with db.engine.begin() as connection:
                fill_orders(connection, ORDERS)
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("ANALYZE")
            db.session.remove()
            db.engine.dispose()
        yield folder, url
    finally:
        stop_all(folder)
