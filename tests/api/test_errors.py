"""Refusals and failures: one table, one shape, the caller's language, and no secrets."""

import pytest
from flask_babel import lazy_gettext as _l

from app.api.errors import STATUS
from app.domain import errors
from app.domain.errors import N_
from app.gateways.payment import GatewayRefused, OutcomeUnknown
from tests.api.support import assert_error

pytestmark = pytest.mark.backends("sqlite")

ME = "/api/customer/v1/me"


@pytest.fixture
def raising(app, customer_client, monkeypatch):
    """raising(exc, path) is the answer of an endpoint whose service raises it."""
    from app.services.customers import profile

    client = customer_client()

    def raising(exc, **headers):
        def refuse(*args, **kwargs):
            raise exc

        monkeypatch.setattr(profile, "change_profile", refuse)
        return client.patch(ME, json={"name": "x"}, headers=headers)

    return raising


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.InvalidInput, 400), (errors.Unauthorized, 401), (errors.Forbidden, 403),
        (errors.NotFound, 404), (errors.Conflict, 409), (errors.PayloadTooLarge, 413),
        (errors.RuleViolation, 422), (errors.IllegalTransition, 422),
        (errors.TooManyRequests, 429), (errors.OutsideError, 502), (errors.Busy, 503),
        (OutcomeUnknown, 502), (GatewayRefused, 502),
    ],
)  # fmt: skip
def test_each_refusal_has_its_status_and_code(raising, kind, status):
    error = assert_error(raising(kind("It is so")), status, kind.code)
    assert error["message"] == "It is so"


def test_every_kind_of_refusal_is_in_the_table(app):
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type)}
    direct = {kind for kind in kinds if kind.__base__ is errors.DomainError}
    assert direct | {errors.DomainError} == set(STATUS)


def test_a_plain_sentence_is_filled_from_the_details(raising):
    exc = errors.RuleViolation(N_("At most %(most)s, not %(given)s"), most=3, given=4)
    error = assert_error(raising(exc), 422)
    assert error["message"] == "At most 3, not 4"
    assert error["details"] == {"most": 3, "given": 4}


def test_a_refusal_speaks_the_language_that_is_asked_for(raising, monkeypatch):
    from app.api import errors as mapping

    spoken = []

    def said(exc):
        from flask_babel import get_locale

        spoken.append(get_locale().language)
        return "said"

    monkeypatch.setattr(mapping, "said", said)
    exc = errors.NotFound(_l("This order does not exist"))
    raising(exc)
    raising(exc, **{"Accept-Language": "en-GB,en;q=0.9"})
    raising(exc, **{"Accept-Language": "zh-CN"})
    raising(exc, **{"Accept-Language": "fr"})
    raising(exc, **{"Accept-Language": "fr;q=0.9, en;q=0.5"})
    assert spoken == ["zh", "en", "zh", "zh", "en"]


def test_what_the_outside_says_stays_inside(raising):
    exc = GatewayRefused("No", gateway_code="SIGN_ERROR", status=401, temporary=False)
    assert assert_error(raising(exc), 502)["details"] == {}


def test_the_database_is_not_named(raising):
    exc = errors.Conflict("Taken", constraint="customer_order.number")
    assert assert_error(raising(exc), 409)["details"] == {}


def test_details_are_json_whatever_they_are(raising):
    from datetime import date

    exc = errors.RuleViolation("x", on=date(2030, 5, 6), word=_l("Paid"), some={1})
    details = assert_error(raising(exc, **{"Accept-Language": "en"}), 422)["details"]
    assert details == {"on": "2030-05-06", "word": "Paid", "some": [1]}


def test_a_wait_is_also_a_header(raising):
    answer = raising(errors.TooManyRequests("Slowly", retry_after_seconds=7))
    assert_error(answer, 429)
    assert answer.headers["Retry-After"] == "7"


def test_what_nobody_foresaw_is_logged_under_the_number_that_is_answered(raising, caplog):
    error = assert_error(raising(RuntimeError("SELECT secret FROM customer")), 500, "internal")
    reference = error["details"]["reference"]
    logged = [record for record in caplog.records if reference in record.getMessage()]
    assert len(logged) == 1
    assert logged[0].exc_info
    assert "secret" not in str(error)


@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_an_address_where_nothing_is(app, client, method):
    for path in ("/api/nothing", "/api/customer/v2/me", "/api/v1/", "/api/pay/other/notice"):
        assert_error(getattr(client, method)(path), 404, "not_found")


def test_pages_keep_their_own_errors(app, client):
    answer = client.get("/nothing-here")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")


def test_a_wrong_staff_token_gets_the_same_shape(app, client):
    for headers in ({}, {"Authorization": "Bearer x"}):
        answer = client.get("/api/staff/v1/orders/", headers=headers)
        assert_error(answer, answer.status_code)
        assert answer.status_code in {401, 422}


def test_a_failed_staff_login_gets_the_same_shape(app, client):
    body = {"username": "nobody", "password": "wrong", "provider": "db"}
    assert_error(client.post("/api/v1/security/login", json=body), 401, "unauthorized")


def test_a_notice_that_is_not_believed_is_refused_in_the_channels_own_form(app, client):
    answer = client.post("/api/pay/wechat/notice", data=b"{}", headers={"X": "y"})
    assert (answer.status_code, answer.json["code"]) == (400, "FAIL")


def test_a_notice_that_is_too_large_is_not_even_kept(app, client):
    from tests.api.support import counts

    before = counts()
    answer = client.post("/api/pay/wechat/notice", data=b"x" * 70_000)
    assert_error(answer, 413, "payload_too_large")
    assert counts() == before
