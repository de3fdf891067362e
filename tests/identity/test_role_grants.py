"""Powerful roles are given by two administrators and taken by one; all of it is told."""

import pytest
import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import Role, User

from app.domain.actors import Actor
from app.domain.errors import Conflict, Forbidden, RuleViolation
from app.extensions import db
from app.models import Approval, AuditLog, Partner, StaffProfile
from app.services.identity.staff_roles import change_roles
from app.services.system import approvals
from app.services.transactions import transaction
from app.views.inbox import BOXES
from tests import factories
from tests.kit.clients import add_staff


@pytest.fixture
def admins(app):
    return [Actor("staff", add_staff("administrator").id) for _ in range(2)]


@pytest.fixture
def clerk(app):
    return add_staff("hr").id


def held(user_id):
    user = db.session.get_one(User, user_id, populate_existing=True)
    return sorted(role.name for role in user.roles)


def told(action):
    rows = db.session.scalars(sa.select(AuditLog).filter_by(action=action)).all()
    return [(row.entity_id, row.changes["role"], row.actor_id) for row in rows]


@pytest.mark.parametrize("role", ["finance", "administrator"])
def test_a_powerful_role_waits_for_a_second_administrator(admins, clerk, role):
    asked = change_roles(clerk, {"hr", role}, reason="new duties", actor=admins[0])
    assert held(clerk) == ["hr"]
    assert asked.payload["before"] == ["hr"]
    assert asked.payload["after"] == sorted({"hr", role})
    with pytest.raises(Forbidden):
        approvals.decide(asked.id, approve=True, actor=admins[0])
    assert held(clerk) == ["hr"]

    approvals.decide(asked.id, approve=True, actor=admins[1])

    assert held(clerk) == sorted({"hr", role})
    assert told("grant") == [(str(clerk), role, admins[1].id)]


def test_other_roles_are_given_and_all_are_taken_at_once(admins, clerk):
    change_roles(clerk, {"dispatcher"}, actor=admins[0])
    assert held(clerk) == ["dispatcher"]
    assert told("grant") == [(str(clerk), "dispatcher", admins[0].id)]
    assert told("revoke") == [(str(clerk), "hr", admins[0].id)]
    money = add_staff("finance").id
    change_roles(money, set(), actor=admins[0])
    assert held(money) == []


def test_a_request_does_not_outlive_a_change_of_what_it_showed(admins, clerk):
    asked = change_roles(clerk, {"hr", "finance"}, actor=admins[0])
    change_roles(clerk, {"dispatcher"}, actor=admins[1])
    with pytest.raises(RuleViolation) as refused:
        approvals.decide(asked.id, approve=True, actor=admins[1])
    assert refused.value.code == "changed_since_shown"
    assert held(clerk) == ["dispatcher"]


def test_a_second_request_for_the_same_person_waits_its_turn(admins, clerk):
    change_roles(clerk, {"hr", "finance"}, actor=admins[0])
    with pytest.raises(Conflict):
        change_roles(clerk, {"hr", "administrator"}, actor=admins[1])


def test_who_would_be_given_the_role_does_not_decide_it(admins):
    asked = change_roles(admins[1].id, {"administrator", "finance"}, actor=admins[0])
    with pytest.raises(Forbidden):
        approvals.decide(asked.id, approve=True, actor=admins[1])
    assert held(admins[1].id) == ["administrator"]


def test_nobody_is_given_the_frameworks_own_roles(admins, clerk):
    for role in ("Admin", "Public"):
        with pytest.raises(Forbidden):
            change_roles(clerk, {"hr", role}, actor=admins[0])
    assert held(clerk) == ["hr"]


def test_a_partners_login_has_a_partner_and_no_other_role(admins, clerk, branch):
    with pytest.raises(RuleViolation):
        change_roles(clerk, {"partner"}, actor=admins[0])
    partner = factories.save(Partner(branch_id=branch.id, code="P9", name="Agency"))
    with transaction() as session:
        profile = session.scalars(sa.select(StaffProfile).filter_by(user_id=clerk)).one()
        profile.partner_id = partner.id
    with pytest.raises(RuleViolation):
        change_roles(clerk, {"partner", "hr"}, actor=admins[0])
    change_roles(clerk, {"partner"}, actor=admins[0])
    assert held(clerk) == ["partner"]


@pytest.mark.backends("sqlite")
def test_the_form_asks_and_the_inbox_gives(staff_client, clerk):
    one, two = staff_client("administrator"), staff_client("administrator")
    one.get("/lang/en")
    role = {name: key for key, name in db.session.execute(sa.select(Role.id, Role.name))}
    typed = {
        "username": "clerk", "first_name": "A", "last_name": "B", "email": "c@example.com",
        "roles": [role["hr"], role["finance"]], "active": "y", "reason": "new duties",
    }  # fmt: skip
    page = one.post(f"/staff/edit/{clerk}", data=typed, follow_redirects=True)
    assert "Another administrator must agree" in page.text
    asked = db.session.scalars(sa.select(Approval)).one().id
    two.get("/lang/en")
    shown = two.get(f"/approvals/show/{asked}").text
    assert "HR" in shown
    assert "Finance" in shown
    assert "new duties" in shown
    assert 'class="count count-warn"' in two.get("/").text
    assert 'class="count count-warn"' not in one.get("/").text
    two.post(f"/approvals/action/approve/{asked}", data={"note": ""})
    assert held(clerk) == ["finance", "hr"]


@pytest.mark.backends("sqlite")
def test_a_tab_of_the_inbox_stays_while_it_is_filtered_and_asks_no_code(staff_client):
    client = staff_client("administrator")
    tab = next(iter(BOXES))
    page = client.get(f"/approvals/list/?_flt_0_box={tab}").text
    assert f'<input type="hidden" name="_flt_0_box" value="{tab}">' in page
    page = client.get("/approvals/list/").text
    assert "_flt_0_box" not in page.split('class="filters')[1].split("</form>")[0]
