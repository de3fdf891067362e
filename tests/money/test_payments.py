"""Paying an order: attempts, what the channel says of them, and what becomes of the order."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.errors import NotFound, RuleViolation
from app.extensions import db
from app.gateways.payment import GatewayRefused, OutcomeUnknown, PaymentState
from app.models import Journal, OrderEvent, Outbox, PaymentAttempt, Refund
from app.services.money import channels, payments
from tests import factories
from tests.money.support import (
    again,
    another_attempt,
    balances,
    complete,
    count,
    journal,
    order,
    pay,
    put,
    serve,
    start,
)

PRICE = 33_400


def kinds(row) -> list[str]:
    query = sa.select(OrderEvent.kind).filter_by(order_id=row.id).order_by(OrderEvent.id)
    return list(db.session.scalars(query))


def apply(payment, attempt, **changes) -> PaymentAttempt:
    paid = payment.pay(attempt.out_trade_no)
    values = {**vars(paid), **changes}
    return payments.apply_payment("wechat", PaymentState(**values))


def test_the_attempt_waits_with_what_the_client_needs(unpaid, payment):
    attempt = start(unpaid)

    assert (attempt.status, attempt.amount_fen, attempt.channel) == ("pending", 33_400, "wechat")
    assert attempt.client_params == {
        "scene": "qr",
        "prepay_id": None,
        "code_url": f"weixin://wxpay/{attempt.out_trade_no}",
        "client_params": {},
        "pay_url": None,
    }
    request = payment.requests[0]
    assert (request.amount_fen, request.expires_at) == (33_400, unpaid.pay_by_at)
    assert request.notify_url.endswith("/api/pay/wechat/notice")
    assert kinds(unpaid) == ["payment.started"]


def test_notices_are_sent_to_an_address_that_exists(app):
    path = urlsplit(channels.notice_url("wechat")).path

    endpoint, _ = app.url_map.bind("localhost").match(path, method="POST")

    assert endpoint == "NoticeApi.wechat"


def test_the_attempt_is_on_disk_before_the_channel_hears_of_it(unpaid, payment):
    payment.fails_with = RuntimeError("the process dies here")

    with pytest.raises(RuntimeError):
        start(unpaid)

    assert [row.status for row in db.session.query(PaymentAttempt)] == ["created"]


def test_a_second_tap_finds_the_same_attempt(unpaid, payment):
    assert start(unpaid).id == start(unpaid).id
    assert len(payment.requests) == 1


def test_an_attempt_without_an_answer_is_unknown_and_the_next_one_is_another(unpaid, payment):
    payment.fails_with = OutcomeUnknown("time-out")
    first = start(unpaid)
    assert (first.status, first.client_params) == ("unknown", None)

    second = start(unpaid)

    assert (second.status, again(first).status) == ("pending", "unknown")
    numbers = [request.out_trade_no for request in payment.requests]
    assert numbers == [first.out_trade_no, second.out_trade_no]


def test_a_code_to_scan_is_not_given_to_wechats_own_client(unpaid, payment):
    customer = Actor("customer", unpaid.customer_id)
    scanned = start(unpaid)

    tapped = payments.start_payment(
        unpaid.id, "wechat", actor=customer, way=payments.Way(payer_openid="o1")
    )

    assert tapped.id != scanned.id
    assert (tapped.client_params or {})["prepay_id"] == f"prepay-{tapped.out_trade_no}"


def test_nobody_starts_payments_without_end(unpaid, payment):
    for _ in range(10):
        payment.fails_with = OutcomeUnknown("time-out")
        start(unpaid)

    with pytest.raises(RuleViolation) as refused:
        start(unpaid)

    assert (refused.value.code, count(PaymentAttempt)) == ("too_many_attempts", 10)


def test_a_refused_attempt_has_failed(unpaid, payment):
    payment.fails_with = GatewayRefused("no", gateway_code="NO_AUTH", temporary=False)

    with pytest.raises(GatewayRefused):
        start(unpaid)

    assert [row.status for row in db.session.query(PaymentAttempt)] == ["failed"]
    assert kinds(unpaid) == ["payment.started", "payment.failed"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"status": "cancelled", "due_fen": 0}, "nothing_to_pay"),
        ({"status": "closed"}, "nothing_to_pay"),
        ({"due_fen": 0, "total_fen": 0}, "nothing_to_pay"),
    ],
)
def test_what_takes_no_money_starts_no_payment(company, more, code):
    row = order(company, **more)

    with pytest.raises(RuleViolation) as refused:
        start(row)

    assert (refused.value.code, count(PaymentAttempt)) == (code, 0)


def test_nobody_pays_after_the_time_to_pay(unpaid, clock):
    clock.travel(timedelta(minutes=15))

    with pytest.raises(RuleViolation) as refused:
        start(unpaid)

    assert (refused.value.code, count(PaymentAttempt)) == ("pay_too_late", 0)


def test_only_offered_methods_are_taken(unpaid):
    with pytest.raises(RuleViolation) as refused:
        payments.start_payment(unpaid.id, "alipay", actor=Actor("customer", unpaid.customer_id))

    assert refused.value.code == "method_not_offered"


def test_a_payment_is_booked_and_moves_the_order(unpaid, payment):
    attempt = pay(unpaid)

    row = again(unpaid)
    assert (row.status, row.captured_fen, row.unpaid_fen) == ("pending_dispatch", 33_400, 0)
    assert (attempt.status, attempt.transaction_id) == ("succeeded", f"T{attempt.out_trade_no}")
    assert attempt.paid_at == payment.payments[attempt.out_trade_no].paid_at
    assert journal(f"payment:{attempt.id}") == [
        ("clearing_wechat", 33_400),
        ("customer_prepayments", -33_400),
    ]
    assert kinds(unpaid) == ["payment.started", "payment.succeeded", "paid"]
    assert [message.topic for message in db.session.query(Outbox)] == ["order.dispatch"]


def test_the_same_news_twice_changes_nothing(unpaid, payment):
    attempt = start(unpaid)
    paid = payment.pay(attempt.out_trade_no)
    payments.apply_payment("wechat", paid)

    payments.apply_payment("wechat", paid)

    assert again(unpaid).captured_fen == 33_400
    assert (count(Journal), count(Refund)) == (1, 0)
    assert balances() == {"clearing_wechat": 33_400, "customer_prepayments": 33_400}


@pytest.mark.parametrize(
    "changes", [{"amount_fen": 33_399}, {"amount_fen": None}, {"transaction_id": None}]
)
def test_another_payment_than_the_one_asked_for_is_refused(unpaid, payment, changes):
    attempt = start(unpaid)

    with pytest.raises(RuleViolation) as refused:
        apply(payment, attempt, **changes)

    assert refused.value.code == "payment_mismatch"
    assert (again(attempt).status, again(unpaid).captured_fen, balances()) == ("pending", 0, {})


def test_another_transaction_for_a_paid_attempt_is_refused(unpaid, payment):
    attempt = pay(unpaid)

    with pytest.raises(RuleViolation) as refused:
        apply(payment, attempt, transaction_id="T-other")

    assert refused.value.code == "payment_mismatch"
    assert balances() == {"clearing_wechat": 33_400, "customer_prepayments": 33_400}


@pytest.mark.parametrize(("channel", "number"), [("wechat", "P999999"), ("alipay", None)])
def test_a_number_or_channel_that_is_not_ours_is_refused(unpaid, payment, channel, number):
    attempt = start(unpaid)
    paid = payment.pay(attempt.out_trade_no)

    with pytest.raises(NotFound):
        payments.apply_payment(
            channel, PaymentState(**{**vars(paid), **({"out_trade_no": number} if number else {})})
        )

    assert again(attempt).status == "pending"


def test_two_attempts_paid_give_one_back(unpaid, payment):
    first = start(unpaid)
    second = another_attempt(unpaid, 33_400)
    apply(payment, first)

    apply(payment, second)

    row = again(unpaid)
    assert (row.status, row.captured_fen) == ("pending_dispatch", 66_800)
    refund = db.session.query(Refund).one()
    assert (refund.attempt_id, refund.amount_fen) == (second.id, 33_400)
    assert (refund.status, refund.reason) == ("approved", "paid_twice")
    assert journal(f"refund_due:{refund.id}") == [
        ("customer_prepayments", 33_400),
        ("refunds_due", -33_400),
    ]
    assert balances() == {
        "clearing_wechat": 66_800,
        "customer_prepayments": 33_400,
        "refunds_due": 33_400,
    }


def test_money_for_a_cancelled_order_goes_back(unpaid, payment):
    attempt = start(unpaid)
    put(unpaid, status="cancelled")

    apply(payment, attempt)

    assert again(unpaid).status == "cancelled"
    refund = db.session.query(Refund).one()
    assert (refund.amount_fen, refund.reason) == (33_400, "paid_after_end")


def test_a_late_payment_revives_the_order_when_somebody_is_free(company, payment):
    factories.worker(company)
    row = factories.order(company)
    attempt = start(row)
    put(row, status="closed")

    apply(payment, attempt)

    assert again(row).status == "pending_dispatch"
    assert count(Refund) == 0
    assert kinds(row)[-2:] == ["payment.succeeded", "late_payment"]


def test_a_late_payment_goes_back_when_nobody_is_free(unpaid, payment):
    attempt = start(unpaid)
    put(unpaid, status="closed")

    apply(payment, attempt)

    row = again(unpaid)
    assert (row.status, row.captured_fen) == ("closed", 33_400)
    refund = db.session.query(Refund).one()
    assert (refund.amount_fen, refund.attempt_id) == (33_400, attempt.id)


def test_an_attempt_closed_at_the_channel_can_still_be_paid(unpaid, payment):
    attempt = start(unpaid)
    payments.apply_payment("wechat", PaymentState(attempt.out_trade_no, "closed"))
    assert again(attempt).status == "closed"

    apply(payment, attempt)

    assert again(attempt).status == "succeeded"
    assert again(unpaid).status == "pending_dispatch"


def test_old_news_does_not_undo_a_payment(unpaid):
    attempt = pay(unpaid)

    for state in ("not_paid", "closed", "failed", "not_found", "unknown"):
        payments.apply_payment("wechat", PaymentState(attempt.out_trade_no, state))

    assert again(attempt).status == "succeeded"


def test_paying_after_the_work_settles_the_receivable(company, payment):
    row = order(company, 33_400, status="pending_dispatch", pay_mode="after", pay_by_at=None)
    serve(row, factories.worker(company))
    complete(row)
    assert balances()["customer_receivables"] == 33_400

    attempt = pay(row)

    assert journal(f"payment:{attempt.id}") == [
        ("clearing_wechat", 33_400),
        ("customer_receivables", -33_400),
    ]
    assert "customer_receivables" not in balances()
    assert again(row).status == "completed"
