"""What PostgreSQL logged of an act, and pgbench's script that sends it again with other rows."""

import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

ENTRY = re.compile(r"^\d{4}-\d\d-\d\d [\d:.]+ \w+ \[\d+\] (\w+):  ", re.MULTILINE)
SAID = re.compile(r"(?:statement|execute [^:]+): (.*)", re.DOTALL)
VALUE = re.compile(r"\$(\d+) = (NULL|'(?:[^']|'')*')")
PLACE = re.compile(r"\$(\d+)")
OF_THE_DRIVER = ("DEALLOCATE", "SET log_statement")
FRAME = ("BEGIN", "COMMIT", "ROLLBACK")


@dataclass
class Statement:
    """As it was sent, its values beside it; None is NULL."""

    sql: str
    values: dict[int, str | None]


def count(statements: list[Statement]) -> int:
    """Without BEGIN and its like; rows that are sent one after the other by one call count once."""
    calls = [one for one, _rows in itertools.groupby(statement.sql for statement in statements)]
    return sum(not sql.startswith(FRAME) for sql in calls)


@contextmanager
def logged(engine: sa.Engine, log: Path) -> Iterator[list[Statement]]:
    """The list is filled at the end with all that the engine's connections sent meanwhile."""

    def begin(connection: Any, _record: Any) -> None:
        connection.execute("SET log_statement = 'all'")
        connection.commit()

    found: list[Statement] = []
    engine.dispose()
    sa.event.listen(engine, "connect", begin)
    with engine.connect():
        place = log.stat().st_size
    try:
        yield found
    finally:
        sa.event.remove(engine, "connect", begin)
        engine.dispose()
        with log.open() as file:
            file.seek(place)
            found += _statements(file.read())


def _statements(text: str) -> Iterator[Statement]:
    parts = ENTRY.split(text)
    last: Statement | None = None
    for kind, said in zip(parts[1::2], parts[2::2], strict=True):
        found = SAID.match(said) if kind == "LOG" else None
        if found and not found.group(1).startswith(OF_THE_DRIVER):
            if last:
                yield last
            last = Statement(" ".join(found.group(1).split()), {})
        elif kind == "DETAIL" and last:
            last.values = {int(n): _plain(value) for n, value in VALUE.findall(said)}
    if last:
        yield last


def _plain(value: str) -> str | None:
    return None if value == "NULL" else value[1:-1].replace("''", "'")


Fill = Callable[[Statement, str], str]


def script(statements: list[Statement], fill: Fill, heads: list[str]) -> str:
    """`fill` writes a value of a statement as SQL. Rows that are inserted with RETURNING of one id
    leave it in `:<table>_id`.
    """
    lines = list(heads)
    for one in statements:
        text = PLACE.sub(lambda place: _filled(one, int(place.group(1)), fill), one.sql)  # noqa: B023
        into = re.match(r"INSERT INTO (\w+) .* RETURNING \w+\.id$", one.sql)
        lines.append(f"{text} \\gset {into.group(1)}_" if into else f"{text};")
    return "\n".join([*lines, ""])


def _filled(statement: Statement, place: int, fill: Fill) -> str:
    value = statement.values[place]
    return "NULL" if value is None else fill(statement, value)


def literal(text: str) -> str:
    """A string in which pgbench finds no variable of its own."""
    escaped = text.replace("\\", "\\\\").replace("'", "''").replace(":", "\\072")
    return f"E'{escaped}'"
