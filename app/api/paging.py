"""Pages that stay stable while rows are added: the next one begins after the last row seen."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.api.fields import LARGEST_WHOLE
from app.domain.errors import InvalidInput
from app.extensions import db

Page = dict[str, Any]


def page_of(
    statement: sa.Select[Any], by: Sequence[Any], wanted: dict[str, Any], *, newest_first: bool
) -> Page:
    """One page of the rows, in the order of the columns `by`; the last of them is unique.

    One row more than wanted is read: it tells whether there is a next page.
    """
    limit: int = wanted["limit"]
    if wanted["cursor"]:
        statement = statement.where(_after(by, _opened(wanted["cursor"], by), newest_first))
    ordered = [column.desc() if newest_first else column.asc() for column in by]
    rows = db.session.scalars(statement.order_by(*ordered).limit(limit + 1)).all()
    more = len(rows) > limit
    cursor = _sealed([getattr(rows[limit - 1], column.key) for column in by]) if more else None
    return {"items": list(rows[:limit]), "next_cursor": cursor}


def _after(by: Sequence[Any], seen: list[Any], newest_first: bool) -> Any:
    row, last = sa.tuple_(*by), sa.tuple_(*(sa.literal(value) for value in seen))
    return row < last if newest_first else row > last


def _sealed(values: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _opened(cursor: str, by: Sequence[Any]) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError) as exc:
        raise _unknown() from exc
    if not isinstance(values, list) or len(values) != len(by):
        raise _unknown()
    for value, column in zip(values, by, strict=True):
        if not _fits(value, column.type.python_type):
            raise _unknown()
    return values


def _fits(value: Any, kind: type) -> bool:
    if kind is int:
        return type(value) is int and abs(value) <= LARGEST_WHOLE
    return type(value) is str and len(value) <= 64 and value.isascii() and value.isprintable()


def _unknown() -> InvalidInput:
    return InvalidInput(_l("This cursor was not given by us"), code="cursor_invalid")
