"""Accounts of the staff: an administrator of a branch keeps his own people, and nobody else."""

import pytest
import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import Role, User

from app.extensions import db
from app.models import Branch, StaffProfile
from tests import factories
from tests.kit.clients import PASSWORD_HASH, add_staff

pytestmark = pytest.mark.backends("sqlite")


@pytest.fixture
def elsewhere(app):
    return factories.save(Branch(code="other", name="Other branch", city_code="440300")).id


@pytest.fixture
def boss(branch, staff_client):
    return staff_client("administrator", branch_id=branch.id)


def role(name: str) -> int:
    return int(db.session.scalars(sa.select(Role.id).filter_by(name=name)).one())


def typed(name: str, roles: tuple[str, ...] = ("hr",), **more: object) -> dict[str, object]:
    return {
        "username": name, "first_name": "A", "last_name": "B", "email": f"{name}@example.com",
        "roles": [str(role(r)) for r in roles], "active": "y", **more,
    }  # fmt: skip


def branch_of(user_id: int) -> int | None:
    return db.session.scalar(sa.select(StaffProfile.branch_id).filter_by(user_id=user_id))


def test_staff_of_others_do_not_exist_for_a_branch(boss, elsewhere):
    for other in (add_staff("hr", branch_id=elsewhere), add_staff("finance", branch_id=None)):
        key, name = other.id, other.username
        assert name not in boss.get("/staff/list/").text
        for path in (f"show/{key}", f"edit/{key}", f"ask/reset_password/{key}"):
            assert boss.get(f"/staff/{path}").status_code == 404, path
        new = {"password": "long-enough-1", "repeated": "long-enough-1"}
        for action in ("reset_password", "end_sessions"):
            assert boss.post(f"/staff/action/{action}/{key}", data=new).status_code == 404
        assert db.session.get_one(User, key).password == PASSWORD_HASH


def test_a_branch_keeps_its_own_staff(boss, branch):
    own = add_staff("hr", branch_id=branch.id)
    key, home = own.id, branch.id
    assert own.username in boss.get("/staff/list/").text
    data = typed(own.username, last_name="New", branch=home)
    assert boss.post(f"/staff/edit/{key}", data=data).status_code == 302
    assert (db.session.get_one(User, key).last_name, branch_of(key)) == ("New", home)


def test_a_branch_cannot_give_the_whole_company_nor_another_branch(boss, branch, elsewhere):
    own = add_staff("hr", branch_id=branch.id)
    key, name, home, me = own.id, own.username, branch.id, boss.staff
    assert "Other branch" not in boss.get(f"/staff/edit/{key}").text
    mine, my_name = me.id, me.username
    for chosen in ("", str(elsewhere)):
        assert boss.post(f"/staff/edit/{key}", data=typed(name, branch=chosen)).status_code == 422
        data = typed(my_name, ("administrator",), branch=chosen)
        assert boss.post(f"/staff/edit/{mine}", data=data).status_code == 422
        secret = {"password": "long-enough-1", "repeated": "long-enough-1"}
        data = typed("new", branch=chosen, **secret)
        assert boss.post("/staff/add", data=data).status_code == 422
    assert (branch_of(key), branch_of(mine)) == (home, home)
    assert db.session.scalar(sa.select(User.id).filter_by(username="new")) is None


def test_a_new_account_of_a_branch_belongs_to_it(boss, branch):
    home = branch.id
    secret = {"password": "long-enough-1", "repeated": "long-enough-1"}
    assert boss.post("/staff/add", data=typed("new", branch=home, **secret)).status_code == 302
    key = db.session.scalars(sa.select(User.id).filter_by(username="new")).one()
    assert branch_of(key) == home


def test_nobody_changes_his_own_roles(staff_client):
    client = staff_client("administrator")
    key, name = client.staff.id, client.staff.username
    for roles in (("administrator", "finance"), ("finance",)):
        answer = client.post(f"/staff/edit/{key}", data=typed(name, roles))
        assert (answer.status_code, "You cannot change your own roles" in answer.text) == (
            422,
            True,
        )
    same = typed(name, ("administrator",), last_name="C")
    assert client.post(f"/staff/edit/{key}", data=same).status_code == 302
    assert [r.name for r in db.session.get_one(User, key).roles] == ["administrator"]


def test_the_company_still_keeps_everybody(staff_client, elsewhere):
    client, other = staff_client("administrator"), add_staff("hr", branch_id=elsewhere)
    key, name = other.id, other.username
    assert client.post(f"/staff/edit/{key}", data=typed(name, branch="")).status_code == 302
    assert branch_of(key) is None
