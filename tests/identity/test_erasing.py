"""A customer who is erased on request leaves orders and books, and nothing that names him."""

import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.errors import RuleViolation
from app.extensions import db
from app.models import AuditLog, CustomerAccount, IdempotencyKey, Notification, Order
from app.services.customers import erasing
from app.services.identity import login, otp
from app.services.system import approvals, checks, notes
from app.services.transactions import transaction
from tests import factories
from tests.kit import clients

NAME, DOOR, NOTE = "欧阳林女士", "人民北路 77 号 1203", "家里有两只鹦鹉"
WHY = "asked by letter"


@pytest.fixture
def service(app):
    return Actor("staff", clients.add_staff("service").id)


@pytest.fixture
def customer(company, service):
    """With a cancelled order, an address, a note and a message."""
    row = company.customer
    factories.worker(company)
    order = factories.order(company)
    factories.change(row, name=NAME)
    factories.change(company.address, detail=DOOR, contact_name=NAME)
    factories.change(
        order, status="cancelled", address_detail=DOOR, contact_name=NAME, note=NOTE,
        due_fen=0, total_fen=0,
    )  # fmt: skip
    notes.add_note("customer", row.id, NOTE, pinned=False, actor=service)
    factories.save(
        Notification(
            recipient_kind="customer",
            recipient_id=row.id,
            kind="order.cancelled",
            data={"name": NAME},
        ),
        IdempotencyKey(
            owner=f"customer:{row.id}",
            key="a-command",
            fingerprint="0" * 64,
            status_code=200,
            answer={"contact_name": NAME},
        ),
    )
    return row


def everything() -> str:
    """Every value of every table, decrypted where it is encrypted."""
    return "\n".join(
        str(db.session.execute(sa.select(mapper.local_table)).all())
        for mapper in CustomerAccount.registry.mappers
    )


def erase(customer, service) -> None:
    asked = erasing.ask_erasure(customer.id, WHY, actor=service)
    boss = Actor("staff", clients.add_staff("operations").id)
    approvals.decide(asked.id, approve=True, actor=boss)


def test_nothing_names_an_erased_customer_and_his_order_stays(customer, service):
    phone, key = customer.phone, customer.id
    assert all(secret in everything() for secret in (NAME, DOOR, NOTE, phone))
    erase(customer, service)
    db.session.expire_all()
    kept = everything()
    assert [secret for secret in (NAME, DOOR, NOTE, phone, WHY) if secret in kept] == []
    assert db.session.get_one(CustomerAccount, key).status == "erased"
    assert db.session.scalars(sa.select(Order.customer_id)).all() == [key]
    assert checks.run_all()["audit"].ok
    assert db.session.scalars(sa.select(AuditLog).filter_by(action="erase")).one()


def test_the_phone_registers_anew_as_somebody_else(customer, service):
    phone, key = customer.phone, customer.id
    erase(customer, service)
    with transaction():
        again = login.register_customer(phone, "新人")
    assert again.id != key
    assert again.phone_index == otp.phone_index(phone)


def test_it_is_refused_while_an_order_is_open(company, service):
    factories.worker(company)
    number = factories.order(company).number
    with pytest.raises(RuleViolation) as refused:
        erasing.ask_erasure(company.customer.id, WHY, actor=service)
    assert (refused.value.code, refused.value.details["open"]) == ("still_open", [number])
    assert db.session.get_one(CustomerAccount, company.customer.id).status == "active"


@pytest.mark.backends("sqlite")
def test_what_was_opened_meanwhile_stops_the_second_person(company, service):
    asked = erasing.ask_erasure(company.customer.id, WHY, actor=service)
    factories.worker(company)
    factories.order(company)
    boss = Actor("staff", clients.add_staff("operations").id)
    with pytest.raises(RuleViolation):
        approvals.decide(asked.id, approve=True, actor=boss)
    assert db.session.get_one(CustomerAccount, company.customer.id).name


@pytest.mark.backends("sqlite")
def test_the_customers_data_is_handed_over_and_the_pages_bear_the_erasure(customer, staff_client):
    page, key = staff_client("service"), customer.id
    order = db.session.scalars(sa.select(Order.id)).one()
    file = page.post(f"/customerview/action/export_data/{key}")
    assert file.mimetype == "application/json"
    assert all(secret in file.text for secret in (NAME, DOOR, NOTE, customer.phone))
    assert "phone_index" not in file.text
    page.post(f"/customerview/action/ask_erasure/{key}", data={"reason": WHY})
    asked = approvals.waiting_for("customer", key).id
    boss = staff_client("operations")
    assert boss.get(f"/approvals/show/{asked}").status_code == 200
    boss.post(f"/approvals/action/approve/{asked}", data={})
    assert db.session.get_one(CustomerAccount, key).status == "erased"
    for path in (
        f"/customerview/show/{key}", "/customerview/list/", f"/orders/show/{order}",
        "/orders/list/", f"/approvals/show/{asked}",
    ):  # fmt: skip
        answer = boss.get(path)
        assert (answer.status_code, NAME in answer.text) == (200, False), path
