"""How views read rows: eager, bounded, in a stable order. They write inside transaction() only."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from flask_appbuilder.models.sqla.interface import SQLAInterface
from sqlalchemy.orm import Load, Query, aliased, joinedload, selectinload

from app import fab_far_pages as far_pages
from app.fab_estimates import planned_rows
from app.fab_filters import FilterConverter, RowFilters
from app.fab_kinds import (
    column_of,
    key_column,
    key_name,
    parse_key,
    relationship,
)

KEYS_AT_ONCE = 10_000
# Rows that are counted one by one before a list says how many there are. Counting is cheap in
# SQLite, which on the other hand cannot guess.
COUNTED_UP_TO = {"postgresql": 5_000, "sqlite": 200_000}


@dataclass(frozen=True)
class Size:
    """How many rows pass: just so many, about so many, or more than so many."""

    number: int
    kind: Literal["exact", "about", "more"] = "exact"


class ModelInterface(SQLAInterface):
    """`load` names relations (dotted) that __str__ or formatters of a list touch."""

    filter_converter_class = FilterConverter

    def __init__(self, model: type[Any], load: Iterable[str] = (), session: Any = None) -> None:
        super().__init__(model, session)
        self.load = tuple(load)
        self.key = key_column(model)
        self.key_name = key_name(model)

    def get_filters(
        self,
        search_columns: list[str] | None = None,
        search_filters: dict[str, list[Any]] | None = None,
    ) -> RowFilters:
        return RowFilters(self.filter_converter_class, self, search_columns, search_filters)

    def get_inner_filters(self, filters: Any) -> Any:
        return filters

    def count(self, filters: Any = None) -> int:
        """How many rows pass. Counts the key: never a subquery of every column."""
        query = self.apply_filters(self.session.query(self.obj), filters).order_by(None)
        return int(query.with_entities(sa.func.count(self.key)).scalar() or 0)

    def size(self, filters: Any = None) -> Size:
        """How many rows pass, without ever counting far: above a limit the database guesses."""
        query = self.apply_filters(self.session.query(self.obj), filters).order_by(None)
        dialect = self.session.get_bind().dialect.name
        most = COUNTED_UP_TO[dialect]
        some = query.with_entities(self.key).limit(most + 1).subquery()
        found = int(self.session.scalar(sa.select(sa.func.count()).select_from(some)) or 0)
        if found <= most:
            return Size(found)
        if dialect == "postgresql":
            guessed = planned_rows(self.session, query.with_entities(self.key).statement)
            return Size(max(guessed, found), "about")
        return Size(most, "more")

    def rows(
        self,
        filters: Any = None,
        order_column: str = "",
        order_direction: str = "",
        page: int = 0,
        page_size: int | None = None,
        load: Iterable[str] = (),
    ) -> list[Any]:
        """One page of rows with the relations of `load`, ordered with the key as the last word.

        The page is found by keys alone and its rows are joined after that: a far page would
        otherwise join all the rows that it skips.
        """
        query = self.apply_filters(self.session.query(self.obj), filters)
        if page_size:
            keys = self._page(query, order_column, order_direction, page, page_size)
            query = self.session.query(self.obj).filter(self.key.in_(keys))
        query = self.ordered(query, order_column, order_direction)
        return query.options(*self.loaders((*self.load, *load))).all()

    def _page(self, query: Query[Any], column: str, direction: str, page: int, size: int) -> Any:
        """The keys of a page, as a subquery or, far down, one by one."""
        columns = self._told_apart_by(column)
        if page * size > far_pages.FAR and columns:
            falling = direction != "asc"
            return far_pages.keys_of(query, columns, page * size, size, falling=falling)
        ordered = self.ordered(query, column, direction).with_entities(self.key)
        return sa.select(self.apply_pagination(ordered, page, size).subquery())

    def _told_apart_by(self, column: str) -> tuple[Any, ...]:
        """The columns of an order that hold no NULL, the key last; none for other orders."""
        if not column or column == self.key_name:
            return (self.key,)
        stored = column_of(self.obj, column)
        if stored is None or stored.nullable:
            return ()
        return (getattr(self.obj, column), self.key)

    def keys(
        self,
        filters: Any = None,
        order_column: str = "",
        order_direction: str = "",
        limit: int | None = None,
    ) -> Iterator[Any]:
        """The keys of all rows that pass, in the order of a list; few of them in memory at once."""
        query = self.apply_filters(self.session.query(self.obj), filters)
        query = self.ordered(query, order_column, order_direction).with_entities(self.key)
        statement = query.limit(limit).statement.execution_options(yield_per=KEYS_AT_ONCE)
        yield from self.session.scalars(statement)

    def of_keys(self, keys: Sequence[Any], columns: Iterable[str]) -> list[Any]:
        """The rows with these keys, in this order, with what `columns` show of them."""
        wanted = sa.select(self.obj).where(self.key.in_(keys))
        wanted = wanted.options(*self.loaders((*self.load, *columns)))
        found = {getattr(row, self.key_name): row for row in self.session.scalars(wanted).unique()}
        return [found[key] for key in keys if key in found]

    def query(
        self,
        filters: Any = None,
        order_column: str = "",
        order_direction: str = "",
        page: int | None = None,
        page_size: int | None = None,
        select_columns: list[str] | None = None,
        outer_default_load: bool = False,
    ) -> tuple[int, list[Any]]:
        load = [column.rpartition(".")[0] or column for column in select_columns or []]
        found = self.rows(filters, order_column, order_direction, page or 0, page_size, load)
        return self.count(filters), found

    def get(
        self,
        id: Any,
        filters: Any = None,
        select_columns: list[str] | None = None,
        outer_default_load: bool = False,
        load: Iterable[str] = (),
        lock: bool = False,
    ) -> Any | None:
        """The row with this key if it passes the filters. `lock` reads it anew, for a change."""
        key = parse_key(self.obj, id)
        if key is None:
            return None
        query = self.session.query(self.obj).filter(self.key == key)
        query = self.apply_filters(query, filters)
        if lock:
            # Without the eager joins: PostgreSQL cannot lock the empty side of an outer join.
            return query.with_for_update(of=self.obj).populate_existing().one_or_none()
        return query.options(*self.loaders((*self.load, *load))).one_or_none()

    def loaders(self, paths: Iterable[str]) -> list[Load]:
        """Load options for the relations on these paths; what is no relation is passed over."""
        return [option for path in dict.fromkeys(paths) if (option := self._loader(path))]

    def _loader(self, path: str) -> Any | None:
        model, option = self.obj, None
        for name in path.split("."):
            relation = relationship(model, name)
            if relation is None or relation.lazy in {"dynamic", "write_only"}:
                break
            attribute = getattr(model, name)
            if relation.uselist:
                option = option.selectinload(attribute) if option else selectinload(attribute)
            else:
                option = option.joinedload(attribute) if option else joinedload(attribute)
            model = relation.mapper.class_
        return option

    def ordered(self, query: Query[Any], column: str, direction: str) -> Query[Any]:
        """Order by a column, dotted or not, then by the key: pages neither repeat nor skip."""
        turn = sa.asc if direction == "asc" else sa.desc
        *path, leaf = column.split(".")
        entity: Any = self.obj
        for name in path:
            target = aliased(getattr(entity, name).property.mapper.class_)
            query = query.outerjoin(getattr(entity, name).of_type(target))
            entity = target
        if not column or (not path and leaf == self.key_name):
            return query.order_by(turn(self.key))
        return query.order_by(turn(getattr(entity, leaf)), turn(self.key))

    def is_orderable(self, path: str) -> bool:
        *relations, leaf = path.split(".")
        model = self.obj
        for name in relations:
            relation = relationship(model, name)
            if relation is None or relation.uselist:
                return False
            model = relation.mapper.class_
        column = column_of(model, leaf)
        if column is None:
            return False
        stored = column.type.impl if isinstance(column.type, sa.TypeDecorator) else column.type
        return not isinstance(stored, sa.JSON | sa.LargeBinary)
