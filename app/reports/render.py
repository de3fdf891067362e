"""One table as a page, as JSON and as CSV: the same values, written for three readers."""

import csv
import io
import itertools
import json
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from app.domain.money import yuan
from app.reports.base import Column, Kind, Table
from app.reports.text import city_time, clean, inert

PAGE = 100
LARGEST_PAGE = 500


def page_rows(table: Table, *, first: int = 0, limit: int = PAGE) -> list[list[str]]:
    """The rows of one page as people read them: yuan, percent, the city's time."""
    limit = max(1, min(limit, LARGEST_PAGE))
    rows = itertools.islice(table.rows, max(first, 0), max(first, 0) + limit)
    return [[shown(c.kind, value) for c, value in _cells(table, row)] for row in rows]


def json_chunks(table: Table) -> Iterator[str]:
    """JSON for programs: money in fen, percentages in basis points, instants in UTC."""
    columns = [{"key": c.key, "title": str(c.title), "kind": c.kind} for c in table.columns]
    head = {"name": table.name, "title": table.title, "columns": columns}
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "rows": ['
    for index, row in enumerate(table.rows):
        values = [_plain(c.kind, value) for c, value in _cells(table, row)]
        yield (", " if index else "") + json.dumps(values, ensure_ascii=False)
    yield "]}"


def csv_chunks(table: Table) -> Iterator[bytes]:
    """CSV for spreadsheets: UTF-8 with a byte order mark, money as 1234.50, formulas inert."""
    yield b"\xef\xbb\xbf" + _csv_line([inert(str(c.title)) for c in table.columns])
    for row in table.rows:
        yield _csv_line([_csv_value(c.kind, value) for c, value in _cells(table, row)])


def shown(kind: Kind, value: Any) -> str:
    """A value as people read it, in every place where it is not a typed cell."""
    if value is None:
        return ""
    match kind:
        case "money_fen":
            return yuan(value)
        case "integer":
            return f"{value:,}"
        case "percent_bp":
            return f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02d}%"
        case "date":
            return str(value.isoformat())
        case "instant":
            return f"{city_time(value):%Y-%m-%d %H:%M}"
        case _:
            return clean(str(value))


def _cells(table: Table, row: tuple[Any, ...]) -> Iterator[tuple[Column, Any]]:
    return zip(table.columns, row, strict=True)


def _plain(kind: Kind, value: Any) -> Any:
    if value is None or kind in {"money_fen", "integer", "percent_bp"}:
        return value
    if kind == "instant":
        return value.astimezone(UTC).isoformat(timespec="seconds")
    return value.isoformat() if kind == "date" else clean(str(value))


def _csv_value(kind: Kind, value: Any) -> str:
    if kind == "money_fen":
        return yuan(value).replace(",", "")
    if kind == "integer":
        return "" if value is None else str(value)
    text = shown(kind, value)
    return inert(text) if kind in {"text", "id"} else text


def _csv_line(values: list[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(values)
    return out.getvalue().encode()
