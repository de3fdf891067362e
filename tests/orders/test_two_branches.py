"""A customer of one branch orders where another one serves: its workers come, its staff see it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import NotFound
from app.extensions import db
from app.models import (
    Address,
    Area,
    AreaRegion,
    Branch,
    CustomerAccount,
    Offer,
    Order,
    Quote,
    Region,
    SlotHold,
)
from app.services import access, clock
from app.services.dispatch import dispatching
from tests import factories
from tests.kit.clients import add_staff
from tests.money import support


@pytest.fixture(scope="module")
def both_made(once):
    def make():
        first = factories.company()
        factories.worker(first)
        return first, *second(first)

    return once(make)


@pytest.fixture
def home(app, both_made):
    """The first branch, with a worker; its customer also has an address in the second."""
    return both_made()[0]


@pytest.fixture
def away(app, both_made):
    """The second branch as a company of its own: an area and a worker, the first's customer."""
    _home, company, company.worker = both_made()
    return company


def second(home):
    branch = factories.save(Branch(code="south", name="South", city_code="440100"))
    region = factories.save(
        Region(code="440115", name="南沙区", name_en="Nansha", lat=23.13, lng=113.27)
    )
    area = factories.save(Area(branch_id=branch.id, code="south", name="南沙"))
    factories.save(AreaRegion(area_id=area.id, region_id=region.id))
    address = factories.address(home.customer, region)
    company = factories.Company(
        branch, region, area, home.skill, home.cleaning, home.aircon, home.eco, home.customer,
        address,
    )  # fmt: skip
    return company, factories.worker(company, name="李师傅")


def staff_of(branch):
    return Actor("staff", add_staff("operations", branch_id=branch.id).id)


def paid_order(company):
    order = factories.order(company)
    support.pay(order)
    return db.session.get_one(Order, order.id, populate_existing=True)


def test_the_free_times_are_those_of_the_areas_branch(home, away, customer_client):
    quote = factories.quote(away).number
    client = customer_client(home.customer)
    day = clock.today() + timedelta(days=1)
    url = f"/api/customer/v1/quotes/{quote}/slots"

    answer = client.get(url, query_string={"from": day, "to": day})
    assert answer.status_code == 200, answer.text
    assert {slot["workers"] for slot in answer.json["days"][0]["slots"]} == {1}
    wished = {"from": day, "to": day, "worker": away.worker.number}
    assert client.get(url, query_string=wished).status_code == 200


def test_a_worker_of_another_branch_cannot_be_wished_for(home, away, customer_client):
    elsewhere = factories.worker(home).number
    body = {
        "quote_number": factories.quote(away).number,
        "starts_at": factories.tomorrow().isoformat(),
        "worker": elsewhere,
    }
    client = customer_client(home.customer)
    key = {"Idempotency-Key": "one-of-the-other-branch"}
    assert client.post("/api/customer/v1/holds", json=body, headers=key).status_code == 404
    body["worker"], key = away.worker.number, {"Idempotency-Key": "one-of-this-branch"}
    answer = client.post("/api/customer/v1/holds", json=body, headers=key)
    assert answer.status_code == 201, answer.text


def test_an_order_is_held_made_and_offered_in_the_areas_branch(away):
    order = paid_order(away)
    dispatching.dispatch_order(order.id, actor=SYSTEM)

    assert order.branch_id == away.branch.id
    offered = sa.select(Offer.worker_id).filter_by(order_id=order.id)
    assert db.session.scalars(offered).all() == [away.worker.id]


def test_the_branch_sees_whom_it_serves_from_the_first_order_on(home, away):
    here, there = staff_of(home.branch), staff_of(away.branch)
    seen = [(CustomerAccount, home.customer.id), (Address, away.address.id)]
    for model, key in seen:
        with pytest.raises(NotFound):
            access.row_for(there, model, key)

    order = paid_order(away)

    for model, key in seen:
        assert access.row_for(there, model, key).id == key
        assert access.row_for(here, model, key).id == key
    hold = db.session.scalars(sa.select(SlotHold)).one()
    for model, key in [(Order, order.id), (Quote, order.quote_id), (SlotHold, hold.id)]:
        assert access.row_for(there, model, key).id == key
        with pytest.raises(NotFound):
            access.row_for(here, model, key)


def test_other_customers_stay_unseen(home, away):
    paid_order(away)
    there = staff_of(away.branch)
    stranger = factories.customer()
    with pytest.raises(NotFound):
        access.row_for(there, CustomerAccount, stranger.id)


@pytest.mark.backends("sqlite")
def test_the_screens_of_the_second_branch_show_the_customer(home, away, staff_client):
    paid_order(away)
    client = staff_client("operations", branch_id=away.branch.id)
    assert client.get(f"/customerview/show/{home.customer.id}").status_code == 200
    assert home.customer.name in client.get("/customerview/list/").text
    assert client.get(f"/addressview/show/{away.address.id}").status_code == 200
