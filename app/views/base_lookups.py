"""Choosing a row of another table: how it is found, named and kept inside a scope."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Query, Session

from app.fab_filters import LONGEST_TEXT
from app.fab_interface import ModelInterface
from app.fab_kinds import Model, key_name, parse_key

LIMIT = 20
SMALL_LIMIT = 200


@dataclass(frozen=True)
class Lookup:
    """How a person finds a row of a related table.

    search  columns of the related table that contain what was typed
    match   instead of `search`: (query, typed text) -> query, for indexes of your own
    label   row -> text; `load` names relations that it touches
    scope   query -> query, the rows this person may choose
    order   column that orders the results; else the first of `search`, else the key
    small   True: a plain select with all rows (at most 200), not a remote one
    """

    search: tuple[str, ...] = ()
    match: Callable[[Query[Any], str], Query[Any]] | None = None
    label: Callable[[Any], str] = str
    scope: Callable[[Query[Any]], Query[Any]] | None = None
    order: str = ""
    small: bool = False
    load: tuple[str, ...] = ()
    model: Model | None = None

    def of(self, model: Model) -> "Lookup":
        """The same lookup for the table that the relation leads to."""
        return self if self.model else replace(self, model=model)

    @property
    def target(self) -> Model:
        if self.model is None:
            raise TypeError("A lookup is bound when the view is made; or say model=")
        return self.model

    def key(self, row: Any) -> Any:
        return getattr(row, key_name(self.target))

    def find(self, session: Session, keys: list[str]) -> list[Any]:
        """The rows with these keys, as far as this person may choose them, in the given order."""
        wanted = [key for text in keys if (key := parse_key(self.target, text)) is not None]
        if not wanted:
            return []
        column = getattr(self.target, key_name(self.target))
        found = {self.key(row): row for row in self._query(session).filter(column.in_(wanted))}
        return [found[key] for key in dict.fromkeys(wanted) if key in found]

    def suggest(self, session: Session, text: str) -> tuple[list[Any], bool]:
        """At most `LIMIT` rows for what was typed, and whether there are more."""
        query = self._matching(
            self._query(session), text.replace("\x00", "")[:LONGEST_TEXT].strip()
        )
        rows = self._ordered(query).limit(LIMIT + 1).all()
        return rows[:LIMIT], len(rows) > LIMIT

    def all(self, session: Session) -> list[Any]:
        return self._ordered(self._query(session)).limit(SMALL_LIMIT).all()

    def _query(self, session: Session) -> Query[Any]:
        query = session.query(self.target).options(*ModelInterface(self.target).loaders(self.load))
        return self.scope(query) if self.scope else query

    def _matching(self, query: Query[Any], text: str) -> Query[Any]:
        if not text:
            return query
        if self.match:
            return self.match(query, text)
        columns = [getattr(self.target, name) for name in self.search]
        return query.filter(sa.or_(*(c.icontains(text, autoescape=True) for c in columns)))

    def _ordered(self, query: Query[Any]) -> Query[Any]:
        first = self.order or (self.search[0] if self.search else "")
        return ModelInterface(self.target).ordered(query, first, "asc")
