"""What a report is: one module with one Report subclass, found by its name.

    class Income(Report):
        name = "income"
        title = _l("Income")
        params = IncomeParams                      # a marshmallow schema; unknown fields refused
        columns = (Column("worker", _l("Worker")), Column("income_fen", _l("Income"), "money_fen"))

        def rows(self, *, actor, **params): ...    # yields tuples in the order of `columns`

    table = report_named("income").table(request.args, actor=actor)

The table then becomes a page, JSON, CSV or XLSX (app.reports.render, app.reports.xlsx): the
same values in each.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, ValidationError

from app.domain.actors import Actor
from app.domain.errors import DomainError, InvalidInput, NotFound

Kind = Literal["text", "id", "money_fen", "integer", "decimal", "percent_bp", "date", "instant"]
Row = tuple[Any, ...]
REPORTS: dict[str, type["Report"]] = {}


class ReportError(DomainError):
    """A finished file disagrees with the database, or cannot be made from it."""

    code = "report_error"


@dataclass(frozen=True, slots=True)
class Column:
    """A typed column. Money is fen, a percentage basis points, an instant aware UTC.

    `id` is text made of digits or letters that must never be read as a number. `total` adds
    the column up at the foot; `width` is in characters of a spreadsheet.
    """

    key: str
    title: LazyString | str
    kind: Kind = "text"
    width: float = 14
    total: bool = False


@dataclass(frozen=True)
class Table:
    """One report with its parameters filled in; `rows` can be read once."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Iterator[Row]


class Report:
    """A named question with parameters whose answer is a table. It reads; it never writes."""

    name: ClassVar[str]
    title: ClassVar[LazyString]
    params: ClassVar[type[Schema]]
    columns: ClassVar[tuple[Column, ...]]

    def __init_subclass__(cls) -> None:
        if cls.name in REPORTS:
            raise ValueError(f"Two reports are called {cls.name}")
        REPORTS[cls.name] = cls

    def rows(self, *, actor: Actor, **params: Any) -> Iterator[Row]:
        """Yield the rows that this person may see, in a stable order."""
        raise NotImplementedError

    def table(self, raw_params: Mapping[str, Any], *, actor: Actor) -> Table:
        """Check the parameters and ask. Raises InvalidInput with the errors of each field."""
        try:
            params = self.params().load(dict(raw_params))
        except ValidationError as exc:
            raise InvalidInput(
                _l("The report's parameters are not valid"), fields=exc.messages
            ) from exc
        return Table(self.name, str(self.title), self.columns, self.rows(actor=actor, **params))


def report_named(name: str) -> Report:
    if name not in REPORTS:
        raise NotFound(_l("There is no such report"), name=name)
    return REPORTS[name]()
