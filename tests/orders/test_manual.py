"""Booking on the phone: the same refusals; soft rules with a reason, hard ones with an approval."""

import re
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.errors import Conflict, RuleViolation
from app.extensions import db
from app.models import Approval, Order, OrderEvent, PriceRule, Shift, WorkerBusy
from app.services.orders import manual
from app.services.system import approvals
from app.services.transactions import transaction
from tests import factories
from tests.kit import clients


@pytest.fixture
def company(app):
    return factories.company()


@pytest.fixture
def agent(app):
    return Actor("staff", clients.add_staff("service").id)


def book(company, agent, start, **more):
    quote = factories.quote(company)
    return manual.book(company.customer.id, quote.number, quote.hash, start, actor=agent, **more)


def test_a_call_becomes_an_order_with_its_claim(company, agent):
    worker = factories.worker(company)

    order = book(company, agent, factories.tomorrow(10), note="有老人在家")

    assert (order.source, order.status, order.note) == ("phone", "pending_payment", "有老人在家")
    busy = db.session.scalars(sa.select(WorkerBusy)).one()
    assert (busy.worker_id, busy.kind, busy.owner) == (worker.id, "visit", f"order:{order.id}")


def test_a_time_outside_the_rules_of_the_house_needs_a_reason_which_is_kept(company, agent):
    factories.worker(company, hours=(5, 23))
    late = factories.tomorrow(20)

    with pytest.raises(RuleViolation) as refusal:
        book(company, agent, late)
    assert refusal.value.code == "reason_required"
    assert refusal.value.details["reason"] == "outside_hours"
    assert db.session.scalar(sa.select(sa.func.count(Order.id))) == 0

    order = book(company, agent, late, reason="客户夜班")
    event = db.session.scalars(
        sa.select(OrderEvent).filter_by(order_id=order.id, kind="booked_despite")
    ).one()
    assert (event.reason, event.data["despite"]) == ("客户夜班", "outside_hours")


def test_a_taken_time_is_refused_with_free_ones_and_leaves_nothing(company, agent):
    factories.worker(company)
    book(company, agent, factories.tomorrow(10))

    with pytest.raises(Conflict) as refusal:
        book(company, agent, factories.tomorrow(10), reason="老客户")

    assert (refusal.value.code, refusal.value.details["reason"]) == ("slot_taken", "time_taken")
    assert len(refusal.value.details["alternatives"]) == 6
    assert db.session.scalar(sa.select(sa.func.count(Order.id))) == 1


def test_a_hard_rule_is_set_aside_by_operations_only_exactly_as_shown(company, agent):
    worker = factories.worker(company)
    with transaction() as session:
        session.execute(sa.delete(Shift).where(Shift.worker_id == worker.id))
    quote, start = factories.quote(company), factories.tomorrow(10)
    what = (company.customer.id, quote.number, quote.hash, start, worker.id)

    with pytest.raises(Conflict) as refusal:
        manual.book(*what[:4], worker_id=worker.id, reason="熟人", actor=agent)
    assert refusal.value.details["reason"] == "off_shift"
    with pytest.raises(RuleViolation) as silent:
        manual.ask_despite(*what, reason=" ", actor=agent)
    assert silent.value.code == "reason_required"

    asked = manual.ask_despite(*what, reason="客户指定", actor=agent)
    assert asked.payload["broken"] == ["off_shift"]
    operations = Actor("staff", clients.add_staff("operations").id)
    approvals.decide(asked.id, approve=True, actor=operations)

    order = db.session.scalars(sa.select(Order)).one()
    assert (order.planned_start, order.source) == (start, "phone")
    assert db.session.scalars(sa.select(WorkerBusy.worker_id)).all() == [worker.id]


def test_what_changed_since_it_was_shown_is_not_booked(company, agent):
    worker = factories.worker(company)
    with transaction() as session:
        session.execute(sa.delete(Shift).where(Shift.worker_id == worker.id))
    quote, start = factories.quote(company), factories.tomorrow(10)
    asked = manual.ask_despite(
        company.customer.id, quote.number, quote.hash, start, worker.id, reason="x", actor=agent
    )
    with transaction() as session:
        worker.documents[0].valid_to = start.date() - timedelta(days=1)
        session.add(worker.documents[0])
    operations = Actor("staff", clients.add_staff("operations").id)

    with pytest.raises(RuleViolation) as refusal:
        approvals.decide(asked.id, approve=True, actor=operations)

    assert refusal.value.code == "changed_since_shown"
    assert db.session.scalar(sa.select(sa.func.count(Order.id))) == 0


def test_nobody_can_allow_a_second_visit_at_the_same_time(company, agent):
    worker = factories.worker(company)
    book(company, agent, factories.tomorrow(10))
    quote = factories.quote(company)

    with pytest.raises(RuleViolation) as refusal:
        manual.ask_despite(
            company.customer.id, quote.number, quote.hash, factories.tomorrow(10), worker.id,
            reason="x", actor=agent,
        )  # fmt: skip

    assert refusal.value.code == "never_allowed"
    assert db.session.scalar(sa.select(sa.func.count(Approval.id))) == 0


@pytest.mark.backends("sqlite")
def test_customer_service_books_on_two_pages(company, staff_client):
    factories.worker(company)
    client, customer = staff_client("service"), company.customer.id

    first = client.get(f"/customerview/booking/{customer}")
    assert company.address.detail in first.text
    assert company.cleaning.name in first.text
    chosen = client.post(
        f"/customerview/booking/{customer}",
        data={"address": company.address.id, "service": company.cleaning.id, "days": 1},
    )
    assert chosen.status_code == 302
    page = client.get(chosen.location)
    assert "199.00" in page.text
    shown = page.text.split('name="shown" type="hidden" value="')[1].split('"')[0]
    start = factories.tomorrow(10).isoformat()
    assert start in page.text

    nothing = client.post(chosen.location, data={"shown": shown})
    assert nothing.status_code == 422
    done = client.post(chosen.location, data={"shown": shown, "starts_at": start, "note": "轻声"})

    order = db.session.scalars(sa.select(Order)).one()
    assert done.location.endswith(f"/orders/show/{order.id}")
    assert (order.source, order.note, order.planned_start) == (
        "phone", "轻声", factories.tomorrow(10),
    )  # fmt: skip


@pytest.mark.backends("sqlite")
def test_a_call_hears_the_price_of_its_time_before_it_is_booked(company, staff_client):
    factories.worker(company)
    evening = PriceRule(
        name="晚间", from_minute=1020, to_minute=1200, rate_bp=1000, valid_from=date(2020, 1, 1)
    )
    factories.save(evening)
    client, quote = staff_client("service"), factories.quote(company)
    url = f"/customerview/booking_times/{company.customer.id}/{quote.number}"
    page = client.get(url).text
    assert page.count("¥218.90") >= 1
    at_five = {"starts_at": factories.tomorrow(17).isoformat()}

    asked = client.post(url, data={**at_five, "shown": quote.hash})
    shown = re.search(r'name="shown"[^>]*value="([0-9a-f]+)"', asked.text).group(1)
    assert (asked.status_code, shown != quote.hash) == (200, True)
    assert "晚间 +10%" in asked.text
    assert db.session.scalars(sa.select(Order)).all() == []
    client.post(url, data={**at_five, "shown": shown})

    order = db.session.scalars(sa.select(Order)).one()
    assert [(line.kind, line.amount_fen) for line in order.lines] == [
        ("base", 19_900), ("peak", 1_990),
    ]  # fmt: skip


def test_a_call_is_not_booked_at_a_price_that_was_not_told(company, agent):
    factories.worker(company)
    factories.save(
        PriceRule(name="每天", weekdays=127, amount_fen=500, valid_from=date(2020, 1, 1))
    )

    with pytest.raises(RuleViolation) as refusal:
        book(company, agent, factories.tomorrow(10))

    assert (refusal.value.code, refusal.value.details["total_fen"]) == ("quote_changed", 20_400)
    assert db.session.scalar(sa.select(sa.func.count(Order.id))) == 0


@pytest.mark.backends("sqlite")
def test_a_caller_who_is_refused_hears_the_free_times_around(company, staff_client):
    factories.worker(company)
    factories.hold(company, factories.tomorrow(10))
    company.customer = factories.customer("周先生")
    company.address = factories.address(company.customer, company.region)
    client, quote = staff_client("service"), factories.quote(company)
    url = f"/customerview/booking_times/{company.customer.id}/{quote.number}"

    refused = client.post(
        url, data={"shown": quote.hash, "starts_at": factories.tomorrow(10).isoformat()}
    )

    assert refused.status_code == 422
    assert "05-07 13:00" in refused.text
    assert "&lt;" not in refused.text
