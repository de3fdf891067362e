"""`Idempotency-Key`: the same command again gets the same answer, another one is refused."""

from datetime import timedelta

import sqlalchemy as sa

from app.extensions import db
from app.models import Address, IdempotencyKey
from app.services.system import idempotency
from tests.api.support import assert_error, counts

C = "/api/customer/v1"
KEY = {"Idempotency-Key": "key-0123456789"}
GOOD = {
    "region_code": "440104", "detail": "人民北路 2 号", "contact_name": "林女士",
    "contact_phone": "13800000001", "position": {"lat": 23.1, "lng": 113.2, "datum": "gcj02"},
}  # fmt: skip


def addresses():
    return db.session.scalar(sa.select(sa.func.count(Address.id)))


def test_the_same_key_and_body_act_once(scene, callers):
    first = callers["customer"].post(f"{C}/addresses", json=GOOD, headers=KEY)
    rows = addresses()
    again = callers["customer"].post(f"{C}/addresses", json=GOOD, headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json
    assert addresses() == rows


def test_the_same_key_with_another_body_is_refused(scene, callers):
    callers["customer"].post(f"{C}/addresses", json=GOOD, headers=KEY)
    before = counts()
    other = {**GOOD, "detail": "别处"}
    answer = callers["customer"].post(f"{C}/addresses", json=other, headers=KEY)
    assert_error(answer, 422, "idempotency_key_reused")
    answer = callers["customer"].post(f"{C}/quotes", json=quote_of(scene), headers=KEY)
    assert_error(answer, 422, "idempotency_key_reused")
    assert counts() == before


def test_somebody_else_may_use_the_same_key(scene, callers):
    from tests import factories
    from tests.kit import clients

    callers["customer"].post(f"{C}/addresses", json=GOOD, headers=KEY)
    other = clients.with_token(clients.customer_token(factories.customer()))
    assert other.post(f"{C}/addresses", json=GOOD, headers=KEY).status_code == 201


def test_a_command_that_was_refused_may_be_tried_again_with_its_key(scene, callers):
    wrong = {**GOOD, "region_code": "999999"}
    answer = callers["customer"].post(f"{C}/addresses", json=wrong, headers=KEY)
    assert_error(answer, 404)
    assert db.session.scalar(sa.select(sa.func.count(IdempotencyKey.id))) == 0
    answer = callers["customer"].post(f"{C}/addresses", json=GOOD, headers=KEY)
    assert answer.status_code == 201


def test_while_the_first_runs_the_second_is_asked_to_wait(scene, callers, clock):
    owner = f"customer:{scene.company.customer.id}"
    print_ = idempotency.fingerprint("POST", f"{C}/quotes", loaded(scene))
    idempotency.reserve(owner, KEY["Idempotency-Key"], print_)
    before = counts()
    answer = callers["customer"].post(f"{C}/quotes", json=quote_of(scene), headers=KEY)
    assert_error(answer, 409, "still_running")
    assert counts() == before
    clock.travel(timedelta(minutes=3))
    answer = callers["customer"].post(f"{C}/quotes", json=quote_of(scene), headers=KEY)
    assert answer.status_code == 201


def test_a_failure_that_nobody_foresaw_keeps_the_key(scene, callers, monkeypatch):
    from app.services.orders import quotes

    def broken(*args, **kwargs):
        raise RuntimeError("after the commit, perhaps")

    monkeypatch.setattr(quotes, "make_quote", broken)
    answer = callers["customer"].post(f"{C}/quotes", json=quote_of(scene), headers=KEY)
    assert_error(answer, 500, "internal")
    answer = callers["customer"].post(f"{C}/quotes", json=quote_of(scene), headers=KEY)
    assert_error(answer, 409, "still_running")


def quote_of(scene):
    items = [{"service_id": scene.company.cleaning.id}]
    return {"address_id": scene.company.address.id, "items": items}


def loaded(scene):
    from app.api.customer.quotes import QuoteRequest

    return QuoteRequest().load(quote_of(scene))
