"""Looking at personal data: with a reason, counted, and told on the person's page."""

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import Forbidden, InvalidInput, TooManyRequests
from app.extensions import db
from app.models import AuditLog
from app.services import reveals
from app.services.system import parameters
from tests import factories
from tests.kit.clients import add_staff
from tests.money import support

pytestmark = pytest.mark.backends("sqlite")


@pytest.fixture
def rows(app):
    company = factories.company()
    return company, factories.worker(company, name="王秀英")


def looks():
    found = db.session.scalars(sa.select(AuditLog).filter_by(action="reveal")).all()
    return [(row.entity, row.entity_id, row.changes["reason"]) for row in found]


def test_the_page_of_the_person_tells_who_looked_when_and_why(rows, staff_client):
    customer = rows[0].customer.id
    client = staff_client("operations")
    client.get("/lang/en")
    path = f"/customerview/action/reveal/{customer}"
    assert "Nobody yet." in client.get(f"/customerview/show/{customer}").text
    assert client.post(path, data={"reason": " "}).status_code == 422
    assert looks() == []
    client.post(path, data={"reason": "called back about the key"})
    page = client.get(f"/customerview/show/{customer}").text
    assert "called back about the key" in page
    assert client.staff.username in page or "Test" in page
    assert looks() == [("customer_account", str(customer), "called back about the key")]


def test_a_look_from_an_order_an_address_or_a_paper_stands_with_the_person(rows):
    company, worker = rows
    actor = Actor("staff", add_staff("operations").id)
    order = factories.order(company)
    account = support.payout_account(worker)
    for row, column in (
        (order, "contact_phone"), (worker.account, "phone"), (worker.documents[0], "number"),
        (account, "account"),
    ):  # fmt: skip
        assert reveals.reveal(row, column, reason="asked by phone", actor=actor)
    persons = [look[:2] for look in looks()]
    mine = ("worker", str(worker.id))
    assert persons == [("customer_account", str(order.customer_id)), mine, mine, mine]


def test_so_many_an_hour_and_no_more(rows, clock):
    from datetime import timedelta

    parameters.set_parameter("security.reveals_per_hour", 2, actor=SYSTEM)
    one, two = (Actor("staff", add_staff("operations").id) for _ in range(2))
    customer = rows[0].customer
    for _ in range(2):
        reveals.reveal(customer, "phone", reason="asked by phone", actor=one)
    with pytest.raises(TooManyRequests):
        reveals.reveal(customer, "phone", reason="asked by phone", actor=one)
    assert len(looks()) == 2
    reveals.reveal(customer, "phone", reason="asked by phone", actor=two)
    clock.travel(timedelta(hours=1, seconds=1))
    reveals.reveal(customer, "phone", reason="asked by phone", actor=one)


def test_without_a_reason_or_without_a_name_nobody_looks(rows):
    customer = rows[0].customer
    with pytest.raises(InvalidInput):
        reveals.reveal(customer, "phone", reason="  ", actor=Actor("staff", add_staff("hr").id))
    with pytest.raises(Forbidden):
        reveals.reveal(customer, "phone", reason="asked by phone", actor=Actor("customer", 1))
    assert looks() == []


def test_whole_numbers_are_for_whose_work_it_is_and_never_in_lists(rows, staff_client):
    company, worker = rows
    shown = {
        f"/customerview/show/{company.customer.id}": (company.customer.phone, {"service"}),
        f"/workerview/show/{worker.id}": (worker.account.phone, {"hr"}),
        "/customerview/list/": (company.customer.phone, set()),
        "/workerview/list/": (worker.account.phone, set()),
    }
    for role in ("administrator", "operations", "service", "hr", "dispatcher", "auditor"):
        client = staff_client(role)
        for path, (phone, roles) in shown.items():
            assert (phone in client.get(path).text) is (role in roles), (role, path)
