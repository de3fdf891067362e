"""How fast the demo is written in bulk, against bare COPY of the same rows.

A small model company is played, then grown; only growing is measured. The baseline gets every row
of the grown database as finished COPY lines, into an equal database with the same guards,
constraints and indexes: nothing can be quicker but to leave those away.
"""

import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from flask import Flask

from app.demo import loader
from app.demo.grow import Growth
from app.extensions import db
from benchmarks.figures import Figure
from tests.kit import apps, binaries
from tests.kit.databases import Postgresql
from tests.kit.servers import Servers, stop_all

SHARE = 0.3
GROWTH = Growth(orders=20_000, teams=60, quarters=60, days_back=180)
MODEL = replace(
    loader.SCALES["tiny"], days_back=20, model_days=7, recent_days=4, settled_every_days=7,
    growth=GROWTH,
)  # fmt: skip
# Every installation has these before anything is loaded.
STANDING = ("ab_", "installation", "alembic")


def run() -> list[Figure]:
    if not binaries.POSTGRESQL.path():
        return []
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    folder.chmod(0o755)
    try:
        return _figures(folder)
    finally:
        stop_all(folder)


def _figures(folder: Path) -> list[Figure]:
    def build(url: str) -> None:
        apps.fill(apps.make(folder, url))

    backend = Postgresql(Servers(folder), build)
    target = backend.fresh("bare")
    app = apps.make(folder, backend.fresh("grown"))
    rows, seconds = _grown(app)
    with app.app_context():
        bare_rows, bare_seconds = _bare(db.engine.url, sa.make_url(target))
    ours, bare = seconds / rows * 1e5, bare_seconds / bare_rows * 1e5
    return [
        Figure("seed: seconds for 100,000 rows", ours, bare, "s", at_least_ratio=SHARE),
        Figure("seed: rows a second", round(rows / seconds), None),
        Figure("seed: rows a second, bare COPY", round(bare_rows / bare_seconds), None),
        Figure("seed: rows", rows, None),
    ]


def _grown(app: Flask) -> tuple[int, float]:
    """How many rows growing wrote, and in how many seconds."""
    usual = loader.grow
    told: list[tuple[int, float]] = []

    def measured(*args: Any) -> Any:
        begun = time.perf_counter()
        bulk = usual(*args)
        told.append((sum(bulk.written.values()), time.perf_counter() - begun))
        return bulk

    loader.grow = measured  # type: ignore[assignment]
    loader.SCALES["bench"] = MODEL
    try:
        with app.app_context():
            app.config["DEMO"] = True
            loader.load("bench", printer=lambda _line: None)
            db.session.remove()
    finally:
        loader.grow = usual
        del loader.SCALES["bench"]
    return told[0]


def _bare(source: sa.URL, target: sa.URL) -> tuple[int, float]:
    rows, seconds = 0, 0.0
    with _connected(source) as there, _connected(target) as here:
        # What an installation begins with comes once more with the rest; the guards let nobody
        # delete audit rows.
        here.execute("SET session_replication_role = replica")
        for name in ("audit_log", "branch"):
            here.execute(f"DELETE FROM {name}")
        here.execute("RESET session_replication_role")
        for table in _tables():
            with there.cursor().copy(f'COPY "{table.name}" TO STDOUT') as out:
                lines = b"".join(out)
            begun = time.perf_counter()
            with here.cursor().copy(f'COPY "{table.name}" FROM STDIN') as into:
                into.write(lines)
            here.commit()
            seconds += time.perf_counter() - begun
            rows += lines.count(b"\n")
    return rows, seconds


def _tables() -> list[sa.Table]:
    """Those that loading fills, in the order of their keys; seals last: they refuse journals."""
    filled = [table for table in db.metadata.sorted_tables if not _stands(table.name)]
    return sorted(filled, key=lambda table: table.name == "period_seal")


def _stands(name: str) -> bool:
    return name.startswith(STANDING) and name != "ab_user"


def _connected(url: sa.URL) -> psycopg.Connection[Any]:
    return psycopg.connect(host=url.query["host"], user=url.username, dbname=url.database)
