"""Roles on the screen: built-in ones are locked, others combine what is no money and no power."""

import re

import pytest
import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import Role

from app.extensions import db
from app.security import ROLES
from app.services.transactions import transaction
from app.views import role_words
from tests.kit.clients import add_staff, sign_in
from tests.test_security import held

CODE = re.compile(r"\b[a-z_]{3,}\b")

pytestmark = pytest.mark.backends("sqlite")
FRONT_DESK = ["can_list@OrderView", "can_show@OrderView", "can_list@CustomerView"]


@pytest.fixture
def admin(staff_client):
    return staff_client("administrator")


def key_of(name):
    return db.session.scalar(sa.select(Role.id).filter_by(name=name))


def make(admin, name="front desk", grants=FRONT_DESK):
    return admin.post("/roles/add", data={"name": name, "grants": grants})


def test_a_built_in_role_has_no_buttons_and_answers_with_a_sentence(app, admin):
    for code in ROLES:
        key = key_of(code)
        page = admin.get(f"/roles/show/{key}").text
        assert f"/roles/edit/{key}" not in page
        assert f"/roles/delete/{key}" not in page
        assert "cannot be changed or deleted" in page
        assert f"/roles/edit/{key}" not in admin.get("/roles/list/").text
        for way in ("edit", "delete"):
            data = {"name": "x", "grants": []}
            answer = admin.post(f"/roles/{way}/{key}", data=data, follow_redirects=True)
            assert "cannot be changed or deleted" in answer.text
        assert held(code) == ROLES[code].grants


def test_a_role_of_the_company_opens_what_it_says_with_its_menu(app, admin):
    assert make(admin).status_code == 302
    client = sign_in(add_staff("front desk"))
    assert client.get("/orders/list/").status_code == 200
    assert "/orders/list/" in client.get("/").text
    assert client.get("/workerview/list/").status_code in {302, 403}
    key = key_of("front desk")
    admin.post(f"/roles/edit/{key}", data={"name": "front desk", "grants": FRONT_DESK[2:]})
    assert client.get("/orders/list/").status_code in {302, 403}
    assert client.get("/customerview/list/").status_code == 200


@pytest.mark.parametrize(
    "grant",
    [
        "can_send@WithdrawalView", "can_list@JournalView", "can_approve@ApprovalView",
        "can_decide_role_grant@ApprovalView", "can_edit@StaffView", "can_add@RoleView",
        "can_change_money@ParameterView", "can_change_system@ParameterView",
        "menu_access@Finance", "can_fly@OrderView", "nonsense",
    ],
)  # fmt: skip
def test_money_and_power_are_not_offered_and_refused_when_posted_by_hand(app, admin, grant):
    assert f'value="{grant}"' not in admin.get("/roles/add").text
    assert make(admin, grants=[*FRONT_DESK, grant]).status_code == 422
    assert key_of("front desk") is None


@pytest.mark.parametrize("name", ["finance", "Finance", "ADMIN", "Public", "财务", "x", ""])
def test_a_role_has_a_name_of_its_own(app, admin, name):
    if name == "财务":
        admin.get("/lang/zh")
    assert make(admin, name=name).status_code in {409, 422}
    assert db.session.scalar(sa.select(sa.func.count(Role.id))) == len(ROLES)


def test_a_role_that_somebody_holds_is_not_deleted(app, admin):
    make(admin)
    key = key_of("front desk")
    user = add_staff("front desk", username="desk-one")
    page = admin.post(f"/roles/delete/{key}", follow_redirects=True).text
    assert "desk-one" in page
    assert key_of("front desk") == key
    with transaction() as session:
        session.merge(user).roles = []
    admin.post(f"/roles/delete/{key}")
    assert key_of("front desk") is None


def test_permissions_have_words(app, admin):
    page = admin.get("/roles/add").text
    assert "Dispatch now" in page
    assert "see the list" in page
    assert ">can_" not in page
    assert "> can_" not in page


def test_what_a_role_may_do_is_said_in_chinese(app):
    views = {type(view).__name__: view for view in app.appbuilder.baseviews}
    with app.test_request_context("/", headers={"Accept-Language": "zh"}):
        said = {
            permission: role_words.verb_words(views.get(name), permission)
            for role in ROLES.values()
            for permission, name in role.grants
        }
    assert {permission: text for permission, text in said.items() if CODE.search(text)} == {}
