"""Lists: traps 1-4 and 8 of FAB, each shown on FAB's own class and mended in ours."""

import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask, request

from app.extensions import db
from app.fab_interface import ModelInterface
from app.views.base import Lookup, ModelView, ViewError
from tests.fab import shop
from tests.fab.conftest import STOCK_WARNS, sign_in, statements

pytestmark = STOCK_WARNS
BOTH = pytest.mark.parametrize(("kind", "mended"), [("stock", False), ("ours", True)])
LISTS = {"stock": "/stockorderview/list/", "ours": "/orderview/list/"}
NAMES = {"stock": "StockOrderView", "ours": "OrderView"}


@BOTH
def test_a_list_does_not_carry_every_row_of_a_related_table(shared, kind, mended) -> None:
    """Trap 1: FAB searches all relations, and puts each customer into each list page."""
    client = sign_in(shared[kind])
    page = client.get(LISTS[kind] + "?psize_" + NAMES[kind] + "=1").text
    assert (sum(f"Customer {n:03}" in page for n in range(40)) <= 1) is mended


def test_a_relation_in_the_search_needs_a_lookup() -> None:
    class Careless(ModelView):
        datamodel = ModelInterface(shop.Order)
        noun = noun_plural = "Order"
        base_permissions = ["can_list", "can_show"]
        list_columns = show_columns = ["code"]
        search_columns = ["customer"]

    with pytest.raises(ViewError, match="relation 'customer' in search_columns needs an entry"):
        Careless()


def test_a_view_that_does_not_say_its_columns_does_not_start() -> None:
    class Silent(ModelView):
        datamodel = ModelInterface(shop.City)

    with pytest.raises(ViewError) as refused:
        Silent()
    for name in ("list_columns", "show_columns", "search_columns", "add_columns", "edit_columns"):
        assert f"say {name}" in str(refused.value)
    assert "say noun" in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"list_columns": ["code", "nonsense"]}, "Order has no 'nonsense'"),
        ({"list_columns": ["seats"]}, "'seats' has no label"),
        ({"edit_columns": ["customer"]}, "relation 'customer' in edit_columns"),
        ({"pre_add": lambda self, item: None}, "pre_add is a hook"),
        ({"lookups": {"customer": Lookup()}}, "lookup 'customer' needs search or match"),
        ({"base_order": ("customer", "asc")}, "cannot order by"),
        ({"method_permission_name": {"list": "read"}}, "method_permission_name"),
    ],
)
def test_a_view_with_a_fault_does_not_start(changes, fault) -> None:
    said = {
        "datamodel": ModelInterface(shop.Order), "noun": "Order", "noun_plural": "Orders",
        "list_columns": ["code"], "show_columns": ["code"], "search_columns": [],
        "add_columns": ["code"], "edit_columns": ["code"],
    }  # fmt: skip
    with pytest.raises(ViewError, match=fault):
        type("Faulty", (ModelView,), said | changes)()


@BOTH
def test_a_list_costs_the_same_for_one_row_and_for_thirty(shared, kind, mended) -> None:
    """Trap 2: FAB asks for each related row one by one, and for each permission."""
    app = shared[kind]
    client = sign_in(app)
    counts = []
    for size in (1, 30):
        with statements(app) as seen:
            assert client.get(f"{LISTS[kind]}?psize_{NAMES[kind]}={size}").status_code == 200
        counts.append(len(seen))
    assert (counts[0] == counts[1] and counts[1] <= 10) is mended, counts


def test_show_and_edit_cost_few_statements(ours: Flask) -> None:
    client = sign_in(ours)
    for url, most in (("/orderview/show/1", 10), ("/orderview/edit/1", 10)):
        with statements(ours) as seen:
            assert client.get(url).status_code == 200
        assert len(seen) <= most, (url, len(seen))


@BOTH
def test_a_page_has_at_most_a_hundred_rows(make, kind, mended) -> None:
    """Trap 3: FAB's page size has no upper end."""
    app = make(kind)
    with app.app_context():
        customer = db.session.query(shop.Customer).first()
        db.session.add_all(shop.Order(code=f"X-{n}", customer=customer) for n in range(150))
        db.session.commit()
    page = sign_in(app).get(f"{LISTS[kind]}?psize_{NAMES[kind]}=20000").text
    assert (page.count("<tr") <= 101) is mended


NONSENSE = [
    "psize_{}=abc", "psize_{}=-5", "psize_{}=0", "page_{}=abc", "page_{}=-1",
    "page_{}=99999999999999999999", "_oc_{}=nonsense&_od_{}=asc", "_oc_{}=code&_od_{}=sideways",
    "_flt_99_code=x", "_flt_x_code=x", "_flt_9_code=x", "_flt_0_nonsense=x", "_flt_=x", "_flt_0_=",
    "_flt_0_total_fen=abc", "_flt_1_total_fen=1e400", "_flt_0_customer=abc",
    "_flt_0_customer=99999999999999999999999", "_flt_1_starts_at=2026-99-99",
    "_flt_2_starts_at=9999-12-31", "_flt_0_code=%00", "_flt_0_urgent=perhaps",
]  # fmt: skip


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_in_the_url_gives_a_clean_page(ours: Flask, nonsense: str) -> None:
    answer = sign_in(ours).get("/orderview/list/?" + nonsense.replace("{}", "OrderView"))
    assert answer.status_code == 200
    assert "O-0001" in answer.text or "Order" in answer.text


@pytest.mark.parametrize("nonsense", ["psize_{}=abc", "page_{}=abc", "_oc_{}=nonsense&_od_{}=asc"])
def test_the_same_nonsense_breaks_fabs_list(shared, monkeypatch, nonsense: str) -> None:
    stock = shared["stock"]
    monkeypatch.setitem(stock.config, "PROPAGATE_EXCEPTIONS", False)
    client = sign_in(stock)
    answer = client.get("/stockorderview/list/?" + nonsense.replace("{}", "StockOrderView"))
    assert answer.status_code == 500


def test_what_was_not_understood_is_said(ours: Flask) -> None:
    page = sign_in(ours).get("/orderview/list/?_flt_0_total_fen=abc").text
    assert "Not understood and left out: Total" in page


@BOTH
def test_a_request_does_not_get_the_filters_of_another(shared, kind, mended) -> None:
    """Trap 4: FAB keeps one filter object in the view, for all threads."""
    app = shared[kind]
    with app.app_context():
        view = next(
            v for v in app.extensions["appbuilder"].baseviews if type(v).__name__ == NAMES[kind]
        )
    seen, filled, looked = {}, threading.Event(), threading.Event()

    def first() -> None:
        with app.test_request_context("/?_flt_0_code=SECRET"):
            view._filters.clear_filters()
            view._filters.add_filter_index("code", 0, request.args["_flt_0_code"])
            filled.set()
            looked.wait(5)

    def second() -> None:
        filled.wait(5)
        with app.test_request_context("/"):
            seen["values"] = list(view._filters.values)
        looked.set()

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (seen["values"] == []) is mended


def test_pages_neither_repeat_nor_skip_rows_that_compare_equal(ours: Flask) -> None:
    """The primary key is the last word of every order: 60 rows share seven start times."""
    client = sign_in(ours)
    order = "_oc_OrderView=starts_at&_od_OrderView=asc&psize_OrderView=10"
    codes = []
    for page in range(6):
        text = client.get(f"/orderview/list/?{order}&page_OrderView={page}").text
        codes += [f"O-{n:04}" for n in range(1, 61) if f">O-{n:04}</a>" in text]
    assert sorted(codes) == [f"O-{n:04}" for n in range(1, 61)]


def test_a_page_behind_the_last_shows_the_last(ours: Flask) -> None:
    page = sign_in(ours).get("/orderview/list/?page_OrderView=50").text
    assert "51–60 of 60" in page


FILTERS = [
    ("_flt_0_code=0007", 1), ("_flt_1_code=O-0007", 1), ("_flt_0_state=paid", 20),
    ("_flt_0_customer=1", 1), ("_flt_1_total_fen=700.00", 5), ("_flt_2_total_fen=25", 2),
    ("_flt_0_starts_at=2030-05-06", 60), ("_flt_2_starts_at=2030-05-05", 0),
    ("_flt_0_urgent=n", 60), ("_flt_0_tags=1", 15), ("_flt_0_code=%25", 0),
]  # fmt: skip


@pytest.mark.parametrize(("query", "count"), FILTERS)
def test_each_filter_finds_its_rows(ours: Flask, query: str, count: int) -> None:
    page = sign_in(ours).get(f"/orderview/list/?{query}").text
    assert (f"of {count}</p>" in page) if count else ("No row fits" in page)


def test_a_dotted_column_can_be_ordered_by(ours: Flask) -> None:
    client = sign_in(ours)
    with statements(ours) as seen:
        url = "/archiveview/list/?_oc_ArchiveView=customer.name&_od_ArchiveView=asc"
        page = client.get(url).text
    assert page.index("Customer 000") < page.index("Customer 001") < page.index("Customer 002")
    assert len(seen) <= 10


def test_a_list_counts_by_the_key_alone(ours: Flask) -> None:
    client = sign_in(ours)
    with statements(ours) as seen:
        client.get("/orderview/list/")
    counting = [statement for statement in seen if statement.startswith("SELECT count(")]
    assert len(counting) == 1
    counted = counting[0].split("FROM (SELECT", 1)[1]
    assert counted.split("FROM")[0].split() == ["shop_order.id", "AS", "id"]


def test_the_scope_holds_in_the_list_and_in_its_count(ours: Flask) -> None:
    page = sign_in(ours, "clerk-a").get("/orderview/list/").text
    assert "of 30</p>" in page
    assert ">O-0001</a>" not in page  # owner b


def test_the_twenty_thousandth_row_costs_no_more(make: Callable[..., Flask]) -> None:
    app = make("ours")
    with app.app_context():
        rows = [{"code": f"B-{n}", "state": "new", "owner": "a", "total_fen": n, "urgent": False,
                 "customer_id": n % 40 + 1, "version": 1} for n in range(20_000)]  # fmt: skip
        db.session.execute(sa.insert(shop.Order), rows)
        db.session.commit()
    client = sign_in(app)
    with statements(app) as seen:
        assert "of 20,060" in client.get("/orderview/list/?page_OrderView=700").text
    assert len(seen) <= 10
