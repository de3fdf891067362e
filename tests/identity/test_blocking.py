"""An account that is blocked is out at once; what was ordered or accepted before stands."""

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import IllegalTransition, InvalidInput, RuleViolation, Unauthorized
from app.extensions import db
from app.models import AuditLog, Branch, CustomerAccount, Order, SlotHold, Worker, WorkerBusy
from app.services.dispatch import dispatching
from app.services.identity import blocking, tokens
from app.services.orders import manual
from app.services.plans import ahead
from app.services.system import timers
from app.services.transactions import transaction
from app.services.workers import approval
from tests import factories
from tests.dispatch.test_dispatching import offers, waiting_order
from tests.kit import clients
from tests.kit.clients import customer_token, worker_token
from tests.plans import support as plans

WHY = "abusive on the phone"
S = "/api/staff/v1"


@pytest.fixture
def staff(app):
    return Actor("staff", clients.add_staff("operations").id)


def tokens_of(realm, account):
    with transaction():
        return tokens.issue(realm, account.id, account.token_version)


def told(verb):
    return db.session.scalars(sa.select(AuditLog).filter_by(action=verb)).one()


def test_a_blocked_customers_sessions_end_and_the_held_time_is_free(company, staff):
    factories.worker(company)
    customer = company.customer
    pair = tokens_of("customer", customer)
    hold = factories.hold(company)
    blocking.block_customer(customer.id, WHY, actor=staff)
    with pytest.raises(Unauthorized) as refused:
        tokens.authenticate("customer", pair.access)
    assert refused.value.code == "account_blocked"
    blocking.unblock_customer(customer.id, "apologised", actor=staff)
    for use in (
        lambda: tokens.authenticate("customer", pair.access),
        lambda: tokens.refresh("customer", pair.refresh),
    ):
        with pytest.raises(Unauthorized):
            use()
    assert db.session.get_one(SlotHold, hold.id).status == "released"
    assert db.session.scalar(sa.select(sa.func.count(WorkerBusy.id))) == 0
    assert tokens.authenticate("customer", customer_token(customer)) == customer.id


def test_why_is_told_in_the_log_under_the_persons_key(company, staff):
    blocking.block_customer(company.customer.id, WHY, actor=staff)
    row = told("block")
    assert (row.entity, row.entity_id, row.actor_id) == (
        "customer_account", str(company.customer.id), staff.id,
    )  # fmt: skip
    assert WHY not in str(row.changes)
    assert row.person == f"customer:{company.customer.id}"


def test_nothing_is_booked_for_a_blocked_customer_and_open_orders_stand(company, staff):
    factories.worker(company)
    order = factories.order(company)
    quote = factories.quote(company)
    blocking.block_customer(company.customer.id, WHY, actor=staff)
    with pytest.raises(RuleViolation) as refused:
        manual.book(
            company.customer.id, quote.number, quote.hash, factories.tomorrow(15), actor=staff
        )
    assert refused.value.code == "account_blocked"
    assert db.session.scalars(sa.select(Order.number)).all() == [order.number]
    open_ones = blocking.open_orders_of_customer(company.customer.id, staff)
    assert (open_ones.numbers, open_ones.elsewhere) == ([order.number], 0)
    other = factories.save(Branch(code="south", name="南沙分店", city_code="440100"))
    there = Actor("staff", clients.add_staff("operations", branch_id=other.id).id)
    open_ones = blocking.open_orders_of_customer(company.customer.id, there)
    assert (open_ones.numbers, open_ones.elsewhere) == ([], 1)


def test_a_date_of_a_blocked_customers_plan_is_not_ordered(company, staff):
    factories.worker(company, days=40)
    row = plans.plan(company)
    blocking.block_customer(company.customer.id, WHY, actor=staff)
    assert ahead.run() == 0
    assert plans.dates(row)[0] == ("05-09", "impossible", "account_blocked")


def test_a_blocked_worker_is_asked_no_more_and_others_are_asked_at_once(company, staff):
    worker = factories.worker(company)
    order = waiting_order(company)
    dispatching.dispatch_order(order.id, actor=SYSTEM)
    pair = tokens_of("worker", worker.account)
    blocking.block_worker(worker.id, WHY, actor=staff)
    timers.fire_due()
    assert offers(order) == [(worker.id, "expired")]
    assert db.session.get_one(Worker, worker.id).status == "suspended"
    with pytest.raises(Unauthorized):
        tokens.refresh("worker", pair.refresh)
    with pytest.raises(RuleViolation) as refused:
        approval.reinstate(worker.id, "cleared", actor=staff)
    assert refused.value.code == "account_blocked"
    blocking.unblock_worker(worker.id, "cleared", actor=staff)
    approval.reinstate(worker.id, "cleared", actor=staff)
    assert tokens.authenticate("worker", worker_token(worker)) == worker.account_id


@pytest.mark.backends("sqlite")
def test_neither_without_a_reason_nor_twice(company, staff):
    key = company.customer.id
    with pytest.raises(InvalidInput):
        blocking.block_customer(key, "  ", actor=staff)
    assert db.session.get_one(CustomerAccount, key).status == "active"
    blocking.block_customer(key, WHY, actor=staff)
    with pytest.raises(IllegalTransition):
        blocking.block_customer(key, WHY, actor=staff)


@pytest.mark.backends("sqlite")
def test_staff_block_on_the_page_and_by_program(company, staff_client):
    factories.worker(company)
    number, key = factories.order(company).number, company.customer.id
    page = staff_client("service")
    assert number in page.get(f"/customerview/ask/block/{key}").text
    assert page.post(f"/customerview/action/block/{key}", data={}).status_code == 422
    page.post(f"/customerview/action/block/{key}", data={"reason": WHY})
    assert db.session.get_one(CustomerAccount, key).status == "blocked"
    api = clients.by_token(clients.add_staff("service"))
    assert (
        api.post(f"{S}/customers/{key}/unblock", json={"reason": "apologised"}).status_code == 200
    )
    assert db.session.get_one(CustomerAccount, key).status == "active"


@pytest.mark.backends("sqlite")
def test_hr_blocks_a_workers_log_in(company, staff_client):
    worker = factories.worker(company, days=0)
    page = staff_client("hr")
    page.post(f"/workerview/action/block/{worker.id}", data={"reason": WHY})
    shown = page.get(f"/workerview/show/{worker.id}").text
    assert f"/workerview/ask/unblock/{worker.id}" in shown
    api = clients.by_token(clients.add_staff("hr"))
    answer = api.post(f"{S}/workers/{worker.id}/unblock", json={"reason": "cleared"})
    assert (answer.status_code, worker.account.status) == (200, "active")
