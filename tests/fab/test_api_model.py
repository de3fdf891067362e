"""The REST base: trap 12 of FAB, shown on FAB's own class and mended in ours."""

import functools
from pathlib import Path
from typing import Any

import prison  # type: ignore[import-untyped]
import pytest
from flask import Flask
from flask_appbuilder.api import ModelRestApi as StockApi
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_jwt_extended import create_access_token
from sqlalchemy.orm import Query

from app.api.model import ModelRestApi
from app.extensions import db
from app.fab_interface import ModelInterface
from tests.fab import shop, shop_views
from tests.fab.conftest import (
    STOCK_WARNS,
    assemble,
    begin_anew,
    restore,
    statements,
    user_named,
)

pytestmark = STOCK_WARNS
BOTH = pytest.mark.parametrize(("kind", "mended"), [("stock", False), ("ours", True)])
URL = "/api/v1/orders/"


class StockOrderApi(StockApi):
    resource_name = "orders"
    base_permissions = ["can_get", "can_post", "can_put", "can_delete", "can_info"]
    datamodel = SQLAInterface(shop.Order)


class OrderApi(ModelRestApi):
    resource_name = "orders"
    datamodel = ModelInterface(shop.Order, load=("customer.city",))
    list_columns = ["id", "code", "state", "customer", "total_fen", "starts_at", "customer.name"]
    show_columns = [*list_columns, "tags", "note", "version"]
    search_columns = ["code", "state", "customer", "total_fen"]
    add_columns = edit_columns = ["code", "state", "customer", "tags", "total_fen", "starts_at"]
    relation_scopes = {"customer": lambda query: query.filter(shop.Customer.id < 30)}

    def scope(self, query: Query[Any]) -> Query[Any]:
        return query.filter(shop.Order.code != "O-0060")


@pytest.fixture(scope="module")
def with_api(prepared, tmp_path_factory) -> Any:
    """with_api(kind) -> (application with the resource, the database it begins with)."""

    @functools.cache
    def assembled(kind: str) -> tuple[Flask, Path]:
        path = tmp_path_factory.mktemp(f"api-{kind}") / "shop.db"
        restore(prepared[kind], path)
        views = shop_views.STOCK if kind == "stock" else shop_views.OURS
        app = assemble(path, views, stock=kind == "stock")
        with app.app_context():
            _add_api(app, {"stock": StockOrderApi, "ours": OrderApi}[kind])
            db.session.remove()
        begins = path.with_name("begins.db")
        restore(path, begins)
        return app, begins

    return assembled


def _add_api(app: Flask, api: Any) -> None:
    appbuilder: Any = app.extensions["appbuilder"]
    appbuilder.add_api(api)
    name = appbuilder.baseviews[-1].class_permission_name
    verbs = ("get", "post", "put", "delete", "info")
    pairs = [appbuilder.sm.add_permission_view_menu(f"can_{verb}", name) for verb in verbs]
    role = appbuilder.sm.find_role("Everything")
    role.permissions.extend(pairs)
    db.session.commit()


@pytest.fixture
def caller(with_api) -> Any:
    """caller(kind) -> (application, function that calls it with a staff token)."""

    def start(kind: str = "ours") -> tuple[Flask, Any]:
        app, begins = with_api(kind)
        begin_anew(app, begins)
        with app.app_context():
            headers = {"Authorization": f"Bearer {create_access_token(str(user_named('boss').id))}"}
        client = app.test_client()
        return app, lambda method, path="", **more: client.open(
            URL + str(path), method=method, headers=headers, **more
        )

    return start


NEW = {"code": "API-1", "customer": 1, "total_fen": 500}


def count(app: Flask) -> int:
    with app.app_context():
        return db.session.query(shop.Order).count()


@BOTH
def test_columns_that_nobody_named_are_not_given_away(caller, kind, mended) -> None:
    _app, call = caller(kind)
    assert ("owner" not in call("GET", 1).json["result"]) is mended


def test_an_api_that_does_not_say_its_columns_does_not_start() -> None:
    class SilentApi(ModelRestApi):
        datamodel = ModelInterface(shop.Order)

    with pytest.raises(TypeError, match="say list_columns, show_columns, search_columns"):
        SilentApi()


@BOTH
def test_a_duplicate_is_a_conflict_and_leaks_no_sql(caller, kind, mended) -> None:
    """Trap 12: FAB answers with a server's error, or with the database's own words."""
    app, call = caller(kind)
    app.testing, app.config["PROPAGATE_EXCEPTIONS"] = False, False
    full = {"owner": "a", "state": "new", "urgent": False, "version": 1}
    body = NEW | {"code": "O-0001"} | ({} if mended else full)
    answer = call("POST", json=body)
    assert (answer.status_code == 409) is mended, answer.text
    if mended:
        assert answer.json["error"]["code"] == "conflict"
        assert not {"sql", "INSERT", "shop_order"} & set(answer.text.split())
    assert count(app) == 60


def test_a_list_is_bounded_and_costs_few_statements(caller) -> None:
    app, call = caller()
    with app.app_context():
        db.session.add_all(shop.Order(code=f"X-{n}", customer_id=1) for n in range(150))
        db.session.commit()
    for size, rows in ((20000, 100), (-1, 100), (0, 25), (7, 7)):
        with statements(app) as seen:
            answer = call("GET", "?q=" + prison.dumps({"page_size": size}))
        assert len(answer.json["result"]) == rows
        assert len(seen) <= 10
    assert answer.json["count"] == 209  # one is out of scope


def test_a_row_is_answered_with_names_for_its_relations(caller) -> None:
    _app, call = caller()
    result = call("GET", 7).json["result"]
    assert result["customer"] == {"id": 8, "text": "Customer 007 (City 1)"}
    assert result["customer.name"] == "Customer 007"
    assert result["starts_at"] == "2030-05-06T09:00:00+08:00"
    assert result["tags"] == [{"id": 4, "text": "Tag 3"}]


def test_filters_and_order_are_those_of_the_request(caller) -> None:
    _app, call = caller()
    asked = {"filters": [{"col": "state", "opr": "eq", "value": "paid"}],
             "order_column": "total_fen", "order_direction": "desc"}  # fmt: skip
    answer = call("GET", "?q=" + prison.dumps(asked)).json
    assert answer["count"] == 20
    assert answer["result"][0]["code"] == "O-0058"
    assert call("GET").json["count"] == 59


BAD_ASKED = [
    {"filters": [{"col": "owner", "opr": "eq", "value": "a"}]},
    {"filters": [{"col": "total_fen", "opr": "eq", "value": "abc"}]},
    {"filters": [{"col": "code", "opr": "nonsense", "value": "a"}]},
    {"filters": [{}]}, {"order_column": "owner"}, {"page": "x"},
]  # fmt: skip


@pytest.mark.parametrize("asked", BAD_ASKED)
def test_a_bad_question_is_refused_in_the_one_shape(caller, asked) -> None:
    _app, call = caller()
    answer = call("GET", "?q=" + prison.dumps(asked))
    assert answer.status_code == 400
    assert set(answer.json["error"]) == {"code", "message", "details"}


def test_a_row_is_made_changed_and_removed(caller) -> None:
    app, call = caller()
    made = call("POST", json=NEW | {"tags": [1, 2], "starts_at": "2030-05-07T09:00:00+08:00"})
    assert made.status_code == 201, made.text
    pk, version = made.json["id"], made.json["result"]["version"]
    changed = call("PUT", pk, json={"code": "API-2", "version": version})
    assert (changed.status_code, changed.json["result"]["code"]) == (200, "API-2")
    late = call("PUT", pk, json={"code": "API-3", "version": version})
    assert (late.status_code, late.json["error"]["code"]) == (409, "conflict")
    assert call("PUT", pk, json={"code": "API-3"}).status_code == 400
    assert call("DELETE", pk).status_code == 204
    assert call("GET", pk).status_code == 404
    assert count(app) == 60


BAD_BODIES = [
    ({}, 400), (NEW | {"owner": "x"}, 400), (NEW | {"total_fen": "5"}, 400),
    (NEW | {"total_fen": 1.5}, 400), (NEW | {"customer": 99999}, 400),
    (NEW | {"customer": 35}, 400),
    (NEW | {"code": "x" * 21}, 400), (NEW | {"code": None}, 400), (NEW | {"tags": [1, 99]}, 400),
    (NEW | {"starts_at": "2030-05-07T09:00:00"}, 400), ([], 400), (NEW | {"code": "a\x00b"}, 400),
]  # fmt: skip


@pytest.mark.parametrize(("body", "status"), BAD_BODIES)
def test_a_bad_body_is_refused_and_nothing_saved(caller, body, status) -> None:
    app, call = caller()
    answer = call("POST", json=body)
    assert answer.status_code == status, answer.text
    assert set(answer.json["error"]) == {"code", "message", "details"}
    assert count(app) == 60


def test_broken_json_and_other_content_are_refused(caller) -> None:
    app, call = caller()
    assert call("POST", data="{", content_type="application/json").status_code == 400
    assert call("POST", data="a=b").status_code == 415
    assert count(app) == 60


@pytest.mark.parametrize("pk", ["60", "999999", "abc", "9" * 30])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_what_is_out_of_scope_or_no_row_is_not_found(caller, method, pk) -> None:
    app, call = caller()
    answer = call(method, pk, json={"code": "x", "version": 1})
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "not_found")
    assert count(app) == 60


def test_what_is_in_use_is_not_removed(caller) -> None:
    app, call = caller()
    answer = call("DELETE", 1)
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "in_use")
    assert count(app) == 60


def test_a_cookie_opens_nothing_and_neither_does_a_token_without_permission(caller) -> None:
    app, _call = caller()
    client = app.test_client()
    client.post("/login/", data={"username": "boss", "password": "correct-horse-battery"})
    assert client.get(URL).status_code == 401
    with app.app_context():
        token = create_access_token(str(user_named("guest").id))
    answer = client.get(URL, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "forbidden")
