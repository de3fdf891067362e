"""A branch sees its own rows: in lists, pages, search, the start page, actions."""

import pytest
import sqlalchemy as sa

from app import models
from app.domain.actors import SYSTEM, Actor
from app.domain.errors import NotFound
from app.extensions import db
from app.models import Branch, Order
from app.services import access
from tests import factories
from tests.views import stage
from tests.views.test_screens import screens, who_may

pytestmark = pytest.mark.backends("sqlite")


@pytest.fixture(scope="module")
def staged(once):
    return once(stage.build_all)


@pytest.fixture
def elsewhere(app):
    return factories.save(Branch(code="other", name="Other branch", city_code="440300")).id


def test_every_screens_table_has_a_rule_of_scope(app):
    known = {*access.BRANCH_PATH, *access.SHARED, *access.COMPANY, *access.OWN_RULE}
    tables = {view.datamodel.obj for view in screens("list")}
    assert {table.__name__ for table in tables - known} <= {"Role"}


def test_every_table_is_told_apart_by_exactly_one_rule(app):
    rules = [set(access.BRANCH_PATH), set(access.SHARED), set(access.COMPANY), set(access.OWN_RULE)]
    for place, rule in enumerate(rules):
        for other in rules[place + 1 :]:
            assert rule & other == set()


@pytest.mark.crawler(backend="postgresql")
def test_staff_of_another_branch_see_none_of_the_rows(built, elsewhere, staff_client):
    clients = {}
    for view in screens("list"):
        model = view.datamodel.obj
        if model in access.SHARED or model.__name__ in {"Role", "Branch", "LedgerAccount"}:
            continue
        role = who_may("list", view)
        if role not in clients:
            clients[role] = staff_client(role, branch_id=elsewhere)
        page = clients[role].get(f"{view.route_base}/list/").text
        own = len(clients) if model.__name__ == "User" else 0
        assert page.count('class="row-link"') == own, view.route_base
        key = db.session.scalar(sa.select(sa.func.min(view.datamodel.key)))
        if key is not None:
            shown = clients[role].get(f"{view.route_base}/show/{key}")
            assert shown.status_code == 404, view.route_base


def test_staff_of_the_branch_see_them(built, staff_client):
    home = built.company.branch.id
    number = built.completed.number
    assert number in staff_client("dispatcher", branch_id=home).get("/orders/list/").text


def test_an_action_on_a_row_of_another_branch_finds_nothing(built, elsewhere, staff_client):
    key = built.unassigned.id
    client = staff_client("dispatcher", branch_id=elsewhere)
    assert client.post(f"/orders/action/dispatch/{key}").status_code == 404
    client.post("/orders/action_post", data={"action": "dispatch", "rowid": [key]})
    assert db.session.get_one(Order, key).status == "pending_dispatch"


def test_the_menu_leads_nobody_of_a_branch_to_tables_of_the_whole_company(built, staff_client):
    everywhere = staff_client("operations").get("/").text
    here = staff_client("operations", branch_id=built.company.branch.id).get("/").text
    for path, shown in (("reconciliation", False), ("channelbillview", False), ("orders", True)):
        entry = f'href="/{path}/list/"'
        assert (entry in everywhere, entry in here) == (True, shown), path


def test_the_start_page_counts_the_own_branch(built, elsewhere, staff_client):
    here = " ".join(staff_client("dispatcher").get("/").text.split())
    there = " ".join(staff_client("dispatcher", branch_id=elsewhere).get("/").text.split())
    one = 'Unassigned, all</span><span class="stat-value">{}</span>'
    assert one.format(1) in here
    assert one.format(0) in there


def test_an_order_of_somebody_else_looks_like_none(built):
    order, key = built.offered, built.offered.id
    customer, worker = Actor("customer", order.customer_id), Actor("worker", built.lead.id)
    assert access.order_for(customer, key) is order
    assert access.order_for(worker, key) is order, "she has a live offer"
    assert access.order_for(SYSTEM, key) is order
    for stranger in (
        Actor("customer", order.customer_id + 1),
        Actor("worker", built.other.id),
        Actor("staff", None),
    ):
        with pytest.raises(NotFound):
            access.order_for(stranger, key)


def test_a_worker_keeps_the_orders_that_were_given_to_her(built):
    worker = Actor("worker", built.lead.id)
    seen = set(db.session.scalars(access.orders_visible_to(worker)))
    assert seen == {built.completed, built.offered}


def test_a_row_of_another_branch_is_not_given_out(built, elsewhere, staff_client):
    outside = Actor("staff", staff_client("hr", branch_id=elsewhere).staff.id)
    with pytest.raises(NotFound):
        access.row_for(outside, models.Worker, built.lead.id)
    inside = Actor("staff", staff_client("hr").staff.id)
    assert access.row_for(inside, models.Worker, built.lead.id).id == built.lead.id


def test_the_search_finds_what_one_may_open_and_nothing_else(built, elsewhere, staff_client):
    number, phone = built.completed.number, built.company.customer.phone
    single = staff_client("dispatcher").get("/search", query_string={"q": number})
    assert single.location == f"/orders/show/{built.completed.id}"
    found = staff_client("operations").get("/search", query_string={"q": phone}).text
    assert "Customers" in found
    assert number in found
    assert phone not in found.replace(f'value="{phone}"', "")
    lost = staff_client("operations", branch_id=elsewhere).get("/search", query_string={"q": phone})
    assert "Nothing found for" in lost.text


@pytest.mark.parametrize("text", ["王", "W00", "王秀英"])
def test_workers_are_found_by_name_and_number(built, staff_client, text):
    answer = staff_client("hr").get("/search", query_string={"q": text}, follow_redirects=True)
    assert "王秀英" in answer.text


def test_odd_searches_are_harmless(built, staff_client):
    client = staff_client("operations")
    for text in ("", " ", "%", "_", "'", "\x00", "x" * 5000, "１３８", "😀"):
        assert client.get("/search", query_string={"q": text}).status_code == 200
