"""The staff's resources: for staff tokens with the permission, within the branch."""

from typing import Any

import pytest
from flask import current_app

from app.models import Branch, Category
from app.security import ROLES
from app.services.transactions import transaction
from tests import factories
from tests.api.support import assert_error, counts
from tests.kit import clients

pytestmark = pytest.mark.backends("sqlite")  # tests/fab tries the base on both
S = "/api/staff/v1"
RESOURCES = [
    "categories", "services", "option-groups", "options", "orders", "visits", "workers", "shifts",
]  # fmt: skip
WRITABLE = ("categories", "services", "option-groups", "options")
STAFF = {role for role in ROLES if role != "partner"}
OPENED_BY = {
    "workers": ROLES.keys() - {"finance"},
    "shifts": ROLES.keys() - {"finance"},
    "visits": ROLES.keys(),
}


@pytest.fixture
def token_of(app):
    """token_of(role, branch_id=...) -> client with the token of a new staff member."""

    def token_of(role, **profile):
        user = clients.add_staff(role, **profile)
        body = {"username": user.username, "password": clients.PASSWORD, "provider": "db"}
        answer: Any = current_app.test_client().post("/api/v1/security/login", json=body)
        return clients.with_token(answer.json["access_token"])

    return token_of


@pytest.mark.parametrize("role", [*ROLES, None])
def test_a_resource_opens_for_exactly_the_roles_of_the_matrix(scene, token_of, role):
    client = token_of(role)
    opened = {name for name in RESOURCES if client.get(f"{S}/{name}/").status_code == 200}
    assert opened == {name for name in RESOURCES if role in OPENED_BY.get(name, STAFF)}
    for name in set(RESOURCES) - opened:
        assert_error(client.get(f"{S}/{name}/"), 403, "forbidden")
    before = counts()
    for name in WRITABLE:
        answer = client.post(f"{S}/{name}/", json={})
        assert answer.status_code == (400 if role == "operations" else 403), name
    for name in set(RESOURCES) - set(WRITABLE):
        assert client.post(f"{S}/{name}/", json={}).status_code == 405, name
    assert counts() == before


@pytest.mark.parametrize("name", RESOURCES)
def test_no_token_a_clients_token_or_a_cookie_opens_nothing(scene, callers, staff_client, name):
    for client in (
        callers["public"],
        callers["customer"],
        callers["worker"],
        staff_client("operations"),
    ):
        answer = client.get(f"{S}/{name}/")
        assert_error(answer, answer.status_code)
        assert answer.status_code in {401, 422}


def test_a_category_is_added_and_changed_with_the_version_that_was_read(app, token_of):
    client = token_of("operations")
    made = client.post(f"{S}/categories/", json={"code": "repair", "name": "维修"})
    assert made.status_code == 201
    url = f"{S}/categories/{made.json['id']}"
    version = client.get(url).json["result"]["version"]
    changed = client.put(url, json={"name": "家电维修", "version": version})
    assert changed.json["result"]["name"] == "家电维修"
    before = counts()
    assert_error(client.put(url, json={"name": "x", "version": version}), 409, "conflict")
    assert_error(client.post(f"{S}/categories/", json={"code": "repair", "name": "x"}), 409)
    assert_error(client.put(url, json={"name": "x", "version": 9, "id": 1}), 400)
    assert counts() == before


def test_nothing_is_deleted_here(scene, token_of):
    client = token_of("operations")
    for name in RESOURCES:
        assert_error(client.delete(f"{S}/{name}/1"), 405, "method_not_allowed")


def test_what_is_of_another_branch_does_not_exist(scene, token_of):
    elsewhere = factories.save(Branch(code="other", name="Other", city_code="440300"))
    client = token_of("dispatcher", branch_id=elsewhere.id)
    here = token_of("dispatcher", branch_id=scene.company.branch.id)
    for name, key in (("orders", scene.order.id), ("workers", scene.worker.id)):
        assert here.get(f"{S}/{name}/").json["count"] >= 1
        assert client.get(f"{S}/{name}/").json == {"count": 0, "ids": [], "result": []}
        assert here.get(f"{S}/{name}/{key}").status_code == 200
        assert_error(client.get(f"{S}/{name}/{key}"), 404)


def test_orders_and_workers_show_no_address_and_no_phone(scene, token_of):
    client = token_of("dispatcher")
    for name, key in (("orders", scene.order.id), ("workers", scene.worker.id)):
        text = client.get(f"{S}/{name}/{key}").text
        for secret in ("12810000000", "人民北路", "phone", "lat", "note"):
            assert secret not in text


@pytest.mark.parametrize("name", RESOURCES)
def test_questions_that_are_not_right(scene, token_of, name):
    client = token_of("operations")
    for q in ("(filters:!((col:id,opr:eq,value:1)))", "(order_column:nonsense)", "((", "(page:x)"):
        answer = client.get(f"{S}/{name}/?q={q}")
        assert_error(answer, 400)
    assert_error(client.get(f"{S}/{name}/999999"), 404)
    assert_error(client.get(f"{S}/{name}/x"), 404)


@pytest.mark.parametrize("name", RESOURCES)
def test_a_list_costs_the_same_for_one_row_and_for_thirty(
    app, scene, token_of, count_queries, name
):
    client = token_of("operations")
    with count_queries() as one:
        assert client.get(f"{S}/{name}/?q=(page_size:1)").status_code == 200
    if name == "categories":
        with transaction() as session:
            session.add_all(Category(code=f"c{n}", name="x") for n in range(30))
    with count_queries() as thirty:
        assert client.get(f"{S}/{name}/?q=(page_size:100)").status_code == 200
    assert len(thirty) == len(one) <= 6, "\n".join(thirty)
