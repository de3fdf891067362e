"""Staff write down who calls: one account a phone, in their branch, which a log-in then opens."""

import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.errors import Conflict, InvalidInput, NotFound, RuleViolation
from app.extensions import db
from app.models import Address, AuditLog, Branch, CustomerAccount, Order
from app.services.customers import calling
from app.services.customers.addresses import AddressInput
from app.services.identity import blocking, login, otp
from app.services.transactions import transaction
from tests import factories
from tests.kit import clients

PHONE = "13900001234"


@pytest.fixture
def company(app):
    return factories.company()


@pytest.fixture
def other(company):
    return factories.save(Branch(code="other", name="Other branch", city_code="440300"))


def agent(**profile):
    return Actor("staff", clients.add_staff("service", **profile).id)


def test_a_later_log_in_opens_the_account_that_staff_made(company, queue, sms):
    made = calling.register("+86 139-0000-1234", " 周女士 ", actor=agent())

    otp.send_code("customer", PHONE, address="10.0.0.1")
    queue.run_all()
    login.log_in_customer(PHONE, sms.last_code())

    found = db.session.scalars(sa.select(CustomerAccount).where(CustomerAccount.name == "周女士"))
    assert (found.one().id, made.branch_id) == (made.id, company.branch.id)
    told = sa.select(AuditLog.action).where(
        AuditLog.entity == "customer_account", AuditLog.entity_id == str(made.id)
    )
    assert set(db.session.scalars(told)) >= {"insert", "login"}


def test_a_known_phone_leads_to_who_has_it_inside_the_branch_only(company, other):
    here = agent(branch_id=company.branch.id)
    made = calling.register(PHONE, "周女士", actor=here)
    blocking.block_customer(made.id, "欠款", actor=here)

    for who, known in ((here, made.id), (agent(branch_id=other.id), None)):
        with pytest.raises(Conflict) as refused:
            calling.register(PHONE, "别人", actor=who)
        assert refused.value.code == "phone_taken"
        assert refused.value.details.get("customer_id") == known


def test_a_caller_belongs_to_the_branch_of_who_answers(company, other):
    with pytest.raises(InvalidInput) as unsaid:
        calling.register(PHONE, "周女士", actor=agent())
    assert unsaid.value.details["field"] == "branch"
    with pytest.raises(NotFound):
        calling.register(
            PHONE, "周女士", branch_id=company.branch.id, actor=agent(branch_id=other.id)
        )
    assert calling.register(PHONE, "周女士", actor=agent(branch_id=other.id)).branch_id == other.id


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("phone", ["12810001234", "0208888", ""])
def test_what_cannot_log_in_is_not_registered(company, phone):
    with pytest.raises(InvalidInput) as refused:
        calling.register(phone, "周女士", actor=agent())
    assert refused.value.code == "phone_invalid"


@pytest.mark.backends("sqlite")
def test_an_address_needs_a_district_and_belongs_to_who_may_be_seen(company, other):
    made = calling.register(PHONE, "周女士", branch_id=company.branch.id, actor=agent())
    given = AddressInput(company.region.code, "人民北路 2 号", "", "")

    address = calling.add_address(made.id, given, actor=agent())
    assert (address.lat, address.lng) == (company.region.lat, company.region.lng)
    assert (address.contact_name, address.contact_phone) == ("周女士", PHONE)

    half = AddressInput(company.region.code, "人民北路 2 号", "", "", lat=23.1)
    blank = AddressInput(company.region.code, " ", "", "")
    for wrong, field in ((half, "lng"), (blank, "detail")):
        with pytest.raises(InvalidInput) as refused:
            calling.add_address(made.id, wrong, actor=agent())
        assert refused.value.details["field"] == field
    with pytest.raises(NotFound):
        calling.add_address(made.id, given, actor=agent(branch_id=other.id))
    with transaction() as session:
        session.execute(sa.update(CustomerAccount).values(status="erased"))
    with pytest.raises(RuleViolation) as gone:
        calling.add_address(made.id, given, actor=agent())
    assert gone.value.code == "erased"


@pytest.mark.backends("sqlite")
def test_a_caller_is_added_with_an_address_and_booked_for(company, staff_client):
    service, branch, region = company.cleaning.id, company.branch.id, company.region.id
    factories.worker(company)
    client = staff_client("service")
    typed = {"name": "周女士", "phone": PHONE, "branch": branch}

    there = client.post("/customerview/add", data=typed).headers["Location"]
    form = client.get(there).text
    assert PHONE in form, "the contact is preset"
    key = db.session.scalar(sa.select(CustomerAccount.id).filter_by(name="周女士"))
    empty = client.post(there, data={"customer": key, "contact_name": "老周"})
    assert (empty.status_code, "老周" in empty.text) == (422, True)
    place = {"customer": key, "region": region, "detail": "人民北路 2 号"}
    there = client.post(there, data=place).headers["Location"]
    address = db.session.scalars(sa.select(Address).filter_by(customer_id=key)).one()
    assert there == f"/customerview/booking/{key}?address={address.id}"

    what = {"address": address.id, "service": service, "days": 1}
    there = client.post(there, data=what).headers["Location"]
    told = {"other": factories.tomorrow(10).isoformat(), "shown": ""}
    shown = client.post(there, data=told).text.partition('name="shown"')[2].split('value="')[1]
    client.post(there, data=told | {"shown": shown.split('"')[0]})
    assert db.session.scalars(sa.select(Order.customer_id)).all() == [key]

    again = client.post("/customerview/add", data=typed)
    assert (again.status_code, f"/customerview/show/{key}" in again.text) == (409, True)


@pytest.mark.backends("sqlite")
def test_a_program_adds_a_caller_with_an_address(company):
    client = clients.by_token(clients.add_staff("operations"))
    made = client.post("/api/staff/v1/customers/", json={"phone": PHONE, "name": "周女士"})
    assert (made.status_code, made.json["result"]["name"]) == (201, "周女士")
    place = {
        "region_code": company.region.code, "detail": "人民北路 2 号",
        "position": {"lat": 23.13, "lng": 113.27, "datum": "gcj02"},
    }  # fmt: skip
    answer = client.post(f"/api/staff/v1/customers/{made.json['id']}/add-address", json=place)
    address = db.session.get_one(Address, answer.json["id"])
    assert (address.customer_id, address.lat, address.lng) == (made.json["id"], 23.13, 113.27)
    assert PHONE not in made.text + answer.text
