"""奖惩调整: rewards, penalties and what refunds took back. 个税: its typed totals stand.

The people's payable amounts add these sheets up; no tax is recorded yet.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.extensions import db
from app.models import Adjustment, Approval, Statement, Worker
from app.reports.base import Column
from app.reports.settlement.labels import (
    ADJUSTMENT_KIND,
    ADJUSTMENT_REASON,
    CARRIED,
    label,
)
from app.reports.settlement.run import staff_name
from app.reports.settlement.sheet import Workbook, write_table
from app.reports.text import clean

ADJUSTMENTS = (
    Column("statement_number", _l("Statement number"), "id", 20),
    Column("worker_number", _l("Worker number"), "id", 14),
    Column("worker", _l("Worker"), "text", 16),
    Column("kind", _l("Kind"), "text", 16),
    Column("reason", _l("Reason"), "text", 36),
    Column("amount_fen", _l("Amount"), "money_fen", 16, total=True),
    Column("approved_by", _l("Approved by"), "text", 16),
)
TAX = (
    Column("statement_number", _l("Statement number"), "id", 20),
    Column("worker_number", _l("Worker number"), "id", 14),
    Column("worker", _l("Worker"), "text", 16),
    Column("income_fen", _l("Cumulative income"), "money_fen", 16, total=True),
    Column("deduction_fen", _l("Cumulative deductions"), "money_fen", 16, total=True),
    Column("taxable_fen", _l("Taxable income"), "money_fen", 16, total=True),
    Column("rate_bp", _l("Tax rate"), "percent_bp", 10),
    Column("withheld_fen", _l("Withheld before"), "money_fen", 16, total=True),
    Column("tax_fen", _l("Withheld this period"), "money_fen", 16, total=True),
)


def write_adjustments(workbook: Workbook) -> None:
    write_table(
        workbook, "adjustments", _("Rewards and penalties"), ADJUSTMENTS,
        _adjustments(workbook.run.id),
        _("There are no rewards or penalties in this period."),
    )  # fmt: skip


def _adjustments(run_id: int) -> Iterator[tuple[Any, ...]]:
    """By worker: what each statement adds and takes, then what it leaves to the next one."""
    decided = sa.select(Approval.decided_by_id).where(
        Approval.kind == "adjustment",
        Approval.subject_id == Adjustment.id,
        Approval.status == "approved",
    )
    query = (
        sa.select(Adjustment, Statement.number, Worker, decided.limit(1).scalar_subquery())
        .join(Statement, Statement.id == Adjustment.statement_id)
        .join(Worker, Worker.id == Adjustment.worker_id)
        .where(Statement.run_id == run_id)
        .order_by(Worker.number, Adjustment.id)
    )
    for row, number, worker, decided_by in db.session.execute(query):
        yield (
            number, worker.number, clean(worker.name), label(ADJUSTMENT_KIND, row.kind),
            clean(label(ADJUSTMENT_REASON, row.reason)), row.amount_fen, staff_name(decided_by),
        )  # fmt: skip
    carried = (
        sa.select(Statement, Worker)
        .join(Worker, Worker.id == Statement.worker_id)
        .where(Statement.run_id == run_id, Statement.carried_fen > 0)
        .order_by(Worker.number)
    )
    for statement, worker in db.session.execute(carried):
        yield (
            statement.number, worker.number, clean(worker.name),
            str(CARRIED), "", statement.carried_fen, "",
        )  # fmt: skip


def write_tax(workbook: Workbook) -> None:
    write_table(
        workbook, "tax", _("Income tax"), TAX, (),
        _("No income tax was withheld in this period."),
    )  # fmt: skip
