"""奖惩调整 and 个税: their headers and typed totals stand; no rows are recorded yet.

The people's payable amounts already add these sheets up, so rows only have to be yielded here.
"""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.reports.base import Column
from app.reports.settlement.sheet import Workbook, write_table

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
        workbook, "adjustments", _("Rewards and penalties"), ADJUSTMENTS, (),
        _("There are no rewards or penalties in this period."),
    )  # fmt: skip


def write_tax(workbook: Workbook) -> None:
    write_table(
        workbook, "tax", _("Income tax"), TAX, (),
        _("No income tax was withheld in this period."),
    )  # fmt: skip
