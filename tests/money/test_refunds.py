"""Refunds: never more than was paid, sent once, booked when decided and when they arrive."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from app.domain.actors import SYSTEM
from app.domain.errors import RuleViolation
from app.extensions import db
from app.gateways.payment import GatewayRefused, OutcomeUnknown, RefundState
from app.models import Order, PaymentAttempt, Refund
from app.services.money import payments, refunds
from app.services.system.outbox import deliver_due
from app.services.transactions import locked, transaction
from tests.money.support import (
    again,
    another_attempt,
    balances,
    deliver_refunds,
    journal,
    order,
    pay,
    put,
)

PRICE = 33_400


def surplus(row, due_fen: int) -> list[Refund]:
    """The order became cheaper: give back the rest."""
    with transaction(SYSTEM) as session:
        fresh = locked(session, Order, row.id)
        fresh.due_fen = due_fen
        return refunds.refund_surplus(session, fresh, reason="cheaper", actor=SYSTEM)


def test_a_decided_refund_is_sent_after_commit_and_booked_when_it_arrives(paid, payment):
    (refund,) = surplus(paid, 30_000)
    assert balances()["refunds_due"] == 3_400

    deliver_due()
    (request,) = [r for r in payment.requests if hasattr(r, "out_refund_no")]
    assert (request.refund_fen, request.total_fen) == (3_400, 33_400)
    assert again(refund).status == "submitted"
    assert again(paid).refunded_fen == 0

    state = payment.finish_refund(refund.number)
    refunds.apply_refund("wechat", state)
    refunds.apply_refund("wechat", state)

    assert (again(refund).status, again(paid).refunded_fen) == ("succeeded", 3_400)
    assert journal(f"refund:{refund.id}") == [("refunds_due", 3_400), ("clearing_wechat", -3_400)]
    assert balances() == {"clearing_wechat": 30_000, "customer_prepayments": 30_000}


def test_nothing_goes_back_when_nothing_is_too_much(paid):
    assert surplus(paid, 33_400) == []


def test_two_decisions_together_never_exceed_the_payment(paid):
    surplus(paid, 30_000)
    (second,) = surplus(paid, 0)

    assert second.amount_fen == 30_000
    assert surplus(paid, 0) == []
    assert balances() == {"clearing_wechat": 33_400, "refunds_due": 33_400}


def test_the_database_refuses_a_refund_above_its_payment(paid):
    attempt = db.session.query(PaymentAttempt).filter_by(order_id=paid.id).one()

    with pytest.raises(IntegrityError):
        put(attempt, refund_fen=33_401)


def test_a_refund_larger_than_the_newest_payment_takes_the_next_one_too(company, payment):
    row = order(company, 10_000)
    pay(row)
    extra = another_attempt(row, 2_500)
    put(row, due_fen=12_500)
    payments.apply_payment("wechat", payment.pay(extra.out_trade_no))

    parts = surplus(row, 9_000)

    assert [(refund.attempt_id == extra.id, refund.amount_fen) for refund in parts] == [
        (True, 2_500),
        (False, 1_000),
    ]


def test_without_an_answer_a_refund_is_unknown_and_asked_about_before_it_is_sent_again(
    paid, payment
):
    (refund,) = surplus(paid, 0)
    payment.fails_with = OutcomeUnknown("time-out")
    with pytest.raises(OutcomeUnknown):
        refunds.submit(refund.id)
    assert again(refund).status == "unknown"
    sent = len(payment.requests)

    refunds.submit(refund.id)  # the channel has never heard of it: sent again, same number

    assert [r.out_refund_no for r in payment.requests[sent - 1 :]] == [refund.number] * 2
    assert again(refund).status == "submitted"
    payment.finish_refund(refund.number)
    assert refunds.refresh_open() == 1
    assert len(payment.requests) == sent + 1
    assert again(refund).status == "succeeded"


def test_a_message_delivered_twice_sends_once(paid, payment):
    (refund,) = surplus(paid, 0)
    refunds.submit(refund.id)
    sent = len(payment.requests)

    refunds.submit(refund.id)

    assert len(payment.requests) == sent


def test_a_refused_refund_stays_due(paid, payment):
    (refund,) = surplus(paid, 0)
    payment.fails_with = GatewayRefused("no", gateway_code="NOT_ENOUGH", temporary=False)

    refunds.submit(refund.id)

    assert (again(refund).status, again(refund).failure) == ("failed", "NOT_ENOUGH")
    assert balances()["refunds_due"] == 33_400


def test_a_refund_that_the_channel_finished_after_all_is_believed(paid, payment):
    (refund,) = surplus(paid, 0)
    payment.fails_with = GatewayRefused("no", gateway_code="X", temporary=False)
    refunds.submit(refund.id)

    refunds.apply_refund("wechat", RefundState(refund.number, "succeeded", refund_fen=33_400))

    assert again(refund).status == "succeeded"
    assert balances() == {}


@pytest.mark.parametrize("change", [{"refund_fen": 1}, {"out_trade_no": "P-other"}])
def test_another_refund_than_the_one_asked_for_is_refused(paid, payment, change):
    (refund,) = surplus(paid, 0)
    refunds.submit(refund.id)
    values = {"refund_fen": 33_400, **change}

    with pytest.raises(RuleViolation) as refused:
        refunds.apply_refund("wechat", RefundState(refund.number, "succeeded", **values))

    assert refused.value.code == "refund_mismatch"
    assert (again(refund).status, again(paid).refunded_fen) == ("submitted", 0)


def test_a_lost_message_is_made_up_for_by_the_sweep(paid, clock, payment):
    (refund,) = surplus(paid, 0)
    assert refunds.refresh_open() == 0
    clock.travel(timedelta(minutes=2))

    assert refunds.refresh_open() == 1

    assert again(refund).status == "submitted"


def test_money_paid_twice_comes_back_by_itself(paid, payment):
    twice = another_attempt(paid, 33_400)
    payments.apply_payment("wechat", payment.pay(twice.out_trade_no))

    deliver_refunds()

    fresh = again(paid)
    assert (fresh.captured_fen, fresh.refunded_fen) == (66_800, 33_400)
    assert balances() == {"clearing_wechat": 33_400, "customer_prepayments": 33_400}
