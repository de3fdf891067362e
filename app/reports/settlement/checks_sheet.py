"""校验: each invariant with both its sides and TRUE or FALSE."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.reports import xlsx_style as style
from app.reports.base import Column
from app.reports.settlement.checks import Check, checks, value
from app.reports.settlement.sheet import FIRST, Span, Workbook, formula, index_of, subtitle
from app.reports.xlsx import Formula

COLUMNS = (
    Column("number", _l("No."), "integer", 7),
    Column("check", _l("Check"), "text", 52),
    Column("left", _l("Actual figure"), "money_fen", 20),
    Column("right", _l("Expected figure"), "money_fen", 20),
    Column("difference", _l("Difference"), "money_fen", 18),
    Column("result", _l("Equal"), "text", 14),
)
DIFFERENCE = "=ROUND([left]-[right],2)"
RESULT = "=[difference]=0"


def write(workbook: Workbook) -> list[Check]:
    """Write the sheet and return the checks; the link "check.<n>" is the n-th result."""
    sheet = workbook.sheets["checks"]
    sheet.title(_("Checks"), subtitle(workbook.run))
    sheet.header(COLUMNS)
    found = checks(workbook.run, workbook.links)
    for number, check in enumerate(found, start=1):
        _line(workbook, number, check)
    sheet.filter(COLUMNS, sheet.row - 1)
    _colours(workbook, sheet.row - 1)
    workbook.spans["checks"] = Span(sheet, COLUMNS, sheet.row - 1)
    return found


def _line(workbook: Workbook, number: int, check: Check) -> None:
    sheet, row = workbook.sheets["checks"], workbook.sheets["checks"].row
    difference = value(check.left) - value(check.right)
    sheet.cell(row, 0, "integer", number, style.cell("integer"))
    sheet.cell(row, 1, "text", check.title, style.cell("text"))
    for col, side in ((2, check.left), (3, check.right)):
        sheet.cell(row, col, check.kind, side, style.cell(check.kind))
    text = formula(COLUMNS, DIFFERENCE, row, difference)
    sheet.cell(row, 4, check.kind, text, style.cell(check.kind))
    result = formula(COLUMNS, RESULT, row, check.holds)
    sheet.cell(row, 5, "text", result, {**style.LINED, "align": "center", "bold": True})
    link = f"={sheet.at(row, index_of(COLUMNS, 'result'))}"
    workbook.links[f"check.{number}"] = Formula(link, check.holds)
    sheet.row += 1


def _colours(workbook: Workbook, last: int) -> None:
    sheet, col = workbook.sheets["checks"], index_of(COLUMNS, "result")
    for text, colour in (("TRUE", style.GOOD), ("FALSE", style.BAD)):
        look = workbook.book.look({"font_color": colour, "bold": True})
        rule = {"type": "cell", "criteria": "==", "value": text, "format": look}
        sheet.raw.conditional_format(FIRST, col, last, col, rule)
