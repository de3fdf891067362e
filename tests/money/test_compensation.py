"""Compensation is the company's own money: above what was paid too, never above what is earned."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import Conflict, Forbidden, InvalidInput, RuleViolation
from app.extensions import db
from app.gateways.payment import RefundState
from app.models import Approval, Notification, Offer, Order, Refund
from app.services.dispatch import answering
from app.services.money import refunds
from app.services.orders import cancelling, editing
from app.services.system import approvals, outbox
from tests import factories
from tests.money.support import (
    again,
    balances,
    complete,
    deliver_refunds,
    order,
    pay,
    put,
    serve,
    staff,
    wrong,
)

PRICE = 30_000


def compensate(row: Order, amount_fen: int, actor: Actor = SYSTEM) -> list[Refund]:
    return refunds.request_refund(
        row.id, amount_fen, reason="地板被刮花", kind="compensation", actor=actor
    )


def decide(actor: Actor, *, approve: bool = True) -> None:
    asked = db.session.scalars(sa.select(Approval.id).filter_by(status="asked")).one()
    approvals.decide(asked, approve=approve, note="看过", actor=actor)


def parts(asked: list[Refund]) -> list[tuple[str, int]]:
    return [(refund.kind, refund.amount_fen) for refund in asked]


def pay_by_hand(goodwill: Refund) -> None:
    refunds.settle_otherwise(goodwill.id, "bank", reason="银行转账", actor=staff())
    refunds.confirm_settled(goodwill.id, reference="B20300101", actor=staff())


def test_what_no_payment_bears_is_paid_by_hand_by_two_people(paid):
    through, goodwill = compensate(paid, 50_000)
    assert parts([through, goodwill]) == [("compensation", PRICE), ("goodwill", 20_000)]
    assert goodwill.request_number == through.number
    deliver_refunds()
    assert (again(through).status, again(goodwill).status) == ("succeeded", "approved")
    assert balances()["refunds_due"] == 20_000
    told = db.session.scalars(sa.select(Notification.kind).filter_by(recipient_kind="staff"))
    assert "refund.by_hand" in told.all()
    assert wrong() == {}

    one = staff()
    refunds.settle_otherwise(goodwill.id, "bank", reason="银行转账", actor=one)
    with pytest.raises(Forbidden):
        refunds.confirm_settled(goodwill.id, reference="B1", actor=one)
    refunds.confirm_settled(goodwill.id, reference="B1", actor=staff())

    row = again(paid)
    assert (row.due_fen, row.refunded_fen, row.captured_fen) == (0, PRICE, PRICE)
    assert balances() == {
        "clearing_bank": -20_000, "customer_prepayments": PRICE, "compensation": 50_000,
    }  # fmt: skip
    assert wrong() == {}


def test_the_workers_earn_the_whole_price_whatever_was_given(company, paid):
    compensate(paid, 50_000)
    deliver_refunds()
    serve(again(paid), factories.worker(company))

    (accrual,) = complete(again(paid))

    assert accrual.base_fen == PRICE
    assert wrong() == {}


def test_after_a_full_refund_the_whole_of_it_is_goodwill(paid):
    shown = cancelling.preview(db.session(), paid, "platform")
    cancelling.cancel_order(paid.id, shown.hash, party="platform", actor=SYSTEM)
    (goodwill,) = compensate(paid, 5_000)
    deliver_refunds()
    pay_by_hand(goodwill)

    assert again(paid).refunded_fen == PRICE
    assert balances() == {"clearing_bank": -5_000, "compensation": 5_000}
    assert wrong() == {}


def test_an_order_that_nobody_has_paid_can_be_compensated(company):
    (goodwill,) = compensate(order(company, 1_000), 5_000)
    assert parts([goodwill]) == [("goodwill", 5_000)]
    assert wrong() == {}
    with pytest.raises(InvalidInput):
        compensate(again(goodwill).order, 0)


def test_both_parts_are_approved_as_one_and_the_amount_says_by_whom(paid):
    asker = staff("service")
    asked = compensate(paid, 120_000, asker)
    shown = db.session.scalars(sa.select(Approval)).one()
    assert (shown.kind, shown.payload["people"]) == ("refund", 2)
    assert (shown.payload["amount_fen"], shown.payload["by_hand_fen"]) == (120_000, 90_000)
    for goodwill in asked:
        with pytest.raises(Conflict):
            refunds.settle_otherwise(goodwill.id, "bank", reason="太早", actor=staff())

    decide(staff())
    decide(staff())

    assert [again(refund).status for refund in asked] == ["approved"] * 2
    assert wrong() == {}


def test_refused_or_cancelled_nothing_of_it_is_left(paid):
    compensate(paid, 40_000, staff("service"))
    decide(staff(), approve=False)
    compensate(paid, 40_000, staff("service"))
    shown = cancelling.preview(db.session(), again(paid), "customer")
    assert shown.paid_fen == PRICE

    cancelling.cancel_order(paid.id, shown.hash, actor=Actor("customer", paid.customer_id))

    statuses = db.session.scalars(sa.select(Refund.status).where(Refund.kind != "surplus"))
    assert statuses.all() == ["rejected"] * 4
    assert "compensation" not in balances()
    assert wrong() == {}


def test_no_channel_can_say_that_it_was_paid(paid, clock):
    _through, goodwill = compensate(paid, 40_000)
    state = RefundState(goodwill.number, "succeeded", refund_fen=10_000, refund_id="X1")

    with pytest.raises(RuleViolation) as refused:
        refunds.apply_refund("wechat", state)

    assert refused.value.code == "refund_mismatch"
    assert again(goodwill).status == "approved"
    clock.travel(timedelta(minutes=5))
    assert refunds.refresh_open() == 1  # the other part alone
    assert wrong() == {}


@pytest.fixture(scope="module")
def booked_made(once, company_made):
    def make():
        rows = company_made()
        factories.worker(rows)
        row = factories.order(rows)
        pay(row)
        return rows, row

    return once(make)


def test_changed_to_cost_less_than_it_was_compensated_it_earns_its_new_price(app, booked_made):
    company, row = booked_made()
    compensate(row, 15_000)
    deliver_refunds()
    asked = factories.quote(company, company.aircon)
    editing.edit_order(
        row.customer_id, row.id, asked.number, asked.hash, actor=factories.acting(company.customer)
    )
    deliver_refunds()
    assert (again(row).due_fen, again(row).refunded_fen) == (0, again(row).captured_fen)
    assert balances()["compensation"] == 12_000

    outbox.deliver_due()
    offer = db.session.scalars(sa.select(Offer).filter_by(status="live")).one()
    answering.accept_offer(offer.id, offer.worker_id, actor=Actor("worker", offer.worker_id))
    put(again(row).visits[0], status="done")
    (accrual,) = complete(again(row))

    assert (asked.total_fen, accrual.base_fen) == (12_000, 12_000)
    assert wrong() == {}
