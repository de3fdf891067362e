"""结算报表: the settlement workbook of a run, for finance to check, sign and keep.

`write_settlement_workbook` writes it, `verify_settlement_workbook` (app.reports.settlement.verify)
opens the finished file and compares it with the database before anybody is offered it.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO

from flask_babel import force_locale

from app.reports.company import company_name
from app.reports.settlement import (
    books_sheets,
    checks_sheet,
    cover_sheet,
    later_sheets,
    notes_sheet,
    orders_sheet,
    partners_sheet,
    people_sheet,
)
from app.reports.settlement.run import run_facts
from app.reports.settlement.sheet import SHEETS, Workbook
from app.reports.settlement.verify import verify_settlement_workbook
from app.reports.xlsx import Book

__all__ = ["SHEETS", "verify_settlement_workbook", "write_settlement_workbook"]

# In the order of what refers to what: a formula needs the place of what it adds up.
WRITERS: tuple[Callable[[Workbook], None], ...] = (
    orders_sheet.write,
    later_sheets.write_adjustments,
    later_sheets.write_tax,
    people_sheet.write,
    partners_sheet.write,
    books_sheets.write_channels,
    books_sheets.write_differences,
    books_sheets.write_ledger,
    notes_sheet.write,
)


def write_settlement_workbook(
    run_id: int,
    path: Path | str | IO[bytes],
    *,
    locale: str = "zh",
    books_of: int | None = None,
) -> None:
    """Write the run's workbook in one language. Raises NotFound when there is no such run.

    `books_of`: the branch whose journals the ledger sheet shows, for a reader of one branch.
    The caller has checked who may see the run, and calls `verify_settlement_workbook` before
    the file is offered.
    """
    with force_locale(locale):
        run = replace(run_facts(run_id), books_of=books_of)
        with Book(path, title=f"{run.number} {run.period}", company=company_name()) as book:
            workbook = Workbook(book, run)
            for key, title in SHEETS:
                workbook.add(key, str(title))
            for write in WRITERS:
                write(workbook)
            cover_sheet.write(workbook, checks_sheet.write(workbook))
