"""Sixty-four client processes want the first twenty free hours, over HTTP, on both databases.

Ours against a stock Flask application under the same gunicorn that looks and then inserts, without
a guard (`booking_race_baseline`): it must sell hours twice, or the race was none.
"""

import json
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.extensions import db
from benchmarks.booking_race_baseline import TABLE
from benchmarks.figures import Figure
from tests.kit import apps, binaries, crowd
from tests.kit.databases import Backend, Postgresql, Sqlite
from tests.kit.servers import Servers, stop_all
from tests.kit.serving import PRODUCT, served
from tests.kit.settings import environment
from tests.proof import fields

CLIENTS, SEED = 64, 20261122
PROCESSES = {"postgresql": 3, "sqlite": 1}
SCENE = "tests.proof.scenes:race"
STOCK = "benchmarks.booking_race_baseline:make()"


@dataclass(frozen=True)
class Raced:
    """How many got an hour, claims that overlap, and the slow end of the answers (ms)."""

    winners: int
    overlaps: int
    p95: float


def run() -> list[Figure]:
    figures = []
    for name in PROCESSES:
        if name == "postgresql" and not binaries.POSTGRESQL.path():
            continue
        with _prepared(name) as (folder, url):
            figures += _figures(name, _ours(folder, url, name), _stock(folder, url, name))
    return figures


def _figures(name: str, ours: Raced, stock: Raced) -> list[Figure]:
    if not stock.overlaps:
        raise RuntimeError("Without a guard nothing was sold twice: this was no race")
    title, hours = f"booking_race, {name}", fields.A_DAY
    unsold = float(hours - ours.winners)
    return [
        Figure(f"{title}: overlaps", ours.overlaps, stock.overlaps, at_most=0),
        Figure(f"{title}: winners of {hours}", ours.winners, stock.winners, at_most=hours),
        Figure(f"{title}: hours nobody got", max(unsold, 0.0), at_most=0),
        Figure(f"{title}: p95 of the answers", ours.p95, stock.p95, "ms"),
    ]


def _ours(folder: Path, url: str, name: str) -> Raced:
    app = apps.make(folder, url)
    with app.app_context():
        race = fields.race(CLIENTS, days=1, seed=SEED)
        db.session.remove()
        results = _raced(folder, url, name, PRODUCT, race.clients)
        overlaps = len(fields.overlaps())
        db.session.remove()
        db.engine.dispose()
    (folder / "race.json").write_text(json.dumps(race.clients))
    return _told(results, overlaps)


def _stock(folder: Path, url: str, name: str) -> Raced:
    clients = json.loads((folder / "race.json").read_text())
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.schema.CreateTable(TABLE))
    (starts,) = clients[0]["days"]
    wanted = json.dumps({"workers": fields.WORKERS, "starts": starts})
    results = _raced(folder, url, name, STOCK, clients, RACE=wanted)
    mine, other = TABLE.alias(), TABLE.alias()
    twice = sa.select(sa.func.count()).where(
        mine.c.worker == other.c.worker,
        mine.c.id < other.c.id,
        mine.c.starts_at < other.c.ends_at,
        other.c.starts_at < mine.c.ends_at,
    )
    with engine.connect() as connection:
        overlaps = connection.scalar(twice) or 0
    engine.dispose()
    return _told(results, overlaps)


def _raced(
    folder: Path, url: str, name: str, target: str, clients: Any, **more: str
) -> list[dict[str, Any]]:
    settings = environment(folder, url, **more)
    with served(folder, settings, processes=PROCESSES[name], target=target) as server:
        return crowd.play(SCENE, server.netloc, clients)


def _told(results: list[dict[str, Any]], overlaps: int) -> Raced:
    winners = sum(one["result"][0]["won"] is not None for one in results)
    took = [ms for one in results for ms in one["took"]]
    return Raced(winners, overlaps, statistics.quantiles(took, n=20)[-1])


@contextmanager
def _prepared(name: str) -> Iterator[tuple[Path, str]]:
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    folder.chmod(0o755)
    servers = Servers(folder)

    def build(url: str) -> None:
        apps.fill(apps.make(folder, url))

    backend: Backend = (Postgresql if name == "postgresql" else Sqlite)(servers, build)
    try:
        yield folder, backend.fresh("race")
    finally:
        stop_all(folder)
