"""Log-ins, log-outs and refusals in the audit log, by page and by REST."""

import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.errors import Forbidden, Unauthorized
from app.extensions import db
from app.models import AuditLog
from app.services.identity import login, otp
from app.services.transactions import transaction
from app.views.workers import WorkerView
from tests import factories
from tests.kit import clients
from tests.kit.clients import PASSWORD


def told(*actions):
    rows = sa.select(AuditLog).where(AuditLog.action.in_(actions)).order_by(AuditLog.id)
    return db.session.scalars(rows).all()


def told_of(action):
    return [(row.entity, row.entity_id, row.actor, row.changes) for row in told(action)]


def enter(client, name, password, **more):
    return client.post("/login/", data={"username": name, "password": password}, **more)


def enter_api(client, name, password):
    body = {"username": name, "password": password, "provider": "db"}
    return client.post("/api/v1/security/login", json=body)


def test_a_log_in_and_a_log_out_by_page(app, staff_client):
    client = staff_client("hr")
    key = client.staff.id
    client.post("/logout/")
    assert told_of("login") == [("ab_user", str(key), ("staff", key), {"via": "page"})]
    assert told_of("logout") == [("ab_user", str(key), ("staff", key), {})]
    client.post("/logout/")  # nobody is signed in any more
    assert len(told("logout")) == 1


def test_a_log_in_by_rest(app, client):
    key = clients.add_staff("hr", "anna").id
    assert enter_api(client, "anna", PASSWORD).status_code == 200
    assert told_of("login") == [("ab_user", str(key), ("staff", key), {"via": "api"})]


@pytest.mark.parametrize(("way", "via"), [(enter, "page"), (enter_api, "api")])
def test_a_wrong_password_names_the_account(app, client, way, via):
    key = clients.add_staff("hr", "anna").id
    assert way(client, "anna", "wrong-password").status_code == 401
    expected = {"via": via, "limited": False}
    assert told_of("login_failed") == [("ab_user", str(key), ("system", None), expected)]
    assert told("login") == []


@pytest.mark.parametrize(("way", "via"), [(enter, "page"), (enter_api, "api")])
def test_a_name_that_nobody_has_is_not_kept_whole(app, client, way, via):
    way(client, "hunter2-my-password", "x")
    expected = {"via": via, "limited": False, "name": "h***"}
    assert told_of("login_failed") == [("ab_user", "?", ("system", None), expected)]


def test_the_address_of_a_failed_log_in_is_kept(app, client):
    enter(client, "nobody", "x", environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert told("login_failed")[0].address == "203.0.113.9"


def test_a_page_that_the_role_does_not_allow(app, staff_client):
    client = staff_client("hr")
    assert client.get("/audit/list/?x=secret").status_code == 403
    expected = {"method": "GET", "path": "/audit/list/", "why": "permission"}
    actor = ("staff", client.staff.id)
    assert told_of("refusal") == [("AuditLogView", "", actor, expected)]


def test_an_action_that_the_role_does_not_allow_names_the_row(app, staff_client):
    company = factories.company()
    worker = factories.worker(company)
    key = worker.id
    client = staff_client("dispatcher")
    assert client.post(f"/workerview/action/suspend/{key}").status_code == 403
    row = told("refusal")[0]
    assert (row.entity, row.entity_id, row.changes["method"]) == ("WorkerView", str(key), "POST")


def test_a_form_that_a_service_forbids_to_this_person(app, staff_client, monkeypatch):
    def forbid(*_args):
        raise Forbidden("not you", code="same_person")

    monkeypatch.setattr(WorkerView, "change", forbid)
    worker = factories.worker(factories.company())
    key, version = worker.id, worker.version
    client = staff_client("hr")
    page = client.get(f"/workerview/edit/{key}")
    assert page.status_code == 200
    data = {
        "name": worker.name, "number": worker.number, "kind": worker.kind, "version": version,
        "level": 3, "daily_cap": 6, "home_lat": "23.1", "home_lng": "113.2", "branch": 1,
    }  # fmt: skip
    assert client.post(f"/workerview/edit/{key}", data=data).status_code == 422
    assert [row.changes["why"] for row in told("refusal")] == ["same_person"]


def test_rest_that_the_role_does_not_allow(app, client):
    key = clients.add_staff("hr", "anna").id
    token = enter_api(client, "anna", PASSWORD).get_json()["access_token"]
    refused = clients.with_token(token).post("/api/staff/v1/services/", json={})
    assert refused.status_code == 403
    assert [(row.actor, row.changes["path"]) for row in told("refusal")] == [
        (("staff", key), "/api/staff/v1/services/")
    ]


def test_who_is_not_signed_in_leaves_no_refusal(app, client):
    client.get("/audit/list/")
    client.get("/api/staff/v1/services/")
    assert told("refusal") == []


def test_customers_who_log_in_and_fail(app, queue, sms, clock):
    phone = "13812345678"
    account = factories.customer(phone=phone)
    otp.send_code("customer", phone, address="1.1.1.1")
    queue.run_all()
    with pytest.raises(Unauthorized):
        login.log_in_customer(phone, "000000" if sms.last_code() != "000000" else "111111")
    login.log_in_customer(phone, sms.last_code())
    assert told_of("login_failed") == [
        ("customer_account", str(account.id), ("customer", None), {"why": "code_wrong"})
    ]
    assert told_of("login") == [("customer_account", str(account.id), ("customer", account.id), {})]


def test_a_customer_who_logs_out(app, customer_client):
    client = customer_client()
    key = client.account.id
    assert client.post("/api/customer/v1/auth/logout").status_code == 204
    assert told_of("logout") == [("customer_account", str(key), ("customer", None), {})]


def test_a_blocked_customer_who_has_the_right_code(app, queue, sms):
    phone = "13812345678"
    account = factories.customer(phone=phone)
    with transaction():
        account.status = "blocked"
    otp.send_code("customer", phone, address="1.1.1.1")
    queue.run_all()
    with pytest.raises(Forbidden):
        login.log_in_customer(phone, sms.last_code())
    assert told_of("login_failed")[0][3] == {"why": "account_blocked"}


def test_a_phone_without_a_worker(app, queue, sms):
    otp.send_code("worker", "13812345678", address="1.1.1.1")
    queue.run_all()
    with pytest.raises(Unauthorized):
        login.log_in_worker("13812345678", sms.last_code())
    assert told_of("login_failed")[0][:2] == ("worker_account", "?")


def test_a_booking_and_its_payment(app, payment):
    from tests.views import stage

    company = factories.company()
    factories.worker(company)
    order = stage.paid(company, factories.tomorrow(14))
    booked = told_of("booking")[0]
    assert booked[:3] == ("customer_order", str(order.id), ("customer", company.customer.id))
    assert booked[3]["number"] == order.number
    paid = told("payment")[0]
    assert (paid.entity_id, paid.changes["amount_fen"]) == (str(order.id), order.total_fen)


def test_actors_of_the_log_are_people(app, staff_client):
    client = staff_client("hr")
    client.get("/audit/list/")
    assert Actor(*told("refusal")[0].actor) == Actor("staff", client.staff.id)
