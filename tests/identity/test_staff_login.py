"""Wrong passwords close an account for where they came from, and lock nobody else out."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import current_app

from app.domain.errors import TooManyRequests
from app.extensions import db
from app.models import AuditLog, LoginAttempt
from app.services.identity import staff_login
from tests.kit.clients import PASSWORD, add_staff, sign_in

HERE, ELSEWHERE = "203.0.113.5", "198.51.100.7"
FORM, API = "/login/", "/api/v1/security/login"


@pytest.fixture
def user(app):
    return add_staff("hr", username="hr-one")


def form(name, password, address=HERE, client=None):
    client = client or current_app.test_client()
    data = {"username": name, "password": password}
    return client.post(FORM, data=data, environ_base={"REMOTE_ADDR": address})


def api(name, password, address=HERE):
    body = {"username": name, "password": password}
    return current_app.test_client().post(API, json=body, environ_base={"REMOTE_ADDR": address})


@pytest.mark.parametrize("door", [form, api])
@pytest.mark.parametrize("name", ["hr-one", "nobody", "HR-One "])
def test_after_five_wrong_passwords_the_right_one_is_not_looked_at(user, door, name):
    texts = {door(name, "wrong").status_code for _ in range(5)}
    assert texts == {401}
    closed = door(name, PASSWORD)
    assert closed.status_code == 429
    other_door = api if door is form else form
    assert other_door(name, PASSWORD).status_code == 429


def test_known_and_unknown_names_are_answered_alike(user):
    for name in ("hr-one", "nobody"):
        for _ in range(5):
            api(name, "wrong")
    known, unknown = api("hr-one", "wrong").json, api("nobody", "wrong").json
    assert known["error"]["message"] == unknown["error"]["message"]
    assert known["error"]["code"] == unknown["error"]["code"] == "login_locked"


def test_nobody_is_locked_out_by_guesses_from_elsewhere(user):
    for _ in range(9):
        form("hr-one", "wrong", ELSEWHERE)
    assert form("hr-one", PASSWORD, ELSEWHERE).status_code == 429
    assert form("hr-one", PASSWORD, HERE).status_code == 302


def test_guesses_from_many_addresses_close_all_but_the_known_ones(user, monkeypatch):
    monkeypatch.setattr(staff_login, "SCATTERED", 2)
    assert form("hr-one", PASSWORD, HERE).status_code == 302
    for n in range(10):
        form("hr-one", "wrong", f"198.51.100.{n}")
    assert form("hr-one", PASSWORD, "198.51.100.200").status_code == 429
    assert form("hr-one", PASSWORD, HERE).status_code == 302


def test_many_accounts_tried_from_one_address_close_the_address(user, monkeypatch):
    monkeypatch.setattr(staff_login, "SCATTERED", 2)
    for n in range(10):
        form(f"guess-{n}", "wrong", ELSEWHERE)
    assert form("hr-one", PASSWORD, ELSEWHERE).status_code == 429
    assert form("hr-one", PASSWORD, HERE).status_code == 302


def test_it_opens_again_a_quarter_of_an_hour_after_the_last_wrong_one(user, clock):
    for _ in range(5):
        form("hr-one", "wrong")
        clock.travel(timedelta(minutes=1))
    clock.travel(timedelta(minutes=13, seconds=59))
    assert form("hr-one", PASSWORD).status_code == 429
    clock.travel(timedelta(seconds=1))
    assert form("hr-one", PASSWORD).status_code == 302


def test_a_right_password_forgives_the_wrong_ones_before(user):
    for _ in range(2):
        for _ in range(4):
            assert form("hr-one", "wrong").status_code == 401
        assert form("hr-one", PASSWORD).status_code == 302


@pytest.mark.backends("sqlite")
def test_an_administrator_opens_an_account_again(user, staff_client):
    key = user.id
    for _ in range(5):
        form("hr-one", "wrong")
    admin = staff_client("administrator")
    admin.get("/lang/en")
    assert "Too many wrong passwords" in admin.get(f"/staff/show/{key}").text
    assert staff_client("auditor").post(f"/staff/action/unlock/{key}").status_code == 403
    assert admin.post(f"/staff/action/unlock/{key}").status_code == 302
    assert form("hr-one", PASSWORD).status_code == 302
    told = db.session.scalars(sa.select(AuditLog).filter_by(action="unlock")).one()
    assert (told.entity_id, told.actor_id) == (str(key), admin.staff.id)


def test_tries_that_come_at_once_are_counted_before_they_are_looked_at(user):
    """Whoever commits sixth finds five before him, however late their passwords are checked."""
    keys = [staff_login.begin("hr-one", HERE) for _ in range(5)]
    with pytest.raises(TooManyRequests):
        staff_login.begin("hr-one", HERE)
    results = db.session.scalars(sa.select(LoginAttempt.result).order_by(LoginAttempt.id)).all()
    assert (len(set(keys)), results) == (5, ["bad_password"] * 5 + ["locked"])


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("how", ["password", "switched_off", "role"])
def test_sessions_end_when_the_account_changes(user, staff_client, how):
    mine, key = sign_in(user), user.id
    assert mine.get("/workerview/list/").status_code == 200
    token = api("hr-one", PASSWORD).json["access_token"]
    admin = staff_client("administrator")
    typed = {"username": "hr-one", "first_name": "A", "last_name": "B", "email": "a@example.com"}
    roles = admin.get(f"/staff/edit/{key}").text
    assert roles
    if how == "password":
        new = {"password": "another-good-one", "repeated": "another-good-one"}
        admin.post(f"/staff/action/reset_password/{key}", data=new)
    else:
        code = "hr" if how == "switched_off" else "dispatcher"
        active = {} if how == "switched_off" else {"active": "y"}
        role = current_app.appbuilder.sm.find_role(code).id
        saved = admin.post(f"/staff/edit/{key}", data={**typed, "roles": [role], **active})
        assert saved.status_code == 302
    assert mine.get("/workerview/list/").status_code == 302
    bearer = {"Authorization": f"Bearer {token}"}
    answer = current_app.test_client().get("/api/staff/v1/workers/", headers=bearer)
    assert answer.status_code == 401
