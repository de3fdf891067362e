"""What does not go as planned, on the order's page: who may, and what it says."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.extensions import db
from app.models import Incident, Order
from app.services.orders import exceptions
from app.services.system import timers
from tests.money.support import again
from tests.orders.test_exceptions import confirm, serve

pytestmark = pytest.mark.backends("sqlite")


def act(client, case, verb, **typed):
    return client.post(f"/orders/action/{verb}/{case.order.id}", data={"reason": "测试", **typed})


def test_the_dispatcher_sends_somebody_else(case, staff_client):
    typed = {"fault": "worker", "worker": case.other.id}
    act(staff_client("service"), case, "reassign", **typed)
    assert again(case.order).lead_worker_id == case.worker.id
    act(staff_client("dispatcher"), case, "reassign", **typed)
    assert again(case.order).lead_worker_id == case.other.id


def test_the_form_names_who_may_be_sent_but_for_whoever_has_the_order(case, staff_client):
    page = staff_client("dispatcher").get(f"/orders/ask/reassign/{case.order.id}").text
    offered = re.findall(r'data-fill="worker" data-value="(\d+)">([^<]+) \(\d+ points\)<', page)
    assert offered == [(str(case.other.id), case.other.name)]


def test_an_exception_is_reported_and_operations_resolve_it(case, staff_client):
    act(staff_client("service"), case, "report_exception")
    assert again(case.order).status == "exception"
    act(staff_client("service"), case, "resolve", to="accepted")
    assert again(case.order).status == "exception"
    act(staff_client("operations"), case, "resolve", to="accepted")
    assert again(case.order).status == "accepted"


def test_what_the_customer_says_on_the_telephone(case, clock, staff_client):
    clock.instant = case.order.promised_to + timedelta(minutes=15)
    timers.fire_due()
    client = staff_client("service")
    assert "/ask/choose" in client.get(f"/orders/show/{case.order.id}").text
    act(client, case, "choose", choice="refund")
    assert again(case.order).status == "cancelled"


def test_an_absence_stands_among_the_incidents(case, staff_client):
    exceptions.report(case.order.id, reason="锁坏了", actor=case.staff)
    row = db.session.scalars(sa.select(Incident)).one()
    page = staff_client("service").get(f"/incidents/show/{row.id}").text
    assert "锁坏了" in page
    assert "/ask/solve" not in page


def test_it_is_done_again_for_nothing(case, clock, staff_client):
    serve(case, clock)
    confirm(case)
    start = (clock.now() + timedelta(days=1)).strftime("%Y-%m-%dT14:00")
    act(staff_client("service"), case, "rework", starts_at=start)
    assert db.session.scalars(sa.select(Order.total_fen).filter_by(source="rework")).all() == [0]
