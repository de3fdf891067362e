"""The audit log, the system log and the faults on the screen."""

import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.extensions import db
from app.models import ApplicationError, AuditLog, CustomerAccount, Worker
from app.security import ROLES
from app.services.system import app_errors
from app.services.system.erasing import erase_from_audit
from app.services.transactions import transaction
from tests import factories
from tests.kit import clients

pytestmark = pytest.mark.backends("sqlite")
HR = Actor("staff", 7)


@pytest.fixture
def staff_client(staff_client):
    def make(role, **profile):
        client = staff_client(role, **profile)
        client.get("/lang/en")
        return client

    return make


@pytest.fixture
def customer(app):
    account = factories.customer("林女士", "12810004321")
    with transaction(HR) as session:
        session.get_one(CustomerAccount, account.id).name = "林小姐"
    return account


def newest(**where):
    rows = sa.select(AuditLog).filter_by(**where).order_by(AuditLog.id.desc())
    return db.session.scalars(rows).first()


@pytest.mark.parametrize("path", ["/audit/list/", "/systemlog/list/", "/errors/list/"])
def test_administrators_and_auditors_look_and_nobody_else(app, staff_client, path):
    may = {role for role in ROLES if staff_client(role).get(path).status_code == 200}
    assert may == {"administrator", "auditor"}


def test_a_change_shows_its_differences_masked(customer, staff_client):
    page = staff_client("auditor").get(f"/audit/show/{newest(action='update').id}").text
    assert "林***" in page
    assert "林女士" not in page
    assert "林小姐" not in page
    row = newest(entity="customer_account", action="insert")
    page = staff_client("auditor").get(f"/audit/show/{row.id}").text
    assert "128****4321" in page
    assert "12810004321" not in page


def test_the_list_shows_nothing_personal(customer, staff_client):
    page = staff_client("auditor").get("/audit/list/").text
    assert "Full name: *** → ***" in page
    assert "林" not in page


def test_an_erased_person_is_told_to_be_erased(customer, staff_client):
    key = newest(action="update").id
    erase_from_audit(("customer", customer.id), actor=HR)
    answer = staff_client("auditor").get(f"/audit/show/{key}")
    assert (answer.status_code, "Erased" in answer.text) == (200, True)


def test_a_record_is_linked_for_who_may_open_it(customer, staff_client):
    worker = factories.worker(factories.company())
    assert (
        f'href="/customerview/show/{customer.id}"'
        in staff_client("auditor")
        .get(f"/audit/show/{newest(action='update', entity='customer_account').id}")
        .text
    )
    key = newest(entity="worker", action="insert").id
    assert (
        f'href="/workerview/show/{worker.id}"'
        in staff_client("auditor").get(f"/audit/show/{key}").text
    )


def test_personal_values_are_opened_with_a_reason_by_who_may_reveal_the_person(
    customer, staff_client
):
    key = newest(action="update", entity="customer_account").id
    client = staff_client("auditor")
    assert "Show personal values" not in client.get(f"/audit/show/{key}").text
    refused = client.post(f"/audit/action/reveal/{key}", data={"reason": "complaint 12"})
    assert refused.status_code == 403
    assert newest(action="reveal") is None
    both = clients.add_staff("operations", "both")
    with transaction(HR):
        both.roles.append(clients.add_staff("auditor").roles[0])
    client = clients.sign_in(both)
    client.get("/lang/en")
    assert "Show personal values" in client.get(f"/audit/show/{key}").text
    assert client.post(f"/audit/action/reveal/{key}", data={"reason": ""}).status_code == 422
    page = client.post(
        f"/audit/action/reveal/{key}", data={"reason": "complaint 12"}, follow_redirects=True
    )
    assert "林女士 → 林小姐" in page.text
    row = newest(action="reveal")
    assert (row.entity, row.entity_id, row.changes) == (
        "audit_log", str(key), {"reason": "complaint 12"}
    )  # fmt: skip


FILTERS = [
    ("staff", "hanna", {"update"}),
    ("actor_kind", "customer", {"booking"}),
    ("actor_id", "4711", {"booking"}),
    ("action", "booking", {"booking"}),
    ("entity", "worker", {"update"}),
    ("entity_id", "900", {"booking"}),
    ("address", "203.0.113.9", {"booking"}),
]


@pytest.fixture
def two_rows(app):
    """An update of a worker by hanna, and a booking by customer 4711 from another address."""
    from app.services.system import audit_rows

    user = clients.add_staff("hr", "hanna")
    worker = factories.worker(factories.company())
    with transaction(Actor("staff", user.id)) as session:
        session.get_one(Worker, worker.id).level = 5
        row = {
            "at": app.extensions["clock"].now(), "actor_kind": "customer", "actor_id": 4711,
            "address": "203.0.113.9", "action": "booking", "entity": "customer_order",
            "entity_id": "900", "changes": {}, "person": "",
        }  # fmt: skip
        session.execute(sa.insert(AuditLog).values(**row, mark=audit_rows.mark_of(row)))


def listed(client, where):
    page = client.get(f"/audit/list/?{where}&psize=100").text
    ids = {int(part.split('"')[0]) for part in page.split("/audit/show/")[1:]}
    return {
        action
        for key, action in db.session.execute(sa.select(AuditLog.id, AuditLog.action))
        if key in ids
    }


@pytest.mark.parametrize(("name", "value", "found"), FILTERS, ids=[f[0] for f in FILTERS])
def test_filters(two_rows, staff_client, name, value, found):
    client = staff_client("auditor")
    more = "" if name in ("staff", "actor_kind", "actor_id", "address") else "&_flt_0_staff="
    actions = listed(client, f"_flt_0_{name}={value}{more}")
    assert actions & {"update", "booking"} == found
    assert name == "entity" or actions == found


def test_the_filter_of_time(two_rows, staff_client, clock):
    client = staff_client("auditor")
    assert listed(client, "_flt_0_at=2030-05-07") == set()
    assert "booking" in listed(client, "_flt_0_at=2030-05-06")


def test_the_system_log_has_log_ins_and_refusals_only(two_rows, staff_client):
    staff_client("hr").get("/audit/list/")
    page = staff_client("administrator").get("/systemlog/list/?psize=100").text
    for told in ("Signed in", "Permission refused", "Booked"):
        assert told in page
    assert "Added" not in page
    assert f"/audit/show/{newest(action='refusal').id}" in page
    assert f'/audit/show/{newest(action="update").id}"' not in page


def test_a_fault_is_marked_as_solved_by_the_administrator(app, staff_client):
    try:
        raise KeyError("x")
    except KeyError as exc:
        app_errors.keep(exc, "job prune")
    key = db.session.scalars(sa.select(ApplicationError.id)).one()
    auditor, administrator = staff_client("auditor"), staff_client("administrator")
    page = auditor.get(f"/errors/show/{key}").text
    assert "KeyError" in page
    assert "tests/audit/test_pages.py" in page
    assert auditor.post(f"/errors/action/solve/{key}").status_code == 403
    assert administrator.post(f"/errors/action/solve/{key}").status_code == 302
    assert "KeyError" in administrator.get("/errors/list/?_flt_0_solved_at=y").text
    assert "KeyError" not in administrator.get("/errors/list/?_flt_0_solved_at=n").text


def test_a_branch_sees_nothing_of_the_companys_log(customer, staff_client, branch):
    client = staff_client("auditor", branch_id=branch.id)
    assert client.get(f"/audit/show/{newest(action='update').id}").status_code == 404


def test_a_list_costs_the_same_for_few_and_many_rows(customer, staff_client, count_queries):
    client = staff_client("auditor")
    client.get("/audit/list/")

    def cost():
        with count_queries() as statements:
            assert client.get("/audit/list/").status_code == 200
        return len(statements)

    few = cost()
    for number in range(20):
        with transaction(HR) as session:
            session.get_one(CustomerAccount, customer.id).name = f"{number}"
    assert cost() == few
