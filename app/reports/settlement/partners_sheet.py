"""合作伙伴: what the workers of each agency earned, added up from the people."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.reports.base import Column
from app.reports.settlement.figures import Person, people
from app.reports.settlement.sheet import FIRST, Workbook, formula, write_table

COLUMNS = (
    Column("partner_code", _l("Partner code"), "id", 16),
    Column("partner", _l("Partner"), "text", 30),
    Column("workers", _l("Number of workers"), "integer", 10, total=True),
    Column("lines", _l("Number of orders"), "integer", 10, total=True),
    Column("base_fen", _l("Settlement base"), "money_fen", 16, total=True),
    Column("commission_fen", _l("Commission"), "money_fen", 16, total=True),
    Column("payable_fen", _l("Payable"), "money_fen", 16, total=True),
)


def write(workbook: Workbook) -> None:
    write_table(
        workbook, "partners", _("Partners"), COLUMNS, _rows(workbook),
        _("No partner's worker is settled in this run."),
    )  # fmt: skip


def _rows(workbook: Workbook) -> Iterator[tuple[Any, ...]]:
    partners: dict[str, list[Person]] = defaultdict(list)
    for person in people(workbook.run.id):
        if person.partner_code:
            partners[person.partner_code].append(person)
    for row, code in enumerate(sorted(partners), start=FIRST):
        yield _row(workbook, row, code, partners[code])


def _row(workbook: Workbook, row: int, code: str, staff: list[Person]) -> tuple[Any, ...]:
    span = workbook.spans["people"]
    # EXACT, because SUMIFS reads codes such as 007 as numbers.
    same = f"--EXACT({span.of('partner_code')},[partner_code])"

    def added(key: str, value: int) -> Any:
        return formula(COLUMNS, f"=ROUND(SUMPRODUCT({same},{span.of(key)}),2)", row, value)

    return (
        code,
        staff[0].partner,
        formula(COLUMNS, f"=SUMPRODUCT({same})", row, len(staff)),
        added("lines", sum(person.lines for person in staff)),
        added("base_fen", sum(person.base_fen for person in staff)),
        added("commission_fen", sum(person.commission_fen for person in staff)),
        added("payable_fen", sum(person.payable_fen for person in staff)),
    )
