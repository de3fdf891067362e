"""Refunds that people ask for: decided by amount, never by who asked, never above what was paid."""

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import Conflict, Forbidden, RuleViolation
from app.extensions import db
from app.gateways.payment import GatewayRefused
from app.models import Approval, Cancellation, Order, PaymentAttempt, Refund, RefundAllocation
from app.services.money import payments, refunds
from app.services.orders import cancelling
from app.services.system import approvals, parameters
from app.services.system.outbox import deliver_due
from app.services.transactions import locked, transaction
from tests import factories
from tests.money.support import (
    again,
    another_attempt,
    balances,
    complete,
    count,
    deliver_refunds,
    gateway,
    order,
    pay,
    put,
    serve,
    staff,
    wrong,
)

PRICE = 200_000


def ask(row, amount_fen: int, actor=None, **more) -> list[Refund]:
    return refunds.request_refund(
        row.id, amount_fen, reason="窗户没有擦", actor=actor or staff("service"), **more
    )


def waiting() -> Approval:
    return db.session.scalars(sa.select(Approval).filter_by(status="asked")).one()


def cancel(row) -> Cancellation:
    shown = cancelling.preview(db.session(), again(row), "customer")
    return cancelling.cancel_order(row.id, shown.hash, actor=Actor("customer", row.customer_id))


@pytest.fixture
def worker(company):
    return factories.worker(company)


def decide(actor: Actor, *, approve: bool = True) -> None:
    approvals.decide(waiting().id, approve=approve, note="看过", actor=actor)


def test_up_to_the_limit_it_is_decided_at_once_and_the_order_costs_less(paid):
    (refund,) = ask(paid, 20_000)

    deliver_refunds()

    fresh = again(paid)
    assert (again(refund).status, refund.kind) == ("succeeded", "refund")
    assert (fresh.due_fen, fresh.refunded_fen, fresh.unpaid_fen) == (180_000, 20_000, 0)
    assert count(Approval) == 0
    assert balances() == {"clearing_wechat": 180_000, "customer_prepayments": 180_000}
    assert wrong() == {}


def test_above_the_limit_one_other_person_agrees(paid):
    (refund,) = ask(paid, 20_001)

    assert (again(refund).status, again(paid).due_fen) == ("requested", 200_000)
    assert "refunds_due" not in balances()
    decide(staff("finance"))

    assert (again(refund).status, again(paid).due_fen) == ("approved", 179_999)
    assert balances()["refunds_due"] == 20_001
    assert wrong() == {}


def test_many_small_refunds_are_one_large_one(paid):
    ask(paid, 15_000)

    (second,) = ask(paid, 5_001)

    assert second.status == "requested"
    assert waiting().payload["people"] == 1


def test_from_the_second_limit_on_two_other_people_agree(paid):
    asker, first = staff("finance"), staff("finance")
    (refund,) = ask(paid, 100_000, asker)
    decide(first)
    assert again(refund).status == "requested"

    for nobody in (first, asker):
        with pytest.raises(Forbidden) as refused:
            decide(nobody)
        assert refused.value.code == "own_request"
    decide(staff("finance"))

    assert again(refund).status == "approved"
    assert wrong() == {}


def test_customer_service_decides_within_its_own_limit_and_never_its_own(paid):
    parameters.set_parameter("payment.automatic_refund_fen", 0, actor=SYSTEM)
    asker = staff("service")
    (small,) = ask(paid, 20_000, asker)
    with pytest.raises(Forbidden):
        decide(asker)
    decide(staff("service"))
    assert again(small).status == "approved"
    ask(paid, 20_001, asker)

    with pytest.raises(Forbidden):
        decide(staff("service"))


def test_others_do_not_ask(paid):
    for actor in (staff("dispatcher"), staff("administrator"), Actor("customer", 1)):
        with pytest.raises(Forbidden):
            ask(paid, 100, actor)
    assert count(Refund) == 0


def test_the_rules_of_the_house_ask_themselves(paid):
    (refund,) = ask(paid, 150_000, SYSTEM)

    assert refund.status == "approved"


def test_what_waits_is_reserved_and_free_again_when_it_is_rejected(paid):
    (refund,) = ask(paid, 150_000)
    with pytest.raises(RuleViolation) as refused:
        ask(paid, 50_001)
    assert (refused.value.code, refused.value.details["most_fen"]) == ("above_captured", 50_000)

    decide(staff("finance"), approve=False)

    assert again(refund).status == "rejected"
    assert db.session.scalars(sa.select(PaymentAttempt.refund_fen)).one() == 0
    assert again(paid).due_fen == 200_000
    (whole,) = ask(paid, 200_000)
    assert whole.amount_fen == 200_000
    assert wrong() == {}


def test_a_request_is_spread_over_the_payments_and_decided_as_one(company, payment):
    row = order(company, 50_000)
    pay(row)
    extra = another_attempt(row, 30_000)
    put(row, due_fen=80_000, total_fen=80_000)
    payments.apply_payment("wechat", payment.pay(extra.out_trade_no))

    parts = ask(row, 60_000)
    shares = db.session.scalars(sa.select(RefundAllocation).order_by(RefundAllocation.id)).all()
    assert [(part.attempt_id, part.amount_fen) for part in parts] == [
        (share.attempt_id, share.amount_fen) for share in shares
    ]
    assert [part.amount_fen for part in parts] == [30_000, 30_000]
    assert {share.refund_id for share in shares} == {parts[0].id}
    decide(staff("finance"))
    deliver_refunds()

    assert [again(part).status for part in parts] == ["succeeded"] * 2
    assert again(row).refunded_fen == 60_000
    assert [name for name in wrong() if name != "lines_add_up"] == []  # the price was put by hand


def test_nothing_is_given_back_of_what_was_not_paid(company):
    with pytest.raises(RuleViolation) as refused:
        ask(order(company, 1_000), 100)
    assert refused.value.code == "nothing_paid"


def test_compensation_before_the_work_takes_nothing_from_those_who_do_it(company, paid, worker):
    price = again(paid).due_fen
    ask(paid, 5_000, kind="compensation")
    decide(staff("finance"))
    deliver_refunds()
    assert (again(paid).due_fen, again(paid).unpaid_fen) == (price - 5_000, 0)

    serve(again(paid), worker)
    (accrual,) = complete(again(paid))

    assert accrual.base_fen == price
    assert balances()["compensation"] == 5_000
    assert [name for name in wrong() if name != "lines_add_up"] == []


def test_compensation_of_an_order_that_is_then_cancelled_is_a_part_of_what_comes_back(paid):
    ask(paid, 5_000, kind="compensation")
    decide(staff("finance"))
    deliver_refunds()

    cancel(paid)
    deliver_refunds()

    row = again(paid)
    assert (row.status, row.refunded_fen) == ("cancelled", row.captured_fen)
    assert "compensation" not in balances()
    assert [name for name in wrong() if name != "lines_add_up"] == []


def test_compensation_of_a_cancelled_order_is_borne_by_the_company(paid):
    put(paid, status="en_route")
    fee = cancel(paid).fee_fen
    assert fee > 1_000
    ask(paid, 1_000, kind="compensation")
    decide(staff("finance"))
    deliver_refunds()

    assert again(paid).due_fen == fee - 1_000
    assert (balances()["compensation"], balances()["cancellation_fees"]) == (1_000, fee)
    assert [name for name in wrong() if name != "lines_add_up"] == []


# When the channel cannot.


@pytest.fixture
def failed(paid, payment):
    (refund,) = ask(paid, 20_000)
    payment.fails_with = GatewayRefused("no", gateway_code="NOT_ENOUGH", temporary=False)
    deliver_due()
    assert again(refund).status == "failed"
    return refund


def test_a_failed_refund_is_sent_again_under_its_number(failed, payment):
    sent = len(payment.requests)

    refunds.send_again(failed.id, actor=staff("finance"))

    assert [r.out_refund_no for r in payment.requests[sent:]] == [failed.number]
    assert again(failed).status == "submitted"


def test_a_refund_that_had_arrived_after_all_is_not_sent_again(failed, payment):
    payment.refund(payment.requests[-1])
    payment.finish_refund(failed.number)
    sent = len(payment.requests)

    refunds.send_again(failed.id, actor=staff("finance"))

    assert (again(failed).status, len(payment.requests)) == ("succeeded", sent)


def test_only_a_failed_refund_is_sent_again(paid):
    (refund,) = ask(paid, 100)
    with pytest.raises(Conflict):
        refunds.send_again(refund.id, actor=staff("finance"))


def test_finance_settles_it_otherwise_by_two_people(failed, paid):
    one, other = staff("finance"), staff("finance")
    refunds.settle_otherwise(failed.id, "bank", reason="账户已注销", actor=one)
    with pytest.raises(Forbidden):
        refunds.confirm_settled(failed.id, reference="B1", actor=one)
    assert again(failed).status == "manual"

    refunds.confirm_settled(failed.id, reference="B1", actor=other)

    assert (again(failed).status, again(paid).refunded_fen) == ("succeeded", 20_000)
    assert balances() == {
        "clearing_wechat": 200_000, "clearing_bank": -20_000, "customer_prepayments": 180_000,
    }  # fmt: skip
    assert wrong() == {}


def test_it_is_not_settled_otherwise_while_the_channel_is_about_to_pay(failed, payment):
    payment.refund(payment.requests[-1])

    with pytest.raises(Conflict):
        refunds.settle_otherwise(failed.id, "bank", reason="账户已注销", actor=staff("finance"))

    assert again(failed).status == "submitted"


def test_what_the_channel_pays_as_well_lies_in_suspense_once(failed, payment):
    refunds.settle_otherwise(failed.id, "bank", reason="账户已注销", actor=staff("finance"))
    refunds.confirm_settled(failed.id, reference="B1", actor=staff("finance"))
    payment.refund(payment.requests[-1])
    arrived = payment.finish_refund(failed.number)

    for _ in range(2):
        refunds.apply_refund("wechat", arrived)

    assert balances() == {
        "clearing_wechat": 180_000, "clearing_bank": -20_000, "customer_prepayments": 180_000,
        "suspense": -20_000,
    }  # fmt: skip
    assert wrong() == {}


def test_what_is_paid_twice_while_a_request_waits_comes_back_at_once(company, paid):
    serve(paid, factories.worker(company))
    complete(paid)
    ask(paid, 90_000)
    twice = another_attempt(paid, 500)

    payments.apply_payment("wechat", gateway().pay(twice.out_trade_no))

    assert balances()["refunds_due"] == 500
    assert wrong() == {}


def test_what_a_request_held_comes_back_when_it_is_refused(paid):
    ask(paid, 150_000)
    put(paid, due_fen=100_000, total_fen=100_000)
    put(paid.lines[0], amount_fen=100_000)
    with transaction(SYSTEM) as session:
        refunds.refund_surplus(session, locked(session, Order, paid.id), reason="x", actor=SYSTEM)
    assert balances()["refunds_due"] == 50_000

    approvals.decide(waiting().id, approve=False, note="不退", actor=staff("finance"))

    assert balances() == {
        "clearing_wechat": 200_000, "refunds_due": 100_000, "customer_prepayments": 100_000,
    }  # fmt: skip
    assert wrong() == {}
