"""Writes rows in bulk: COPY on PostgreSQL, executemany on SQLite. No guard is taken away.

A row is a list of cells in the order of the table's columns, already in the database's own words,
so that most cells of a repeated row are made once. Keys are given out here, from the highest that
stands; `set_sequences` tells the database afterwards.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.extensions import db

Cells = list[Any]
ROWS_A_WRITE = 2_000
ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Bulk:
    """Rows on their way into the database, by table."""

    def __init__(self, dialect: str) -> None:
        self._postgresql = dialect == "postgresql"
        self._waiting: dict[str, list[Cells]] = defaultdict(list)
        self._next: dict[str, int] = {}
        self.written: Counter[str] = Counter()
        self.null = "\\N" if self._postgresql else None
        self.plain: Callable[[Any], Any] = _copied if self._postgresql else _bound

    def cell(self, column: sa.Column[Any], value: Any) -> Any:
        """A value as the database reads it: sealed, converted, escaped."""
        if value is None:
            return self.null
        if isinstance(column.type, sa.TypeDecorator):
            value = column.type.process_bind_param(value, db.engine.dialect)
        elif isinstance(column.type, sa.JSON):
            value = json.dumps(value)
        return self.plain(value)

    def row(self, table: sa.Table, values: dict[str, Any]) -> Cells:
        return [self.cell(column, values[column.name]) for column in table.columns]

    def keys(self, table: sa.Table, count: int = 1) -> int:
        """The first of `count` new keys that follow one another."""
        if table.name not in self._next:
            self._next[table.name] = (
                db.session.scalar(sa.select(sa.func.max(table.c.id))) or 0
            ) + 1
        first = self._next[table.name]
        self._next[table.name] = first + count
        return first

    def add(self, table: str, rows: Iterable[Cells]) -> None:
        self._waiting[table].extend(rows)

    def write(self, session: Session) -> None:
        """Send what waits, parents before children."""
        for table in db.metadata.sorted_tables:
            rows = self._waiting.pop(table.name, [])
            if rows:
                (self._copy if self._postgresql else self._insert)(session, table, rows)
                self.written[table.name] += len(rows)

    def set_sequences(self, session: Session) -> None:
        """The next key that the database gives out comes after ours."""
        if self._postgresql:
            for name in self.written:
                last = self._next.get(name)
                if last is not None:
                    found = sa.func.pg_get_serial_sequence(name, "id")
                    session.execute(sa.select(sa.func.setval(found, last - 1)))

    def _copy(self, session: Session, table: sa.Table, rows: list[Cells]) -> None:
        copy_rows(session, table, ("\t".join(map(str, row)) for row in rows))

    def _insert(self, session: Session, table: sa.Table, rows: list[Cells]) -> None:
        places = ", ".join("?" * len(table.columns))
        statement = f"INSERT INTO {_named(session, table)} VALUES ({places})"  # noqa: S608  # our own table
        for start in range(0, len(rows), ROWS_A_WRITE):
            part = [tuple(row) for row in rows[start : start + ROWS_A_WRITE]]
            session.connection().exec_driver_sql(statement, part)


def tidy() -> None:
    """What the database does by itself after a while: statistics, and marking pages as visible."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if db.engine.name == "sqlite" else "VACUUM ANALYZE")


def copy_rows(session: Session, table: sa.Table, lines: Iterable[str]) -> None:
    """COPY lines in the text format, columns in the table's order."""
    connection: Any = session.connection().connection.driver_connection
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {_named(session, table)} FROM STDIN") as out,
    ):
        part: list[str] = []
        for line in lines:
            part.append(line)
            if len(part) == ROWS_A_WRITE:
                out.write("\n".join(part) + "\n")
                part.clear()
        if part:
            out.write("\n".join(part) + "\n")


def _named(session: Session, table: sa.Table) -> str:
    prepare = session.get_bind().dialect.identifier_preparer
    columns = ", ".join(prepare.format_column(column) for column in table.columns)
    return f"{prepare.format_table(table)} ({columns})"


def _copied(value: Any) -> Any:
    """As PostgreSQL's text format of COPY writes it."""
    if isinstance(value, str):
        return value.translate(ESCAPED)
    if isinstance(value, bytes):
        return f"\\\\x{value.hex()}"
    if isinstance(value, bool):
        return "t" if value else "f"
    return value.isoformat() if isinstance(value, date) else value


def _bound(value: Any) -> Any:
    """As SQLAlchemy stores it in SQLite."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, date):
        return value.isoformat()
    return int(value) if isinstance(value, bool) else value
