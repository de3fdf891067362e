"""What PostgreSQL's planner guesses, from its statistics, without reading the rows."""

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ClauseElement, Executable


class _Explained(Executable, ClauseElement):
    inherit_cache = False

    def __init__(self, statement: Any) -> None:
        self.statement = statement


@compiles(_Explained)
def _compile(element: _Explained, compiler: Any, **kw: Any) -> str:
    return "EXPLAIN (FORMAT JSON) " + compiler.process(element.statement, **kw)


def planned_rows(session: Any, statement: Any) -> int:
    """How many rows the planner expects of a statement."""
    plan = session.scalar(_Explained(statement))
    return int(plan[0]["Plan"]["Plan Rows"])
