"""A run with rewards, penalties, refunds and a carry-over: workbook and statement agree with it."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from app.domain.actors import SYSTEM, Actor
from app.extensions import db
from app.models import Approval, Statement
from app.reports.settlement_workbook import (
    verify_settlement_workbook,
    write_settlement_workbook,
)
from app.reports.statement_pdf import write_statement_pdf
from app.services import clock as city
from app.services.money import adjustments, refunds, settlement
from app.services.system import approvals
from tests import factories
from tests.kit.clients import add_staff
from tests.money.support import earned, staff


@pytest.fixture
def run_id(app, clock) -> int:
    company = factories.company()
    one, poor = (factories.worker(company, name=name) for name in ("王师傅", "李师傅"))
    row = earned(company, one, 33_401)
    earned(company, poor, 1_000)
    refunds.request_refund(row.id, 10_000, reason="没有擦干净", actor=SYSTEM)
    hr = Actor("staff", add_staff("hr").id)
    for worker, kind, amount in ((one, "reward", 5_000), (poor, "penalty", -3_000)):
        adjustments.request_adjustment(worker.id, kind, amount, reason="=月度", actor=hr)
    for asked in db.session.scalars(sa.select(Approval.id)).all():
        approvals.decide(asked, approve=True, actor=staff())
    clock.travel(timedelta(days=7))
    run = settlement.make_run(company.branch.id, date(2030, 5, 6), city.today(), actor=staff())
    return int(run.id)


def test_the_workbook_lists_each_and_adds_them_up(run_id, tmp_path):
    path = tmp_path / "run.xlsx"
    write_settlement_workbook(run_id, path)

    assert verify_settlement_workbook(path, run_id) > 0
    book = load_workbook(path, data_only=True)
    cells = [cell.value for row in book["奖惩调整"].iter_rows() for cell in row]
    assert {"奖励", "退款扣回", "结转至下期"} <= {str(cell) for cell in cells}


def test_the_statements_say_what_leads_to_the_payable(run_id, tmp_path):
    rows = db.session.scalars(sa.select(Statement).order_by(Statement.id)).all()
    told = [(row.adjustment_fen, row.carried_fen, row.payable_fen) for row in rows]
    assert told == [(-3_000, 0, 23_721), (-3_000, 2_200, 0)]
    for row in rows:
        write_statement_pdf(row.id, tmp_path / f"{row.id}.pdf")
