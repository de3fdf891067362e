"""What a settlement workbook must say, read from the database once more."""

from collections.abc import Iterable
from dataclasses import replace

from app.reports.settlement import figures
from app.reports.settlement.lines import Line, run_lines
from app.reports.settlement.run import Run, run_facts

Totals = dict[str, int]  # "<sheet>.<column>" -> fen or count
LINE_SUMS = (
    "list_fen", "discount_fen", "paid_fen", "refunded_fen", "other_fen", "base_fen",
    "commission_fen", "add_on_fen", "worker_fen",
)  # fmt: skip
# Nothing records these yet; their sheets stand with typed totals.
NOTHING_YET = (
    "tax.income_fen", "tax.deduction_fen", "tax.taxable_fen",
    "tax.withheld_fen", "tax.tax_fen", "people.tax_fen",
)  # fmt: skip


def expected_lines(run_id: int) -> dict[tuple[str, str], Line]:
    """Every line by order and statement."""
    return {(line.order_number, line.statement_number): line for line in run_lines(run_id)}


def expected_totals(run_id: int, lines: Iterable[Line], *, books_of: int | None = None) -> Totals:
    run = replace(run_facts(run_id), books_of=books_of)
    return {
        **dict.fromkeys(NOTHING_YET, 0),
        **_orders(run_id, list(lines)),
        **_people(run),
        **_channels(run),
        **_ledger(run),
    }


def _orders(run_id: int, lines: list[Line]) -> Totals:
    sums = {key: sum(getattr(line, key) for line in lines) for key in LINE_SUMS}
    counted = figures.line_totals(run_id)
    sums.update({key: amount for key, amount in counted.items() if key in sums})
    differences = [line for line in lines if line.other_fen]
    return {
        **{f"orders.{key}": amount for key, amount in sums.items()},
        "orders.count": counted["lines"],
        "people.paid_fen": sums["paid_fen"],
        "people.refunded_fen": sums["refunded_fen"],
        "people.worker_fen": sums["worker_fen"],
        "differences.count": len(differences),
        "differences.expected_fen": sum(line.base_fen + line.other_fen for line in differences),
        "differences.settled_fen": sum(line.base_fen for line in differences),
        "differences.difference_fen": sums["other_fen"],
    }


def _people(run: Run) -> Totals:
    people = list(figures.people(run.id))
    partners = [person for person in people if person.partner_code]
    keys = ("lines", "base_fen", "commission_fen", "payable_fen")
    adjusted = sum(person.adjustment_fen for person in people)
    return {
        "people.count": len(people),
        "people.adjustment_fen": adjusted,
        "adjustments.amount_fen": adjusted,
        "adjustments.count": figures.adjustment_lines(run.id),
        "partners.count": len({person.partner_code for person in partners}),
        "partners.workers": len(partners),
        **{f"people.{key}": sum(getattr(person, key) for person in people) for key in keys},
        **{f"partners.{key}": sum(getattr(person, key) for person in partners) for key in keys},
    }


def _channels(run: Run) -> Totals:
    channels = list(figures.channels(run))
    keys = ("payments", "captured_fen", "refunds", "refunded_fen")
    sums = {key: sum(getattr(channel, key) for channel in channels) for key in keys}
    return {
        **{f"channels.{key}": amount for key, amount in sums.items()},
        "channels.count": len(channels),
        "channels.net_fen": sums["captured_fen"] - sums["refunded_fen"],
    }


def _ledger(run: Run) -> Totals:
    balances = list(figures.balances(run))
    keys = ("opening_fen", "debit_fen", "credit_fen", "closing_fen")
    return {
        "ledger.count": len(balances),
        **{f"ledger.{key}": sum(getattr(account, key) for account in balances) for key in keys},
    }
