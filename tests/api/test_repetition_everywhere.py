"""`Idempotency-Key` at every endpoint that is a command."""

import pytest

from app.services.system import idempotency
from tests.api.support import ENDPOINTS, assert_error, counts, named, valid

pytestmark = pytest.mark.backends("sqlite")
COMMANDS = [e for e in ENDPOINTS if e.operation.idempotent]


@pytest.mark.parametrize("endpoint", **named(COMMANDS))
def test_a_key_that_is_too_short_too_long_or_odd(standing, owners, endpoint):
    before = counts()
    for key in ("", "short", "x" * 65, "with blank", "quote'quote", "ключ-ключ"):
        answer = owners[endpoint.operation.realm].open(
            standing.url(endpoint),
            method=endpoint.operation.method,
            headers={"Idempotency-Key": key.encode().decode("latin-1")},
            **valid(endpoint),
        )
        assert_error(answer, 400, "idempotency_key_invalid")
    assert counts() == before


@pytest.mark.parametrize("endpoint", **named(COMMANDS))
def test_an_answer_that_is_known_is_given_again_without_acting(standing, owners, endpoint):
    realm = endpoint.operation.realm
    owner = standing.company.customer if realm == "customer" else standing.worker
    url, request = standing.url(endpoint), valid(endpoint)
    body = endpoint.operation.request().load(request.get("json", {}))
    key = f"known-{endpoint.name}"
    print_ = idempotency.fingerprint(endpoint.operation.method, url, body)
    assert idempotency.reserve(f"{realm}:{owner.id}", key, print_) is None
    idempotency.store(f"{realm}:{owner.id}", key, 201, {"kept": True})
    before = counts()
    send = {"method": endpoint.operation.method, "headers": {"Idempotency-Key": key}}
    answer = owners[realm].open(url, **send, **request)
    assert (answer.status_code, answer.json) == (201, {"kept": True})
    assert answer.headers["Idempotent-Replayed"] == "true"
    assert counts() == before
