"""What becomes of attempts that nobody tells us of, and closing those whose time is over."""

from datetime import timedelta

import pytest

from app.extensions import db
from app.gateways.payment import OutcomeUnknown
from app.models import PaymentAttempt
from app.services.money import channels, payments
from app.services.transactions import transaction
from tests.money.support import again, another_attempt, balances, order, put, start

PRICE = 33_400


def test_a_query_finds_what_no_notice_told(unpaid, payment):
    attempt = start(unpaid)
    payment.pay(attempt.out_trade_no)

    payments.query_payment(attempt.id)

    assert again(attempt).status == "succeeded"
    assert again(unpaid).status == "pending_dispatch"


def test_an_unknown_attempt_waits_again_once_the_channel_answers(unpaid, payment):
    attempt = start(unpaid)
    put(attempt, status="unknown")

    payments.query_payment(attempt.id)

    assert again(attempt).status == "pending"


def test_the_sweep_asks_about_all_and_survives_one_that_fails(company, payment):
    first, second = (start(order(company)) for _ in range(2))
    payment.pay(first.out_trade_no)
    payment.pay(second.out_trade_no)
    payment.fails_with = OutcomeUnknown("time-out")

    assert payments.query_open_payments() == 2
    assert [again(first).status, again(second).status] == ["pending", "succeeded"]

    assert payments.query_open_payments() == 1
    assert again(first).status == "succeeded"


def test_the_longest_unasked_is_asked_first(company, clock):
    first, second = (start(order(company)) for _ in range(2))
    payments.query_open_payments(limit=1)
    clock.travel(timedelta(seconds=30))

    payments.query_open_payments(limit=1)

    asked = [again(first).asked_at, again(second).asked_at]
    assert asked == [clock.now() - timedelta(seconds=30), clock.now()]


def test_closing_ends_every_open_attempt_at_the_channel(unpaid, payment):
    first = start(unpaid)
    second = another_attempt(unpaid, 33_400)

    payments.close_open_attempts(unpaid.id)

    assert {again(first).status, again(second).status} == {"closed"}
    assert {state.state for state in payment.payments.values()} == {"closed"}


def test_closing_applies_what_was_paid_meanwhile(unpaid, payment):
    attempt = start(unpaid)
    payment.pay(attempt.out_trade_no)

    payments.close_open_attempts(unpaid.id)

    assert again(attempt).status == "succeeded"
    assert again(unpaid).status == "pending_dispatch"
    assert balances()["customer_prepayments"] == 33_400


def test_an_attempt_that_the_channel_never_heard_of_is_closed(unpaid, payment):
    payment.fails_with = RuntimeError("the process dies here")
    with pytest.raises(RuntimeError):
        start(unpaid)

    payments.close_open_attempts(unpaid.id)

    assert [row.status for row in db.session.query(PaymentAttempt)] == ["closed"]


def test_closing_without_an_answer_says_so_and_changes_nothing(unpaid, payment, monkeypatch):
    attempt = start(unpaid)

    def silent(_number):
        raise OutcomeUnknown("time-out")

    monkeypatch.setattr(payment, "query", silent)

    with pytest.raises(OutcomeUnknown):
        payments.close_open_attempts(unpaid.id)

    assert again(attempt).status == "pending"


def test_the_sweep_ends_attempts_and_orders_whose_time_is_over(unpaid, payment, clock):
    attempt = start(unpaid)
    clock.travel(timedelta(minutes=16))

    payments.query_open_payments()

    assert again(attempt).status == "closed"
    assert again(unpaid).status == "closed"
    assert payment.payments[attempt.out_trade_no].state == "closed"


def test_a_provider_is_never_called_inside_a_transaction(app):
    with transaction(), pytest.raises(RuntimeError, match="never called inside"):
        channels.gateway("wechat")
