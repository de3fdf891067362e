"""Far pages of long lists: found from a page that was looked at lately, not from the beginning.

A database finds page 35,000 by walking over all the rows before it. So the first row of a far page
is remembered for a minute, under the whole question with its values: whoever asks for that page
again, for the next or the one before, walks a few rows. Until then the list stands still; rows
that come in meanwhile push nothing onto a second page.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Query

FAR = 20_000  # rows that a database passes over in a few milliseconds
KEPT_SECONDS = 60.0
MOST_QUESTIONS = 256
MOST_ROWS = 16  # that are remembered of one question


@dataclass
class _Known:
    """The first rows of pages of one list: how many are before each -> its values."""

    until: float
    rows: OrderedDict[int, tuple[Any, ...]] = field(default_factory=OrderedDict)


_known: OrderedDict[str, _Known] = OrderedDict()
_lock = Lock()


def keys_of(
    query: Query[Any], columns: tuple[Any, ...], offset: int, size: int, *, falling: bool
) -> list[Any]:
    """The last of `columns` of the rows from `offset` on. `query` is not ordered yet; ordered by
    the columns, which hold no NULL and tell all rows apart.
    """
    wanted = query.with_entities(*columns)
    question = _question(wanted, falling)
    start = _nearest(question, offset)
    if start is None:
        found = _walk(wanted, columns, offset, size, falling=falling)
    elif start[0] <= offset:
        after = wanted.filter(_from(columns, start[1], falling=falling))
        found = _walk(after, columns, offset - start[0], size, falling=falling)
    else:
        before = wanted.filter(~_from(columns, start[1], falling=falling))
        left = start[0] - offset - size
        found = _walk(before, columns, max(left, 0), size + min(left, 0), falling=not falling)[::-1]
    if found:
        _remember(question, offset, found[0])
    return [row[-1] for row in found]


def forget() -> None:
    """Look at every page as for the first time."""
    with _lock:
        _known.clear()


def _walk(
    query: Query[Any], columns: tuple[Any, ...], offset: int, size: int, *, falling: bool
) -> list[tuple[Any, ...]]:
    turn = sa.desc if falling else sa.asc
    ordered = query.order_by(None).order_by(*(turn(column) for column in columns))
    return [tuple(row) for row in ordered.offset(offset).limit(size)]


def _from(
    columns: tuple[Any, ...], values: tuple[Any, ...], *, falling: bool
) -> sa.ColumnElement[bool]:
    """This row and those after it."""
    row: Any = sa.tuple_(*columns)
    place = sa.tuple_(
        *(
            sa.literal(value, column.type)
            for value, column in zip(values, columns, strict=True)
        )
    )  # fmt: skip
    found: sa.ColumnElement[bool] = row <= place if falling else row >= place
    return found


def _question(query: Query[Any], falling: bool) -> str:
    compiled = query.statement.compile(query.session.get_bind())
    return f"{compiled}|{sorted(compiled.params.items(), key=str)}|{falling}"


def _nearest(question: str, offset: int) -> tuple[int, tuple[Any, ...]] | None:
    """The nearest row that is known, unless the beginning is nearer."""
    with _lock:
        known = _known.get(question)
        if known is None or known.until < monotonic():
            return None
        near = min(known.rows, key=lambda place: abs(place - offset))
        return (near, known.rows[near]) if abs(near - offset) < offset else None


def _remember(question: str, offset: int, row: tuple[Any, ...]) -> None:
    with _lock:
        known = _known.get(question)
        if known is None or known.until < monotonic():
            known = _known[question] = _Known(monotonic() + KEPT_SECONDS)
        known.rows[offset] = row
        for book, most in ((known.rows, MOST_ROWS), (_known, MOST_QUESTIONS)):
            while len(book) > most:
                book.popitem(last=False)
