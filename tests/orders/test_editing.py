"""Changing an order before acceptance: the price follows, the booking is never lost."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import Conflict, NotFound, RuleViolation
from app.extensions import db
from app.models import Offer, OrderEdit, Refund, WorkerBusy
from app.services.dispatch import dispatching
from app.services.money import payments, refunds
from app.services.orders import deadlines, editing
from app.services.roster import claims
from app.services.system import outbox, timers
from app.services.transactions import transaction
from tests import factories
from tests.factories import acting, quote
from tests.money.support import (
    again,
    another_attempt,
    balances,
    count,
    gateway,
    pay,
    start,
    wrong,
)
from tests.orders.test_cancelling import accept, cancel


@pytest.fixture
def paid(company, worker):
    row = factories.order(company)
    pay(row)
    return row


def edit(row, company, *services, customer=None, **more):
    asked = quote(company, *services, options=more.pop("options", ()))
    who = customer or company.customer
    return editing.edit_order(
        who.id, row.id, asked.number, asked.hash, actor=acting(company.customer), **more
    )


def claimed(row) -> list[tuple]:
    rows = db.session.scalars(sa.select(WorkerBusy).filter_by(owner=row.owner))
    return sorted((busy.visit_start_at, busy.visit_end_at) for busy in rows)


def test_an_unpaid_order_is_priced_anew_and_its_old_attempt_closed(company, worker):
    row = factories.order(company)
    old = start(row)

    edit(row, company, company.cleaning, options=(company.eco,))
    outbox.deliver_due()

    fresh = again(row)
    assert (fresh.status, fresh.total_fen, fresh.due_fen) == ("pending_payment", 21_400, 21_400)
    assert (again(old).status, pay(row).amount_fen) == ("closed", 21_400)
    assert [line.amount_fen for line in fresh.lines] == [19_900, 1_500]
    assert wrong() == {}


def test_cheaper_gives_the_difference_back_and_withdraws_the_offers(paid, company):
    outbox.deliver_due()
    assert again(paid).status == "offered"

    edit(paid, company, company.aircon)

    fresh = again(paid)
    assert (fresh.status, fresh.due_fen, fresh.minutes) == ("pending_dispatch", 12_000, 60)
    assert balances() == {
        "clearing_wechat": 19_900, "customer_prepayments": 12_000, "refunds_due": 7_900,
    }  # fmt: skip
    assert db.session.scalars(sa.select(Offer.status)).all() == ["withdrawn"]
    assert claimed(paid) == [(fresh.planned_start, fresh.planned_start + timedelta(hours=1))]
    assert wrong() == {}
    outbox.deliver_due()
    assert again(paid).status == "offered"


def test_dearer_and_paid_it_waits_for_the_difference_and_both_times_are_claimed(paid, company):
    later = paid.planned_start + timedelta(hours=5)
    edit(paid, company, company.cleaning, company.aircon, starts_at=later)

    fresh = again(paid)
    assert (fresh.due_fen, fresh.unpaid_fen, fresh.total_fen) == (19_900, 12_000, 19_900)
    assert claimed(paid) == [
        (fresh.planned_start, fresh.planned_end), (later, later + timedelta(hours=3)),
    ]  # fmt: skip
    outbox.deliver_due()
    assert (again(paid).status, count(Offer)) == ("pending_dispatch", 0)
    assert wrong() == {}

    assert pay(paid).amount_fen == 12_000

    fresh = again(paid)
    assert (fresh.due_fen, fresh.captured_fen, fresh.supplement_fen) == (31_900, 31_900, 0)
    assert claimed(paid) == [(later, later + timedelta(hours=3))]
    assert db.session.scalars(sa.select(OrderEdit.status)).all() == ["applied"]
    outbox.deliver_due()
    assert again(paid).status == "offered"
    assert wrong() == {}


def test_what_is_on_its_way_back_pays_for_nothing(paid, company):
    """Made cheaper, then dearer again before the channel has given the difference back."""
    edit(paid, company, company.aircon)
    edit(paid, company, company.cleaning)

    assert (again(paid).returning_fen, again(paid).unpaid_fen) == (7_900, 7_900)
    assert pay(paid).amount_fen == 7_900
    assert (again(paid).due_fen, again(paid).unpaid_fen) == (19_900, 0)
    assert wrong() == {}


def test_nobody_is_sent_while_the_change_waits(paid, company, worker):
    edit(paid, company, options=(company.eco,))

    with pytest.raises(RuleViolation) as refused:
        dispatching.force_assign(paid.id, worker.id, reason="熟客", actor=SYSTEM)
    assert refused.value.code == "edit_open"


def test_unpaid_in_time_the_old_order_stands_as_it_was(paid, company, clock):
    edit(paid, company, options=(company.eco,))
    before = again(paid)
    clock.travel(timedelta(minutes=16))
    timers.fire_due()
    outbox.deliver_due()

    fresh = again(paid)
    assert (fresh.due_fen, fresh.unpaid_fen, fresh.status) == (19_900, 0, "offered")
    assert claimed(paid) == [(before.planned_start, before.planned_end)]
    assert db.session.scalars(sa.select(OrderEdit.status)).all() == ["dropped"]
    assert wrong() == {}


def test_paid_while_it_was_about_to_be_dropped_it_is_applied(paid, company, clock, payment):
    edit(paid, company, options=(company.eco,))
    attempt = start(paid)
    payment.pay(attempt.out_trade_no)
    clock.travel(timedelta(minutes=16))
    timers.fire_due()
    outbox.deliver_due()

    assert (again(paid).due_fen, again(paid).captured_fen) == (21_400, 21_400)
    assert wrong() == {}


def test_paid_after_it_was_dropped_it_goes_back(paid, company, clock, payment):
    edit(paid, company, options=(company.eco,))
    attempt = start(paid)
    clock.travel(timedelta(minutes=16))
    timers.fire_due()
    outbox.deliver_due()

    payments.apply_payment("wechat", payment.pay(attempt.out_trade_no))

    assert balances()["refunds_due"] == 1_500
    assert wrong() == {}


def test_the_same_payment_made_twice_pays_the_difference(paid, company, payment):
    """Money is money: what was paid twice is not sent back while more is owed."""
    twice = another_attempt(paid, 19_900)
    edit(paid, company, options=(company.eco,))

    payments.apply_payment("wechat", payment.pay(twice.out_trade_no))

    assert again(paid).due_fen == 21_400
    assert balances()["refunds_due"] == 18_400
    assert wrong() == {}


def test_a_concession_stays_on_the_new_price(paid, company):
    refunds.request_refund(paid.id, 900, reason="老客户", actor=SYSTEM)

    edit(paid, company, company.aircon)

    assert (again(paid).total_fen, again(paid).due_fen) == (12_000, 11_100)
    assert wrong() == {}


def test_cancelled_while_the_change_waits_nothing_of_it_is_left(paid, company):
    edit(paid, company, options=(company.eco,))

    done = cancel(paid)

    assert (done.refund_fen, again(paid).supplement_fen, count(WorkerBusy)) == (19_900, 0, 0)
    assert db.session.scalars(sa.select(OrderEdit.status)).all() == ["dropped"]
    assert wrong() == {}


def test_a_time_that_is_not_free_leaves_the_order_as_it_was(paid, company, worker):
    later = paid.planned_start + timedelta(hours=5)
    with transaction(SYSTEM):
        claims.lock_workers([worker.id])
        claims.block(worker.id, later, later + timedelta(hours=1), kind="leave", owner="leave:1")
    before = claimed(paid)

    with pytest.raises(Conflict) as refused:
        edit(paid, company, company.aircon, starts_at=later)

    assert refused.value.code == "slot_taken"
    assert (claimed(paid), again(paid).due_fen) == (before, 19_900)


def test_after_acceptance_it_is_not_changed(paid, company):
    accept(paid)
    with pytest.raises(RuleViolation) as refused:
        edit(paid, company, company.aircon)
    assert refused.value.code == "not_editable"


def test_one_change_at_a_time_and_by_nobody_else(paid, company):
    edit(paid, company, options=(company.eco,))
    with pytest.raises(Conflict):
        edit(paid, company, company.aircon)
    with pytest.raises(NotFound):
        edit(paid, company, company.aircon, customer=factories.customer())


def test_another_price_than_the_one_seen_is_refused(paid, company):
    asked = quote(company, company.aircon)
    with pytest.raises(RuleViolation) as refused:
        editing.edit_order(
            company.customer.id, paid.id, asked.number, "0" * 64,
            actor=Actor("customer", company.customer.id),
        )  # fmt: skip
    assert refused.value.code == "quote_changed"


def test_a_lost_timer_of_a_change_is_set_again(paid, company):
    edit(paid, company, options=(company.eco,))
    with transaction(SYSTEM):
        timers.cancel_timer("order.edit_expire", paid.id)

    assert deadlines.set_lost_timers() >= 1


def test_an_order_that_was_paid_in_part_closes_and_the_part_goes_back(company, worker, clock):
    """The channel was quicker than we: it took the old price after the order had become dearer."""
    row = factories.order(company)
    old = start(row)
    edit(row, company, company.cleaning, options=(company.eco,))
    payments.apply_payment("wechat", gateway().pay(old.out_trade_no))
    assert again(row).status == "pending_payment"

    clock.travel(timedelta(minutes=16))
    timers.fire_due()
    outbox.deliver_due()

    assert (again(row).status, claimed(row)) == ("closed", [])
    refund = db.session.scalars(sa.select(Refund)).one()
    assert (refund.amount_fen, refund.reason, row.refunded_fen) == (19_900, "paid_in_part", 0)
    assert wrong() == {}


def test_a_note_holds_at_once_and_work_done_again_stays_what_it_is(paid, company):
    edit(paid, company, options=(company.eco,), note="带梯子")
    assert (again(paid).note, again(paid).supplement_fen) == ("带梯子", 1_500)
    child = factories.order(company, factories.tomorrow(15))
    factories.change(child, parent_id=paid.id)

    with pytest.raises(RuleViolation) as refused:
        edit(child, company, company.aircon)

    assert refused.value.code == "not_editable"
    assert not editing.can_be_edited(again(child))
