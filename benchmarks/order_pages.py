"""Order list, order page and editing on 20,000 orders, against stock Flask-AppBuilder.

`SCALE=city` (or large) asks the demo company of that size instead, which takes minutes to load;
there the stock pages that hold every customer and order in a select are left out: they would take
minutes each. Nor has any order of that company thirty of everything.

Both applications run in this process, warm, over the same rows (benchmarks.companies), and take
turns. The baseline is "stock", with its defaults, or "tuned", told which columns to search and to
edit (benchmarks.order_sites); stock pages that take seconds are asked for less often than ours.

Nobody edits an order: it changes through actions. What stands for "edit" is the form of the action
that staff use most, "Assign a worker", against the stock form of an order; and, to compare like
with like, the form of a service area: operations may edit it, and it holds a relation to many
rows, one district or thirty.
"""

import statistics
import time
from dataclasses import dataclass

from app import fab_far_pages
from benchmarks import companies, order_sites
from benchmarks.figures import Figure
from benchmarks.order_rows import Company
from benchmarks.order_sites import Answer, Site
from tests.kit import binaries
from tests.kit.databases import Postgresql, Sqlite

RUNS, FIRST_LOOKS = 30, 5
PATIENCE, FEWEST = 20, 2  # seconds for the baseline of one page; runs it has at least
MOST_MS, MOST_STATEMENTS = 60, 10
ROWS_A_PAGE = 25


@dataclass(frozen=True)
class Page:
    name: str
    ours: str
    stock: str


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
    figures: list[Figure] = []
    if binaries.POSTGRESQL.path():
        stand = _stand(Postgresql)
        lists = _lists(stand.company)
        for page in [*lists, *_rows(stand.company)]:
            figures += _measured(stand, page, goal=MOST_MS)
        figures += [_first_looks(stand, page) for page in lists if "page_OrderView" in page.ours]
        figures += [_growth(stand, pair) for pair in _pairs(stand.company)]
    if not companies.scale():
        small = _stand(Sqlite)
        for page in _lists(small.company)[1:2]:
            figures += _measured(small, page, place=", SQLite")
    return figures


def _lists(company: Company) -> list[Page]:
    ours, stock, tuned = "/orders/list/", "/stockorders/list/", "/tunedorders/list/"
    number, deep = company.usual_number, company.orders // ROWS_A_PAGE * 7 // 8
    return [
        *([] if companies.scale() else [Page("order list (stock)", ours, stock)]),
        Page("order list (tuned)", ours, tuned),
        Page(f"order list, page {deep:,} (tuned)", f"{ours}?page_OrderView={deep}",
             f"{tuned}?page_TunedOrders={deep}"),
        Page("order list, by status (tuned)", f"{ours}?_flt_0_status=completed",
             f"{tuned}?_flt_3_status=completed"),
        Page("order list, by number (tuned)", f"{ours}?_flt_0_q={number}",
             f"{tuned}?_flt_0_number={number}"),
    ]  # fmt: skip


def _rows(company: Company) -> list[Page]:
    order, waiting, area = company.usual, company.waiting, company.large_area
    assign = f"/orders/ask/assign/{waiting}"
    return [
        Page("order page (stock)", f"/orders/show/{order}", f"/stockorders/show/{order}"),
        *(
            []
            if companies.scale()
            else [Page("order edit: assign (stock)", assign, f"/stockorders/edit/{waiting}")]
        ),
        Page("order edit: assign (tuned)", assign, f"/tunedorders/edit/{waiting}"),
        Page("area edit (stock)", f"/areaview/edit/{area}", f"/stockareas/edit/{area}"),
    ]


def _pairs(company: Company) -> list[Pair]:
    def pair(name: str, ours: str, stock: str, one: int, thirty: int) -> Pair:
        mine, theirs = ((f"{url}{one}", f"{url}{thirty}") for url in (ours, stock))
        return Pair(name, mine, theirs)

    orders, areas = (company.single, company.crowded), (company.small_area, company.large_area)
    sizes = ("/orders/list/?psize_OrderView=", "/tunedorders/list/?psize_TunedOrders=")
    return [
        pair("order list (tuned)", *sizes, 1, 30),
        *(
            []
            if companies.scale()
            else [pair("order page (stock)", "/orders/show/", "/stockorders/show/", *orders)]
        ),
        pair("area edit (stock)", "/areaview/edit/", "/stockareas/edit/", *areas),
    ]


def _measured(
    stand: Stand, page: Page, goal: float | None = None, place: str = ""
) -> tuple[Figure, Figure]:
    """Median milliseconds and statements of both, taking turns after one page each to warm up."""
    stand.ours.get(page.ours)
    stand.stock.get(page.stock)
    ours: list[Answer] = []
    stock: list[Answer] = []
    since = time.monotonic()
    for _ in range(RUNS):
        ours.append(stand.ours.get(page.ours))
        if len(stock) < FEWEST or time.monotonic() - since < PATIENCE:
            stock.append(stand.stock.get(page.stock))
    name = f"{page.name}{place}"
    return (
        Figure(name, _median(ours), _median(stock), "ms", at_most=goal),
        Figure(f"{name}: statements", _most(ours), _most(stock), at_most=MOST_STATEMENTS),
    )


def _first_looks(stand: Stand, far: Page) -> Figure:
    """The far page as who did not look there for a minute sees it."""
    looks: list[Answer] = []
    for _ in range(FIRST_LOOKS):
        fab_far_pages.forget()
        looks.append(stand.ours.get(far.ours))
    return Figure(f"{far.name}: first look", _median(looks), None, "ms")


def _median(runs: list[Answer]) -> float:
    return statistics.median(run.milliseconds for run in runs)


def _most(runs: list[Answer]) -> int:
    return max(run.statements for run in runs)


def _growth(stand: Stand, pair: Pair) -> Figure:
    def more(site: Site, urls: tuple[str, str]) -> int:
        one, thirty = (site.get(url).statements for url in urls)
        return thirty - one

    ours, stock = more(stand.ours, pair.ours), more(stand.stock, pair.stock)
    return Figure(f"{pair.name}: more statements for 30 rows than for 1", ours, stock, at_most=0)


def _stand(kind: type[Postgresql] | type[Sqlite]) -> Stand:
    """Both applications on the database with the company in it."""
    built = companies.stand(kind)
    ours = order_sites.ours(built.folder, built.url)
    return Stand(built.company, ours, order_sites.stock(ours.app))
