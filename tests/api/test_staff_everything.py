"""Every staff resource: open for exactly its screen's readers, in the branch, without secrets."""

import functools
import re
from typing import Any

import pytest
import sqlalchemy as sa

from app.api.staff import APIS
from app.extensions import db
from app.models import Branch
from app.security import ROLES
from app.security_matrix import MATRIX, REST_MATRIX
from app.security_resources import SHOWS
from app.services import access
from tests import factories
from tests.api.support import assert_error
from tests.kit import clients
from tests.views import stage

pytestmark = pytest.mark.backends("sqlite")
MOST_STATEMENTS = 6


@pytest.fixture(scope="module")
def built(once):
    return once(stage.build_all)


@pytest.fixture
def company(app, built):
    return built()


def token_client(role: str, **profile: Any) -> Any:
    return clients.by_token(clients.add_staff(role, **profile))


def readers(api: type[Any]) -> set[str]:
    return set(REST_MATRIX[api.__name__]["get"].split())


def test_a_resource_has_the_readers_of_its_screen():
    for name, screen in SHOWS.items():
        shown = next(roles for verbs, roles in MATRIX[screen].items() if "list" in verbs.split())
        assert set(REST_MATRIX[name]["get"].split()) == set(shown.split()), name


@pytest.mark.crawler(every=0)
def test_a_resource_opens_for_exactly_its_readers(company):
    """One who reads and one who does not, in turns; the proof of permissions asks all of them."""
    clients = functools.cache(token_client)
    for number, api in enumerate(APIS):
        turn = [*ROLES][number % len(ROLES) :] + [*ROLES][: number % len(ROLES)]
        reader = next(role for role in turn if role in readers(api))
        other = next((role for role in turn if role not in readers(api)), None)
        assert clients(reader).get(f"{api.route_base}/").status_code == 200, (api, reader)
        if other is not None:
            assert clients(other).get(f"{api.route_base}/").status_code == 403, (api, other)


@pytest.mark.crawler(every=0)
def test_lists_and_rows_are_shown_in_few_statements_and_without_phones(company, count_queries):
    of_role = {role: token_client(role) for role in ROLES}
    empty, slow = set(), {}
    for api in APIS:
        client = of_role[sorted(readers(api) - {"partner"})[0]]
        with count_queries() as statements:
            page = client.get(f"{api.route_base}/")
        if len(statements) > MOST_STATEMENTS:
            slow[api.__name__] = len(statements)
        if not page.json["ids"]:
            empty.add(api.__name__)
            continue
        one = client.get(f"{api.route_base}/{page.json['ids'][0]}")
        assert one.status_code == 200, api.__name__
        assert re.findall(r"\b1[2-9]\d{9}\b", page.text + one.text) == [], api.__name__
    assert slow == {}
    # Tables that only the system fills, and only sometimes.
    assert empty <= {
        "StaffApprovalApi",
        "StaffPaymentNoticeApi",
        "StaffJobRunApi",
        "StaffOutboxApi",
    }


@pytest.mark.crawler(every=0)
def test_another_branch_sees_none_of_the_rows(company):
    elsewhere = factories.save(Branch(code="other", name="Other", city_code="440300"))
    of_role = {role: token_client(role, branch_id=elsewhere.id) for role in ROLES}
    for api in APIS:
        model = api.datamodel.obj
        if model in access.SHARED or model.__name__ in {"Branch", "LedgerAccount"}:
            continue
        client = of_role[sorted(readers(api) - {"partner"})[0]]
        assert client.get(f"{api.route_base}/").json["ids"] == [], api.__name__
        key = db.session.scalar(sa.select(sa.func.min(model.id)))
        if key is not None:
            assert_error(client.get(f"{api.route_base}/{key}"), 404)


def test_notes_are_told_only_of_what_one_may_open(company):
    assert token_client("service").get("/api/staff/v1/notes/").json["count"] == 1
    assert token_client("hr").get("/api/staff/v1/notes/").json["count"] == 0, "of a customer"


def test_a_holiday_is_written_by_a_program_and_a_wrong_one_refused(company):
    client = token_client("operations")
    day = {"day": "2030-05-01", "kind": "rest", "name": "劳动节"}
    made = client.post("/api/staff/v1/holidays/", json=day)
    assert (made.status_code, made.json["result"]["kind"]) == (201, "rest")
    assert_error(client.post("/api/staff/v1/holidays/", json=day), 409)
    wrong = {"day": "2030-05-02", "kind": "party", "name": "x"}
    assert_error(client.post("/api/staff/v1/holidays/", json=wrong), 409)
    assert_error(token_client("hr").post("/api/staff/v1/holidays/", json=day), 403)
