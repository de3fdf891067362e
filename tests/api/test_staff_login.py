"""The staff's log-in for programs: every kind of bad input has its status and the one shape."""

import json

import pytest

from app.services.transactions import transaction
from tests.api.support import TEN_MEGABYTES, assert_error, counts
from tests.kit import clients

pytestmark = pytest.mark.backends("sqlite")
LOGIN = "/api/v1/security/login"


@pytest.fixture
def user(app):
    return clients.add_staff("operations", username="ops")


@pytest.fixture
def post(client, user):
    def post(**request):
        return client.post(LOGIN, **request)

    before = counts()
    yield post
    assert counts() == before


def typed(**more):
    return {"username": "ops", "password": clients.PASSWORD, **more}


@pytest.mark.parametrize("more", [{}, {"provider": "db"}])
def test_a_name_and_a_password_are_enough(post, more):
    answer = post(json=typed(**more))
    assert (answer.status_code, list(answer.json)) == (200, ["access_token"])
    assert answer.headers["Cache-Control"] == "no-store"
    both = post(json=typed(refresh=True, **more)).json
    token = clients.with_token(both["refresh_token"])
    assert token.post("/api/v1/security/refresh").json["access_token"]
    staff = clients.with_token(answer.json["access_token"])
    assert staff.get("/api/staff/v1/orders/").status_code == 200


@pytest.mark.parametrize("name", ["username", "password"])
def test_what_is_missing_is_named(post, name):
    error = assert_error(post(json={k: v for k, v in typed().items() if k != name}), 400)
    assert list(error["details"]["body"]) == [name]


@pytest.mark.parametrize("name", ["username", "password", "provider", "refresh"])
def test_wrong_types_and_texts_are_named(post, name):
    for wrong in (None, {"a": 1}, [[1]], 1.5, 7, "", "x" * 1001, "\ud800", "yes"):
        if name in {"username", "password"} and wrong == "yes":
            continue
        answer = post(data=json.dumps(typed(**{name: wrong})), content_type="application/json")
        assert list(assert_error(answer, 400)["details"]["body"]) == [name], wrong
    error = assert_error(post(json=typed(provider="ldap")), 400)
    assert list(error["details"]["body"]) == ["provider"]


def test_what_is_not_declared_is_refused(post):
    error = assert_error(post(json=typed(surprise=1)), 400, "invalid_input")
    assert list(error["details"]["body"]) == ["surprise"]


def test_a_body_that_cannot_be_read(post):
    kind = {"content_type": "application/json"}
    for raw in (b"", b"{", b"\xff\xfe", b'{"a": NaN}', b"[" * 60_000):
        assert_error(post(data=raw, **kind), 400, "json_invalid")
    for raw in (b"[]", b'"text"', b"null"):
        assert_error(post(data=raw, **kind), 400, "json_not_object")
    assert_error(post(data=typed()), 415)
    assert_error(post(data=TEN_MEGABYTES, **kind), 413)


def test_a_wrong_password_an_unknown_name_and_a_closed_account_look_alike(post, user):
    answers = [post(json=typed(password="x")), post(json=typed(username="nobody", password="x"))]
    with transaction() as session:
        session.merge(user).active = False
    answers.append(post(json=typed()))
    errors = [assert_error(answer, 401, "unauthorized") for answer in answers]
    assert len({error["message"] for error in errors}) == 1


@pytest.mark.parametrize("name", ["categories", "services", "orders", "visits", "workers"])
def test_an_address_without_its_last_slash_is_answered_at_once(app, client, name):
    answer = client.get(f"/api/staff/v1/{name}")
    assert_error(answer, 401)


def test_a_list_without_its_last_slash_is_the_list(user, client):
    token = client.post(LOGIN, json=typed()).json["access_token"]
    staff = clients.with_token(token)
    answer = staff.get("/api/staff/v1/orders")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.json == staff.get("/api/staff/v1/orders/").json
