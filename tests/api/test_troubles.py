"""What goes wrong, over HTTP: each side says so, the office decides, the customer is told."""

from datetime import timedelta

import pytest

from app.services.system import timers
from tests import factories
from tests.api.support import assert_error
from tests.kit import clients
from tests.money.support import again
from tests.orders import moves

pytestmark = pytest.mark.backends("sqlite")
C, W, S = "/api/customer/v1", "/api/worker/v1", "/api/staff/v1"
DOOR = {"lat": factories.NEARBY[0], "lng": factories.NEARBY[1], "datum": "gcj02"}


@pytest.fixture
def customer(case):
    return clients.with_token(clients.customer_token(case.company.customer))


@pytest.fixture
def worker(case):
    return clients.with_token(clients.worker_token(case.worker))


def staff(role):
    return clients.by_token(clients.add_staff(role))


def order(customer, case):
    return customer.get(f"{C}/orders/{case.order.number}").json


def visit(case):
    return f"{W}/visits/{moves.visit_of(case).id}"


def signed_in(clock, customer_or_worker, make):
    """Tokens are short: a new one where the clock has travelled."""
    return clients.with_token(make(customer_or_worker))


def test_a_worker_gives_a_visit_back_and_the_customer_is_told(case, customer, worker):
    key = {"Idempotency-Key": "give-back-1"}
    for _ in range(2):
        done = worker.post(f"{visit(case)}/withdraw", json={"reason_code": "unwell"}, headers=key)
        assert (done.status_code, done.json["order_status"]) == (200, "pending_dispatch")
    assert order(customer, case)["timeline"][-1]["text"] == "您的服务人员无法上门，我们正在为您另找"
    assert_error(worker.post(f"{visit(case)}/withdraw", json={"reason_code": "unwell"}), 404)


def test_she_did_not_come_and_the_customer_chooses(case, clock):
    clock.instant = case.order.promised_to + timedelta(minutes=15)
    timers.fire_due()
    customer = signed_in(clock, case.company.customer, clients.customer_token)
    assert order(customer, case)["actions"] == ["cancel", "choose"]
    url = f"{C}/orders/{case.order.number}/choice"
    assert_error(customer.post(url, json={"choice": "new_time"}), 400, "choice_unknown")

    done = customer.post(url, json={"choice": "refund"})

    assert (done.status_code, done.json["status"]) == (200, "cancelled")


def test_nobody_at_home_is_decided_by_customer_service(case, clock):
    clock.instant = case.order.promised_from
    worker = signed_in(clock, case.worker, clients.worker_token)
    arrived = worker.post(f"{visit(case)}/arrive", json={"position": DOOR})
    assert arrived.json["order_status"] == "accepted"
    clock.travel(timedelta(minutes=20))
    worker = signed_in(clock, case.worker, clients.worker_token)
    calls = [(clock.now() - timedelta(minutes=ago)).isoformat() for ago in (9, 3)]
    body = {"position": DOOR, "calls": calls, "note": "无人应门"}
    report = worker.post(f"{visit(case)}/absence", json=body)
    assert report.status_code == 201
    url = f"{S}/incidents/{report.json['id']}/decide-absence"
    decision = {"confirm": True, "note": "电话核实"}
    assert_error(staff("dispatcher").post(url, json=decision), 403)

    done = staff("service").post(url, json=decision)

    assert done.json["result"]["status"] == "solved"
    customer = signed_in(clock, case.company.customer, clients.customer_token)
    told = order(customer, case)
    assert (told["status"], told["due_fen"]) == ("no_show", 9_950)
    assert (
        told["timeline"][-2]["text"] == "家中无人，订单已结束并收取费用 · 费用 ¥99.50，退还 ¥99.50"
    )


def test_the_office_reassigns_reports_and_resolves(case, customer):
    url = f"{S}/orders/{case.order.id}"
    body = {"reason": "师傅生病", "fault": "worker", "worker_id": case.other.id}
    assert_error(staff("service").post(f"{url}/reassign", json=body), 403)
    done = staff("dispatcher").post(f"{url}/reassign", json=body)
    assert (done.status_code, done.json["result"]["status"]) == (200, "accepted")
    assert again(case.order).lead_worker_id == case.other.id

    done = staff("service").post(f"{url}/report-exception", json={"reason": "门禁打不开"})
    assert done.json["result"]["status"] == "exception"
    how = {"to": "accepted", "reason": "已联系物业"}
    assert_error(staff("service").post(f"{url}/resolve", json=how), 403)
    assert staff("operations").post(f"{url}/resolve", json=how).json["result"]["status"] == (
        "accepted"
    )
    texts = [line["kind"] for line in order(customer, case)["timeline"]]
    assert texts[-3:] == ["reassigned", "exception", "resolved"]


def test_what_has_begun_is_stopped_and_disputed(case, clock):
    clock.instant = case.order.planned_start
    worker = signed_in(clock, case.worker, clients.worker_token)
    worker.post(f"{visit(case)}/check-in", json={"position": DOOR})
    clock.travel(timedelta(minutes=60))
    customer = signed_in(clock, case.company.customer, clients.customer_token)
    url = f"{C}/orders/{case.order.number}"
    done = customer.post(f"{url}/stop", json={"reason": "临时出门"})
    assert (done.json["status"], done.json["due_fen"]) == ("pending_confirm", 9_950)
    assert {"dispute", "confirm"} <= set(done.json["actions"])
    disputed = customer.post(f"{url}/dispute", json={"text": "窗户没擦"})
    assert disputed.status_code == 201
    assert_error(customer.post(f"{url}/dispute", json={"text": "窗户没擦"}), 409, "disputed")
