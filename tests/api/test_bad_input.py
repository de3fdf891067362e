"""Each endpoint, each kind of bad input: the right status, one shape, nothing saved.

The cases come from the endpoints' own declarations, so that a new one is covered by itself.
"""

import json

import pytest

from app.api.reading import is_required
from tests.api.support import (
    ENDPOINTS,
    JSON,
    OTHER_TYPES,
    REALMS,
    TEN_MEGABYTES,
    WITH_BODY,
    WITH_QUERY,
    accepts,
    assert_error,
    counts,
    named,
    sample,
    valid,
)

# Refused before the database is asked; what PostgreSQL must never be asked is tried there.
pytestmark = [pytest.mark.backends("sqlite"), pytest.mark.crawler(every=4)]


@pytest.fixture
def send(standing, owners):
    """send(endpoint, ...) as the one to whom the scene belongs. At the end nothing is saved."""

    def send(endpoint, **request):
        request.setdefault("query_string", sample(endpoint.operation.query))
        client = owners[endpoint.operation.realm]
        return client.open(standing.url(endpoint), method=endpoint.operation.method, **request)

    before = counts()
    yield send
    assert counts() == before


@pytest.mark.parametrize("endpoint", **named(WITH_BODY))
def test_a_body_that_is_not_right(send, endpoint):
    schema = endpoint.operation.request
    good = sample(schema)
    for name, field in schema().fields.items():
        rest = {key: value for key, value in good.items() if key != name}
        if field.required:
            error = assert_error(send(endpoint, json=rest), 400, "invalid_input")
            assert list(error["details"]["body"]) == [name]
        for wrong in (None, *OTHER_TYPES):
            if not accepts(field, wrong):
                error = assert_error(send(endpoint, json={**rest, name: wrong}), 400)
                assert list(error["details"]["body"]) == [name], wrong
    error = assert_error(send(endpoint, json={**good, "surprise": 1}), 400, "invalid_input")
    assert list(error["details"]["body"]) == ["surprise"]


@pytest.mark.backends("postgresql")
@pytest.mark.parametrize("endpoint", **named(WITH_BODY))
def test_a_text_that_is_too_long(send, endpoint):
    schema = endpoint.operation.request
    good = sample(schema)
    texts = [name for name, field in schema().fields.items() if isinstance(good[name], str)]
    for name in texts:
        for wrong in ("a" * 1001, "0" * 1001, "a\x00b", "\ud800"):
            body = json.dumps({**good, name: wrong})
            error = assert_error(
                send(endpoint, data=body, content_type="application/json"), 400, "invalid_input"
            )
            assert list(error["details"]["body"]) == [name]


@pytest.mark.parametrize("endpoint", **named(JSON))
def test_a_body_that_cannot_be_read(send, endpoint):
    kind = {"content_type": "application/json"}
    for raw in (b"{", b"nonsense", b"\xff\xfe", b'{"a": NaN}', b"[" * 60_000):
        assert_error(send(endpoint, data=raw, **kind), 400, "json_invalid")
    for raw in (b"[]", b'"text"', b"null", b"1"):
        assert_error(send(endpoint, data=raw, **kind), 400, "json_not_object")
    for other in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
        answer = send(endpoint, data=b"{}", content_type=other)
        assert_error(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("endpoint", **named([e for e in WITH_BODY if is_required(e.body)]))
def test_no_body_at_all(send, endpoint):
    assert_error(send(endpoint), 415)
    assert_error(send(endpoint, data=b"", content_type="application/json"), 400)


@pytest.mark.parametrize("endpoint", **named([e for e in JSON if e not in WITH_BODY]))
def test_a_body_where_none_is_read(send, endpoint):
    error = assert_error(send(endpoint, json={"surprise": 1}), 400, "invalid_input")
    assert list(error["details"]["body"]) == ["surprise"]


@pytest.mark.parametrize("endpoint", **named(ENDPOINTS))
def test_ten_megabytes(send, endpoint):
    kind = "multipart/form-data; boundary=x" if endpoint.operation.form else "application/json"
    data = TEN_MEGABYTES + b"x" * 100_000
    assert_error(send(endpoint, data=data, content_type=kind), 413, "payload_too_large")


@pytest.mark.parametrize("endpoint", **named(ENDPOINTS))
def test_a_query_that_is_not_right(send, endpoint):
    good = sample(endpoint.operation.query)
    error = assert_error(send(endpoint, query_string={**good, "surprise": "1"}), 400)
    assert list(error["details"]["query"]) == ["surprise"]
    twice = "&".join(f"{key}={value}" for key, value in good.items() for _ in range(2))
    if twice:
        assert_error(send(endpoint, query_string=twice), 400, "given_twice")


@pytest.mark.parametrize("endpoint", **named(WITH_QUERY))
def test_a_value_in_a_query_that_is_not_right(send, endpoint):
    good = sample(endpoint.operation.query)
    for name, field in endpoint.operation.query().fields.items():
        key = field.data_key or name
        for wrong in ("-1", "x" * 1001, "2030-02-30", "0", "99999999999999999999", "\x00"):
            if not accepts(field, wrong):
                answer = send(endpoint, query_string={**good, key: wrong})
                assert list(assert_error(answer, 400)["details"]["query"]) == [key]


@pytest.mark.parametrize(
    "endpoint", **named([e for e in WITH_QUERY if "cursor" in e.operation.query().fields])
)
def test_a_cursor_that_we_never_gave(send, endpoint):
    for cursor in ("x", "W10", "WyJhIiwgImIiXQ", "bnVsbA", "WzFlOTk5LCAxXQ", "W3RydWVd"):
        answer = send(endpoint, query_string={"cursor": cursor})
        assert_error(answer, 400, "cursor_invalid")


@pytest.mark.parametrize("endpoint", **named(ENDPOINTS))
def test_a_method_that_is_not_offered(standing, owners, endpoint):
    before = counts()
    answer = owners["public"].open(standing.url(endpoint), method="PUT")
    error = assert_error(answer, 405, "method_not_allowed")
    assert endpoint.operation.method in error["details"]["allowed"]
    assert endpoint.operation.method in answer.headers["Allow"]
    assert counts() == before


@pytest.mark.backends("sqlite", "postgresql")
@pytest.mark.parametrize("endpoint", **named([e for e in REALMS if "<" in e.path]))
def test_a_path_that_leads_nowhere(standing, owners, endpoint):
    client = owners[endpoint.operation.realm]
    own = standing.url(endpoint)
    for collection, key in standing.rows.items():
        for wrong in ("D300506ZZZZZZZZZZ", "999999", "0", "%00", "..%2f", "9" * 30, "x" * 300):
            url = own.replace(f"/{collection}/{key}", f"/{collection}/{wrong}")
            if url != own:
                assert_error(
                    client.open(url, method=endpoint.operation.method, **valid(endpoint)), 404
                )
