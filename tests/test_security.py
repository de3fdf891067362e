"""Who may do what: in code, in the database and at every address."""

import inspect
from typing import Any

import pytest
import sqlalchemy as sa
from flask import current_app
from flask_appbuilder.security.sqla.models import Permission, PermissionView, Role, ViewMenu

from app import security
from app.extensions import db
from app.models import Partner, Worker
from app.security import CHECKED_INSIDE, MONEY_VIEWS, PUBLIC, RESERVED, ROLES, SIGNED_IN, sync_roles
from app.security_exports import EXPORTS
from app.security_matrix import MATRIX, REST_MATRIX
from app.services.transactions import transaction
from tests import factories

pytestmark = pytest.mark.backends("sqlite")


def views() -> list[Any]:
    application: Any = current_app
    return list(application.appbuilder.baseviews)


def staff_views() -> list[Any]:
    """Screens and staff resources; the clients' API has realms of its own."""
    return [
        view
        for view in views()
        if (module := type(view).__module__).startswith("app.api.staff")
        or not module.startswith("app.api")
    ]


def held(role: str) -> set[tuple[str, str]]:
    pairs = (
        sa.select(Permission.name, ViewMenu.name)
        .join(PermissionView, PermissionView.permission_id == Permission.id)
        .join(ViewMenu, PermissionView.view_menu_id == ViewMenu.id)
        .where(PermissionView.role.any(Role.name == role))
    )
    return set(db.session.execute(pairs).tuples())


def give(role: str, *grants: tuple[str, str]) -> None:
    with transaction() as session:
        rows = [
            session.scalars(
                sa.select(PermissionView)
                .join(Permission, PermissionView.permission_id == Permission.id)
                .join(ViewMenu, PermissionView.view_menu_id == ViewMenu.id)
                .where(Permission.name == permission, ViewMenu.name == view)
            ).one()
            for permission, view in grants
        ]
        found = session.scalar(sa.select(Role).filter_by(name=role)) or Role(name=role)
        found.permissions = [*found.permissions, *rows]
        session.add(found)


def test_every_endpoint_of_the_staff_asks_for_a_permission(app):
    naked = [
        (type(view).__name__, name)
        for view in staff_views()
        for name, method in inspect.getmembers(view, inspect.ismethod)
        if hasattr(method, "_urls")
        and not hasattr(method, "_permission_name")
        and name not in view.exclude_route_methods
        and name not in CHECKED_INSIDE
        and (type(view).__name__, name) not in PUBLIC | SIGNED_IN
    ]
    assert naked == []


def test_what_is_public_exists_and_is_nothing_else(app):
    offered = {
        (type(view).__name__, name)
        for view in staff_views()
        for name, method in inspect.getmembers(view, inspect.ismethod)
        if hasattr(method, "_urls")
    }
    assert offered >= PUBLIC | SIGNED_IN


def test_every_role_says_in_the_database_what_it_says_in_code(app):
    assert {role: held(role) for role in ROLES} == {
        code: set(role.grants) for code, role in ROLES.items()
    }


def test_every_screen_and_resource_is_in_the_matrix_and_nothing_else_is(app):
    screens = {type(view).__name__ for view in staff_views() if view.base_permissions}
    without_matrix = {name for name, _method in PUBLIC | SIGNED_IN} | {"MenuApi"}
    assert screens - without_matrix == {*MATRIX, *REST_MATRIX}


def test_every_permission_of_a_screen_is_given_to_somebody(app):
    given = {grant for role in ROLES.values() for grant in role.grants}
    orphans = [
        (permission, view.class_permission_name)
        for view in staff_views()
        if type(view).__name__ in {**MATRIX, **REST_MATRIX}
        for permission in view.base_permissions
        # Every list can be a file; for some the company's table names nobody.
        if permission != "can_export" and (permission, view.class_permission_name) not in given
    ]
    assert orphans == []


def test_nobody_holds_anything_through_the_stock_admin_role(app):
    give("Admin", ("can_list", "OrderView"))
    sync_roles(app.appbuilder.sm)
    assert held("Admin") == set()


def test_a_role_that_grew_is_cut_back_and_one_that_shrank_is_filled(app):
    give("hr", ("can_dispatch", "OrderView"))
    with transaction() as session:
        role = session.scalars(sa.select(Role).filter_by(name="finance")).one()
        role.permissions = []
    sync_roles(app.appbuilder.sm)
    assert held("hr") == ROLES["hr"].grants
    assert held("finance") == ROLES["finance"].grants


def test_a_role_of_the_company_keeps_all_but_money_and_power(app):
    kept = {("can_list", "OrderView"), ("menu_access", "Orders")}
    reserved = {("can_send", "WithdrawalView"), ("can_edit", "StaffView")}
    give("front desk", *kept, *reserved)
    sync_roles(app.appbuilder.sm)
    assert held("front desk") == kept


def test_a_role_cannot_name_what_no_screen_offers(app, monkeypatch):
    grants = ROLES["hr"].grants | {("can_fly", "OrderView")}
    wrong = security.StaffRole("hr", "HR", grants)
    monkeypatch.setattr(security, "ROLES", {**ROLES, "hr": wrong})
    with pytest.raises(LookupError, match="can_fly"):
        sync_roles(app.appbuilder.sm)
    assert held("hr") == ROLES["hr"].grants


def test_administrators_have_no_rights_on_money(app):
    grants = {grant for grant in ROLES["administrator"].grants if grant[1] in MONEY_VIEWS}
    inbox = {"can_list", "can_show", "can_approve", "can_refuse", "can_decide_role_grant"}
    inbox |= {"menu_access"}
    assert grants == {(permission, "ApprovalView") for permission in inbox}


def test_every_screen_where_finance_acts_is_money(app):
    looking = {"can_list", "can_show", "can_get", "menu_access", "can_search", "can_rules"}
    acting = {grant for grant in ROLES["finance"].grants if grant[0] not in {*looking, "can_rule"}}
    harmless = {
        view for _permission, view in acting if not security.is_reserved((_permission, view))
    }
    # A photo, and asking for money, which the service lets built-in roles only; own lists, files.
    assert harmless == {
        "OrderView", "StaffOrderApi", "AddOnView", "StaffAddOnApi", "SavedViewView", "ExportView",
    }  # fmt: skip


def test_only_administrators_manage_accounts_and_only_finance_moves_money(app):
    for code, role in ROLES.items():
        accounts = {grant for grant in role.grants & RESERVED if grant[1] == "StaffView"}
        assert bool(accounts) == (code == "administrator"), code
        moving = {("can_send", "WithdrawalView"), ("can_make", "SettlementRunView")}
        assert bool(moving & role.grants) == (code == "finance"), code


STAFF = "administrator operations hr dispatcher finance service auditor"
PERSONNEL = "administrator operations hr dispatcher service auditor"
SAMPLES = [
    # path, method, the roles that get through
    ("/orders/list/", "GET", STAFF),
    ("/orders/action/dispatch/1", "POST", "dispatcher"),
    ("/orders/action/reveal/1", "POST", "operations dispatcher service"),
    ("/customerview/list/", "GET", "administrator operations service auditor"),
    ("/workerview/list/", "GET", f"{PERSONNEL} partner"),
    ("/workerview/action/suspend/1", "POST", "hr"),
    ("/serviceview/list/", "GET", STAFF),
    ("/serviceview/add", "GET", "operations"),
    ("/serviceview/action/publish/1", "POST", "operations"),
    ("/shiftview/list/", "GET", f"{PERSONNEL} partner"),
    ("/shiftview/add", "GET", "operations hr dispatcher"),
    ("/leaveview/action/approve/1", "POST", "hr dispatcher"),
    ("/settlement/make", "GET", "finance"),
    ("/settlement/action/workbook/1", "POST", "finance auditor"),
    ("/statements/list/", "GET", "finance auditor partner"),
    ("/withdrawals/list/", "GET", "finance auditor"),
    ("/withdrawals/action/send/1", "POST", "finance"),
    ("/journals/list/", "GET", "finance auditor"),
    ("/payments/list/", "GET", "operations finance auditor"),
    ("/parameters/", "GET", "administrator operations dispatcher finance auditor"),
    ("/parameters/settlement.hold_days", "POST", "finance"),
    ("/parameters/dispatch.rounds", "POST", "operations"),
    ("/parameters/security.code_tries", "POST", "administrator"),
    ("/staff/list/", "GET", "administrator auditor"),
    ("/staff/add", "GET", "administrator"),
    ("/roles/list/", "GET", "administrator auditor"),
    ("/audit/list/", "GET", "administrator auditor"),
    ("/timers/list/", "GET", "administrator auditor"),
]


@pytest.mark.parametrize("role", [*ROLES, None])
def test_an_address_opens_for_exactly_the_roles_of_the_matrix(app, staff_client, role):
    client = staff_client(role)
    answers = {
        (path, method): client.open(path, method=method).status_code
        for path, method, _roles in SAMPLES
    }
    opened = {asked for asked, status in answers.items() if status in {200, 404, 422}}
    assert opened == {(path, method) for path, method, roles in SAMPLES if role in roles.split()}
    assert {answers[asked] for asked in answers.keys() - opened} <= {302, 403}


def test_a_menu_shows_exactly_what_one_may_open(app, staff_client):
    page = staff_client("hr").get("/").text
    assert "/workerview/list/" in page
    assert "/leaveview/list/" in page
    for hidden in (
        "/settlement/",
        "/customerview/",
        "/staff/",
        "/audit/",
        "/journals/",
    ):
        assert hidden not in page


def test_without_a_role_there_is_nothing_but_the_own_account(app, staff_client):
    client = staff_client(None)
    client.get("/lang/en")
    page = client.get("/").text
    assert "Your account has no role yet." in page
    assert client.get("/profile/").status_code == 200
    assert client.get("/orders/list/").status_code in {302, 403}


def test_a_stranger_is_sent_to_the_login_page(app, client):
    for path, method, _roles in SAMPLES:
        answer = client.open(path, method=method)
        assert (answer.status_code, "/login" in answer.location) == (302, True), path


def test_who_may_export_a_list_may_also_read_it_and_fetch_the_file(app):
    for view in EXPORTS:
        for code, role in ROLES.items():
            if ("can_export", view) in role.grants:
                assert {("can_list", view), ("can_fetch", "ExportView")} <= role.grants, (
                    code,
                    view,
                )


def test_only_the_roles_with_an_x_export(app):
    exporting = {
        code
        for code, role in ROLES.items()
        if any(permission == "can_export" for permission, _view in role.grants)
    }

    assert exporting == {"operations", "hr", "finance", "auditor"}


def test_a_partner_sees_its_own_workers_and_nothing_else(app, staff_client):
    """Lists, pages, lookups, search and resources: what belongs to others does not exist."""
    company = factories.company()
    other = factories.worker(company, name="别家的")
    agency = factories.save(Partner(branch_id=company.branch.id, code="PX", name="Agency"))
    own = factories.worker(company, name="自家的")
    with transaction() as session:
        mine = session.get_one(Worker, own.id)
        mine.kind, mine.partner_id = "partner", agency.id
    own_id, other_id = own.id, other.id
    client = staff_client("partner", partner_id=agency.id)
    for page in ("/workerview/list/", "/shiftview/list/", "/shiftview/lookup/worker?q="):
        text = client.get(page).get_data(as_text=True)
        text = text.encode().decode("unicode_escape") if "lookup" in page else text
        assert ("自家的" in text, "别家的" in text) == (True, False), page
    assert client.get(f"/workerview/show/{own_id}").status_code == 200
    assert client.get(f"/workerview/show/{other_id}").status_code == 404
    assert other.number not in client.get("/search?q=别家的", follow_redirects=True).text
    phone = own.account.phone
    assert phone not in client.get(f"/workerview/show/{own_id}").text
    lost = staff_client("partner")  # an agency's login without an agency
    assert "自家的" not in lost.get("/workerview/list/").text
    assert lost.get(f"/workerview/show/{own_id}").status_code == 404
