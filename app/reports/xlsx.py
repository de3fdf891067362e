"""Workbooks with XlsxWriter: typed cells, formulas with cached values, ready to print.

Rows are written top down, once (constant memory). A formula is given with the value it has,
because a viewer that does not calculate would show 0.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import xlsxwriter
from xlsxwriter.utility import quote_sheetname, xl_col_to_name

from app.domain.money import yuan
from app.models.base import now
from app.reports import xlsx_style as style
from app.reports.base import Column, Kind, Table
from app.reports.text import city_time, clean, starts_like_a_formula

HEADER = 3  # row index of the header of a table, below title, subtitle and a gap
A4 = 9
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula and the value the database gives it, in the column's own unit (fen, bp...)."""

    text: str
    value: Any


class Book:
    """A workbook being written. Close it with `with`."""

    def __init__(self, target: Path | str | IO[bytes], *, title: str, company: str) -> None:
        self.company = clean(company)
        self._book = xlsxwriter.Workbook(target, dict(OPTIONS))
        self._formats: dict[frozenset[tuple[str, Any]], Any] = {}
        self._book.set_properties(
            {"title": clean(title), "company": self.company, "created": city_time(now())}
        )
        self._book.set_calc_mode("auto")

    def __enter__(self) -> "Book":
        return self

    def __exit__(self, kind: Any, *_: Any) -> None:
        if kind is None:
            self._book.close()

    def look(self, properties: dict[str, Any]) -> Any:
        key = frozenset(properties.items())
        if key not in self._formats:
            self._formats[key] = self._book.add_format(properties)
        return self._formats[key]

    def sheet(self, name: str, *, colour: str = style.BRAND) -> "Sheet":
        sheet = self._book.add_worksheet(name)
        sheet.set_tab_color(colour)
        sheet.hide_gridlines(2)
        sheet.set_default_row(18)
        return Sheet(self, sheet, name)


class Sheet:
    """One sheet: a title, then a table or free rows."""

    def __init__(self, book: Book, sheet: Any, name: str) -> None:
        self.book = book
        self.raw = sheet
        self.name = name
        self.quoted = quote_sheetname(name)
        self.row = 0
        self._print()

    def title(self, title: str, subtitle: str) -> None:
        self.raw.set_row(0, 28)
        self.text(0, 0, title, style.TITLE)
        self.text(1, 0, subtitle, style.SUBTITLE)

    def header(self, columns: Sequence[Column]) -> None:
        for index, column in enumerate(columns):
            self.raw.set_column(index, index, column.width)
        self.raw.set_row(HEADER, 32)
        for index, column in enumerate(columns):
            self.text(HEADER, index, str(column.title), style.HEAD)
        self.raw.freeze_panes(HEADER + 1, _first_free(columns))
        self.raw.repeat_rows(HEADER)
        self.row = HEADER + 1

    def line(
        self, columns: Sequence[Column], values: Sequence[Any], *, total: bool = False
    ) -> None:
        for index, (column, value) in enumerate(zip(columns, values, strict=True)):
            look = style.total(column.kind) if total else style.cell(column.kind)
            self.cell(self.row, index, column.kind, value, look)
        self.row += 1

    def filter(self, columns: Sequence[Column], last_row: int) -> None:
        self.raw.autofilter(HEADER, 0, max(last_row, HEADER + 1), len(columns) - 1)

    def cell(self, row: int, col: int, kind: Kind, value: Any, look: dict[str, Any]) -> None:
        """Write one typed cell; None is an empty one that keeps its look."""
        if isinstance(value, Formula):
            cached = stored(kind, value.value)
            self.raw.write_formula(row, col, value.text, self.book.look(look), cached)
        elif value is None:
            self.raw.write_blank(row, col, None, self.book.look(look))
        elif kind in {"text", "id"}:
            self.text(row, col, str(value), look)
        elif kind in {"date", "instant"}:
            self.raw.write_datetime(row, col, stored(kind, value), self.book.look(look))
        else:
            self.raw.write_number(row, col, stored(kind, value), self.book.look(look))

    def text(self, row: int, col: int, text: str, look: dict[str, Any]) -> None:
        text = safe_text(text)
        if starts_like_a_formula(text):
            look = {**look, "quote_prefix": True}
        if text:
            self.raw.write_string(row, col, text, self.book.look(look))
        else:
            self.raw.write_blank(row, col, None, self.book.look(look))

    def sentence(self, columns: int, text: str, look: dict[str, Any] = style.NOTE) -> None:
        """One line of prose across the table."""
        self.raw.merge_range(self.row, 0, self.row, columns - 1, "", self.book.look(look))
        self.text(self.row, 0, text, look)
        self.row += 1

    def range(self, col: int, first: int, last: int) -> str:
        """An absolute range of one column for formulas on other sheets."""
        name = xl_col_to_name(col)
        return f"{self.quoted}!${name}${first + 1}:${name}${last + 1}"

    def at(self, row: int, col: int) -> str:
        return f"{self.quoted}!${xl_col_to_name(col)}${row + 1}"

    def _print(self) -> None:
        self.raw.set_paper(A4)
        self.raw.set_landscape()
        self.raw.fit_to_pages(1, 0)
        self.raw.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        self.raw.center_horizontally()
        company = self.book.company.replace("&", "&&")[:80]
        self.raw.set_footer(f"&L&8{company}&C&8&A&R&8&P / &N")


def safe_text(text: str) -> str:
    """Cell text. XlsxWriter writes "<r>...</r>" as raw XML in constant memory: break that up."""
    text = clean(text)
    return f" {text}" if text.startswith("<r>") and text.endswith("</r>") else text


def stored(kind: Kind, value: Any) -> Any:
    """A value as the cell holds it: yuan, a fraction of one, the city's wall clock."""
    if value is None or isinstance(value, bool | str):
        return value
    if kind == "money_fen":
        return value / 100
    if kind == "percent_bp":
        return value / 10_000
    return city_time(value) if kind == "instant" else value


def write_table(
    table: Table, target: Path | str | IO[bytes], *, company: str, subtitle: str
) -> None:
    """Write a report as a workbook of one sheet, with totals at its foot."""
    with Book(target, title=table.title, company=company) as book:
        sheet = book.sheet(sheet_name(table.title))
        sheet.title(table.title, subtitle)
        sheet.header(table.columns)
        sums = _write_rows(sheet, table.columns, table.rows)
        last = sheet.row - 1
        sheet.filter(table.columns, last)
        fit(sheet, table.columns, sums)
        if any(column.total for column in table.columns):
            sheet.line(table.columns, totals(sheet, table.columns, sums, last), total=True)


def _write_rows(
    sheet: Sheet, columns: Sequence[Column], rows: Iterable[Sequence[Any]]
) -> list[int]:
    sums = [0] * len(columns)
    for row in rows:
        sheet.line(columns, row)
        for index, column in enumerate(columns):
            if column.total:
                sums[index] += row[index] or 0
    return sums


def totals(sheet: Sheet, columns: Sequence[Column], sums: Sequence[Any], last: int) -> list[Any]:
    """The foot of a table: SUM formulas with the values that the database gives them."""
    return [
        Formula(f"=SUM({local_range(index, HEADER + 1, max(last, HEADER + 1))})", sums[index])
        if column.total
        else None
        for index, column in enumerate(columns)
    ]


def fit(sheet: Sheet, columns: Sequence[Column], sums: Sequence[int]) -> None:
    """Widen a column whose total is longer than it: a spreadsheet would print ####."""
    for index, column in enumerate(columns):
        if column.total:
            width = max(column.width, len(yuan(sums[index])) * 1.15 + 2)
            sheet.raw.set_column(index, index, width)


def local_range(col: int, first: int, last: int) -> str:
    return f"{xl_col_to_name(col)}{first + 1}:{xl_col_to_name(col)}{last + 1}"


def sheet_name(title: str) -> str:
    """A name that Excel accepts: at most 31 characters, none of []:*?/\\, no outer quotes."""
    name = "".join("-" if letter in "[]:*?/\\" else letter for letter in clean(title))
    return name.strip("' ")[:31] or "-"


def _first_free(columns: Sequence[Column]) -> int:
    """Freeze the leading identifying columns of a wide table, so that a row keeps its name."""
    return min(2, len(columns)) if len(columns) > 8 else 0
