"""订单明细: one row per order and worker. Everything else in the workbook adds it up."""

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.reports.base import Column
from app.reports.settlement.lines import Line, run_lines
from app.reports.settlement.sheet import FIRST, Workbook, formula, write_table

COLUMNS = (
    Column("order_number", _l("Order number"), "id", 19),
    Column("service_on", _l("Service date"), "date", 11.5),
    Column("service", _l("Service"), "text", 26),
    Column("worker_number", _l("Worker number"), "id", 11),
    Column("worker", _l("Worker"), "text", 11),
    Column("list_fen", _l("List price"), "money_fen", 12, total=True),
    Column("discount_fen", _l("Platform discount"), "money_fen", 11, total=True),
    Column("paid_fen", _l("Paid amount"), "money_fen", 12, total=True),
    Column("refunded_fen", _l("Refunded amount"), "money_fen", 11, total=True),
    Column("other_fen", _l("Not settled here"), "money_fen", 11, total=True),
    Column("base_fen", _l("Settlement base"), "money_fen", 12, total=True),
    Column("rate_bp", _l("Commission rate"), "percent_bp", 9),
    Column("commission_fen", _l("Commission"), "money_fen", 11, total=True),
    Column("add_on_fen", _l("Add-ons included"), "money_fen", 11, total=True),
    Column("worker_fen", _l("Worker's share"), "money_fen", 12, total=True),
    Column("rule", _l("Rule version"), "text", 15),
    Column("statement_number", _l("Statement number"), "id", 19),
)
BASE = "=ROUND([paid_fen]+[discount_fen]-[refunded_fen]-[other_fen],2)"
# In whole fen and basis points: then a half is exactly a half in binary, in any spreadsheet.
COMMISSION = "=ROUND(ROUND([base_fen]*100,0)*ROUND([rate_bp]*10000,0)/10000,0)/100"
SHARE = "=ROUND([base_fen]-[commission_fen],2)"


def write(workbook: Workbook) -> None:
    write_table(
        workbook, "orders", _("Orders settled"), COLUMNS, _rows(workbook.run.id),
        _("No order was settled in this period."),
    )  # fmt: skip


def _rows(run_id: int) -> Iterator[tuple[Any, ...]]:
    for row, line in enumerate(run_lines(run_id), start=FIRST):
        yield _row(line, row)


def _row(line: Line, row: int) -> tuple[Any, ...]:
    return (
        line.order_number, line.service_on, line.service, line.worker_number, line.worker,
        line.list_fen, line.discount_fen, line.paid_fen, line.refunded_fen, line.other_fen,
        formula(COLUMNS, BASE, row, line.base_fen),
        line.rate_bp,
        formula(COLUMNS, COMMISSION, row, line.commission_fen),
        line.add_on_fen,
        formula(COLUMNS, SHARE, row, line.worker_fen),
        line.rule, line.statement_number,
    )  # fmt: skip
