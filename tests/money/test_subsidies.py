"""A coupon is the company's cost: workers earn on the price before it."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given as over
from hypothesis import strategies as st

from app.domain.actors import SYSTEM
from app.extensions import db
from app.models import Accrual, Order, PriceRule
from app.reports.settlement.lines import run_lines
from app.services import clock as city
from app.services.money import refunds, settlement, subsidies
from app.services.orders import editing, moving
from app.services.system import approvals, outbox
from tests import factories
from tests.kit.clients import with_token, worker_token
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
    wrong,
)
from tests.orders import moves
from tests.orders.test_cancelling import accept
from tests.orders.test_coupons import given, quote
from tests.orders.test_coupons import order as ordered

PRICE, OFF = 20_000, 2_000


def reduced(company, *, off_fen=OFF) -> Order:
    """Worth 200 yuan; the customer has paid what the coupon leaves of it."""
    row = order(company, PRICE - off_fen, coupon_fen=off_fen)
    if off_fen < PRICE:
        pay(row)
    return row


def refund(row, amount_fen, kind="refund"):
    (one,) = refunds.request_refund(
        row.id, amount_fen, reason="没有擦干净", kind=kind, actor=SYSTEM
    )
    return one


def bases(row) -> list[int]:
    query = sa.select(Accrual.base_fen).filter_by(order_id=row.id).order_by(Accrual.id)
    return list(db.session.scalars(query))


@over(st.integers(0, 10**8), st.integers(0, 10**8), st.integers(0, 10**8))
def test_the_coupon_bears_the_same_part_of_what_is_left(off, left, taken):
    kept = subsidies._kept(off, left, left + taken)

    assert 0 <= kept <= off
    assert abs(kept * (left + taken) - off * left) <= left + taken, "to the fen"
    assert taken or kept == off
    assert left or not taken or kept == 0


def test_a_crew_earns_what_it_would_without_the_coupon(company):
    crew = [factories.worker(company) for _ in range(2)]
    row = reduced(company)
    serve(row, *crew)

    complete(row)

    assert bases(row) == [10_000, 10_000]
    assert journal(f"revenue:{row.id}") == [
        ("customer_prepayments", 18_000),
        ("coupons", 2_000),
        ("commission_income", -4_000),
        ("worker_frozen", -8_000),
        ("worker_frozen", -8_000),
    ]
    assert wrong() == {}


def test_of_an_order_that_costs_the_customer_nothing_the_crew_earns_all(company, worker):
    row = reduced(company, off_fen=PRICE)
    serve(row, worker)

    complete(row)

    assert balances() == {"coupons": 20_000, "commission_income": 4_000, "worker_frozen": 16_000}
    assert wrong() == {}


def test_a_refund_takes_back_the_coupons_part_too_and_a_whole_one_all(company, worker):
    row = reduced(company)
    serve(row, worker)
    complete(row)

    half, rest = refund(row, 9_000), refund(again(row), 9_000)
    deliver_refunds()

    assert journal(f"refund_due:{half.id}") == [
        ("coupons", -1_000),
        ("commission_income", 2_000),
        ("worker_frozen", 8_000),
        ("refunds_due", -9_000),
    ]
    assert journal(f"refund_due:{rest.id}")[0] == ("coupons", -1_000)
    assert (again(row).due_fen, again(row).subsidy_fen, balances()) == (0, 0, {})
    assert wrong() == {}


def test_what_was_settled_already_is_owed_with_the_coupons_part(company, worker, clock):
    row = reduced(company)
    serve(row, worker)
    complete(row)
    clock.travel(timedelta(days=7))
    run = settlement.make_run(company.branch.id, date(2030, 5, 6), city.today(), actor=staff())
    asked = settlement.ask_approval(run.id, actor=staff())
    approvals.decide(asked.id, approve=True, actor=staff())
    [line] = run_lines(run.id)
    assert (line.list_fen, line.discount_fen, line.paid_fen) == (20_000, 2_000, 18_000)
    assert (line.refunded_fen, line.other_fen, line.base_fen) == (0, 0, 20_000)

    refund(row, 9_000)
    deliver_refunds()
    [line] = run_lines(run.id)
    assert (line.discount_fen, line.refunded_fen, line.other_fen) == (1_000, 9_000, -10_000)

    assert (run.base_fen, run.payable_fen) == (20_000, 16_000)
    assert balances()["worker_negative"] == 8_000
    assert wrong() == {}


def test_a_refund_before_the_end_leaves_less_to_earn(company, worker):
    row = reduced(company)
    refund(row, 6_000)
    serve(row, worker)

    complete(again(row))

    assert (again(row).subsidy_fen, bases(row)) == (1_333, [13_333])
    assert wrong() == {}


def test_a_compensation_leaves_the_coupon_and_the_share_as_they_are(company, worker):
    row = reduced(company)
    refund(row, 9_000, kind="compensation")
    serve(row, worker)

    complete(again(row))

    assert (again(row).due_fen, bases(row), balances()["coupons"]) == (9_000, [20_000], 2_000)
    assert wrong() == {}


def test_a_changed_order_is_borne_by_its_own_coupon(company, worker):
    given(company.customer)
    given(company.customer, "K2", amount_fen=5_000)
    row, by = ordered(company, quote(company)), factories.acting(company.customer)
    borne = [row.subsidy_fen]

    for asked in (quote(company, code="K2"), quote(company, code="")):
        editing.edit_order(company.customer.id, row.id, asked.number, asked.hash, actor=by)
        borne.append(again(row).subsidy_fen)

    assert borne == [2_000, 5_000, 0]


def test_of_a_change_after_a_refund_it_bears_the_part_that_is_left(company, worker):
    given(company.customer)
    given(company.customer, "K2", amount_fen=5_000)
    row, by = ordered(company, quote(company)), factories.acting(company.customer)
    pay(row)
    refund(row, 7_450)
    asked = quote(company, code="K2")

    editing.edit_order(company.customer.id, row.id, asked.number, asked.hash, actor=by)

    assert (again(row).due_fen, again(row).subsidy_fen) == (7_450, 2_500)
    assert wrong() == {}


@pytest.mark.backends("sqlite")
def test_she_is_offered_her_part_of_the_price_before_the_coupon(company, worker):
    given(company.customer)
    row = ordered(company, quote(company))
    pay(row)

    outbox.deliver_due()
    client = with_token(worker_token(worker))
    [offer] = client.get("/api/worker/v1/offers").json["items"]

    assert (row.due_fen, offer["earns_fen"]) == (17_900, 15_920)


@pytest.mark.backends("sqlite")
def test_the_proof_finds_a_coupon_that_was_not_booked_or_is_above_its_line(company, worker):
    row = reduced(company)
    serve(row, worker)
    complete(row)
    put(row, subsidy_fen=2_001)

    found = wrong()

    assert found == {"orders_are_explained": [row.id], "completed_orders_are_earned": [row.id]}


def test_at_another_time_the_coupon_bears_its_part_of_that_price(company, worker):
    factories.coupon(company.customer, kind="percent", amount_fen=0, rate_bp=1_000)
    day = factories.tomorrow() + timedelta(days=1)
    row = ordered(company, quote(company), day)
    pay(row)
    accept(row)
    peak = {"name": "高峰", "name_en": "Peak", "valid_from": date(2020, 1, 1), "amount_fen": 3_000}
    factories.save(PriceRule(from_minute=12 * 60, to_minute=18 * 60, **peak))
    case = moves.Booked(company, row, worker, worker, staff())

    asked = moves.ask(case, difference_fen=2_700)
    moving.answer(asked.id, agree=True, **moves.worker(case))

    fresh = again(row)
    assert (fresh.total_fen, fresh.due_fen, fresh.subsidy_fen) == (20_610, 20_610, 2_290)
    assert wrong() == {}
