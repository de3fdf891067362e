"""The order page and what a dispatcher does there."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM
from app.extensions import db
from app.models import (
    AuditLog,
    Candidate,
    DispatchRun,
    Offer,
    Order,
    Shift,
    Worker,
)
from app.services.dispatch import answering, dispatching
from app.services.transactions import transaction
from tests import factories
from tests.views import stage

# What the pages ask of PostgreSQL, tests/views/test_screens.py asks it.
pytestmark = pytest.mark.backends("sqlite")


@pytest.fixture
def company(app):
    return factories.company()


def page_of(client: Any, order: Order, part: str = "story") -> str:
    return str(client.get(f"/orders/show/{order.id}?part={part}").text)


def again(order: Order) -> Order:
    return db.session.get_one(Order, order.id, populate_existing=True)


def off_shift(worker: Worker) -> None:
    with transaction() as session:
        session.execute(sa.delete(Shift).where(Shift.worker_id == worker.id))


def test_dispatching_now_sends_the_offers(company, staff_client):
    factories.worker(company)
    order = stage.paid(company)
    answer = staff_client("dispatcher").post(
        f"/orders/action/dispatch/{order.id}", follow_redirects=True
    )
    assert "Offers sent: 1" in answer.text
    assert again(order).status == "offered"


def test_an_order_nobody_may_take_says_why(company, staff_client):
    worker = factories.worker(company)
    order = stage.paid(company)
    off_shift(worker)
    client = staff_client("dispatcher")
    client.post(f"/orders/action/dispatch/{order.id}")
    assert "Nobody found: is off shift" in page_of(client, order)
    assert "Out of the question, by first reason: is off shift 1" in " ".join(
        page_of(client, order, "dispatch").split()
    )


def test_a_worker_is_assigned_by_hand_with_a_reason(company, staff_client):
    worker = factories.worker(company)
    order = stage.paid(company)
    client, key, worker_id = staff_client("dispatcher"), order.id, worker.id
    typed = {"worker": worker_id, "reason": "asked for by phone"}
    client.post(f"/orders/action/assign/{key}", data=typed)
    assert (again(order).status, again(order).lead_worker_id) == ("accepted", worker_id)
    assert "asked for by phone" in page_of(client, order)


def test_a_hard_rule_refuses_the_assignment_in_words(company, staff_client):
    off = factories.worker(company)
    order = stage.paid(company)
    off_shift(off)
    client, key, worker_id = staff_client("dispatcher"), order.id, off.id
    answer = client.post(
        f"/orders/action/assign/{key}", data={"worker": worker_id, "reason": "please"}
    )
    assert answer.status_code == 422
    assert "This worker cannot take the visit: is off shift." in answer.text
    assert again(order).status == "pending_dispatch"


def test_the_terms_of_each_candidate_add_up_on_the_page(company, staff_client):
    factories.worker(company, name="甲")
    factories.worker(company, name="乙", home=(23.18, 113.30))
    order = stage.paid(company)
    dispatching.dispatch_order(order.id, actor=SYSTEM)
    page = page_of(staff_client("dispatcher"), order, "dispatch")
    rows = db.session.scalars(sa.select(Candidate).join(DispatchRun)).all()
    assert len(rows) == 2
    for row in rows:
        assert sum(row.terms.values()) == row.score
        assert f"{' + '.join(str(term) for term in row.terms.values())} = {row.score}" in page


def test_a_phone_is_shown_once_with_a_reason_and_kept_in_the_log(company, staff_client):
    factories.worker(company)
    order = stage.paid(company)
    client, key = staff_client("dispatcher"), order.id
    assert "12810000000" not in page_of(client, order)
    assert "128****0000" in page_of(client, order)
    answer = client.post(f"/orders/action/reveal/{key}", data={"reason": ""})
    assert (answer.status_code, "12810000000" in answer.text) == (422, False)
    answer = client.post(
        f"/orders/action/reveal/{key}", data={"reason": "door is locked"}, follow_redirects=True
    )
    assert "Phone: 12810000000" in answer.text
    assert "12810000000" not in page_of(client, order)
    row = db.session.scalars(sa.select(AuditLog).filter_by(action="reveal")).one()
    about = ("customer_account", str(order.customer_id), client.staff.id)
    assert (row.entity, row.entity_id, row.actor_id) == about
    assert row.changes["reason"] == "door is locked"


@pytest.mark.parametrize("text", ["12810009999", "9999", "林", "number"])
def test_the_list_finds_an_order_by_number_phone_or_name(company, staff_client, text):
    factories.worker(company)
    order = stage.paid(company)
    somebody = factories.customer("陈先生", "12810001111")
    company.customer = factories.customer("林女士", "12810009999")
    company.address = factories.address(company.customer, company.region)
    wanted = stage.paid(company, factories.tomorrow(15))
    numbers = order.number, wanted.number
    company.customer = somebody
    sought = numbers[1] if text == "number" else text
    page = staff_client("dispatcher").get("/orders/list/", query_string={"_flt_0_q": sought}).text
    assert numbers[1] in page
    assert (numbers[0] in page) == (text == "林")


def test_the_door_is_told_to_who_sends_somebody_there(company, staff_client):
    factories.worker(company)
    order = stage.paid(company)
    assert "人民北路 1 号 101" in page_of(staff_client("dispatcher"), order)
    for role in ("administrator", "finance"):
        page = page_of(staff_client(role), order)
        assert "人民北路" not in page
        assert "人***1" in page


def test_a_tab_counts_what_waits_and_opens_it(company, staff_client):
    factories.worker(company)
    order = stage.paid(company)
    client, number = staff_client("dispatcher"), order.number
    page = " ".join(client.get("/orders/list/").text.split())
    assert 'To be dispatched <span class="count">1</span>' in page
    assert 'Offered <span class="count">0</span>' in page
    assert number in client.get("/orders/list/?_flt_0_status=pending_dispatch").text
    assert number not in client.get("/orders/list/?_flt_0_status=offered").text


def test_what_starts_soon_is_found_by_hours(company, staff_client, clock):
    factories.worker(company)
    order = stage.paid(company)
    number, starts = order.number, order.planned_start
    client = staff_client("dispatcher")
    clock.instant = starts - timedelta(hours=3)
    assert number in client.get("/orders/list/?_flt_0_hours=6").text
    assert number not in client.get("/orders/list/?_flt_0_hours=2").text
    assert "Starts within (hours)" in client.get("/orders/list/?_flt_0_hours=soon").text


def test_an_offer_that_was_rejected_is_told_with_its_reason(company, staff_client):
    worker = factories.worker(company)
    order = stage.paid(company)
    dispatching.dispatch_order(order.id, actor=SYSTEM)
    offer = db.session.scalars(sa.select(Offer)).one()
    answering.reject_offer(
        offer.id, worker.id, reason_code="unwell", actor=factories.acting(worker)
    )
    client = staff_client("dispatcher")
    assert "Reason: Unwell" in page_of(client, order)
    assert "Unwell" in page_of(client, order, "dispatch")
