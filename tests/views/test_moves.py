"""Changes of time in the back office: asked on the order's page, worked off in a list."""

import re

import pytest
import sqlalchemy as sa

from app.extensions import db
from app.models import MoveRequest
from app.services import clock
from tests.money.support import again
from tests.orders import moves

pytestmark = pytest.mark.backends("sqlite")


def only() -> MoveRequest:
    return db.session.scalars(sa.select(MoveRequest)).one()


def typed(case, **more):
    start = clock.city_time(case.later).strftime("%Y-%m-%dT%H:%M")
    return {"starts_at": start, "side": "customer", "reason": "客户来电", **more}


def test_service_asks_for_a_caller_and_answers_for_the_worker(case, staff_client):
    client, key = staff_client("service"), case.order.id
    assert "/ask/move" in client.get(f"/orders/show/{key}").text
    client.post(f"/orders/action/move/{key}", data=typed(case))
    page = client.get(f"/orders/show/{key}").text
    assert f"/moves/show/{only().id}" in page

    client.post(f"/moves/action/agree/{only().id}", data={"reason": "电话同意"})

    assert (only().status, again(case.order).planned_start) == ("agreed", case.later)
    assert f"/moves/show/{only().id}" not in client.get(f"/orders/show/{key}").text


def test_what_a_worker_asks_for_waits_in_a_list_for_operations(case, staff_client):
    row = moves.ask(case, side="worker")
    listed = "/moves/list/?_flt_0_status=ops_review"
    assert case.order.number in staff_client("operations").get(listed).text
    dispatcher = staff_client("dispatcher")
    assert "/ask/pass_on" not in dispatcher.get(f"/moves/show/{row.id}").text
    dispatcher.post(f"/moves/action/pass_on/{row.id}", data={"note": ""})
    assert only().status == "ops_review"
    staff_client("operations").post(f"/moves/action/pass_on/{row.id}", data={"note": ""})
    assert only().status == "await_other_side"


def test_a_refusal_stands_above_the_form(case, staff_client):
    early = clock.city_time(case.order.planned_start).strftime("%Y-%m-%dT03:00")
    url = f"/orders/action/move/{case.order.id}"
    answer = staff_client("service").post(url, data=typed(case, starts_at=early))
    assert (answer.status_code, "This time is not offered" in answer.text) == (422, True)


def test_the_form_tells_the_free_times_near_its_own(case, staff_client):
    year, day = case.order.service_on.year, f"{case.order.service_on:%m-%d}"

    page = staff_client("service").get(f"/orders/ask/move/{case.order.id}").text

    offered = re.findall(r'data-fill="starts_at" data-value="([^"]+)">([^<]+)<', page)
    assert offered[:2] == [(f"{year}-{day}T{at}", f"{day} {at}") for at in ("08:30", "09:30")]
