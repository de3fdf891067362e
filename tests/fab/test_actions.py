"""Actions, lookups and related rows: trap 5 of FAB, and its mend."""

import pytest
from flask import Flask

from app.extensions import db
from tests.fab import shop, shop_views
from tests.fab.conftest import STOCK_WARNS, sign_in

pytestmark = STOCK_WARNS


@pytest.fixture(autouse=True)
def _untouched() -> None:
    shop_views.OrderView.touched.clear()
    shop_views.StockOrderView.touched.clear()


def test_an_action_on_one_row(ours: Flask) -> None:
    answer = sign_in(ours).post("/orderview/action/touch/3", follow_redirects=True)
    assert shop_views.OrderView.touched == [3]
    assert "Done." in answer.text


def test_an_action_on_chosen_rows_tells_what_was_done_and_what_was_refused(ours: Flask) -> None:
    data = {"action": "touch", "rowid": ["1", "2", "3", "3", "abc", "4040"]}
    answer = sign_in(ours).post("/orderview/action_post", data=data, follow_redirects=True)
    assert shop_views.OrderView.touched == [1, 3]
    assert "Done for 2 rows." in answer.text
    assert "Order 2 cannot be touched" in answer.text


def test_fabs_action_takes_rows_outside_the_base_filter(make) -> None:
    """Trap 5 in FAB: `base_filters` hide the row in the list, the action gets it all the same."""
    view = shop_views.StockOrderView
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(view, "base_filters", [["owner", view.datamodel.FilterEqual, "a"]])
        app = make("stock")
        client = sign_in(app)
        assert client.get("/stockorderview/show/1").status_code == 404
        client.post("/stockorderview/action/touch/1")
    assert [order.id for order in view.touched] == [1]


def test_our_action_takes_no_row_outside_the_scope(ours: Flask) -> None:
    client = sign_in(ours, "clerk-a")
    client.post("/orderview/action_post", data={"action": "touch", "rowid": ["1", "4", "3"]})
    assert shop_views.OrderView.touched == [4]


def test_an_action_asks_for_its_own_permission(make) -> None:
    app = make("ours")
    with app.app_context():
        role = app.extensions["appbuilder"].sm.find_role("Clerk")
        role.permissions = [p for p in role.permissions if p.permission.name != "can_touch"]
        db.session.commit()
    client = sign_in(app, "clerk-a")
    assert client.post("/orderview/action/touch/4").status_code == 403
    assert client.post("/orderview/action_post", data={"action": "touch"}).status_code == 403
    assert "Touch" not in client.get("/orderview/list/").text
    assert shop_views.OrderView.touched == []


@pytest.mark.parametrize("name", ["nonsense", "delete", "list", ""])
def test_what_is_no_action_is_not_found(ours: Flask, name: str) -> None:
    assert sign_in(ours).post("/orderview/action_post", data={"action": name}).status_code == 404


def test_an_action_with_a_form_asks_first_and_shows_refusals(make) -> None:
    app = make("ours")
    client = sign_in(app)
    assert 'name="reason"' in client.get("/orderview/ask/finish/1").text
    assert client.post("/orderview/action/finish/1", data={}).status_code == 422
    refused = client.post("/orderview/action/finish/1", data={"reason": "no"})
    assert "No is no reason" in refused.text
    client.post("/orderview/action/finish/1", data={"reason": "ready"})
    with app.app_context():
        order = db.session.get_one(shop.Order, 1)
        assert (order.state, order.note) == ("done", "ready")


def test_a_show_page_offers_only_the_actions_that_suit(ours: Flask) -> None:
    client = sign_in(ours)
    assert "/ask/finish/1" in client.get("/orderview/show/1").text
    assert "/ask/finish/2" not in client.get("/orderview/show/2").text  # done already


def test_somebody_who_is_not_signed_in_is_sent_to_the_login_page(ours: Flask) -> None:
    client = ours.test_client()
    for method, path in (("POST", "action/touch/1"), ("GET", "list/"), ("GET", "ask/finish/1")):
        answer = client.open(f"/orderview/{path}", method=method)
        assert answer.status_code == 302
        assert answer.location.startswith("/login/")
    assert shop_views.OrderView.touched == []


def test_a_lookup_finds_at_most_twenty_and_says_that_there_are_more(ours: Flask) -> None:
    found = sign_in(ours).get("/orderview/lookup/customer?q=customer").get_json()
    assert len(found["results"]) == 20
    assert found["more"] is True
    assert found["results"][0] == {"id": "1", "text": "Customer 000 (City 0)"}
    assert sign_in(ours).get("/orderview/lookup/customer?q=039").get_json()["more"] is False


@pytest.mark.parametrize(("name", "status"), [(None, 401), ("guest", 403), ("clerk-a", 200)])
def test_a_lookup_asks_for_the_permission(ours: Flask, name: str | None, status: int) -> None:
    client = sign_in(ours, name) if name else ours.test_client()
    assert client.get("/orderview/lookup/customer?q=0").status_code == status


@pytest.mark.parametrize("path", ["nonsense", "note", "customer/x"])
def test_what_is_no_lookup_is_not_found(ours: Flask, path: str) -> None:
    assert sign_in(ours).get(f"/orderview/lookup/{path}").status_code == 404


def test_a_lookup_takes_what_is_typed_literally(ours: Flask) -> None:
    client = sign_in(ours)
    for text in ("%25", "_", "%00", "x" * 500):
        found = client.get(f"/orderview/lookup/customer?q={text}")
        assert found.status_code == 200
        assert len(found.get_json()["results"]) == (20 if text == "%00" else 0)


@pytest.mark.parametrize(("kind", "mended"), [("stock", False), ("ours", True)])
def test_related_rows_need_their_own_permission(make, kind, mended) -> None:
    """FAB shows the related table to whoever sees the row."""
    app = make(kind)
    with app.app_context():
        assert not app.extensions["appbuilder"].sm.find_permission_view_menu("can_list", "nonsense")
    path = {"stock": "/stockorderview/show/2", "ours": "/orderview/show/2"}[kind]
    with app.app_context():
        db.session.add(shop.Line(name="SECRET LINE", order_id=2))
        db.session.commit()
    page = sign_in(app, "clerk-a").get(path).text
    assert ("SECRET LINE" not in page) is mended
    assert "SECRET LINE" in sign_in(app).get(path).text


def test_related_rows_are_bounded_and_in_scope(make) -> None:
    app = make("ours")
    with app.app_context():
        db.session.add_all(shop.Line(name=f"Line {n}", order_id=2) for n in range(30))
        db.session.commit()
    page = sign_in(app).get("/orderview/show/2").text
    assert page.count('class="row-link"') == 10
    assert "Show all 30" in page
    assert 'data-label="Order"' not in page  # the page says whose rows they are


def test_a_read_only_view_has_no_form(ours: Flask) -> None:
    client = sign_in(ours)
    for method, path in (("GET", "add"), ("GET", "edit/1"), ("POST", "delete/1")):
        assert client.open(f"/archiveview/{path}", method=method).status_code == 404
    assert client.get("/archiveview/show/1").status_code == 200


@pytest.mark.parametrize(("kind", "mended"), [("stock", False), ("ours", True)])
def test_no_view_serves_the_upload_folder(shared, kind, mended) -> None:
    """Trap 15: every view of FAB does, to whoever may list anything."""
    rules = {rule.rule for rule in shared[kind].url_map.iter_rules()}
    assert (not any("/download/" in rule for rule in rules)) is mended
