# ruff: noqa: E501  # a table, one break a line
"""The invariants: green along the whole way of the money, and red when a fen is off."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import current_app

from app.domain.actors import SYSTEM, Actor
from app.models import (
    Accrual,
    Assignment,
    LedgerAccount,
    Order,
    OrderLine,
    PaymentAttempt,
    Posting,
    Refund,
    SettlementRun,
    Statement,
    StatementLine,
    Visit,
    Withdrawal,
)
from app.services import clock as city
from app.services.money import payments, settlement, withdrawals
from app.services.system import approvals, checks
from app.services.transactions import transaction
from tests import factories
from tests.money.support import (
    another_attempt,
    complete,
    deliver_refunds,
    gateway,
    order,
    pay,
    payout_account,
    sent,
    serve,
    staff,
    start,
    withdraw,
    wrong,
)


@pytest.fixture(scope="module")
def money(once):
    return once(everywhere)


@pytest.fixture
def way(app, money) -> Order:
    return money()


def everywhere() -> Order:
    """Money in every place at once: prepaid, due back, frozen, available, in transit, paid out."""
    company, clock = factories.company(), current_app.extensions["clock"]
    one, two = (factories.worker(company) for _ in range(2))
    done = order(company, 33_400)
    pay(done)
    twice = another_attempt(done, 33_400)
    payments.apply_payment("wechat", gateway().pay(twice.out_trade_no))
    deliver_refunds()
    serve(done, one, two)
    complete(done)
    rich = order(company, 50_000)
    pay(rich)
    serve(rich, one)
    complete(rich)
    clock.travel(timedelta(days=7))
    run = settlement.make_run(company.branch.id, date(2030, 5, 6), city.today(), actor=staff())
    approval = settlement.ask_approval(run.id, actor=staff())
    approvals.decide(approval.id, approve=True, actor=staff())
    withdraw(one, 10_000)
    clock.travel(timedelta(days=1))
    sent(one, 12_000)
    after = order(company, 9_000, status="pending_dispatch", pay_mode="after", pay_by_at=None)
    serve(after, two)
    complete(after)
    open_ = order(company, 4_000)
    pay(open_)
    again = another_attempt(open_, 4_000)
    payments.apply_payment("wechat", gateway().pay(again.out_trade_no))
    start(order(company, 700))
    return done


def test_every_check_has_a_sentence():
    assert len(checks.CHECKS) >= 16
    assert all(checks.title(name).split() for name in checks.CHECKS)


def test_an_empty_company_is_in_order(db):
    assert wrong() == {}


def test_the_whole_way_of_the_money_is_in_order(way, db):
    assert wrong() == {}


def test_the_figures_tell_the_sums(way, db):
    found = checks.run_all()

    assert found["orders_are_explained"].figures == {
        "captured_fen": 33_400 * 2 + 50_000 + 4_000 * 2,
        "refunded_fen": 33_400,
        "refunds_due_fen": 4_000,
        "recognised_fen": 33_400 + 50_000 + 9_000,
        "reversed_fen": 0,
        "fees_fen": 0,
        "compensated_fen": 0,
        "subsidies_fen": 0,
        "prepaid_fen": 4_000,
        "owed_fen": 9_000,
        "wrong": 0,
    }
    assert found["clearing_is_explained"].figures == {
        "captured_fen": 124_800,
        "refunded_fen": 33_400,
        "paid_out_fen": 10_000,
        "clearing_fen": 81_400,
        "otherwise_fen": 0,
        "wrong": 0,
    }
    assert found["withdrawals_are_booked"].figures == {
        "open_fen": 12_000, "in_transit_fen": 12_000, "paid_fen": 10_000, "wrong": 0,
    }  # fmt: skip


def first(model: Any, **values: Any) -> Any:
    return sa.select(model.id).filter_by(**values).order_by(model.id).limit(1).scalar_subquery()


BREAKS = [
    (LedgerAccount, {"code": "customer_prepayments"}, {"balance_fen": 3_999}, {"balances_are_sums"}),
    (LedgerAccount, {"code": "withdrawals_in_transit"}, {"balance_fen": 1}, {"balances_are_sums", "withdrawals_are_booked"}),
    (LedgerAccount, {"code": "worker_frozen"}, {"balance_fen": 1}, {"balances_are_sums", "frozen_is_unsettled"}),
    (Order, {"status": "completed"}, {"captured_fen": 66_801}, {"payments_are_booked", "orders_are_explained"}),
    (Order, {"status": "completed"}, {"refunded_fen": 33_399}, {"refunds_are_booked", "orders_are_explained"}),
    (Order, {"status": "completed"}, {"due_fen": 1}, {"completed_orders_are_earned"}),
    (Order, {"status": "completed"}, {"commission_bp": 1}, {"completed_orders_are_earned"}),
    (Order, {"status": "completed"}, {"completed_at": None}, {"statuses_agree"}),
    (Order, {"status": "completed"}, {"status": "in_service", "completed_at": None}, {"statuses_agree", "completed_orders_are_earned", "promised_visits_are_claimed"}),
    (Order, {"status": "completed"}, {"lead_worker_id": None}, {"statuses_agree"}),
    (Order, {"status": "pending_dispatch"}, {"status": "cancelled"}, {"orders_are_explained"}),
    (Order, {"status": "pending_dispatch"}, {"status": "pending_payment"}, {"statuses_agree"}),
    (OrderLine, {}, {"amount_fen": 33_399}, {"lines_add_up"}),
    (PaymentAttempt, {}, {"amount_fen": 33_401}, {"payments_are_booked", "clearing_is_explained"}),
    (PaymentAttempt, {}, {"refund_fen": 1}, {"refunds_within_payments"}),
    (PaymentAttempt, {"status": "pending"}, {"refund_fen": 1}, {"refunds_within_payments"}),
    (PaymentAttempt, {}, {"status": "closed"}, {"payments_are_booked", "clearing_is_explained"}),
    (Refund, {}, {"status": "unknown"}, {"refunds_are_booked", "orders_are_explained", "clearing_is_explained"}),
    (Refund, {"status": "approved"}, {"status": "rejected"}, {"refunds_are_booked", "orders_are_explained", "refunds_within_payments"}),
    (Accrual, {}, {"base_fen": 16_701, "worker_fen": 13_361}, {"orders_are_explained", "completed_orders_are_earned", "frozen_is_unsettled", "statements_add_up"}),
    (Accrual, {}, {"commission_fen": 3_341, "worker_fen": 13_359}, {"completed_orders_are_earned", "frozen_is_unsettled", "statements_add_up"}),
    (StatementLine, {}, {"base_fen": 16_699, "worker_fen": 13_359}, {"statements_add_up", "frozen_is_unsettled"}),
    (Statement, {}, {"base_fen": 1, "commission_fen": 0, "payable_fen": 1}, {"statements_add_up", "settled_is_booked"}),
    (Statement, {}, {"status": "reviewed"}, {"settled_is_booked", "frozen_is_unsettled"}),
    (SettlementRun, {}, {"payable_fen": 1}, {"statements_add_up"}),
    (Withdrawal, {"status": "paid"}, {"status": "failed"}, {"withdrawals_are_booked", "clearing_is_explained"}),
    (Withdrawal, {"status": "waiting_for_payee"}, {"amount_fen": 1}, {"withdrawals_are_booked"}),
    (Visit, {}, {"status": "planned"}, {"statuses_agree"}),
    (Visit, {}, {"status": "in_service"}, {"statuses_agree"}),
    (Assignment, {"role": "lead"}, {"status": "ended"}, {"statuses_agree"}),
]  # fmt: skip


def test_a_fen_or_a_status_that_is_off_is_found(way, db):
    found = [set(_broken_by(db.session(), *change)) for *change, _ in BREAKS]

    assert found == [expected for *_, expected in BREAKS]


def _broken_by(session, model, which, values) -> dict[str, list]:
    table = model.__table__
    with session.begin_nested() as savepoint:
        session.execute(sa.update(table).where(table.c.id == first(model, **which)).values(values))
        names = {
            name: finding.failures for name, finding in checks.run_all().items() if not finding.ok
        }
        savepoint.rollback()
    return names


def test_a_failure_names_the_order(way, db):
    with transaction(SYSTEM) as session:
        session.execute(sa.update(Order.__table__).values(due_fen=1).where(Order.id == way.id))

    assert wrong() == {"completed_orders_are_earned": [way.id]}


@pytest.mark.backends("sqlite")
def test_a_journal_that_does_not_balance_is_found(way, db):
    with transaction(SYSTEM) as session:
        session.execute(sa.insert(Posting).values(journal_id=1, account_id=1, amount_fen=1))

    assert "journals_balance" in wrong()


def test_the_checks_cost_two_statements_each(way, db, count_queries):
    db.session.rollback()
    sums = checks.CHECKS.keys() - {"audit", "sealed_periods_stand"}  # which read all their rows
    with count_queries() as statements:
        checks.run_all(names=sums)

    assert len([s for s in statements if not s.startswith("BEGIN")]) == 2 * len(sums)


def test_a_rejected_withdrawal_leaves_the_books_in_order(way, db, clock):
    worker = db.session.query(Withdrawal).first().worker
    clock.travel(timedelta(days=1))
    asked = withdrawals.apply_for(
        worker.id, 10_000, payout_account(worker).id, actor=Actor("worker", worker.id)
    )
    withdrawals.reject(asked.id, reason="wrong name", actor=staff())

    assert wrong() == {}
