"""Reading a settlement workbook with openpyxl, both its values and its formulas."""

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
from flask_babel import lazy_gettext as _l
from openpyxl.utils import get_column_letter
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException

from app.reports.base import Column, Kind, ReportError
from app.reports.settlement import checks_sheet
from app.reports.settlement.cover_sheet import FIRST_TOTAL
from app.reports.settlement.sheet import FIRST, SHEETS, index_of

Pair = tuple[Any, Any]  # the cached value and what stands in the cell


@dataclass(frozen=True, slots=True)
class Grid:
    """A table that was read back, in the columns' own units."""

    columns: Sequence[Column]
    rows: list[dict[str, Any]]
    totals: dict[str, Any]
    total_formulas: dict[str, str]

    def sum_of(self, key: str) -> str:
        """The formula that must stand at the foot of a column."""
        letter = get_column_letter(index_of(self.columns, key) + 1)
        last = FIRST + max(len(self.rows), 1)
        return f"=SUM({letter}{FIRST + 1}:{letter}{last})"


class Reader:
    """A finished workbook, opened twice. Raises ReportError when it is not one of ours."""

    def __init__(self, path: Path | str) -> None:
        try:
            # From memory: a comparison that stops half-way leaves no file open.
            content = Path(path).read_bytes()
            self._values = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=True)
            self._formulas = openpyxl.load_workbook(BytesIO(content), read_only=True)
        except (OSError, KeyError, ValueError, zipfile.BadZipFile, InvalidFileException) as exc:
            raise ReportError(_l("The workbook cannot be opened")) from exc
        if len(self._values.sheetnames) != len(SHEETS):
            raise ReportError(_l("The workbook lacks a sheet"), sheets=self._values.sheetnames)

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: Any) -> None:
        self._values.close()
        self._formulas.close()

    def table(self, key: str, columns: Sequence[Column], count: int) -> Grid:
        """Read a sheet that is expected to hold so many rows above its totals."""
        rows = []
        lines = self._lines(key, FIRST, FIRST + max(count, 1) + 1, len(columns))
        for _index, line in zip(range(max(count, 1)), lines, strict=False):
            rows.append(line)
        foot = next(lines, [(None, None)] * len(columns))
        return Grid(
            columns,
            [_row(columns, line) for line in rows] if count else [],
            {c.key: in_unit(c.kind, foot[i][0]) for i, c in enumerate(columns) if c.total},
            {c.key: str(foot[i][1]) for i, c in enumerate(columns) if c.total},
        )

    def cover(self, count: int) -> list[Pair]:
        """The totals on the cover."""
        lines = self._lines("cover", FIRST_TOTAL, FIRST_TOTAL + count, 3)
        return [line[2] for line in lines]

    def checks(self, count: int) -> list[Pair]:
        """The results of the checks."""
        col = index_of(checks_sheet.COLUMNS, "result")
        return [line[col] for line in self._lines("checks", FIRST, FIRST + count, col + 1)]

    def _lines(self, key: str, first: int, end: int, columns: int) -> Iterator[list[Pair]]:
        """Rows of pairs, from row index `first` up to `end`, refusing error values."""
        place = [name for name, _title in SHEETS].index(key)
        area = {"min_row": first + 1, "max_row": end, "max_col": columns}
        values = self._values.worksheets[place].iter_rows(**area, values_only=True)
        texts = self._formulas.worksheets[place].iter_rows(**area, values_only=True)
        for value_row, text_row in zip(values, texts, strict=True):
            yield [_pair(key, pair) for pair in zip(value_row, text_row, strict=True)]


def in_unit(kind: Kind, value: Any) -> Any:
    """A cell's value in the column's unit. Raises ReportError for part of a fen."""
    if value is None or kind in {"text", "id"}:
        return value
    if isinstance(value, datetime):
        return value.date() if kind == "date" else value
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ReportError(_l("A figure of the workbook is not a number"), found=repr(value))
    exact = value * {"money_fen": 100, "percent_bp": 10_000}.get(kind, 1)
    if abs(exact - round(exact)) > 0.001:
        raise ReportError(_l("An amount of the workbook is not a whole fen"), found=repr(value))
    return round(exact)


def _pair(key: str, pair: Pair) -> Pair:
    value, text = pair
    if isinstance(text, str) and text.startswith("=") and value is None:
        raise ReportError(_l("A formula has no value"), sheet=key, formula=text)
    if isinstance(value, str) and value.startswith("#") and str(text).startswith("="):
        raise ReportError(_l("A formula is in error"), sheet=key, formula=text, found=value)
    return (unescape(value), text) if isinstance(value, str) else pair


def _row(columns: Sequence[Column], line: list[Pair]) -> dict[str, Any]:
    return {c.key: in_unit(c.kind, line[i][0]) for i, c in enumerate(columns)}
