"""渠道对账, 差异明细 and 科目余额: the run beside the company's books."""

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.reports.base import Column
from app.reports.settlement.figures import balances, channels
from app.reports.settlement.labels import ACCOUNT, CHANNEL, DIRECTION, label
from app.reports.settlement.lines import run_lines
from app.reports.settlement.sheet import FIRST, Workbook, formula, write_table

CHANNELS = (
    Column("channel", _l("Channel"), "text", 18),
    Column("payments", _l("Number of payments"), "integer", 11, total=True),
    Column("captured_fen", _l("Amount received"), "money_fen", 16, total=True),
    Column("refunds", _l("Number of refunds"), "integer", 11, total=True),
    Column("refunded_fen", _l("Refunded amount"), "money_fen", 16, total=True),
    Column("net_fen", _l("Net by our books"), "money_fen", 16, total=True),
    Column("bill_fen", _l("Net by the channel's bill"), "money_fen", 16),
    Column("difference_fen", _l("Difference"), "money_fen", 14),
    Column("state", _l("Channel bill"), "text", 20),
)
DIFFERENCES = (
    Column("order_number", _l("Order number"), "id", 20),
    Column("statement_number", _l("Statement number"), "id", 20),
    Column("worker", _l("Worker"), "text", 14),
    Column("expected_fen", _l("Paid and discount less refunds"), "money_fen", 18, total=True),
    Column("settled_fen", _l("Settlement base"), "money_fen", 16, total=True),
    Column("difference_fen", _l("Difference"), "money_fen", 16, total=True),
    Column("kind", _l("Kind"), "text", 34),
)
LEDGER = (
    Column("code", _l("Account code"), "id", 24),
    Column("name", _l("Ledger account"), "text", 28),
    Column("normal", _l("Usual side"), "text", 11),
    Column("opening_fen", _l("Opening balance"), "money_fen", 18, total=True),
    Column("debit_fen", _l("Debit in the period"), "money_fen", 18, total=True),
    Column("credit_fen", _l("Credit in the period"), "money_fen", 18, total=True),
    Column("closing_fen", _l("Closing balance"), "money_fen", 18, total=True),
)


def write_channels(workbook: Workbook) -> None:
    write_table(
        workbook, "channels", _("Channel reconciliation"), CHANNELS, _channels(workbook),
        _("No money moved in this period."),
    )  # fmt: skip
    workbook.sheets["channels"].sentence(
        len(CHANNELS),
        _("No channel bill has been read for this period: the bill and its difference are empty."),
    )


def write_differences(workbook: Workbook) -> None:
    write_table(
        workbook, "differences", _("Differences"), DIFFERENCES, _differences(workbook),
        _("There are no differences in this period."),
    )  # fmt: skip


def write_ledger(workbook: Workbook) -> None:
    write_table(
        workbook, "ledger", _("Ledger balances"), LEDGER, _ledger(workbook),
        _("Nothing has been posted up to the end of this period."),
    )  # fmt: skip
    workbook.sheets["ledger"].sentence(
        len(LEDGER),
        _("The whole company, all branches. Balances: debit positive, credit negative.")
        if workbook.run.books_of is None
        else _("Journals of this branch alone. Balances: debit positive, credit negative."),
    )


def _channels(workbook: Workbook) -> Iterator[tuple[Any, ...]]:
    for row, channel in enumerate(channels(workbook.run), start=FIRST):
        net = channel.captured_fen - channel.refunded_fen
        yield (
            label(CHANNEL, channel.channel), channel.payments, channel.captured_fen,
            channel.refunds, channel.refunded_fen,
            formula(CHANNELS, "=ROUND([captured_fen]-[refunded_fen],2)", row, net),
            None, None, _("No bill yet"),
        )  # fmt: skip


def _differences(workbook: Workbook) -> Iterator[tuple[Any, ...]]:
    row = FIRST
    for line in run_lines(workbook.run.id):
        if line.other_fen:
            difference = formula(
                DIFFERENCES, "=ROUND([expected_fen]-[settled_fen],2)", row, line.other_fen
            )
            yield (
                line.order_number, line.statement_number, line.worker,
                line.base_fen + line.other_fen, line.base_fen, difference,
                _("Paid or refunded apart from this run"),
            )  # fmt: skip
            row += 1


def _ledger(workbook: Workbook) -> Iterator[tuple[Any, ...]]:
    text = "=ROUND([opening_fen]+[debit_fen]-[credit_fen],2)"
    for row, account in enumerate(balances(workbook.run), start=FIRST):
        yield (
            account.code, label(ACCOUNT, account.code), label(DIRECTION, account.normal),
            account.opening_fen, account.debit_fen, account.credit_fen,
            formula(LEDGER, text, row, account.closing_fen),
        )  # fmt: skip
