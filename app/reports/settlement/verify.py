"""Opens a finished settlement workbook and compares it with the database, to the fen."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l

from app.domain.money import share
from app.reports.base import Column, ReportError
from app.reports.settlement import (
    books_sheets,
    later_sheets,
    orders_sheet,
    partners_sheet,
    people_sheet,
)
from app.reports.settlement.checks import Check, checks
from app.reports.settlement.cover_sheet import TOTALS
from app.reports.settlement.expected import Totals, expected_lines, expected_totals
from app.reports.settlement.lines import Line
from app.reports.settlement.readback import Grid, Reader, in_unit
from app.reports.settlement.run import run_facts
from app.reports.xlsx import Formula, safe_text

TABLES: dict[str, tuple[Column, ...]] = {
    "orders": orders_sheet.COLUMNS,
    "people": people_sheet.COLUMNS,
    "adjustments": later_sheets.ADJUSTMENTS,
    "tax": later_sheets.TAX,
    "partners": partners_sheet.COLUMNS,
    "channels": books_sheets.CHANNELS,
    "differences": books_sheets.DIFFERENCES,
    "ledger": books_sheets.LEDGER,
}


def verify_settlement_workbook(
    path: Path | str, run_id: int, *, books_of: int | None = None
) -> int:
    """Compare the file with the database and return how many figures were compared.

    The cached values are compared with the database, and the formulas must be there and give
    the same when they are recalculated. Raises ReportError with the first place that is wrong.
    """
    lines = expected_lines(run_id)
    totals = expected_totals(run_id, lines.values(), books_of=books_of)
    with Reader(path) as reader:
        compared = _lines(reader.table("orders", TABLES["orders"], totals["orders.count"]), lines)
        for key, columns in TABLES.items():
            rows = totals.get(f"{key}.count", 0)
            compared += _table(reader.table(key, columns, rows), key, columns, totals)
        compared += _cover(reader, totals)
        return compared + _checks(reader, run_id, totals)


def same(place: str, found: Any, expected: Any) -> int:
    if found != expected:
        raise ReportError(
            _l("The workbook disagrees with the database"),
            place=place,
            found=repr(found),
            expected=repr(expected),
        )
    return 1


def _lines(grid: Grid, expected: dict[tuple[str, str], Line]) -> int:
    left = dict(expected)
    for row in grid.rows:
        line = left.pop((row["order_number"], row["statement_number"]), None)
        if line is None:
            raise ReportError(
                _l("The workbook holds a row that is not in the run"), order=row["order_number"]
            )
        _line(row, line)
    same("orders: missing rows", sorted(left), [])
    return len(expected) * len(orders_sheet.COLUMNS)


def _line(row: dict[str, Any], line: Line) -> None:
    for column in orders_sheet.COLUMNS:
        place = f"{line.order_number}.{column.key}"
        value = getattr(line, column.key)
        expected = safe_text(value) if isinstance(value, str) else value
        same(place, row[column.key] or "", expected or "")
    # What a spreadsheet will show after recalculating.
    base = row["paid_fen"] + row["discount_fen"] - row["refunded_fen"] - row["other_fen"]
    same(f"{line.order_number}: base", base, line.base_fen)
    same(f"{line.order_number}: commission", share(base, row["rate_bp"]), line.commission_fen)
    same(f"{line.order_number}: share", base - line.commission_fen, line.worker_fen)


def _table(grid: Grid, key: str, columns: Sequence[Column], totals: Totals) -> int:
    """Totals are SUM formulas over exactly these rows, and equal the database."""
    summed = [column for column in columns if column.total]
    for column in summed:
        place = f"{key}.{column.key}"
        same(f"{place}: formula", grid.total_formulas[column.key], grid.sum_of(column.key))
        same(f"{place}: rows", sum(row[column.key] or 0 for row in grid.rows), totals[place])
        same(place, grid.totals[column.key], totals[place])
    return len(summed)


def _cover(reader: Reader, totals: Totals) -> int:
    found = reader.cover(len(TOTALS))
    for (_title, key), (value, text) in zip(TOTALS, found, strict=True):
        same(f"cover: {key}", in_unit("money_fen", value), totals[key])
        same(f"cover: {key} is a formula", str(text).startswith("="), True)
    return len(TOTALS)


def _checks(reader: Reader, run_id: int, totals: Totals) -> int:
    links = {key: Formula("", amount) for key, amount in totals.items()}
    expected: list[Check] = checks(run_facts(run_id), links)
    found = reader.checks(len(expected))
    for check, (result, text) in zip(expected, found, strict=True):
        same(f"check: {check.title}", result, check.holds)
        same(f"check: {check.title} is a formula", str(text).startswith("="), True)
    return len(expected)
