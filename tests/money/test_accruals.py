"""Revenue: the order's price becomes commission and the crew's frozen payable, to the fen."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.actors import SYSTEM
from app.domain.ledger import Line
from app.domain.money import share, split
from app.extensions import db
from app.models import Accrual, Journal
from app.services.money import ledger, reversing
from tests import factories
from tests.money.support import (
    balances,
    complete,
    count,
    deliver_refunds,
    earned,
    journal,
    order,
    pay,
    put,
    serve,
)

weights = st.lists(st.integers(1, 10**6), min_size=1, max_size=8)
amounts = st.integers(0, 10**12)
rates = st.integers(0, 10_000)


@given(amounts, weights)
def test_a_split_adds_up_and_is_fair(amount, parts):
    shares = split(amount, parts)

    assert sum(shares) == amount
    for part, weight in zip(shares, parts, strict=True):
        assert abs(part - amount * weight / sum(parts)) < 1 + 1e-3


@given(amounts, rates, weights)
def test_the_crews_parts_add_up_and_leave_nobody_with_less_than_nothing(amount, rate, parts):
    shares = reversing.anew(amount, rate, parts)

    assert sum(one.base_fen for one in shares) == amount
    assert all(0 <= one.commission_fen <= one.base_fen for one in shares)
    assert all(one.commission_fen == share(one.base_fen, rate) for one in shares)


def test_a_completed_order_pays_the_company_and_its_worker(company):
    worker = factories.worker(company)

    row = earned(company, worker, 33_400)

    assert journal(f"revenue:{row.id}") == [
        ("customer_prepayments", 33_400),
        ("commission_income", -6_680),
        ("worker_frozen", -26_720),
    ]
    assert balances() == {
        "clearing_wechat": 33_400,
        "commission_income": 6_680,
        "worker_frozen": 26_720,
    }


def test_an_accrual_is_released_after_the_days_that_the_order_froze(company, clock):
    row = order(company, 33_400, rules={"settlement.hold_days": 3})
    pay(row)
    serve(row, factories.worker(company))
    clock.instant += timedelta(hours=16)  # 01:00 of the next day in the city

    (accrual,) = complete(row)

    assert (accrual.earned_on, accrual.release_on) == (date(2030, 5, 7), date(2030, 5, 10))
    assert (accrual.base_fen, accrual.commission_bp) == (33_400, 2_000)
    assert (accrual.commission_fen, accrual.worker_fen) == (6_680, 26_720)


def test_a_crew_shares_to_the_fen(company):
    row = order(company, 10_001)
    pay(row)
    serve(row, *(factories.worker(company) for _ in range(3)))

    parts = complete(row)

    assert [(part.base_fen, part.commission_fen, part.worker_fen) for part in parts] == [
        (3_334, 667, 2_667),
        (3_334, 667, 2_667),
        (3_333, 667, 2_666),
    ]
    assert balances()["commission_income"] == 2_001
    assert balances()["worker_frozen"] == 8_000


def test_a_journal_for_a_crew_of_three_costs_no_more_statements(company, count_queries):
    workers = [factories.worker(company) for _ in range(3)]
    row = order(company, 10_001)
    pay(row)
    serve(row, *workers)
    complete(row)
    pay(order(company, 30))
    lines = [
        Line("customer_prepayments", 30),
        Line("commission_income", -6),
        *(Line("worker_frozen", -8, "worker", worker.id) for worker in workers),
    ]
    with count_queries() as statements:
        ledger.post("test:1", "revenue", lines, source_kind="order", source_id=0, actor=SYSTEM)

    alone = 4 if db.engine.dialect.name == "sqlite" else 2
    assert len([s for s in statements if not s.startswith("BEGIN")]) == alone


def test_completing_twice_earns_once(company):
    row = earned(company, factories.worker(company))
    journals = count(Journal)

    complete(row)

    assert (count(Accrual), count(Journal)) == (1, journals)


def test_what_was_not_paid_becomes_a_receivable(company):
    row = order(company, 33_400)
    serve(row, factories.worker(company))

    complete(row)

    assert balances() == {
        "customer_receivables": 33_400,
        "commission_income": 6_680,
        "worker_frozen": 26_720,
    }


def test_what_was_paid_too_much_goes_back(company):
    row = order(company, 33_400)
    pay(row)
    put(row, due_fen=30_000)
    serve(row, factories.worker(company))

    complete(row)
    deliver_refunds()

    assert balances() == {
        "clearing_wechat": 30_000,
        "commission_income": 6_000,
        "worker_frozen": 24_000,
    }


def test_an_order_without_a_price_earns_nothing(company):
    row = order(company, 0)
    serve(row, factories.worker(company))

    assert complete(row) == []
    assert count(Journal) == 0


def test_an_order_that_nobody_served_cannot_be_completed(company):
    row = order(company, 33_400)
    pay(row)

    with pytest.raises(LookupError):
        complete(row)

    assert count(Accrual) == 0
