"""The description is complete, and each name in it is used once."""

import re

import pytest

from app.api.converters import CONVERTERS
from app.api.description import specification
from tests.api.support import ENDPOINTS, LOG_TABLES, accepts, sample

pytestmark = pytest.mark.backends("sqlite")


@pytest.fixture
def document(app):
    return specification()


def operations(document):
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_endpoint_is_described_and_nothing_else_is(app, document):
    routes = {
        (re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/") and not rule.rule.startswith("/api/docs")
    }
    assert {(path, method) for path, method, _ in operations(document)} == routes


def test_operation_ids_are_unique_and_tagged_by_realm(document):
    ids = [operation["operationId"] for _p, _m, operation in operations(document)]
    assert len(ids) == len(set(ids))
    tags = {tuple(operation["tags"]) for _p, _m, operation in operations(document)}
    assert tags == {("customer",), ("worker",), ("staff",), ("public",)}


def test_every_operation_has_a_summary_and_its_errors_in_the_one_shape(document):
    for path, method, operation in operations(document):
        if "staff" in operation["tags"]:
            continue
        assert operation["summary"], (path, method)
        statuses = set(operation["responses"])
        assert {"400", "413", "415", "500", "503"} <= statuses
        assert operation["security"] == [] or "401" in statuses
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert response == {"$ref": f"#/components/responses/Error{status}"}


def test_every_reference_leads_somewhere(document):
    def references(node):
        if isinstance(node, dict):
            yield from ([node["$ref"]] if "$ref" in node else [])
            for value in node.values():
                yield from references(value)
        elif isinstance(node, list):
            for value in node:
                yield from references(value)

    for reference in set(references(document)):
        found = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        assert found


def test_requests_refuse_what_is_not_described(document):
    for name, schema in document["components"]["schemas"].items():
        if name.endswith("Request"):
            assert schema["additionalProperties"] is False, name


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=str)
def test_texts_are_as_long_as_their_columns_and_no_longer(endpoint):
    """Every text of a request has a bound that the tests can find."""
    for name, field in endpoint.body().fields.items():
        if isinstance(sample(endpoint.body).get(field.data_key or name), str):
            assert not accepts(field, "a" * 1001), name


def test_path_parameters_are_described_by_what_matches_them():
    for kind in CONVERTERS.values():
        if "pattern" in kind.description:
            assert kind.description["pattern"] == f"^{kind.regex}$"


def test_log_tables_exist(app):
    from app.extensions import db

    assert set(db.metadata.tables) >= LOG_TABLES


def test_the_document_is_served_to_anybody(app, client):
    answer = client.get("/api/openapi.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/vnd.oai.openapi+json")
    assert answer.json["openapi"] == "3.0.3"
