"""A compensation is set against what the order owes; only the rest is paid out."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import RuleViolation
from app.extensions import db
from app.models import Approval, Notification, OrderEvent
from app.services.money import refunds
from app.services.orders import cancelling, editing
from app.services.system import approvals, outbox, timers
from tests import factories
from tests.kit.clients import customer_token, with_token
from tests.money.support import (
    again,
    balances,
    complete,
    deliver_refunds,
    journal,
    order,
    pay,
    put,
    serve,
    staff,
    start,
    wrong,
)
from tests.orders.test_cancelling import accept

PRICE = 30_000
AFTER = {"status": "pending_dispatch", "pay_mode": "after", "pay_by_at": None}


def compensate(row, amount_fen, actor=SYSTEM):
    return refunds.request_refund(
        row.id, amount_fen, reason="地板被刮花", kind="compensation", actor=actor
    )


def parts(asked) -> list[tuple[str, int]]:
    return [(one.kind, one.amount_fen) for one in asked]


def decide(*, approve: bool = True) -> None:
    for key in db.session.scalars(sa.select(Approval.id).filter_by(status="asked")).all():
        approvals.decide(key, approve=approve, note="看过", actor=staff())


@pytest.fixture
def billed(company, worker):
    """Served and confirmed for 300 yuan, paid afterwards: nothing was paid yet."""
    row = order(company, PRICE, **AFTER)
    serve(row, worker)
    complete(row)
    return row


def test_the_bill_falls_and_nothing_is_paid_out(billed):
    (one,) = compensate(billed, 5_000)

    assert (one.kind, one.status) == ("set_off", "succeeded")
    assert journal(f"set_off:{one.id}") == [
        ("compensation", 5_000), ("customer_receivables", -5_000),
    ]  # fmt: skip
    fresh = again(billed)
    assert (fresh.due_fen, fresh.unpaid_fen, fresh.refunded_fen) == (25_000, 25_000, 0)
    assert wrong() == {}
    told = sa.select(OrderEvent.data).filter_by(order_id=billed.id, kind="refund.set_off")
    assert db.session.scalars(told).one() == {
        "refund": one.number, "amount_fen": 5_000, "unpaid_fen": 25_000,
    }  # fmt: skip
    messages = db.session.scalars(sa.select(Notification.kind).filter_by(recipient_kind="customer"))
    assert "refund.set_off" in messages.all()
    assert pay(fresh).amount_fen == 25_000
    assert balances() == {
        "clearing_wechat": 25_000, "compensation": 5_000,
        "commission_income": 6_000, "worker_frozen": 24_000,
    }  # fmt: skip
    assert wrong() == {}


def test_what_is_above_the_bill_is_paid_by_hand(billed):
    asked = compensate(billed, PRICE + 5_000)

    assert parts(asked) == [("set_off", PRICE), ("goodwill", 5_000)]
    assert (again(billed).unpaid_fen, balances()["refunds_due"]) == (0, 5_000)
    assert wrong() == {}


def test_before_the_end_it_pays_a_part_of_the_bill_to_come(company, worker):
    row = order(company, PRICE, **AFTER)
    compensate(row, 5_000)
    assert balances() == {"compensation": 5_000, "customer_prepayments": 5_000}
    serve(again(row), worker)

    (accrual,) = complete(again(row))

    assert (accrual.base_fen, again(row).unpaid_fen) == (PRICE, 25_000)
    assert balances()["customer_receivables"] == 25_000
    assert wrong() == {}


def test_of_an_addition_that_is_not_paid_first_then_through_the_payments_then_by_hand(company):
    row = order(company, PRICE)
    pay(row)
    put(row, due_fen=PRICE + 5_000, total_fen=PRICE + 5_000)
    put(row.lines[0], amount_fen=PRICE + 5_000)

    asked = compensate(again(row), PRICE + 6_000)
    deliver_refunds()

    assert parts(asked) == [("compensation", PRICE), ("set_off", 5_000), ("goodwill", 1_000)]
    assert (again(row).due_fen, again(row).unpaid_fen) == (0, 0)
    assert wrong() == {}


def test_who_has_not_begun_to_pay_owes_nothing(company):
    assert parts(compensate(order(company, PRICE), 5_000)) == [("goodwill", 5_000)]


def test_an_attempt_at_the_old_amount_is_closed(billed):
    old = start(billed)

    compensate(billed, 5_000)
    outbox.deliver_due()

    assert again(old).status == "closed"
    assert start(again(billed)).amount_fen == 25_000


def test_it_is_decided_only_while_as_much_is_owed(billed):
    compensate(billed, 5_000, staff("service"))
    shown = db.session.scalars(sa.select(Approval)).one()
    assert (shown.payload["amount_fen"], shown.payload["set_off_fen"]) == (5_000, 5_000)
    pay(again(billed))

    with pytest.raises(RuleViolation) as refused:
        decide()

    assert (refused.value.code, refused.value.details["by_hand_fen"]) == ("changed_since_shown", 0)
    assert refused.value.details["through_fen"] == 5_000
    decide(approve=False)
    assert (again(billed).due_fen, "compensation" in balances()) == (PRICE, False)
    assert wrong() == {}


def test_two_requests_do_not_set_off_the_same_debt(billed):
    first = compensate(billed, 20_000, staff("service"))
    second = compensate(billed, 20_000, staff("service"))
    assert (parts(first), parts(second)) == (
        [("set_off", 20_000)], [("set_off", 10_000), ("goodwill", 10_000)],
    )  # fmt: skip

    decide()

    assert again(billed).unpaid_fen == 0
    assert wrong() == {}


@pytest.fixture
def changing(company, worker):
    """Paid 199 yuan; the change to 319 waits for its difference."""
    row = factories.order(company)
    pay(row)
    dearer = factories.quote(company, company.cleaning, company.aircon)
    by = factories.acting(company.customer)
    editing.edit_order(row.customer_id, row.id, dearer.number, dearer.hash, actor=by)
    return again(row)


def test_a_change_whose_difference_is_set_off_holds(changing):
    compensate(changing, changing.supplement_fen)
    outbox.deliver_due()

    fresh = again(changing)
    assert (fresh.total_fen, fresh.due_fen, fresh.supplement_fen) == (31_900, 19_900, 0)
    assert fresh.unpaid_fen == 0
    assert wrong() == {}


def test_what_was_set_off_of_a_change_that_was_dropped_comes_back(changing, clock):
    compensate(changing, 4_000)
    assert again(changing).unpaid_fen == 8_000
    clock.travel(timedelta(minutes=16))
    timers.fire_due()
    outbox.deliver_due()
    deliver_refunds()

    fresh = again(changing)
    assert (fresh.total_fen, fresh.due_fen, fresh.refunded_fen) == (19_900, 15_900, 4_000)
    assert wrong() == {}


def test_what_was_set_off_does_not_pay_the_fee_of_a_cancellation(company, worker, clock):
    put(company.cleaning, pay_mode="after")
    row = factories.order(company)
    accept(row)
    compensate(again(row), 5_000)
    clock.instant = again(row).planned_start - timedelta(hours=2)
    shown = cancelling.preview(db.session(), again(row), "customer")

    cancelling.cancel_order(row.id, shown.hash, actor=Actor("customer", row.customer_id))

    assert (shown.price_fen, shown.fee_fen, again(row).unpaid_fen) == (14_900, 4_470, 4_470)
    assert balances() == {"cancellation_fees": 4_470, "customer_receivables": 4_470}
    assert wrong() == {}


@pytest.mark.backends("sqlite")
def test_the_customer_reads_of_it_in_the_story_and_not_among_what_comes_back(billed):
    compensate(billed, 5_000)
    client = with_token(customer_token(billed.customer))
    path = f"/api/customer/v1/orders/{billed.number}"

    assert client.get(f"{path}/refunds").json["items"] == []
    story = [line["text"] for line in client.get(path).json["timeline"]]
    assert "补偿已抵扣您的应付款 · 减少 ¥50.00，还需支付 ¥250.00" in story
