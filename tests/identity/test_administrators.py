"""A second administrator from the machine's shell; nobody with the framework's own role."""

import pytest
import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import Group, Role, User
from werkzeug.security import check_password_hash

from app.domain.actors import Actor
from app.domain.errors import Conflict, RuleViolation
from app.extensions import db
from app.models import AuditLog
from app.services.identity import administrators
from app.services.identity.staff_roles import change_roles
from app.services.system import approvals, schema
from app.services.system.checks import CHECKS
from app.services.transactions import transaction
from tests.kit.clients import add_staff

CHECK = "nobody_holds_every_permission"


def named(username):
    return db.session.scalars(sa.select(User).filter_by(username=username)).one_or_none()


def test_a_lone_administrator_gets_a_second_one_and_both_name_a_third(app, branch):
    first, third = add_staff("administrator"), add_staff("hr")
    # For one branch alone, and switched off: neither can stand in for a second one.
    add_staff("administrator", branch_id=branch.id)
    with transaction():
        add_staff("administrator", "gone").active = False

    password = administrators.add_second("lin", by="root")

    second = named("lin")
    assert check_password_hash(second.password, password)
    assert ([role.name for role in second.roles], second.active) == (["administrator"], True)
    told = db.session.scalars(sa.select(AuditLog).filter_by(action="grant")).one()
    assert (told.actor_kind, told.entity_id) == ("system", str(second.id))
    assert told.changes == {
        "role": "administrator", "command": "add-administrator", "by": "root",
    }  # fmt: skip
    asked = change_roles(third.id, {"administrator"}, actor=Actor("staff", first.id))
    approvals.decide(asked.id, approve=True, actor=Actor("staff", second.id))
    assert [role.name for role in named(third.username).roles] == ["administrator"]


def test_where_two_can_decide_the_shell_makes_no_third(app):
    for name in ("one", "two"):
        add_staff("administrator", name)
    with pytest.raises(Conflict, match="one, two"):
        administrators.add_second("lin", by="root")
    assert named("lin") is None


@pytest.mark.parametrize("name", ["", "x", "-rf", "a b", "王", "x" * 65])
def test_what_is_no_user_name_is_refused(app, name):
    with pytest.raises(RuleViolation):
        administrators.add_second(name, by="root")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(User)) == 0


def test_a_colleague_does_not_become_one_by_his_name(app):
    clerk = add_staff("hr", "Lin")
    with pytest.raises(Conflict):
        administrators.add_second("lin", by="root")
    assert [role.name for role in clerk.roles] == ["hr"]


@pytest.mark.backends("sqlite")
def test_the_command_prints_the_password_or_one_sentence(real_app, monkeypatch):
    def flask(*words):
        return real_app.test_cli_runner().invoke(args=words)

    monkeypatch.setattr(schema, "has_tables", lambda: False)
    assert "`flask init` first" in flask("add-administrator", "lin").output
    monkeypatch.setattr(schema, "has_tables", lambda: True)
    made = flask("add-administrator", "lin")
    assert made.exit_code == 0
    password = made.output.splitlines()[0].removeprefix("Administrator: lin / ")
    assert check_password_hash(named("lin").password, password)
    assert flask("add-administrator", "mei").exit_code == 0  # there was none before
    refused = flask("add-administrator", "wu")
    assert (refused.exit_code, refused.output.startswith("Error: There are adm")) == (1, True)


@pytest.mark.backends("sqlite")
def test_the_form_says_when_nobody_could_agree(staff_client):
    client, clerk = staff_client("administrator"), add_staff("hr", "clerk")
    key = clerk.id
    client.get("/lang/en")
    role = {name: key for key, name in db.session.execute(sa.select(Role.id, Role.name))}
    typed = {
        "username": "clerk", "first_name": "A", "last_name": "B", "email": "c@example.com",
        "roles": [role["administrator"]], "active": "y", "reason": "help",
    }  # fmt: skip
    page = client.post(f"/staff/edit/{key}", data=typed, follow_redirects=True)
    assert "flask add-administrator" in page.text


def test_a_holder_of_the_stock_role_is_named(app):
    assert CHECKS[CHECK](db.session()).ok
    direct, grouped = add_staff("hr", "direct"), add_staff("hr", "grouped")
    with transaction() as session:
        stock = Role(name="Admin")
        direct.roles.append(stock)
        group = Group(name="g", label="g", description="", roles=[stock], users=[grouped])
        session.add(group)
    found = CHECKS[CHECK](db.session())
    assert (found.ok, found.failures) == (False, ["direct", "grouped"])
