"""What a check of the whole database says: figures, and where it does not hold."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

TOLD_AT_MOST = 20


@dataclass(frozen=True)
class Finding:
    """`failures` names up to twenty rows that break the rule; figures["wrong"] counts them all."""

    ok: bool
    figures: dict[str, int]
    failures: list[Any] = field(default_factory=list)


Check = Callable[[Session], Finding]
Asked = tuple[sa.Select[Any], sa.Select[Any]]  # figures, and what must not be: see constant()


def constant(statements: Callable[[], Asked]) -> Check:
    """A check that always asks the same two statements; their docstring becomes the check's.

    They are one row of figures, and the rows that must not be: the first column of each is told.
    They are built at the first call, for that costs more than running them on a small company.
    """

    @functools.cache
    def asked() -> Asked:
        figures, failing = statements()
        return figures, _counted(failing)

    @functools.wraps(statements)
    def check(session: Session) -> Finding:
        return _found(session, *asked())

    return check


def _counted(failing: sa.Select[Any]) -> sa.Select[Any]:
    return failing.add_columns(sa.func.count().over()).order_by(sa.text("1")).limit(TOLD_AT_MOST)


def _found(session: Session, figures: sa.Select[Any], counted: sa.Select[Any]) -> Finding:
    """What decides is one statement, so that it sees one moment although others are writing."""
    told = {
        name: int(value or 0) for name, value in session.execute(figures).mappings().one().items()
    }
    rows = session.execute(counted).all()
    wrong = int(rows[0][-1]) if rows else 0
    return Finding(not wrong, told | {"wrong": wrong}, [row[0] for row in rows])


def total(amount: Any, *where: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    """SUM of the amount over rows where all conditions hold; 0 without any."""
    value = sa.case((sa.and_(*where), amount), else_=0) if where else amount
    return sa.func.coalesce(sa.func.sum(value), 0)


def or_zero(column: Any) -> sa.ColumnElement[int]:
    return sa.func.coalesce(column, 0)


def part(key: Any, what: str, amount: Any) -> sa.Select[Any]:
    """One side of an equation: for `what`, this much counts for this key."""
    return sa.select(key.label("key"), sa.literal(what).label("what"), amount.label("fen"))


def differing(*parts: sa.Select[Any]) -> sa.Select[Any]:
    """Keys for which the parts of some `what` do not add up to zero."""
    rows = sa.union_all(*parts).subquery()
    wrong = (
        sa.select(rows.c.key)
        .group_by(rows.c.key, rows.c.what)
        .having(sa.func.sum(rows.c.fen) != 0)
        .subquery()
    )
    return sa.select(wrong.c.key).group_by(wrong.c.key)


def sums(*parts: sa.Select[Any]) -> sa.Select[Any]:
    """Figures: the sum of each `what`, by its name, in the order of the parts."""
    rows = sa.union_all(*parts).subquery()
    names = dict.fromkeys(part.selected_columns["what"].element.value for part in parts)
    return sa.select(*(total(rows.c.fen, rows.c.what == name).label(name) for name in names))
