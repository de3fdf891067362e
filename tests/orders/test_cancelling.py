"""Cancelling: the ladder, the arithmetic that was shown, and nothing left behind."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import NotFound, RuleViolation
from app.extensions import db
from app.models import (
    Assignment,
    Cancellation,
    Offer,
    Order,
    Refund,
    Timer,
    Visit,
    WorkerBusy,
)
from app.services.dispatch import answering
from app.services.money import payments, refunds
from app.services.orders import cancelling
from app.services.system import outbox, parameters, timers
from app.services.visits import checking
from tests import factories
from tests.kit.clients import add_staff
from tests.money.support import again, balances, count, pay, put, start, wrong

# Rules that no database decides: on PostgreSQL `make crawl` tries them.
pytestmark = pytest.mark.crawler(backend="postgresql")


@pytest.fixture
def paid(company, worker):
    """An order of 199.00 for 09:00 two days from now."""
    row = factories.order(company, factories.tomorrow() + timedelta(days=1))
    pay(row)
    return row


def accept(row) -> None:
    outbox.deliver_due()
    offer = db.session.scalars(sa.select(Offer).filter_by(order_id=row.id)).one()
    answering.accept_offer(offer.id, offer.worker_id, actor=Actor("worker", offer.worker_id))


def shown(row, party: str = "customer"):
    return cancelling.preview(db.session(), again(row), party)


def cancel(row, party: str = "customer", **more) -> Cancellation:
    actor = SYSTEM if party == "platform" else Actor("customer", row.customer_id)
    more = {"shown_hash": shown(row, party).hash, **more}
    done = cancelling.cancel_order(row.id, party=party, actor=actor, **more)
    outbox.deliver_due()
    return done


def test_an_unpaid_order_ends_for_nothing_and_frees_everything(company, worker):
    row = factories.order(company)
    done = cancel(row)

    assert (done.step, done.fee_fen, done.refund_fen) == ("unpaid", 0, 0)
    assert (again(row).status, again(row).due_fen) == ("cancelled", 0)
    assert (count(WorkerBusy), count(Refund)) == (0, 0)
    assert db.session.scalars(sa.select(Timer.id).filter_by(status="waiting")).all() == []
    assert wrong() == {}


def test_before_acceptance_everything_comes_back(paid):
    outbox.deliver_due()
    assert again(paid).status == "offered"

    done = cancel(paid)

    assert (done.step, done.rate_bp, done.refund_fen) == ("before_acceptance", 0, 19_900)
    assert db.session.scalars(sa.select(Offer.status)).all() == ["withdrawn"]
    assert balances() == {"clearing_wechat": 19_900, "refunds_due": 19_900}
    assert db.session.scalars(sa.select(Visit.status)).all() == ["cancelled"]
    assert wrong() == {}


def test_an_accepted_order_is_free_until_six_the_day_before_then_it_costs(paid, clock):
    accept(paid)
    clock.instant = factories.at(again(paid).service_on - timedelta(days=1), 17, 59)
    assert (shown(paid).step, shown(paid).fee_fen) == ("in_time", 0)
    clock.travel(timedelta(minutes=1))

    done = cancel(paid, reason_code="changed_mind")

    assert (done.step, done.rate_bp) == ("late", 3_000)
    assert (done.fee_fen, done.refund_fen) == (5_970, 13_930)
    assert db.session.scalars(sa.select(Assignment.status)).all() == ["ended"]
    assert (again(paid).due_fen, again(paid).unpaid_fen) == (5_970, 0)
    assert balances() == {
        "clearing_wechat": 19_900, "refunds_due": 13_930, "cancellation_fees": 5_970,
    }  # fmt: skip
    assert count(WorkerBusy) == 0
    assert wrong() == {}


def test_after_the_departure_half_is_kept_and_a_refund_of_the_fee_is_possible(
    paid, worker, clock, payment
):
    accept(paid)
    clock.instant = again(paid).planned_start - timedelta(minutes=30)
    visit = db.session.scalars(sa.select(Visit)).one()
    checking.depart(visit.id, worker.id, checking.Presence(), actor=Actor("worker", worker.id))

    done = cancel(paid)
    assert (done.step, done.fee_fen) == ("departed", 9_950)
    refunds.request_refund(paid.id, 4_000, reason="师傅迟到", actor=SYSTEM)

    assert again(paid).due_fen == 5_950
    assert balances()["cancellation_fees"] == 5_950
    assert wrong() == {}


def test_the_platform_gives_everything_back(paid, clock):
    accept(paid)
    clock.instant = again(paid).planned_start - timedelta(minutes=30)

    done = cancel(paid, "platform", reason_code="nobody_found")

    assert (done.party, done.step, done.fee_fen, done.refund_fen) == (
        "platform", "platform", 0, 19_900,
    )  # fmt: skip
    assert wrong() == {}


def test_the_rules_are_those_that_the_order_froze(paid, clock):
    accept(paid)
    put(again(paid), rules={**paid.rules, "cancel.late_percent": 10})
    clock.instant = again(paid).planned_start - timedelta(hours=1)

    assert shown(paid).fee_fen == 1_990


def test_what_is_done_is_what_was_shown(paid, clock):
    accept(paid)
    clock.instant = factories.at(again(paid).service_on - timedelta(days=1), 17, 59)
    free = shown(paid)
    clock.travel(timedelta(minutes=1))

    with pytest.raises(RuleViolation) as refused:
        cancel(paid, shown_hash=free.hash)

    assert refused.value.code == "changed_since_shown"
    assert refused.value.details["fee_fen"] == 5_970
    assert (again(paid).status, count(Cancellation)) == ("accepted", 0)


def test_what_waited_for_a_decision_comes_back_with_the_rest(paid):
    (asked,) = refunds.request_refund(paid.id, 100, reason="少做", actor=SYSTEM)
    (waits,) = _waiting_refund(paid, Actor("staff", add_staff("service").id))
    assert (asked.status, waits.status) == ("approved", "requested")

    done = cancel(paid)

    assert done.refund_fen == 19_800
    assert again(waits).status == "rejected"
    assert wrong() == {}


def _waiting_refund(paid, actor):
    parameters.set_parameter("payment.automatic_refund_fen", 0, actor=SYSTEM)
    return refunds.request_refund(paid.id, 10_000, reason="少做", actor=actor)


def test_paid_after_it_was_cancelled_it_goes_back(company, worker, payment):
    row = factories.order(company)
    attempt = start(row)
    cancel(row)
    assert again(attempt).status == "closed"

    payments.apply_payment("wechat", payment.pay(attempt.out_trade_no))

    assert balances() == {"clearing_wechat": 19_900, "refunds_due": 19_900}
    assert wrong() == {}


def test_a_fee_that_was_not_prepaid_is_owed_and_asked_for(company, worker, clock):
    factories.change(company.cleaning, pay_mode="after")
    row = factories.order(company, factories.tomorrow() + timedelta(days=1))
    accept(row)
    clock.instant = again(row).planned_start - timedelta(hours=1)

    cancel(row)

    assert balances() == {"customer_receivables": 5_970, "cancellation_fees": 5_970}
    assert again(row).unpaid_fen == 5_970
    assert wrong() == {}
    pay(row)
    assert balances() == {"clearing_wechat": 5_970, "cancellation_fees": 5_970}
    assert wrong() == {}


def test_nobody_cancels_for_somebody_else(paid):
    with pytest.raises(NotFound):
        cancel(paid, customer_id=paid.customer_id + 1)
    assert again(paid).status == "pending_dispatch"


@pytest.mark.parametrize("status", ["in_service", "pending_confirm", "completed", "closed"])
def test_what_has_begun_or_ended_is_not_cancelled(paid, status):
    put(paid, status=status)
    with pytest.raises(RuleViolation) as refused:
        shown(paid)
    assert refused.value.code == "not_cancellable"


def test_a_message_that_comes_twice_changes_nothing(company, worker):
    row = factories.order(company)
    cancel(row)
    timers.fire_due()
    outbox.deliver_due()

    assert db.session.scalars(sa.select(Order.status)).all() == ["cancelled"]
