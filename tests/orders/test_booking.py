"""Free times, holds, orders: what is offered can be held, and nobody gets an hour twice."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.errors import Conflict, RuleViolation
from app.domain.states import HoldStatus, OrderStatus
from app.extensions import db
from app.models import Order, OrderEvent, SlotHold, Timer, WorkerBusy
from app.services import clock as clocks
from app.services.orders import holds, ordering
from app.services.roster import slots
from app.services.system import timers
from app.services.transactions import transaction
from tests import factories


def starts(company, quote, day=None, worker_id=None):
    day = day or clocks.today() + timedelta(days=1)
    found = slots.free_times(quote, company.branch.id, day, day, worker_id)
    return [slot.starts_at for slot in found[0].slots]


def claims():
    rows = db.session.scalars(sa.select(WorkerBusy).order_by(WorkerBusy.id))
    return [(row.worker_id, row.kind, row.owner.split(":")[0]) for row in rows]


def test_a_free_day_is_offered_in_steps_between_the_ways_from_and_to_home(company):
    factories.worker(company)

    offered = starts(company, factories.quote(company))

    # 08:00 is lost to the way from home; the last visit must leave time for the way back.
    assert offered[0] == factories.tomorrow(8, 30)
    assert offered[-1] == factories.tomorrow(17, 30)
    assert len(offered) == 19


def test_a_held_time_is_no_longer_offered_to_others(company):
    factories.worker(company)
    before = starts(company, factories.quote(company))

    held = factories.hold(company, factories.tomorrow(12))

    assert held.status == "live"
    assert claims() == [(db.session.scalar(sa.select(WorkerBusy.worker_id)), "hold", "hold")]
    company.customer = factories.customer("周先生")
    company.address = factories.address(company.customer, company.region)
    after = starts(company, factories.quote(company))
    # 2 h visit + buffers of 10 min on both sides of both visits.
    gone = [t for t in before if t not in after]
    assert gone == [factories.tomorrow(10) + timedelta(minutes=30 * n) for n in range(9)]


def test_each_offered_time_can_be_held_and_each_other_one_is_refused(company):
    factories.worker(company)
    factories.hold(company, factories.tomorrow(12))
    # The customer's own hold ends when he holds another time, so somebody else asks.
    other = factories.customer("周先生")
    company.customer, company.address = other, factories.address(other, company.region)
    quote = factories.quote(company)
    offered = set(starts(company, quote))

    for n in range(24):
        start = factories.tomorrow(8) + timedelta(minutes=30 * n)
        if start in offered:
            assert factories.hold(company, start).status == "live"
            holds.release_hold(other.id, latest_hold().number, actor=factories.acting(other))
        else:
            with pytest.raises((Conflict, RuleViolation)):
                factories.hold(company, start)


def latest_hold():
    return db.session.scalars(sa.select(SlotHold).order_by(SlotHold.id.desc()).limit(1)).one()


def test_nobody_else_gets_a_held_hour_and_nothing_is_left_behind(company):
    factories.worker(company)
    factories.hold(company)
    rival = factories.customer("周先生")
    company.customer, company.address = rival, factories.address(rival, company.region)

    with pytest.raises(Conflict) as refusal:
        factories.hold(company)

    assert refusal.value.code == "slot_taken"
    assert len(claims()) == 1
    assert db.session.scalar(sa.select(sa.func.count(SlotHold.id))) == 1


def test_a_hold_that_ran_out_gives_way_without_a_sweep(company, clock):
    factories.worker(company)
    first = factories.hold(company)
    rival = factories.customer("周先生")
    company.customer, company.address = rival, factories.address(rival, company.region)

    clock.travel(timedelta(minutes=15))
    second = factories.hold(company)

    assert (first.status, second.status) == ("expired", "live")
    assert len(claims()) == 1


def test_a_crew_of_two_needs_two_who_are_free(company):
    factories.change(company.cleaning, crew_size=2)
    factories.worker(company)

    with pytest.raises(Conflict):
        factories.hold(company)
    factories.worker(company, name="李师傅")
    factories.hold(company)

    assert len(claims()) == 2


def test_the_chosen_worker_is_the_one_whose_time_is_taken(company):
    factories.worker(company)
    wished = factories.worker(company, name="李师傅")

    factories.hold(company, worker_id=wished.id)

    assert claims() == [(wished.id, "hold", "hold")]


def test_who_chooses_one_of_a_crew_of_two_is_offered_when_both_can_come(company):
    factories.change(company.cleaning, crew_size=2)
    wished = factories.worker(company, hours=(8, 16))
    quote = factories.quote(company)
    assert starts(company, quote, worker_id=wished.id) == []
    factories.worker(company, name="李师傅", hours=(10, 20))
    factories.worker(company, name="周师傅", hours=(10, 20))

    offered = starts(company, quote, worker_id=wished.id)

    assert (offered[0], offered[-1]) == (factories.tomorrow(10, 30), factories.tomorrow(13, 30))
    assert starts(company, quote)[-1] == factories.tomorrow(17, 30)
    factories.hold(company, offered[0], worker_id=wished.id)
    assert wished.id in [worker_id for worker_id, *_kind in claims()]
    with pytest.raises(Conflict) as refusal:
        factories.hold(company, factories.tomorrow(17, 30), worker_id=wished.id)
    assert refusal.value.details["reason"] == "off_shift"


def test_the_database_itself_refuses_an_overlap(company):
    worker = factories.worker(company)
    factories.hold(company)
    row = db.session.scalars(sa.select(WorkerBusy)).one()
    times = {"start_at": row.start_at, "end_at": row.end_at}
    visit = {"visit_start_at": row.visit_start_at, "visit_end_at": row.visit_end_at}

    with pytest.raises(Conflict), transaction() as session:
        session.add(
            WorkerBusy(worker_id=worker.id, kind="visit", owner="order:99", **times, **visit)
        )

    assert len(claims()) == 1


def test_ordering_takes_the_hold_over_and_freezes_price_rule_and_address(company):
    worker = factories.worker(company)

    order = factories.order(company, note="有猫, 请轻声")

    assert (order.status, order.total_fen, order.commission_bp) == ("pending_payment", 19900, 2000)
    assert order.address_detail == "人民北路 1 号 101"
    assert order.rules["settlement.hold_days"] == 7
    assert order.pay_by_at == clocks.now() + timedelta(minutes=15)
    assert claims() == [(worker.id, "visit", "order")]
    assert latest_hold().status == HoldStatus.TAKEN
    event = db.session.scalars(sa.select(OrderEvent)).one()
    assert (event.kind, event.to_status, event.actor_kind) == (
        "created", "pending_payment", "customer",
    )  # fmt: skip
    waiting = sa.select(Timer.kind).filter_by(status="waiting")
    assert db.session.scalars(waiting).all() == ["order.pay_timeout"]


def test_a_hold_is_used_once(company):
    factories.worker(company)
    held = factories.hold(company)
    who = {"actor": factories.acting(company.customer)}
    ordering.create_order(company.customer.id, held.number, held.quote.hash, **who)

    with pytest.raises(Conflict) as refusal:
        ordering.create_order(company.customer.id, held.number, held.quote.hash, **who)

    assert refusal.value.code == "hold_over"
    assert db.session.scalar(sa.select(sa.func.count(Order.id))) == 1


def test_a_price_that_the_customer_did_not_see_is_refused(company):
    factories.worker(company)
    held = factories.hold(company)

    with pytest.raises(RuleViolation) as refusal:
        ordering.create_order(
            company.customer.id, held.number, "0" * 64, actor=factories.acting(company.customer)
        )

    assert refusal.value.code == "quote_changed"
    assert held.status == "live"


def test_an_unpaid_order_closes_and_its_time_is_free_again(company, clock, queue):
    factories.worker(company)
    order = factories.order(company)

    clock.travel(timedelta(minutes=15))
    assert timers.fire_due() == 1
    queue.run_all()

    assert order.status == OrderStatus.CLOSED
    assert claims() == []
