"""A refund after completion takes back what was earned, from whoever has it now."""

from datetime import date, timedelta

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from app.domain.actors import SYSTEM
from app.domain.money import share
from app.extensions import db
from app.models import AccrualReversal, Adjustment, Statement
from app.services import clock as city
from app.services.money import refunds, reversing, settlement
from app.services.system import approvals
from tests import factories
from tests.money.support import (
    again,
    balances,
    complete,
    deliver_refunds,
    earned,
    journal,
    order,
    pay,
    serve,
    staff,
    withdraw,
    wrong,
)


def refund(row, amount_fen: int, kind: str = "refund"):
    (one,) = refunds.request_refund(
        row.id, amount_fen, reason="没有擦干净", kind=kind, actor=SYSTEM
    )
    return one


def settle(company, clock, days: int = 7) -> Statement:
    """A run up to today, approved; the newest statement."""
    clock.travel(timedelta(days=days))
    run = settlement.make_run(company.branch.id, date(2030, 5, 6), city.today(), actor=staff())
    approval = settlement.ask_approval(run.id, actor=staff())
    approvals.decide(approval.id, approve=True, actor=staff())
    return db.session.scalars(sa.select(Statement).order_by(Statement.id.desc())).first()


@given(st.integers(0, 10**9), st.integers(0, 10_000), st.lists(st.integers(1, 10**8), min_size=1))
def test_what_remains_is_split_to_the_fen_at_its_rate(remaining, rate, bases):
    shares = reversing.anew(remaining, rate, bases)

    assert sum(one.base_fen for one in shares) == remaining
    assert all(one.commission_fen == share(one.base_fen, rate) for one in shares)


def test_before_the_settlement_it_is_taken_from_what_is_frozen(company, worker):
    row = earned(company, worker, 33_401)

    one = refund(row, 10_000)
    deliver_refunds()

    assert journal(f"refund_due:{one.id}") == [
        ("commission_income", 2_000),
        ("worker_frozen", 8_000),
        ("refunds_due", -10_000),
    ]
    fresh = again(row)
    assert (fresh.due_fen, fresh.unpaid_fen) == (23_401, 0)
    assert balances() == {
        "clearing_wechat": 23_401, "commission_income": 4_680, "worker_frozen": 18_721,
    }  # fmt: skip
    assert wrong() == {}


def test_fen_by_fen_nothing_is_lost_among_a_crew(company):
    crew = [factories.worker(company) for _ in range(3)]
    row = order(company, 100)
    pay(row)
    serve(row, *crew)
    complete(row)

    for amount in (1, 33, 1, 65):
        refund(row, amount)
        assert wrong() == {}

    deliver_refunds()
    taken = sa.select(sa.func.sum(AccrualReversal.base_fen))
    assert (db.session.scalar(taken), again(row).due_fen) == (100, 0)
    assert balances() == {}
    assert wrong() == {}


def test_it_stands_on_the_statement_beside_the_order(company, worker, clock):
    row = earned(company, worker, 10_000)
    earned(company, worker, 5_000)
    refund(row, 2_500)

    statement = settle(company, clock)

    assert (statement.base_fen, statement.commission_fen) == (15_000, 3_000)
    assert (statement.adjustment_fen, statement.carried_fen) == (-2_000, 0)
    assert statement.payable_fen == balances()["worker_available"] == 10_000
    assert wrong() == {}


def test_it_waits_for_its_order_to_be_settled(company, worker, clock):
    earned(company, worker, 5_000)
    clock.travel(timedelta(days=3))
    late = earned(company, worker, 10_000)
    refund(late, 2_500)

    first = settle(company, clock, days=4)
    second = settle(company, clock, days=4)

    assert (first.adjustment_fen, first.payable_fen) == (0, 4_000)
    assert (second.adjustment_fen, second.payable_fen) == (-2_000, 6_000)
    assert wrong() == {}


def test_after_she_was_paid_she_owes_it_and_the_next_statement_begins_with_it(
    company, worker, clock
):
    row = earned(company, worker, 33_400)
    settle(company, clock)
    withdraw(worker, 26_720)

    refund(row, 10_000)
    assert balances()["worker_negative"] == 8_000
    assert wrong() == {}
    earned(company, worker, 12_500)
    statement = settle(company, clock)

    assert (statement.adjustment_fen, statement.payable_fen) == (-8_000, 2_000)
    assert balances()["worker_available"] == 2_000
    assert "worker_negative" not in balances()
    assert wrong() == {}


def test_what_earnings_cannot_bear_is_carried_over(company, worker, clock):
    row = earned(company, worker, 33_400)
    settle(company, clock)
    refund(row, 33_400)
    earned(company, worker, 1_250)

    first = settle(company, clock)
    assert (first.adjustment_fen, first.carried_fen, first.payable_fen) == (-26_720, 25_720, 0)
    assert balances()["worker_negative"] == 25_720
    assert wrong() == {}
    earned(company, worker, 40_000)
    second = settle(company, clock)

    assert (second.adjustment_fen, second.payable_fen) == (-25_720, 32_000 - 25_720)
    kinds = db.session.scalars(sa.select(Adjustment.kind).filter_by(statement_id=second.id))
    assert list(kinds) == ["carry_over"]
    assert "worker_negative" not in balances()
    assert wrong() == {}


def test_a_run_that_is_shown_already_is_carried_out_as_it_was_shown(company, worker, clock):
    row = earned(company, worker, 33_400)
    clock.travel(timedelta(days=7))
    run = settlement.make_run(company.branch.id, date(2030, 5, 6), city.today(), actor=staff())
    approval = settlement.ask_approval(run.id, actor=staff())
    refund(row, 10_000)

    approvals.decide(approval.id, approve=True, actor=staff())

    assert balances()["worker_available"] == 26_720
    assert balances()["worker_negative"] == 8_000
    assert wrong() == {}


def test_a_run_that_is_given_up_frees_its_adjustments(company, worker, clock):
    row = earned(company, worker, 10_000)
    refund(row, 2_500)
    clock.travel(timedelta(days=7))
    run = settlement.make_run(company.branch.id, date(2030, 5, 6), city.today(), actor=staff())
    assert db.session.scalars(sa.select(Adjustment.statement_id)).one() is not None
    settlement.cancel_run(run.id, actor=staff())

    assert db.session.scalars(sa.select(Adjustment.statement_id)).one() is None
    assert settle(company, clock, days=1).payable_fen == 6_000
    assert wrong() == {}


def test_compensation_is_the_companys_cost(company, worker):
    row = earned(company, worker, 33_400)

    refund(row, 5_000, kind="compensation")
    deliver_refunds()

    fresh = again(row)
    assert (fresh.due_fen, fresh.unpaid_fen, fresh.refunded_fen) == (28_400, 0, 5_000)
    assert balances() == {
        "clearing_wechat": 28_400, "commission_income": 6_680, "worker_frozen": 26_720,
        "compensation": 5_000,
    }  # fmt: skip
    assert wrong() == {}


def test_a_refund_after_a_compensation_takes_back_only_what_was_earned(company, worker):
    row = earned(company, worker, 10_000)
    refund(row, 4_000, kind="compensation")

    refund(row, 6_000)
    deliver_refunds()

    assert balances() == {
        "commission_income": 800, "worker_frozen": 3_200, "compensation": 4_000,
    }  # fmt: skip
    assert wrong() == {}
