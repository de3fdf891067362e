"""Who may, and for how long: traps 11, 13 and 17 of FAB, and their mends."""

from typing import Any

import pytest
from flask import Flask, session
from flask_appbuilder import AppBuilder
from flask_appbuilder.security.sqla.models import Role, User
from flask_jwt_extended import create_access_token

from app.extensions import db
from app.models import StaffProfile
from tests.fab.conftest import (
    PASSWORD,
    STOCK_WARNS,
    assemble,
    sign_in,
    statements,
    user_named,
)

pytestmark = STOCK_WARNS
BOTH = pytest.mark.parametrize(("kind", "mended"), [("stock", False), ("ours", True)])


@BOTH
def test_a_grant_on_one_view_opens_no_view_with_a_longer_name(shared, kind, mended) -> None:
    """Trap 11: FAB matches its built-in roles like patterns, from the start of the name."""
    with shared[kind].app_context():
        manager = shared[kind].extensions["appbuilder"].sm
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(manager, "_builtin_roles", {"Clerk": [["OrderApi", "can_get"]]})
            role = Role(name="Clerk")
            opened = manager._has_access_builtin_roles(role, "can_get_all", "OrderApiAdmin")
    assert (not opened) is mended


def test_patterns_as_roles_are_refused_at_the_start(tmp_path) -> None:
    with pytest.raises(RuntimeError, match="FAB_ROLES"):
        assemble(tmp_path / "a.db", (), stock=False, FAB_ROLES={"Clerk": [["OrderApi", "can_get"]]})


def test_permissions_are_compared_exactly(ours: Flask) -> None:
    with ours.test_request_context():
        manager, clerk = ours.extensions["appbuilder"].sm, user_named("clerk-a")
        assert manager._has_view_access(clerk, "can_list", "OrderView")
        for name, view in (("can_lis", "OrderView"), ("can_list", "OrderVie"),
                           ("can_list", "OrderViewAdmin"), ("CAN_LIST", "OrderView")):  # fmt: skip
            assert not manager._has_view_access(clerk, name, view)


@BOTH
def test_permissions_of_a_page_cost_one_statement(shared, kind, mended) -> None:
    client = sign_in(shared[kind])
    with statements(shared[kind]) as seen:
        client.get({"stock": "/stockorderview/show/1", "ours": "/orderview/show/1"}[kind])
    assert (sum("ab_permission_view" in statement for statement in seen) == 1) is mended


def test_a_grant_that_is_taken_away_ends_with_the_next_request(make) -> None:
    app = make("ours")
    client = sign_in(app, "clerk-a")
    assert client.get("/orderview/list/").status_code == 200
    with app.app_context():
        app.extensions["appbuilder"].sm.find_role("Clerk").permissions = []
        db.session.commit()
    assert client.get("/orderview/list/").status_code == 403


@BOTH
def test_new_permissions_are_not_given_to_the_administrator_role_unasked(
    make, kind, mended
) -> None:
    app = make(kind)
    with app.app_context():
        app.extensions["appbuilder"].add_permissions(update_perms=True)
        assert (app.extensions["appbuilder"].sm.find_role("Admin").permissions == []) is mended


def test_a_public_role_opens_nothing(make) -> None:
    app = make("ours")
    with app.app_context():
        manager = app.extensions["appbuilder"].sm
        role = manager.add_role("Public") or manager.find_role("Public")
        role.permissions = list(manager.find_role("Everything").permissions)
        db.session.commit()
    assert app.test_client().get("/orderview/list/").status_code == 302


@BOTH
def test_a_new_password_ends_the_sessions_of_before(make, kind, mended) -> None:
    """Trap 17: FAB's cookie stays good after the password was reset."""
    app = make(kind)
    client = sign_in(app)
    with app.test_request_context():
        app.extensions["appbuilder"].sm.reset_password(
            user_named("boss").id, "another-long-password"
        )
    page = {"stock": "/stockorderview/list/", "ours": "/orderview/list/"}[kind]
    assert (client.get(page).status_code == 302) is mended


def test_a_new_password_ends_tokens_too(make) -> None:
    app = make("ours")
    with app.test_request_context():
        user = user_named("boss")
        manager = app.extensions["appbuilder"].sm
        claims = {"sub": str(user.id), "session_version": manager.session_version(user.id)}
        assert create_access_token(str(user.id))
        assert manager.load_user_jwt({}, claims).id == user.id
        manager.reset_password(user.id, "another-long-password")
        assert manager.load_user_jwt({}, claims) is None


def test_changing_ones_own_password_keeps_only_this_session(make) -> None:
    app = make("ours")
    mine = sign_in(app)
    app.extensions["clients"].clear()
    other = sign_in(app)
    data = {"present": PASSWORD, "password": "another-long-password",
            "repeated": "another-long-password"}  # fmt: skip
    assert mine.post("/profile/password", data=data | {"present": "wrong"}).status_code == 422
    assert mine.post("/profile/password", data=data | {"password": "short"}).status_code == 422
    assert other.get("/profile/").status_code == 200
    assert mine.post("/profile/password", data=data).status_code == 302
    assert mine.get("/profile/").status_code == 200
    assert other.get("/profile/").status_code == 302


def test_an_account_that_is_switched_off_is_out_at_once(make) -> None:
    app = make("ours")
    client = sign_in(app, "clerk-a")
    with app.app_context():
        user_named("clerk-a").active = False
        db.session.commit()
    assert client.get("/orderview/list/").status_code == 302


@pytest.mark.filterwarnings("ignore:The 'session' cookie is too large")
@BOTH
def test_the_page_history_stays_far_below_a_cookies_limit(make, kind, mended) -> None:
    """Trap 17: five long URLs make a cookie that browsers throw away, and the login with it."""
    client = sign_in(make(kind))
    page = {"stock": "/stockorderview/list/", "ours": "/orderview/list/"}[kind]
    for n in range(6):
        # Random-looking, as filters are: a cookie is compressed.
        noise = "".join(f"{hash((n, k)) & 0xFFFFFFFF:08x}" for k in range(150))
        client.get(f"{page}?_flt_0_code={noise}")
    cookie = client.get_cookie("session")
    assert cookie is not None
    assert (len(cookie.value) < 2000) is mended


def test_the_history_holds_paths_and_never_a_host(ours: Flask) -> None:
    client = ours.test_client()
    client.post("/login/", data={"username": "boss", "password": PASSWORD})
    client.get("/orderview/list/?_flt_0_code=7")
    client.get("/orderview/show/7")
    assert client.get("/back").location == "/orderview/list/?_flt_0_code=7"


def test_the_login_page_keeps_the_name_and_does_not_say_what_was_wrong(ours: Flask) -> None:
    client = ours.test_client()
    texts = set()
    for name in ("boss", "nobody"):
        answer = client.post("/login/", data={"username": name, "password": "wrong"})
        assert answer.status_code == 401
        assert f'value="{name}"' in answer.text
        texts.add(answer.text.replace(name, "…"))
    assert len(texts) == 1


def test_signing_in_starts_a_fresh_session(make) -> None:
    client = make("ours").test_client()
    with client.session_transaction() as planted:
        planted["planted"] = "yes"
    with client:
        client.post("/login/", data={"username": "boss", "password": PASSWORD})
        assert "planted" not in session


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_signing_in_leads_nowhere_else(ours: Flask, target: str) -> None:
    data = {"username": "boss", "password": PASSWORD}
    answer = ours.test_client().post(f"/login/?next={target}", data=data)
    assert answer.location.startswith("/")
    assert not answer.location.startswith(("//", "/\\"))


def test_signing_out_needs_a_button(ours: Flask) -> None:
    client = ours.test_client()
    client.post("/login/", data={"username": "boss", "password": PASSWORD})
    assert client.get("/logout/").status_code == 405
    assert client.get("/orderview/list/").status_code == 200
    client.post("/logout/")
    assert client.get("/orderview/list/").status_code == 302


LIMITED = {"RATELIMIT_ENABLED": True, "AUTH_RATE_LIMITED": True, "AUTH_RATE_LIMIT": "4 per minute",
           "RATELIMIT_STORAGE_URI": "memory://"}  # fmt: skip


@pytest.mark.filterwarnings("ignore::UserWarning")
@BOTH
def test_logins_are_limited_for_the_form_and_the_api_together(make, kind, mended) -> None:
    app = make(kind, **LIMITED)
    client = app.test_client()
    sent: dict[str, Any] = {"username": "boss", "password": "wrong"}
    for _ in range(4):
        client.post("/login/", data=sent)
    answer = client.post("/api/v1/security/login", json=sent | {"provider": "db"})
    assert (answer.status_code == 429) is mended
    assert client.post("/login/", data=sent).status_code == 429


def test_logins_are_counted_inside_a_transaction(make) -> None:
    app = make("ours")
    client = app.test_client()
    with app.app_context():
        before = user_named("guest").login_count or 0
    client.post("/login/", data={"username": "guest", "password": "wrong"})
    with app.app_context():
        assert user_named("guest").fail_login_count == 1
    client.post("/login/", data={"username": "guest", "password": PASSWORD})
    with app.app_context():
        guest = user_named("guest")
        assert (guest.fail_login_count, guest.login_count) == (0, before + 1)
        assert guest.last_login.isoformat() == "2030-05-06T01:00:00"


def test_a_staff_account_is_added_with_its_branch_and_changed(make) -> None:
    app = make("ours")
    client = sign_in(app)
    with app.app_context():
        role = app.extensions["appbuilder"].sm.find_role("Clerk").id
    data = {
        "username": "new", "first_name": "A", "last_name": "B", "email": "n@example.com",
        "roles": [str(role)], "password": "long-enough-1", "repeated": "long-enough-1",
    }  # fmt: skip
    assert client.post("/staff/add", data=data | {"password": "short"}).status_code == 422
    assert client.post("/staff/add", data=data).status_code == 302
    with app.app_context():
        new = user_named("new")
        assert [r.name for r in new.roles] == ["Clerk"]
        assert db.session.query(StaffProfile).filter_by(user_id=new.id).count() == 1
        assert "long-enough-1" not in (new.password or "")
        pk = new.id
    duplicate = client.post("/staff/add", data=data | {"email": "m@example.com"})
    assert (duplicate.status_code, 'id="username-error"' in duplicate.text) == (409, True)
    changed = {k: v for k, v in data.items() if "pass" not in k} | {"last_name": "C"}
    assert client.post(f"/staff/edit/{pk}", data=changed).status_code == 302
    with app.app_context():
        assert (user_named("new").last_name, user_named("new").active) == ("C", False)


def test_the_application_is_made_inside_a_factory_more_than_once(make) -> None:
    """Trap 13: no AppBuilder at module level; FAB's tables and ours share one metadata."""
    first, second = make("ours"), make("stock")
    assert first.extensions["appbuilder"] is not second.extensions["appbuilder"]
    assert isinstance(second.extensions["appbuilder"], AppBuilder)
    assert db.metadata is User.metadata
    assert {"ab_user", "staff_profile"} <= set(db.metadata.tables)
    with pytest.raises(RuntimeError, match="already been registered"), first.app_context():
        AppBuilder(first, db.session)


def test_the_stock_screens_that_edit_roles_and_permissions_are_gone(ours: Flask) -> None:
    names = {type(view).__name__ for view in ours.extensions["appbuilder"].baseviews}
    assert not names & {"RoleModelView", "UserDBModelView", "UserStatsChartView",
                        "PermissionModelView", "UserGroupModelView"}  # fmt: skip
    page = sign_in(ours).get("/roles/show/2")
    assert "see the list" in page.text
