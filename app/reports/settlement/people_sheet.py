"""人员汇总: one row per worker's statement, added up from the orders by SUMIFS."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.reports.base import Column
from app.reports.settlement.figures import Person, people
from app.reports.settlement.labels import STATEMENT_STATUS, WORKER_KIND, label
from app.reports.settlement.lines import run_lines
from app.reports.settlement.sheet import FIRST, Workbook, formula, write_table

COLUMNS = (
    Column("statement_number", _l("Statement number"), "id", 19),
    Column("worker_number", _l("Worker number"), "id", 11),
    Column("worker", _l("Worker"), "text", 14),
    Column("kind", _l("Employment"), "text", 13),
    Column("partner_code", _l("Partner code"), "id", 11),
    Column("lines", _l("Number of orders"), "integer", 8, total=True),
    Column("paid_fen", _l("Paid amount"), "money_fen", 13, total=True),
    Column("refunded_fen", _l("Refunded amount"), "money_fen", 12, total=True),
    Column("base_fen", _l("Settlement base"), "money_fen", 13, total=True),
    Column("commission_fen", _l("Commission"), "money_fen", 12, total=True),
    Column("worker_fen", _l("Worker's share"), "money_fen", 13, total=True),
    Column("adjustment_fen", _l("Rewards and penalties"), "money_fen", 12, total=True),
    Column("tax_fen", _l("Tax withheld"), "money_fen", 12, total=True),
    Column("payable_fen", _l("Payable"), "money_fen", 13, total=True),
    Column("status", _l("Statement status"), "text", 18),
)
PAYABLE = "=ROUND([worker_fen]+[adjustment_fen]-[tax_fen],2)"


def write(workbook: Workbook) -> None:
    write_table(
        workbook, "people", _("Summary by worker"), COLUMNS, _rows(workbook),
        _("No worker is settled in this run."),
    )  # fmt: skip


def _rows(workbook: Workbook) -> Iterator[tuple[Any, ...]]:
    paid: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for line in run_lines(workbook.run.id):
        paid[line.statement_number][0] += line.paid_fen
        paid[line.statement_number][1] += line.refunded_fen
    for row, person in enumerate(people(workbook.run.id), start=FIRST):
        yield _row(workbook, person, row, *paid[person.statement_number])


def _row(
    workbook: Workbook, person: Person, row: int, paid_fen: int, refunded_fen: int
) -> tuple[Any, ...]:
    orders = workbook.spans["orders"]

    def added(sheet: str, key: str, value: int) -> Any:
        span = workbook.spans[sheet]
        text = f"=ROUND(SUMIFS({span.of(key)},{span.of('statement_number')},[statement_number]),2)"
        return formula(COLUMNS, text, row, value)

    count = f"=COUNTIFS({orders.of('statement_number')},[statement_number])"
    return (
        person.statement_number, person.worker_number, person.worker,
        label(WORKER_KIND, person.kind), person.partner_code or None,
        formula(COLUMNS, count, row, person.lines),
        added("orders", "paid_fen", paid_fen),
        added("orders", "refunded_fen", refunded_fen),
        added("orders", "base_fen", person.base_fen),
        added("orders", "commission_fen", person.commission_fen),
        added("orders", "worker_fen", person.worker_fen),
        added("adjustments", "amount_fen", person.adjustment_fen),
        added("tax", "tax_fen", 0),
        formula(COLUMNS, PAYABLE, row, person.payable_fen),
        label(STATEMENT_STATUS, person.status),
    )  # fmt: skip
