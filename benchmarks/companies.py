"""A database with a company in it, for whoever measures: 20,000 orders, a city's or a million.

Loading a city takes minutes, so the benchmarks of one run share it. COMPANY_URL names a database of
PostgreSQL that keeps it for later runs: an empty one is filled, a filled one is asked.
"""

import atexit
import os
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from app.demo import loader
from app.demo.bulk import tidy
from app.domain.states import OrderStatus
from app.extensions import db
from app.models import Area, AreaRegion, Order
from benchmarks.order_rows import Company, fill
from tests.kit import apps
from tests.kit.databases import Backend, Postgresql, Sqlite
from tests.kit.servers import Servers, stop_all, watch


@dataclass(frozen=True)
class Stand:
    folder: Path
    url: str
    company: Company


def scale() -> str:
    """What SCALE says: "" for the benchmarks' own 20,000 orders, or a scale of the demo."""
    return os.environ.get("SCALE", "")


@cache
def stand(kind: type[Postgresql] | type[Sqlite]) -> Stand:
    """A new database with the company that SCALE asks for; it goes with the process."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    folder.chmod(0o755)
    watch(folder)  # however this process ends
    atexit.register(stop_all, folder)

    def build(url: str) -> None:
        apps.fill(apps.make(folder, url))

    kept = os.environ.get("COMPANY_URL")
    if kept and kind is Postgresql:
        url = kept
        if not _has_tables(url):
            build(url)
    else:
        backend: Backend = kind(Servers(folder), build)
        url = backend.fresh("company")
    app = apps.make(folder, url)
    with app.app_context():
        company = _loaded(app) if scale() else _filled()
        db.session.remove()
        db.engine.dispose()
    return Stand(folder, url, company)


def _has_tables(url: str) -> bool:
    engine = sa.create_engine(url)
    try:
        return bool(sa.inspect(engine).get_table_names())
    finally:
        engine.dispose()


def _filled() -> Company:
    with db.engine.begin() as connection:
        company = fill(connection)
    tidy()
    return company


def _loaded(app: Flask) -> Company:
    if not db.session.scalar(sa.select(Order.id).limit(1)):
        app.config["DEMO"] = True
        loader.load(scale())
        app.config["DEMO"] = False
    usual = _one_of(OrderStatus.COMPLETED)
    waiting = _one_of(OrderStatus.PENDING_DISPATCH)
    areas = _areas_by_size()
    return Company(
        orders=db.session.scalar(sa.select(sa.func.count(Order.id))) or 0,
        usual=usual.id,
        usual_number=usual.number,
        waiting=waiting.id,
        single=usual.id,
        crowded=usual.id,
        small_area=areas[0],
        large_area=areas[-1],
    )


def _one_of(status: OrderStatus) -> Order:
    """The newest: it has everything that an order of its status can have."""
    newest = sa.select(Order).filter_by(status=status.value).order_by(Order.id.desc()).limit(1)
    return db.session.scalars(newest).one()


def _areas_by_size() -> list[int]:
    size = sa.func.count(AreaRegion.region_id)
    joined = sa.select(Area.id).outerjoin(AreaRegion, AreaRegion.area_id == Area.id)
    return list(db.session.scalars(joined.group_by(Area.id).order_by(size, Area.id)))
