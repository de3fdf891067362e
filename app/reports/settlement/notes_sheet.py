"""口径说明: what each figure means, in the words that the formulas implement."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.reports import xlsx_style as style
from app.reports.base import Column
from app.reports.settlement.sheet import Workbook, subtitle

COLUMNS = (
    Column("term", _l("Name"), "text", 28),
    Column("meaning", _l("Meaning"), "text", 104),
)
LINE_LENGTH = 78  # of letters; a Chinese character is about two wide


def write(workbook: Workbook) -> None:
    sheet = workbook.sheets["notes"]
    sheet.title(_("Definitions"), subtitle(workbook.run))
    sheet.header(COLUMNS)
    for term, meaning in _notes():
        sheet.raw.set_row(sheet.row, 20 + 16 * (_width(meaning) // LINE_LENGTH))
        sheet.cell(sheet.row, 0, "text", term, {**style.cell("text"), "bold": True})
        sheet.cell(sheet.row, 1, "text", meaning, style.cell("text", wrap=True))
        sheet.row += 1


def _width(text: str) -> int:
    return sum(1 if letter.isascii() else 2 for letter in text)


def _notes() -> list[tuple[str, str]]:
    return [*_amounts(), *_rules(), *_sheets()]


def _amounts() -> list[tuple[str, str]]:
    return [
        (_("List price"), _("Services, options, travel fee and what price rules add, before any discount and without add-ons.")),  # noqa: E501
        (_("Platform discount"), _("Coupons and subsidies that the platform bears; they do not reduce the worker's settlement base.")),  # noqa: E501
        (_("Paid amount"), _("What the customer paid for the order through all channels.")),
        (_("Refunded amount"), _("What has been given back to the customer, whenever that was.")),
        (_("Not settled here"), _("Paid plus discount less refunds that is not part of the settled base, such as a refund made after the order was settled. Each such order is listed under Differences.")),  # noqa: E501
        (_("Settlement base"), _("Paid + platform discount - refunded - not settled here. When several workers share an order, each row holds one worker's part and the parts add up to the order.")),  # noqa: E501
        (_("Add-ons included"), _("Overtime and additional items agreed during the visit. They are part of what was paid and of the base, and are shown for information.")),  # noqa: E501
    ]  # fmt: skip


def _rules() -> list[tuple[str, str]]:
    return [
        (_("Commission rate"), _("The rate of the commission rule that was frozen in the order when it was made; later changes of the rule do not touch it.")),  # noqa: E501
        (_("Commission"), _("Settlement base × commission rate, rounded half up to the fen for each row. The formula calculates in whole fen, so that no spreadsheet rounds differently.")),  # noqa: E501
        (_("Worker's share"), _("Settlement base - commission.")),
        (_("Payable"), _("Worker's share + rewards and penalties - tax withheld. Approval makes it available to the worker; money moves only by a withdrawal.")),  # noqa: E501
        (_("Which orders are in the run"), _("Completed orders whose holding time ended within the period, each worker's part once. Dates are the city's calendar days.")),  # noqa: E501
    ]  # fmt: skip


def _sheets() -> list[tuple[str, str]]:
    return [
        (_("Channel reconciliation"), _("Payments and refunds that succeeded within the period, for orders of this branch, whichever run settles them.")),  # noqa: E501
        (_("Ledger balances"), _("Trial balance of the whole company for the period; debit positive, credit negative.")),  # noqa: E501
        (_("Checks"), _("Each line compares two independent figures, from this workbook and from the database. FALSE means: do not pay before it is explained.")),  # noqa: E501
        (_("Amounts"), _("Chinese yuan. The database holds whole fen; nothing is rounded except the commission of each row.")),  # noqa: E501
    ]  # fmt: skip
