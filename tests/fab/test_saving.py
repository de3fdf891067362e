"""Forms: traps 6-9 of FAB, each shown on FAB's own class and mended in ours."""

from typing import Any

import pytest
from flask import Flask
from flask_appbuilder import ModelView as StockView
from flask_appbuilder.models.sqla.interface import SQLAInterface

from app.extensions import db
from tests.fab import shop, shop_views
from tests.fab.conftest import STOCK_WARNS, sign_in

pytestmark = STOCK_WARNS
BOTH = pytest.mark.parametrize(("kind", "mended"), [("stock", False), ("ours", True)])
PATHS = {"stock": "/stockorderview", "ours": "/orderview"}
NEW = {"code": "O-NEW", "state": "new", "customer": "1", "total_fen": "12.50"}


class HookedView(StockView):
    """FAB's way to refuse a change: raise in a hook."""

    datamodel = SQLAInterface(shop.Order)
    list_columns = ["code"]
    edit_columns = add_columns = ["code", "note"]

    def pre_update(self, item: Any) -> None:
        raise ValueError("refused")


class NarrowView(StockView):
    datamodel = SQLAInterface(shop.Order)
    class_permission_name = "StockOrderView"
    list_columns = ["code"]
    edit_columns = add_columns = ["code"]


def saved(app: Flask, pk: int, column: str) -> Any:
    with app.app_context():
        value = getattr(db.session.get_one(shop.Order, pk), column)
        db.session.remove()
    return value


def orders(app: Flask) -> int:
    with app.app_context():
        return db.session.query(shop.Order).count()


def edit_data(app: Flask, pk: int = 1, **changes: str) -> dict[str, str]:
    with app.app_context():
        order = db.session.get_one(shop.Order, pk)
        data = {"code": order.code, "state": order.state, "customer": str(order.customer_id),
                "total_fen": "1.00", "version": str(order.version)}  # fmt: skip
    return data | changes


def test_a_refused_change_leaves_fabs_object_dirty_and_the_next_commit_saves_it(make) -> None:
    """Trap 6, as it is in FAB: the hook said no, and the row is changed all the same."""
    app = make("stock", views=(HookedView,))
    with app.test_request_context("/hookedview/edit/1", method="POST", data={"code": "CHANGED"}):
        view = next(v for v in app.appbuilder.baseviews if type(v) is HookedView)
        assert view._edit(1) is None
        db.session.commit()  # whatever commits next in this request
    assert saved(app, 1, "code") == "CHANGED"


def test_a_refused_change_is_rolled_back_and_stays_in_the_form(make) -> None:
    app = make("ours")
    data = edit_data(app, code="CHANGED", note="boom")
    answer = sign_in(app).post("/orderview/edit/1", data=data)
    assert answer.status_code == 422
    assert "This note is not allowed" in answer.text
    assert 'value="CHANGED"' in answer.text
    with app.app_context():
        db.session.commit()
    assert saved(app, 1, "code") == "O-0001"


def test_a_refusal_is_shown_at_the_field_it_names(make) -> None:
    app = make("ours")
    answer = sign_in(app).post("/orderview/add", data=NEW | {"code": "FORBIDDEN"})
    assert answer.status_code == 422
    assert 'id="code-error"' in answer.text
    assert "This code is not allowed" in answer.text
    assert orders(app) == 60


def test_a_refusal_without_a_field_stands_above_the_form(make) -> None:
    answer = sign_in(make("ours")).post("/orderview/add", data=NEW | {"code": "GENERAL"})
    assert "The shop is closed" in answer.text
    assert 'value="GENERAL"' in answer.text


def test_a_duplicate_is_said_at_its_field(make) -> None:
    app = make("ours")
    answer = sign_in(app).post("/orderview/add", data=NEW | {"code": "O-0002"})
    assert answer.status_code == 409
    assert "Another record already has this value." in answer.text
    assert 'id="code-error"' in answer.text
    assert orders(app) == 60


def test_adding_saves_money_in_fen_and_instants_in_utc(make) -> None:
    app = make("ours")
    data = NEW | {"starts_at": "2030-05-07T09:30", "tags": ["1", "3"]}
    answer = sign_in(app).post("/orderview/add", data=data)
    assert answer.status_code == 302
    with app.app_context():
        order = db.session.query(shop.Order).filter_by(code="O-NEW").one()
        assert (order.total_fen, order.starts_at.isoformat()) == (1250, "2030-05-07T01:30:00+00:00")
        assert [tag.id for tag in order.tags] == [1, 3]
        assert order.note is None


def test_editing_shows_the_citys_time_and_loses_none_of_it(make) -> None:
    """Trap 9: FAB's picker drops the hour."""
    app = make("ours")
    page = sign_in(app).get("/orderview/edit/1").text
    assert 'type="datetime-local"' in page
    assert 'value="2030-05-06T10:00"' in page


@BOTH
def test_a_required_choice_starts_blank(shared, kind, mended) -> None:
    """Trap 7: FAB preselects the first customer of the table."""
    page = sign_in(shared[kind]).get(f"{PATHS[kind]}/add").text
    select = page[page.index('name="customer"') :]
    first = select[select.index("<option") : select.index("</option>")]
    assert ('value=""' in first) is mended


def test_a_required_choice_cannot_be_left_blank(make) -> None:
    app = make("ours")
    answer = sign_in(app).post("/orderview/add", data=NEW | {"customer": ""})
    assert answer.status_code == 422
    assert 'id="customer-error"' in answer.text
    assert orders(app) == 60


@pytest.mark.parametrize("field", ["customer", "tags"])
def test_a_row_that_does_not_exist_cannot_be_chosen(make, field) -> None:
    app = make("ours")
    answer = sign_in(app).post("/orderview/add", data=NEW | {field: "999999"})
    assert (answer.status_code, orders(app)) == (422, 60)


def test_somebody_elses_change_is_not_overwritten(make) -> None:
    app = make("ours")
    client = sign_in(app)
    opened = edit_data(app, code="MINE")
    assert client.post("/orderview/edit/1", data=edit_data(app, code="THEIRS")).status_code == 302
    answer = client.post("/orderview/edit/1", data=opened)
    assert answer.status_code == 409
    assert "Somebody else has changed this in the meantime" in answer.text
    assert 'value="MINE"' in answer.text
    assert "Now saved: THEIRS" in " ".join(answer.text.split())
    assert saved(app, 1, "code") == "THEIRS"


def test_fabs_form_overwrites_somebody_elses_change(make) -> None:
    app = make("stock", views=(NarrowView,))
    client = sign_in(app)
    client.get("/narrowview/edit/1")
    for code in ("THEIRS", "MINE"):
        client.post("/narrowview/edit/1", data={"code": code, "version": "1"})
    assert saved(app, 1, "code") == "MINE"


def test_a_form_without_its_version_is_refused(make) -> None:
    app = make("ours")
    data = edit_data(app, code="CHANGED")
    del data["version"]
    assert sign_in(app).post("/orderview/edit/1", data=data).status_code == 409
    assert saved(app, 1, "code") == "O-0001"


@BOTH
def test_opening_an_address_does_not_delete(make, kind, mended) -> None:
    """Trap 8: without CSRF protection FAB deletes on GET."""
    app = make(kind)
    answer = sign_in(app).get(f"{PATHS[kind]}/delete/2")
    assert (orders(app) == 60) is mended
    assert (answer.status_code == 405) is mended


@pytest.mark.parametrize("path", ["delete/2", "action/touch/3", "action_post"])
def test_unsafe_addresses_refuse_get(shared, path) -> None:
    assert sign_in(shared["ours"]).get(f"/orderview/{path}").status_code == 405


def test_without_the_token_a_form_is_not_accepted(make) -> None:
    app = make("ours", WTF_CSRF_ENABLED=True)
    client = app.test_client()
    page = client.get("/login/").text
    token = page.split('name="csrf_token" type="hidden" value="')[1].split('"')[0]
    data = {"username": "boss", "password": "correct-horse-battery", "csrf_token": token}
    assert client.post("/login/", data=data).status_code == 302
    assert client.post("/orderview/delete/2").status_code == 400
    assert orders(app) == 60


def test_deleting_what_is_in_use_is_refused_with_a_sentence(make) -> None:
    app = make("ours")
    with app.app_context():
        db.session.execute(db.text("PRAGMA foreign_keys=ON"))
    client = sign_in(app)
    answer = client.post("/orderview/delete/1", follow_redirects=True)
    assert "This Order is in use and cannot be deleted: Lines: 1, other records: 1." in answer.text
    assert orders(app) == 60
    assert client.post("/orderview/delete/2", follow_redirects=True).status_code == 200
    assert orders(app) == 59


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "show/1"), ("GET", "edit/1"), ("POST", "edit/1"), ("POST", "delete/1"),
     ("POST", "action/touch/1"), ("GET", "ask/finish/1"), ("GET", "show/abc"),
     ("GET", "show/99999999999999999999999")],
)  # fmt: skip
def test_what_is_out_of_scope_looks_as_if_it_did_not_exist(make, method, path) -> None:
    """Order 1 belongs to owner b; clerk-a sees owner a."""
    app = make("ours")
    shop_views.OrderView.touched.clear()
    answer = sign_in(app, "clerk-a").open(f"/orderview/{path}", method=method, data=NEW)
    assert answer.status_code == 404
    assert (orders(app), shop_views.OrderView.touched) == (60, [])


def test_a_form_cannot_move_a_row_out_of_ones_own_scope(make) -> None:
    app = make("ours")

    def create(view: Any, form: Any) -> Any:
        row = super(shop_views.OrderView, view).create(form)
        row.owner = "b"
        return row

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shop_views.OrderView, "create", create)
        answer = sign_in(app, "clerk-a").post("/orderview/add", data=NEW)
    assert "outside your area" in answer.text
    assert orders(app) == 60


def test_an_add_form_knows_the_row_it_was_opened_from(shared) -> None:
    page = sign_in(shared["ours"]).get("/lineview/add?_flt_0_order=7").text
    assert '<option value="7" selected>O-0007</option>' in page


def test_text_is_cleaned_of_what_a_database_refuses(make) -> None:
    app = make("ours")
    sign_in(app).post("/orderview/add", data=NEW | {"code": "  O-\x00CLEAN  "})
    with app.app_context():
        assert db.session.query(shop.Order).filter_by(code="O-CLEAN").count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("total_fen", "12.345"), ("total_fen", "many"), ("total_fen", "NaN"), ("seats", "99999999999"),
     ("starts_at", "2030-99-99T00:00"), ("code", "x" * 21), ("state", "unheard")],
)  # fmt: skip
def test_values_that_cannot_be_saved_are_refused_at_their_field(make, field, value) -> None:
    app = make("ours")
    answer = sign_in(app).post("/orderview/add", data=NEW | {field: value})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert orders(app) == 60
