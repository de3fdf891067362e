"""What the sheets of the workbook share: the run, formulas by column name, links to totals."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from xlsxwriter.utility import xl_col_to_name

from app.reports.base import Column
from app.reports.settlement.run import Run
from app.reports.xlsx import HEADER, Book, Formula, Sheet, fit, sheet_name, totals

FIRST = HEADER + 1  # row index of the first row of a table
# In the order of the tabs.
SHEETS: tuple[tuple[str, LazyString], ...] = (
    ("cover", _l("Cover and totals")),
    ("people", _l("Summary by worker")),
    ("orders", _l("Orders settled")),
    ("adjustments", _l("Rewards and penalties")),
    ("tax", _l("Income tax")),
    ("partners", _l("Partners")),
    ("channels", _l("Channel reconciliation")),
    ("differences", _l("Differences")),
    ("ledger", _l("Ledger balances")),
    ("checks", _l("Checks")),
    ("notes", _l("Definitions")),
)


@dataclass
class Workbook:
    """The workbook being written. `links` are totals that other sheets refer to by name."""

    book: Book
    run: Run
    sheets: dict[str, Sheet] = field(default_factory=dict)
    links: dict[str, Formula] = field(default_factory=dict)
    spans: dict[str, "Span"] = field(default_factory=dict)
    filled: dict[str, bool] = field(default_factory=dict)

    def add(self, key: str, title: str) -> None:
        self.sheets[key] = self.book.sheet(sheet_name(title))


@dataclass(frozen=True, slots=True)
class Span:
    """Where the rows of a table stand, for formulas on other sheets."""

    sheet: Sheet
    columns: Sequence[Column]
    last: int

    def of(self, key: str) -> str:
        """The absolute range of a column's rows."""
        return self.sheet.range(index_of(self.columns, key), FIRST, max(self.last, FIRST))


def index_of(columns: Sequence[Column], key: str) -> int:
    return next(index for index, column in enumerate(columns) if column.key == key)


def formula(columns: Sequence[Column], text: str, row: int, value: Any) -> Formula:
    """Fill in "[key]" with that column's cell in this row."""

    def cell(match: re.Match[str]) -> str:
        return f"{xl_col_to_name(index_of(columns, match[1]))}{row + 1}"

    return Formula(re.sub(r"\[(\w+)\]", cell, text), value)


def write_table(
    workbook: Workbook,
    key: str,
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    empty: str,
) -> None:
    """Write a sheet that is one table: title, header, rows or a sentence, totals, filter.

    Each total becomes the link "<sheet>.<column>"; a row's numbers are what is added up, a
    formula counts with its value.
    """
    sheet = workbook.sheets[key]
    sheet.title(title, subtitle(workbook.run))
    sheet.header(columns)
    sums = _rows(sheet, columns, rows)
    workbook.filled[key] = sheet.row > FIRST
    if not workbook.filled[key]:
        sheet.sentence(len(columns), empty)
    last = sheet.row - 1
    sheet.filter(columns, last)
    fit(sheet, columns, sums)
    workbook.spans[key] = span = Span(sheet, columns, last)
    _foot(workbook, key, columns, sums, last)
    _count(workbook, key, span)


def subtitle(run: Run) -> str:
    return _(
        "Run %(number)s · %(branch)s · %(period)s · amounts in yuan",
        number=run.number,
        branch=run.branch,
        period=run.period,
    )


def _rows(sheet: Sheet, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> list[int]:
    sums = [0] * len(columns)
    for row in rows:
        sheet.line(columns, row)
        for index, column in enumerate(columns):
            if column.total and row[index] is not None:
                sums[index] += getattr(row[index], "value", row[index])
    return sums


def _foot(
    workbook: Workbook, key: str, columns: Sequence[Column], sums: list[int], last: int
) -> None:
    if not any(column.total for column in columns):
        return
    sheet = workbook.sheets[key]
    values = totals(sheet, columns, sums, last)
    values[0] = _("Total") if columns[0].kind in {"text", "id"} else values[0]
    for index, column in enumerate(columns):
        if column.total:
            link = f"={sheet.at(sheet.row, index)}"
            workbook.links[f"{key}.{column.key}"] = Formula(link, sums[index])
    sheet.line(columns, values, total=True)


def _count(workbook: Workbook, key: str, span: Span) -> None:
    """The number of rows, counted in a column of numbers: a sentence does not count."""
    counted = next((c.key for c in span.columns if c.total), None)
    if counted:
        rows = span.last - FIRST + 1 if workbook.filled[key] else 0
        workbook.links[f"{key}.count"] = Formula(f"=COUNT({span.of(counted)})", rows)
