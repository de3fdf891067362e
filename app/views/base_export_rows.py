"""The rows of a file, a batch of keys at a time.

Where a list shows stored columns and related rows only, the columns are read without making an
object of each row, and a related row is read and named once, however many rows show it. Other
lists compute something from their rows, and read them whole as the page does.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app.extensions import db
from app.fab_interface import ModelInterface
from app.fab_kinds import column_of, relationship, value_at
from app.views.base_export_cells import Convert, converter_of

if TYPE_CHECKING:
    from app.views.base import ModelView

Rows = Callable[[Sequence[Any]], Iterator[list[Any]]]
MOST_NAMES = 20_000  # of related rows, remembered at once


def rows_of(view: "ModelView") -> Rows:
    """Keys -> the cells of their rows, in the order of the keys; a row that is gone is left out."""
    known = [_stored(view, column) for column in view.list_columns]
    if all(one is not None for one in known):
        return lambda keys: _lean(view, [one for one in known if one is not None], keys)
    readers = [_reader(view, column) for column in view.list_columns]
    return lambda keys: (
        [read(row) for read in readers]
        for row in view.datamodel.of_keys(list(keys), view.list_columns)
    )


def _reader(view: "ModelView", column: str) -> Convert:
    convert = converter_of(view, column)
    if convert is None:
        return lambda row: value_at(row, column)
    return lambda row: convert(value_at(row, column))


@dataclass
class _Names:
    """What a list calls the rows of one relation."""

    related: ModelInterface
    convert: Convert
    names: dict[Any, Any] = field(default_factory=dict)

    def __call__(self, key: Any) -> Any:
        return self.names.get(key)

    def learn(self, keys: set[Any]) -> None:
        missing = keys - self.names.keys()
        if len(self.names) + len(missing) > MOST_NAMES:
            self.names.clear()
            missing = keys
        for row in self.related.of_keys(sorted(missing - {None}), ()):
            self.names[getattr(row, self.related.key_name)] = self.convert(row)


@dataclass(frozen=True)
class _Stored:
    """A column that is read as it is stored; of a relation, the key of its row."""

    column: Any
    convert: Convert | None


def _stored(view: "ModelView", column: str) -> _Stored | None:
    model, convert = view.datamodel.obj, converter_of(view, column)
    if column_of(model, column) is not None:
        return _Stored(getattr(model, column), convert)
    relation = relationship(model, column)
    pairs = list(relation.local_remote_pairs or ()) if relation is not None else []
    if relation is None or relation.uselist or len(pairs) != 1:
        return None
    local, remote = pairs[0]
    begin = f"{column}."
    paths = [path.removeprefix(begin) for path in view.datamodel.load if path.startswith(begin)]
    related = ModelInterface(relation.mapper.class_, load=paths, session=view.datamodel.session)
    if remote is not related.key or convert is None:
        return None
    return _Stored(local, _Names(related, convert))


def _lean(
    view: "ModelView", columns: Sequence[_Stored], keys: Sequence[Any]
) -> Iterator[list[Any]]:
    key = view.datamodel.key
    wanted = sa.select(key, *(one.column for one in columns)).where(key.in_(keys))
    found = {row[0]: row for row in db.session.execute(wanted)}
    rows = [found[key] for key in keys if key in found]
    for place, one in enumerate(columns, 1):
        if isinstance(one.convert, _Names):
            one.convert.learn({row[place] for row in rows})
    converts = [(place, one.convert) for place, one in enumerate(columns, 1)]
    for row in rows:
        yield [row[at] if convert is None else convert(row[at]) for at, convert in converts]
