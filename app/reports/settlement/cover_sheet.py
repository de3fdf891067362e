"""封面汇总: the run on one page, for the people who sign it."""

from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.chinese_amount import chinese_amount
from app.reports import xlsx_style as style
from app.reports.base import Kind
from app.reports.company import tax_number
from app.reports.settlement.checks import Check
from app.reports.settlement.labels import RUN_STATUS, label
from app.reports.settlement.run import Run
from app.reports.settlement.sheet import Workbook
from app.reports.text import city_time
from app.reports.xlsx import Formula, Sheet

WIDTHS = (2, 26, 24, 3, 48, 20)
TOTALS: tuple[tuple[LazyString, str], ...] = (
    (_l("List price"), "orders.list_fen"),
    (_l("Platform discount"), "orders.discount_fen"),
    (_l("Add-ons included"), "orders.add_on_fen"),
    (_l("Paid amount"), "orders.paid_fen"),
    (_l("Refunded amount"), "orders.refunded_fen"),
    (_l("Not settled here"), "orders.other_fen"),
    (_l("Settlement base"), "orders.base_fen"),
    (_l("Commission"), "orders.commission_fen"),
    (_l("Workers' share"), "orders.worker_fen"),
    (_l("Rewards and penalties"), "adjustments.amount_fen"),
    (_l("Tax withheld"), "tax.tax_fen"),
    (_l("Partners' part of the payable"), "partners.payable_fen"),
    (_l("Payable"), "people.payable_fen"),
)
FIRST_TOTAL = 8  # row index of the first of them
LABEL = {**style.BASE, "font_color": style.QUIET, "bg_color": style.PANEL_FILL, "indent": 1}
FACT = {**style.BASE, "bold": True, "bg_color": style.PANEL_FILL}
TEXT = style.cell("text")
LAMP = {**style.LINED, "align": "center", "bold": True, "font_color": style.BAD}
AMOUNT = {**style.LINED, "num_format": style.MONEY, "align": "right"}
STRONG = {**style.TOTAL, "num_format": style.MONEY, "align": "right", "font_size": 12}
BOX = {**style.BASE, "border": 1, "border_color": style.RULE, "align": "center"}


def write(workbook: Workbook, checks: list[Check]) -> None:
    sheet = workbook.sheets["cover"]
    for col, width in enumerate(WIDTHS):
        sheet.raw.set_column(col, col, width)
    _heading(sheet, workbook)
    _facts(sheet, workbook)
    _figures(sheet, workbook, checks)
    _in_words(sheet, workbook)
    _signatures(sheet, workbook.run)
    sheet.raw.print_area(0, 0, sheet.row, len(WIDTHS) - 1)
    sheet.raw.fit_to_pages(1, 1)


def _heading(sheet: Sheet, workbook: Workbook) -> None:
    tax = tax_number()
    company = workbook.book.company
    name = _("%(company)s (tax number %(tax)s)", company=company, tax=tax) if tax else company
    sheet.text(0, 1, name, {**style.BASE, "font_size": 11, "font_color": style.QUIET})
    sheet.raw.set_row(1, 34)
    sheet.text(1, 1, _("Settlement of workers"), {**style.TITLE, "font_size": 20})
    sheet.row = 3


def _facts(sheet: Sheet, workbook: Workbook) -> None:
    run, links = workbook.run, workbook.links
    for left, right in (
        ((_("Settlement run"), run.number), (_("Settlement period"), run.period)),
        ((_("Branch"), run.branch), (_("Status"), label(RUN_STATUS, run.status))),
        (
            (_("Number of workers"), links["people.count"]),
            (_("Orders settled"), links["orders.count"]),
        ),
    ):
        sheet.raw.set_row(sheet.row, 21)
        _fact(sheet, 1, 2, *left)
        sheet.text(sheet.row, 3, "", LABEL)
        _fact(sheet, 4, 5, *right)
        sheet.row += 1
    sheet.row += 1


def _fact(sheet: Sheet, label_col: int, col: int, name: str, value: Any) -> None:
    kind: Kind = "integer" if isinstance(value, Formula) else "text"
    look = {**FACT, "align": "left", "num_format": style.NUMBER_FORMATS[kind]}
    sheet.text(sheet.row, label_col, name, LABEL)
    sheet.cell(sheet.row, col, kind, value, look)


def _figures(sheet: Sheet, workbook: Workbook, checks: list[Check]) -> None:
    """Totals on the left, check lamps on the right, row by row."""
    sheet.raw.set_row(sheet.row, 24)
    heads = ((1, _("Totals")), (2, _("Amount in yuan")), (4, _("Check")), (5, _("Result")))
    for col, text in heads:
        sheet.text(sheet.row, col, text, style.LEFT_HEAD if col in {1, 4} else style.HEAD)
    sheet.row = FIRST_TOTAL
    for index in range(max(len(TOTALS), len(checks))):
        sheet.raw.set_row(sheet.row, 20)
        if index < len(TOTALS):
            name, key = TOTALS[index]
            strong = index == len(TOTALS) - 1
            _amount(sheet, str(name), workbook.links[key], strong=strong)
        if index < len(checks):
            _lamp(sheet, checks[index], workbook.links[f"check.{index + 1}"])
        sheet.row += 1
    good = workbook.book.look({"font_color": style.GOOD, "bold": True})
    rule = {"type": "text", "criteria": "begins with", "value": "✔", "format": good}
    sheet.raw.conditional_format(FIRST_TOTAL, 5, sheet.row - 1, 5, rule)


def _amount(sheet: Sheet, name: str, amount: Formula, *, strong: bool) -> None:
    sheet.text(sheet.row, 1, name, style.total("text") if strong else TEXT)
    sheet.cell(sheet.row, 2, "money_fen", amount, STRONG if strong else AMOUNT)


def _lamp(sheet: Sheet, check: Check, result: Formula) -> None:
    right, wrong = _("✔ correct"), _("✘ look into it")
    text = f'=IF({result.text[1:]},"{right}","{wrong}")'
    sheet.text(sheet.row, 4, check.title, TEXT)
    sheet.cell(sheet.row, 5, "text", Formula(text, right if check.holds else wrong), LAMP)


def _in_words(sheet: Sheet, workbook: Workbook) -> None:
    sheet.row += 1
    sheet.raw.set_row(sheet.row, 24)
    payable = workbook.links["people.payable_fen"].value
    sheet.text(sheet.row, 1, _("Payable in words"), TEXT)
    look = {**style.LINED, "bold": True, "font_size": 12}
    sheet.raw.merge_range(sheet.row, 2, sheet.row, 5, "", workbook.book.look(look))
    sheet.text(sheet.row, 2, chinese_amount(payable), look)
    sheet.row += 2


def _signatures(sheet: Sheet, run: Run) -> None:
    head = {**BOX, "bold": True, "bg_color": style.PANEL_FILL}
    _boxes(sheet, (_("Step"), _("Person"), _("Date"), _("Signature")), head)
    for step, who in (
        (_("Made by"), run.made),
        (_("Reviewed by"), run.reviewed),
        (_("Approved by"), run.approved),
    ):
        sheet.raw.set_row(sheet.row, 30)
        at = f"{city_time(who.at):%Y-%m-%d %H:%M}" if who.at else ""
        _boxes(sheet, (step, who.name, at, ""), BOX)


def _boxes(sheet: Sheet, texts: tuple[str, str, str, str], look: dict[str, Any]) -> None:
    """One row of the signatures; the person's box spans the gap between the columns."""
    sheet.raw.merge_range(sheet.row, 2, sheet.row, 3, "", sheet.book.look(look))
    for col, text in zip((1, 2, 4, 5), texts, strict=True):
        sheet.text(sheet.row, col, text, look)
    sheet.row += 1
