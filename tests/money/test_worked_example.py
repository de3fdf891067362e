"""docs/money.md tells an order to the fen: do it, and compare every posting with its table."""

import re
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa

from app.domain.money import fen
from app.models import Journal, LedgerAccount, Posting
from app.services import clock as city
from app.services.money import payments, settlement
from app.services.system import approvals, checks
from tests import factories
from tests.money.support import (
    another_attempt,
    balances,
    complete,
    deliver_refunds,
    gateway,
    order,
    pay,
    serve,
    staff,
    withdraw,
)

DOCUMENT = Path(__file__).parents[2] / "docs" / "money.md"


def told() -> list[tuple[str, str, int]]:
    """(journal, account, debit positive) of each line of the table with debits and credits."""
    lines = []
    for row in DOCUMENT.read_text().splitlines():
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        if len(cells) == 4 and "" in cells[2:] and re.fullmatch(r"[\d.]+", cells[2] + cells[3]):
            lines.append((cells[0], cells[1], fen(cells[2] or f"-{cells[3]}")))
    return lines


def test_the_documented_order_is_what_happens(company, clock, db):
    workers = [factories.worker(company) for _ in range(2)]
    row = order(company, 33_401)
    pay(row)
    twice = another_attempt(row, 33_401)
    payments.apply_payment("wechat", gateway().pay(twice.out_trade_no))
    deliver_refunds()
    serve(row, *workers)
    complete(row)
    clock.travel(timedelta(days=7))
    run = settlement.make_run(company.branch.id, date(2030, 5, 6), city.today(), actor=staff())
    approval = settlement.ask_approval(run.id, actor=staff())
    approvals.decide(approval.id, approve=True, actor=staff())
    withdraw(workers[0], 10_000)

    done = db.session.execute(
        sa.select(Journal.kind, LedgerAccount.code, Posting.amount_fen)
        .join(Journal, Journal.id == Posting.journal_id)
        .join(LedgerAccount, LedgerAccount.id == Posting.account_id)
        .order_by(Posting.id)
    ).all()
    assert [tuple(line) for line in done] == told()
    assert len(told()) == 20
    assert balances() == {
        "clearing_wechat": fen("234.01"),
        "commission_income": fen("66.80"),
        "worker_available": fen("167.21"),
    }
    assert {name for name, found in checks.run_all().items() if not found.ok} == set()


def test_every_check_is_documented():
    document = DOCUMENT.read_text()

    money = ("checks_ledger", "checks_orders", "checks_settlement")
    own = [name for name, check in checks.CHECKS.items() if check.__module__.endswith(money)]
    assert [name for name in own if f"`{name}`" not in document] == []
