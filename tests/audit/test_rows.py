"""What an audit row says: before and after, whose it is, and what is only for those who may see."""

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM, Actor
from app.extensions import db
from app.models import Area, AuditLog, CustomerAccount, PersonKey, Skill
from app.services import audit
from app.services.system import audit_rows, person_keys
from app.services.system.erasing import erase_from_audit
from app.services.transactions import transaction
from tests import factories
from tests.kit import clients

HR = Actor("staff", 7)


def rows_of(entity, action=None):
    query = sa.select(AuditLog).filter_by(entity=entity).order_by(AuditLog.id)
    rows = db.session.scalars(query).all()
    return [row for row in rows if action in (None, row.action)]


def opened(row, column):
    """Before and after of a personal value."""
    [person] = person_keys.persons_of(row.person)
    assert person is not None
    key = person_keys.for_reading(db.session(), [person])[person]
    name = f"{row.entity}.{column}"
    pair = row.changes[column]
    return [part and person_keys.unseal(key, name, part["sealed"]) for part in pair]


@pytest.fixture
def skill(app):
    return factories.save(Skill(code="glass", name="擦玻璃", name_en="Glass"))


def test_a_change_says_before_after_actor_and_time(skill, clock):
    with transaction(HR) as session:
        session.get_one(Skill, skill.id).name_en = "Windows"
    row = rows_of("skill", "update")[0]
    assert row.changes == {"name_en": ["Glass", "Windows"]}
    assert (row.actor, row.entity_id, row.at) == (("staff", 7), str(skill.id), clock.now())
    assert (row.address, row.person) == ("", "")


def test_the_address_of_the_caller_is_kept(app, staff_client):
    client = staff_client("operations")
    client.post(
        "/skillview/add",
        data={"code": "iron", "name": "熨烫", "name_en": "Ironing"},
        environ_base={"REMOTE_ADDR": "203.0.113.9"},
    )
    row = rows_of("skill", "insert")[-1]
    assert (row.address, row.actor) == ("203.0.113.9", ("staff", client.staff.id))


def test_what_was_not_loaded_before_it_was_set_is_told_all_the_same(skill):
    db.session.expire_all()
    with transaction(HR) as session:
        same = session.get_one(Skill, skill.id)
        session.expire(same)
        same.name_en = "Windows"
    assert rows_of("skill", "update")[0].changes == {"name_en": ["Glass", "Windows"]}


def test_a_deleted_row_leaves_all_it_said(skill):
    with transaction(HR) as session:
        session.delete(session.get_one(Skill, skill.id))
    told = rows_of("skill", "delete")[0].changes
    assert (told["code"], told["name"]) == (["glass", None], ["擦玻璃", None])


def test_roles_of_a_user_are_told(app):
    user = clients.add_staff("hr")
    assert rows_of("ab_user", "insert")[0].changes["roles"] == [[], ["hr"]]
    with transaction(HR):
        user.roles = []
    assert rows_of("ab_user", "update")[0].changes == {"roles": [["hr"], []]}


def test_districts_of_an_area_are_told(app):
    company = factories.company()
    with transaction(HR) as session:
        session.get_one(Area, company.area.id).regions = []
    assert rows_of("area", "update")[0].changes == {"regions": [["越秀区"], []]}


def test_numbers_read_the_same_from_both_databases(app):
    facts = {"a": 2.0, "b": 0.1, "c": [1e22, {"d": -0.0}], "e": {1: None}}
    with transaction(SYSTEM):
        audit.record("probe", "x", 1, facts, actor=SYSTEM)
    db.session.expire_all()
    row = db.session.execute(
        sa.select(AuditLog.__table__).where(AuditLog.action == "probe")
    ).mappings()
    assert audit_rows.is_genuine(row.one())


def test_what_is_personal_rests_under_the_persons_key(app):
    account = factories.customer("林女士", "12810004321")
    raw = db.session.execute(sa.text("SELECT * FROM audit_log")).mappings().all()
    assert not [row for row in raw if "12810004321" in str(row) or "林女士" in str(row)]
    row = rows_of("customer_account")[0]
    assert row.person == f"customer:{account.id}"
    assert opened(row, "name") == [None, "林女士"]
    assert opened(row, "phone") == [None, "12810004321"]
    assert row.changes["phone_index"] == [None, "***"]
    assert row.changes["status"] == [None, "active"]


def test_a_person_has_one_key_for_all_rows(app):
    account = factories.customer("林女士")
    with transaction(HR) as session:
        session.get_one(CustomerAccount, account.id).name = "林小姐"
    assert opened(rows_of("customer_account", "update")[0], "name") == ["林女士", "林小姐"]
    assert db.session.scalar(sa.select(sa.func.count(PersonKey.id))) == 1


def test_a_key_is_readable_with_the_data_key_only(app):
    factories.customer("林女士")
    row = db.session.scalars(sa.select(PersonKey)).one()
    keys = person_keys.for_reading(db.session(), [(row.kind, row.person_id)])
    assert len(keys[row.kind, row.person_id]) == 32
    with transaction(SYSTEM):
        row.wrapped = row.wrapped[:-8] + "AAAAAAA="
    with pytest.raises(Exception, match=r"^$"):
        person_keys.for_reading(db.session(), [(row.kind, row.person_id)])


def test_what_a_row_without_an_owner_hides_nobody_can_read(app, monkeypatch):
    monkeypatch.delitem(audit.owners_of.__globals__["OWNER"], "customer_account")
    factories.customer("林女士")
    assert rows_of("customer_account")[0].changes["name"] == [None, "***"]


def test_an_erased_person_is_unreadable_and_stays_so(app):
    account = factories.customer("林女士")
    person = ("customer", account.id)
    with transaction(HR) as session:
        session.get_one(CustomerAccount, account.id).name = ""
    erase_from_audit(person, actor=HR)
    erase_from_audit(person, actor=HR)
    with transaction(HR) as session:
        session.get_one(CustomerAccount, account.id).name = "again"
    assert person_keys.for_reading(db.session(), [person]) == {person: None}
    assert rows_of("customer_account", "update")[-1].changes["name"] == ["***", "***"]
    assert [row.entity_id for row in rows_of("person_key")] == [f"customer:{account.id}"]


def test_a_person_without_a_key_can_be_erased_beforehand(app):
    erase_from_audit(("customer", 4711), actor=HR)
    assert person_keys.for_writing(db.session(), [("customer", 4711)]) == {("customer", 4711): None}


def test_a_key_that_is_rolled_back_seals_nothing_later(app):
    with pytest.raises(ZeroDivisionError), transaction(SYSTEM) as session:
        person_keys.for_writing(session, [("customer", 5)])
        raise ZeroDivisionError
    with transaction(SYSTEM) as session:
        key = person_keys.for_writing(session, [("customer", 5)])["customer", 5]
    assert person_keys.for_reading(db.session(), [("customer", 5)]) == {("customer", 5): key}
