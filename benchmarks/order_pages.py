"""Order list, order page and editing on 20,000 orders, against stock Flask-AppBuilder.

Both applications run in this process, warm, over the same rows (benchmarks.order_rows), and take
turns. A stock page that takes seconds is asked for less often, as far as PATIENCE goes.

Nobody edits an order: it changes through actions. What stands for "edit" is the form of the action
that staff use most, "Assign a worker", against stock's edit form of an order; and, to compare like
with like, the form of a service area: operations may edit it, and it holds a relation to many
rows, one district or thirty.
"""

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.extensions import db
from benchmarks import order_sites
from benchmarks.figures import Figure
from benchmarks.order_rows import Company, fill
from benchmarks.order_sites import Site
from tests.kit import apps, binaries
from tests.kit.databases import Backend, Postgresql, Sqlite
from tests.kit.servers import Servers, stop_all

RUNS = 30
PATIENCE, FEWEST = 30, 2  # seconds for the baseline of one page; runs it has at least
MOST_MS, MOST_STATEMENTS = 60, 10
DEEP = 700  # of 800 pages


@dataclass(frozen=True)
class Page:
    name: str
    ours: str
    stock: str
    tuned: str = ""


@dataclass(frozen=True)
class Pair:
    """The same page with one row and with thirty."""

    name: str
    ours: tuple[str, str]
    stock: tuple[str, str]


@dataclass(frozen=True)
class Stand:
    company: Company
    ours: Site
    stock: Site


def run() -> list[Figure]:
    figures = []
    if binaries.POSTGRESQL.path():
        with _stand(Postgresql) as stand:
            for page in _pages(stand.company):
                figures += _page(stand, page)
            for pair in _pairs(stand.company):
                figures.append(_growth(stand, pair))
    with _stand(Sqlite) as stand:
        for page in _pages(stand.company):
            if page.tuned:
                figures.append(_against(stand, f"{page.name}, SQLite", page.ours, page.tuned))
    return figures


def _pages(company: Company) -> list[Page]:
    def listed(name: str, arguments: str, theirs: str) -> Page:
        return Page(
            f"order list, {name}", f"/orders/list/{arguments}",
            f"/stockorders/list/{theirs}".replace("VIEW", "StockOrders"),
            f"/tunedorders/list/{theirs}".replace("VIEW", "TunedOrders"),
        )  # fmt: skip

    number, usual, waiting = company.usual_number, company.usual, company.waiting
    return [
        listed("first page", "", ""),
        listed(f"page {DEEP}", f"?page_OrderView={DEEP}", f"?page_VIEW={DEEP}"),
        listed("by status", "?_flt_0_status=completed", "?_flt_3_status=completed"),
        listed("by number", f"?_flt_0_q={number}", f"?_flt_0_number={number}"),
        Page("order page", f"/orders/show/{usual}", f"/stockorders/show/{usual}"),
        Page("order edit (assign)", f"/orders/ask/assign/{waiting}",
             f"/stockorders/edit/{waiting}", f"/tunedorders/edit/{waiting}"),
        Page("area edit", f"/areaview/edit/{company.large_area}",
             f"/stockareas/edit/{company.large_area}"),
    ]  # fmt: skip


def _pairs(company: Company) -> list[Pair]:
    def pair(name: str, ours: str, stock: str, one: int, thirty: int) -> Pair:
        return Pair(
            name, (f"{ours}{one}", f"{ours}{thirty}"), (f"{stock}{one}", f"{stock}{thirty}")
        )

    orders, areas = (company.single, company.crowded), (company.small_area, company.large_area)
    sizes = ("/orders/list/?psize_OrderView=", "/tunedorders/list/?psize_TunedOrders=")
    return [
        pair("order list", *sizes, 1, 30),
        pair("order page", "/orders/show/", "/stockorders/show/", *orders),
        pair("area edit", "/areaview/edit/", "/stockareas/edit/", *areas),
    ]


def _page(stand: Stand, page: Page) -> list[Figure]:
    found = [_against(stand, page.name, page.ours, page.stock, goal=MOST_MS)]
    if page.tuned:
        found.append(_against(stand, f"{page.name}, stock tuned", page.ours, page.tuned))
    (_ms, ours, _), (_ms, stock, _) = stand.ours.get(page.ours), stand.stock.get(page.stock)
    return [*found, Figure(f"{page.name}: statements", ours, stock, at_most=MOST_STATEMENTS)]


def _against(stand: Stand, name: str, ours: str, stock: str, goal: float | None = None) -> Figure:
    """Median milliseconds of both, taking turns after one page each to warm up."""
    stand.ours.get(ours)
    slow = stand.stock.get(stock)[0]
    mine, theirs, since = [], [slow] if slow > 5000 else [], time.monotonic()
    for _ in range(RUNS):
        mine.append(stand.ours.get(ours)[0])
        if len(theirs) < FEWEST or time.monotonic() - since < PATIENCE:
            theirs.append(stand.stock.get(stock)[0])
    return Figure(name, statistics.median(mine), statistics.median(theirs), "ms", at_most=goal)


def _growth(stand: Stand, pair: Pair) -> Figure:
    def more(site: Site, urls: tuple[str, str]) -> int:
        one, thirty = (site.get(url)[1] for url in urls)
        return thirty - one

    ours, stock = more(stand.ours, pair.ours), more(stand.stock, pair.stock)
    return Figure(f"{pair.name}: statements more for 30 rows than for 1", ours, stock, at_most=0)


@contextmanager
def _stand(kind: type[Postgresql] | type[Sqlite]) -> Iterator[Stand]:
    """Both applications on a new database with the company in it."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    folder.chmod(0o755)

    def build(url: str) -> None:
        apps.fill(apps.make(folder, url))

    backend: Backend = kind(Servers(folder), build)
    try:
        ours = order_sites.ours(folder, backend.fresh("orders"))
        with ours.app.app_context():
            with db.engine.begin() as connection:
                company = fill(connection)
            _tidy()
        yield Stand(company, ours, order_sites.stock(ours.app))
    finally:
        stop_all(folder)


def _tidy() -> None:
    """What the database does by itself after a while: statistics, and marking pages as visible."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if db.engine.name == "sqlite" else "VACUUM ANALYZE")
