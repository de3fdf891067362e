"""Who gets in: the bearer of a live token of the endpoint's own realm, to rows of his own."""

from typing import Any

import pytest
from flask import current_app
from flask_appbuilder.api import BaseApi

from app.security import PUBLIC as STAFF_PUBLIC
from app.security import SIGNED_IN
from app.services.identity import tokens
from tests.api.support import ENDPOINTS, REALMS, assert_error, counts, named, valid
from tests.kit import clients

# Tokens are judged before rows are: what the databases could do differently is tried elsewhere.
pytestmark = pytest.mark.backends("sqlite")

SHARED = ("/services/", "/workers/")
OWNED = [e for e in REALMS if "<" in e.path and not any(one in e.path for one in SHARED)]
PUBLIC = {
    ("CustomerAuthApi", "send_code"), ("CustomerAuthApi", "log_in"), ("CustomerAuthApi", "refresh"),
    ("WorkerAuthApi", "send_code"), ("WorkerAuthApi", "log_in"), ("WorkerAuthApi", "refresh"),
    ("NoticeApi", "alipay"), ("NoticeApi", "wechat"), ("SpecificationApi", "openapi"),
}  # fmt: skip


@pytest.fixture
def ask(standing):
    """ask(endpoint, client) with a request that is right but for who asks; nothing is saved."""

    def ask(endpoint, client, **more):
        url, method = standing.url(endpoint), endpoint.operation.method
        return client.open(url, method=method, **valid(endpoint), **more)

    before = counts()
    yield ask
    assert counts() == before


def api_views():
    app: Any = current_app
    return app.appbuilder.baseviews


def bearer(token):
    return {"headers": {"Authorization": f"Bearer {token}"}}


@pytest.mark.crawler(every=3)
@pytest.mark.parametrize("endpoint", **named(REALMS))
def test_a_token_that_is_missing_or_nonsense(ask, owners, endpoint):
    nobody = owners["public"]
    assert_error(ask(endpoint, nobody), 401, "token_missing")
    for value in ("", "Bearer", "Bearer ", "Basic YTpi", "Bearer " + "x" * 5000):
        assert_error(ask(endpoint, nobody, headers={"Authorization": value}), 401, "token_missing")
    for token in ("x", "a.b.c", "é", "null"):
        assert_error(ask(endpoint, nobody, **bearer(token)), 401, "token_invalid")


@pytest.mark.crawler(every=3)
@pytest.mark.parametrize("endpoint", **named(REALMS))
def test_the_other_realms_token_opens_nothing(ask, owners, endpoint):
    other = "worker" if endpoint.operation.realm == "customer" else "customer"
    answer = ask(endpoint, owners[other])
    assert_error(answer, 401, "token_invalid")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.crawler(every=3)
@pytest.mark.parametrize("endpoint", **named(REALMS))
def test_the_staffs_cookie_and_token_open_nothing(ask, staff, endpoint):
    assert_error(ask(endpoint, staff["cookie"]), 401, "token_missing")
    assert_error(ask(endpoint, staff["cookie"], **bearer(staff["token"])), 401, "token_invalid")


@pytest.fixture(scope="module")
def staff(standing):
    """An administrator, by cookie and by token."""
    user = clients.add_staff("administrator", username="boss")
    credentials = {"username": "boss", "password": clients.PASSWORD, "provider": "db"}
    answer: Any = current_app.test_client().post("/api/v1/security/login", json=credentials)
    return {"cookie": clients.sign_in(user), "token": answer.json["access_token"]}


@pytest.mark.parametrize("endpoint", **named(REALMS))
def test_an_expired_token(ask, owners, standing, endpoint):
    frozen = current_app.extensions["clock"]
    frozen.travel(tokens.ACCESS_LIFE)
    try:
        assert_error(ask(endpoint, owners[endpoint.operation.realm]), 401, "token_expired")
    finally:
        frozen.travel(-tokens.ACCESS_LIFE)


@pytest.mark.parametrize("endpoint", **named(OWNED))
def test_what_belongs_to_somebody_else_does_not_exist(ask, strangers, endpoint):
    assert_error(ask(endpoint, strangers[endpoint.operation.realm]), 404)


TIME = "2030-05-07T14:00:00+08:00"
FOREIGN_BODIES = [
    ("customer", "/quotes", lambda s: {"address_id": s.company.address.id, "items": wish(s)}),
    ("customer", "/holds", lambda s: {"quote_number": s.quote_number, "starts_at": TIME}),
    ("customer", "/orders", lambda s: {"hold_number": s.hold_number, "quote_hash": "0" * 64}),
    (
        "worker",
        "/withdrawals",
        lambda s: {"amount_fen": 10000, "payout_account_id": s.payout_account_id},
    ),
]


def wish(scene):
    return [{"service_id": scene.company.cleaning.id}]


@pytest.mark.parametrize(("realm", "path", "body"), FOREIGN_BODIES)
def test_somebody_elses_row_in_a_body_does_not_exist(standing, strangers, realm, path, body):
    before = counts()
    answer = strangers[realm].post(f"/api/{realm}/v1{path}", json=body(standing))
    assert_error(answer, 404)
    assert counts() == before


def test_every_route_below_api_has_a_realm_or_a_permission_or_is_listed(standing):
    naked, public = [], set()
    for view in api_views():
        for name in dir(type(view)):
            method = getattr(type(view), name)
            if not isinstance(view, BaseApi) or not hasattr(method, "_urls"):
                continue
            at = (type(view).__name__, name)
            if getattr(method, "_realm", None) == "public":
                public.add(at)
            elif not hasattr(method, "_realm") and not hasattr(method, "_permission_name"):
                naked.append(at)
    assert [at for at in naked if at not in STAFF_PUBLIC | SIGNED_IN] == []
    assert public - STAFF_PUBLIC == PUBLIC
    guarded = {
        rule.endpoint.split(".")[0]
        for rule in current_app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
    }
    assert guarded <= {type(view).__name__ for view in api_views()}


def test_no_answer_sets_a_cookie(ask, owners, standing):
    for endpoint in ENDPOINTS:
        answer = ask(endpoint, owners["public"])
        assert "Set-Cookie" not in answer.headers, str(endpoint)
