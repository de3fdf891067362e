"""Real threads on a real server: nothing twice, nothing lost, nothing below zero."""

import functools
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.domain.actors import SYSTEM, Actor
from app.domain.ledger import Line
from app.extensions import db
from app.models import Accrual, Journal, LedgerAccount, Order, Posting, Refund, SettlementRun
from app.services import clock as city
from app.services.money import ledger, payments, refunds, settlement, withdrawals
from app.services.system import checks, parameters
from app.services.transactions import locked, transaction
from tests import factories
from tests.kit.rivals import at_once
from tests.money.support import (
    another_attempt,
    available,
    balances,
    count,
    earned,
    gateway,
    order,
    pay,
    payout_account,
    put,
    staff,
    start,
)

pytestmark = pytest.mark.backends("postgresql")
THREADS = 8


@pytest.fixture(autouse=True)
def _let_go(real_app: Flask) -> Iterator[None]:
    """Give the connection back before the database goes."""
    yield
    db.session.remove()


def each(app: Flask, act: Callable[[int], Any]) -> Counter[str]:
    """act(0), act(1)... at the same moment; how many ended how."""
    return at_once(app, [functools.partial(act, number) for number in range(THREADS)])


def post(key: str, amount: int = 7, *, back: bool = False) -> None:
    lines = [Line("clearing_wechat", amount), Line("customer_prepayments", -amount)]
    ledger.post(
        key, "test", lines[::-1] if back else lines, source_kind="test", source_id=1, actor=SYSTEM
    )


def test_one_hot_account_keeps_its_sum(real_app):
    def act(number: int) -> None:
        for n in range(20):
            post(f"test:{number // 2}:{n}", back=bool(number % 2))  # each key by two threads

    assert each(real_app, act) == {"ok": THREADS}

    journals = THREADS // 2 * 20
    assert (count(Journal), count(Posting)) == (journals, 2 * journals)
    assert balances() == {
        "clearing_wechat": 7 * journals,
        "customer_prepayments": 7 * journals,
    }


def test_one_key_is_one_journal(real_app):
    assert each(real_app, lambda _: post("test:1")) == {"ok": THREADS}

    assert (count(Journal), count(LedgerAccount)) == (1, 2)
    assert balances() == {"clearing_wechat": 7, "customer_prepayments": 7}


def test_one_key_with_two_payloads_is_one_journal(real_app):
    ended = each(real_app, lambda number: post("test:1", 1 + number % 2))

    assert ended == {"ok": THREADS // 2, "journal_key_reused": THREADS // 2}
    assert count(Journal) == 1


def test_nobody_withdraws_more_than_he_has(real_app):
    worker = factories.worker(factories.company())
    account, worker_id = payout_account(worker).id, worker.id
    available(worker, 50_000)
    parameters.set_parameter("withdrawal.per_day", 20, actor=SYSTEM)

    def act(_: int) -> None:
        withdrawals.apply_for(worker_id, 10_000, account, actor=Actor("worker", worker_id))

    assert each(real_app, act) == {"ok": 5, "insufficient_balance": 3}

    assert withdrawals.balance_of(worker_id) == withdrawals.Balance(0, 0, 50_000)


def test_the_balance_alone_is_guard_enough(real_app):
    """Without the lock on the worker: the conditional UPDATE decides."""
    worker_id = factories.worker(factories.company()).id
    ledger.post(
        "opening",
        "opening",
        [Line("suspense", 50), Line("worker_available", -50, "worker", worker_id)],
        source_kind="test",
        source_id=1,
        actor=SYSTEM,
    )

    def act(number: int) -> None:
        lines = [
            Line("worker_available", 10, "worker", worker_id),
            Line("withdrawals_in_transit", -10, "worker", worker_id),
        ]
        ledger.post(f"t:{number}", "t", lines, source_kind="t", source_id=1, actor=SYSTEM)

    assert each(real_app, act) == {"ok": 5, "insufficient_balance": 3}
    assert withdrawals.balance_of(worker_id).available_fen == 0


def test_one_withdrawal_a_day_is_one(real_app):
    worker = factories.worker(factories.company())
    account, worker_id = payout_account(worker).id, worker.id
    available(worker, 80_000)

    def act(_: int) -> None:
        withdrawals.apply_for(worker_id, 10_000, account, actor=Actor("worker", worker_id))

    assert each(real_app, act) == {"ok": 1, "too_many_today": THREADS - 1}


def test_one_payment_told_by_many_is_booked_once(real_app):
    row = order(factories.company(), 33_400)
    paid = gateway().pay(start(row).out_trade_no)

    assert each(real_app, lambda _: payments.apply_payment("wechat", paid)) == {"ok": THREADS}

    assert balances() == {"clearing_wechat": 33_400, "customer_prepayments": 33_400}


def test_many_attempts_paid_at_once_leave_one(real_app):
    row = order(factories.company(), 100)
    numbers = [start(row).out_trade_no]
    numbers += [another_attempt(row, 100).out_trade_no for _ in range(THREADS - 1)]
    paid = [gateway().pay(number) for number in numbers]

    ended = each(real_app, lambda number: payments.apply_payment("wechat", paid[number]))

    assert ended == {"ok": THREADS}
    assert balances() == {
        "clearing_wechat": 100 * THREADS,
        "customer_prepayments": 100,
        "refunds_due": 100 * (THREADS - 1),
    }


def test_one_surplus_is_given_back_once(real_app):
    row = order(factories.company(), 10_000)
    pay(row)
    put(row, due_fen=4_000)
    order_id = row.id

    def act(_: int) -> None:
        with transaction(SYSTEM) as session:
            fresh = locked(session, Order, order_id)
            refunds.refund_surplus(session, fresh, reason="cheaper", actor=SYSTEM)

    assert each(real_app, act) == {"ok": THREADS}

    assert [refund.amount_fen for refund in db.session.query(Refund)] == [6_000]


def test_a_refund_that_arrives_many_times_is_booked_once(real_app):
    row = order(factories.company(), 10_000)
    pay(row)
    put(row, status="cancelled")
    with transaction(SYSTEM) as session:
        fresh = locked(session, Order, row.id)
        (refund,) = refunds.refund_surplus(session, fresh, reason="cancelled", actor=SYSTEM)
    refunds.submit(refund.id)
    arrived = gateway().finish_refund(refund.number)

    assert each(real_app, lambda _: refunds.apply_refund("wechat", arrived)) == {"ok": THREADS}

    assert balances() == {}


def test_two_clerks_make_one_run(real_app):
    company = factories.company()
    worker = factories.worker(company)
    for _ in range(3):
        earned(company, worker, 10_000)
    real_app.extensions["clock"].travel(timedelta(days=7))
    clerks, today, branch_id = [staff() for _ in range(THREADS)], city.today(), company.branch.id

    def act(number: int) -> None:
        settlement.make_run(branch_id, date(2030, 5, 6), today, actor=clerks[number])

    assert each(real_app, act) == {"ok": THREADS}

    assert (count(SettlementRun), count(Accrual)) == (1, 3)
    assert db.session.scalar(sa.select(SettlementRun.payable_fen)) == 24_000
    assert [name for name, found in checks.run_all().items() if not found.ok] == []
