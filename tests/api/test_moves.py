"""Another time, over HTTP: asked for by each side, answered by the other, seen by both."""

import pytest

from app.services.system import outbox
from tests import factories
from tests.api.support import assert_error
from tests.kit import clients
from tests.money.support import again
from tests.orders import moves

pytestmark = pytest.mark.backends("sqlite")
C, W, S = "/api/customer/v1", "/api/worker/v1", "/api/staff/v1"


@pytest.fixture
def customer(case):
    return clients.with_token(clients.customer_token(case.company.customer))


@pytest.fixture
def worker(case):
    return clients.with_token(clients.worker_token(case.worker))


def staff(role):
    return clients.by_token(clients.add_staff(role))


def body(case, **more):
    return {"starts_at": case.later.isoformat(), "reason": "下午才在家", **more}


def timeline(customer, case):
    order = customer.get(f"{C}/orders/{case.order.number}").json
    return [line["kind"] for line in order["timeline"]]


def test_the_customer_asks_and_the_worker_agrees(case, customer, worker):
    url = f"{C}/orders/{case.order.number}"
    assert "move" in customer.get(url).json["actions"]
    asked = customer.post(f"{url}/moves", json=body(case))
    assert (asked.status_code, asked.json["status"]) == (201, "await_other_side")
    assert asked.json["status_text"] == "等待答复"
    assert_error(customer.post(f"{url}/moves", json=body(case)), 409, "move_open")
    (seen,) = worker.get(f"{W}/moves").json["items"]
    assert (seen["id"], seen["order_number"]) == (asked.json["id"], case.order.number)

    agreed = worker.post(f"{W}/moves/{seen['id']}/agree", json={"note": "可以"})

    assert (agreed.status_code, agreed.json["status"]) == (200, "agreed")
    (told,) = customer.get(f"{url}/moves").json["items"]
    assert (told["status"], told["answer_note"]) == ("agreed", "可以")
    assert customer.get(url).json["planned_start"] == asked.json["new_start"]
    assert timeline(customer, case)[-2:] == ["move.proposed", "moved"]
    told = customer.get(url).json["timeline"][-1]["text"]
    assert told == "服务已改到新的时间 · 新时间：2030-05-08 13:00"
    assert_error(worker.post(f"{W}/moves/{seen['id']}/agree"), 409, "move_over")


def test_a_command_that_is_sent_again_moves_nothing_twice(case, customer):
    url, key = f"{C}/orders/{case.order.number}/moves", {"Idempotency-Key": "move-0001"}
    first = customer.post(url, json=body(case), headers=key)
    again_ = customer.post(url, json=body(case), headers=key)
    assert first.json == again_.json
    assert len(customer.get(url).json["items"]) == 1
    assert_error(customer.post(url, json=body(case, reason="x"), headers=key), 422)


def test_a_workers_wish_is_seen_by_the_customer_once_it_is_passed_on(case, customer, worker):
    visit = moves.visit_of(case).id
    asked = worker.post(f"{W}/visits/{visit}/moves", json=body(case))
    assert (asked.status_code, asked.json["status"]) == (201, "ops_review")
    url = f"{C}/orders/{case.order.number}/moves"
    assert customer.get(url).json["items"] == []
    assert "move.asked" not in timeline(customer, case)
    key = asked.json["id"]
    assert_error(staff("dispatcher").post(f"{S}/move-requests/{key}/pass-on"), 403)

    done = staff("operations").post(f"{S}/move-requests/{key}/pass-on", json={"note": "可以"})

    assert done.json["result"]["status"] == "await_other_side"
    assert [row["id"] for row in customer.get(url).json["items"]] == [key]
    declined = customer.post(f"{C}/moves/{key}/decline", json={"note": "不方便"})
    assert declined.json["status"] == "declined"
    assert timeline(customer, case)[-1] == "move.declined"


def test_staff_ask_by_program_inside_their_branch(case, worker):
    url = f"{S}/orders/{case.order.id}/move"
    away = factories.save(factories.Branch(code="away", name="Away", city_code="440300"))
    elsewhere = clients.by_token(clients.add_staff("dispatcher", branch_id=away.id))
    assert_error(elsewhere.post(url, json=body(case, side="customer")), 404)
    assert_error(staff("finance").post(url, json=body(case, side="customer")), 403)
    assert_error(staff("service").post(url, json=body(case, side="worker")), 400)
    service, key = staff("service"), {"Idempotency-Key": "staff-move-1"}
    for _ in range(2):
        done = service.post(url, json=body(case, side="customer"), headers=key)
        assert (done.status_code, done.json["result"]["status"]) == (200, "accepted")
    (seen,) = worker.get(f"{W}/moves").json["items"]
    assert seen["asked_by"] == "customer"
    assert worker.post(f"{W}/moves/{seen['id']}/decline").json["status"] == "declined"


def test_the_customer_takes_it_back(case, customer):
    asked = customer.post(f"{C}/orders/{case.order.number}/moves", json=body(case)).json
    assert customer.post(f"{C}/moves/{asked['id']}/withdraw").json["status"] == "withdrawn"
    outbox.deliver_due()
    assert again(case.order).status == "accepted"


def test_what_is_refused_says_so_in_the_callers_language(case, customer):
    url = f"{C}/orders/{case.order.number}/moves"
    early = body(case, starts_at=factories.at(case.order.service_on, 3).isoformat())
    assert_error(customer.post(url, json=early), 422, "slot_not_offered")
    english = customer.post(url, json=early, headers={"Accept-Language": "en"})
    assert english.json["error"]["message"] == "This time is not offered"
    same = body(case, starts_at=case.order.planned_start.isoformat())
    assert_error(customer.post(url, json=same), 422, "same_time")


def test_the_times_to_which_it_can_be_moved(case, customer, customer_client):
    day = case.order.service_on.isoformat()
    url = f"{C}/orders/{case.order.number}/move-times?from={day}&to={day}"

    (told,) = customer.get(url).json["days"]

    assert told["times"][1] == {
        "starts_at": f"{day}T09:30:00+08:00", "ends_at": f"{day}T11:30:00+08:00",
        "same_worker": True, "difference_fen": 0,
    }  # fmt: skip
    assert f"{day}T09:00:00+08:00" not in [one["starts_at"] for one in told["times"]]
    assert_error(customer_client().get(url), 404)
    assert customer.get(f"{url}&visit=1").json["days"] == [told]
    assert_error(customer.get(f"{url}&visit=2"), 404)
    desk = clients.by_token(clients.add_staff("dispatcher"))
    asked = {"from": day, "to": day}
    office = desk.post(f"/api/staff/v1/orders/{case.order.id}/move-times", json=asked)
    assert office.json["days"] == [told]
    asked["visit_id"] = again(case.order).visits[0].id + 1
    refused = desk.post(f"/api/staff/v1/orders/{case.order.id}/move-times", json=asked)
    assert_error(refused, 422, "no_visit")
