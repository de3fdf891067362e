"""The invariants of a run: what must be equal, what it is, and whether it is."""

from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext as _

from app.domain.ledger import WORKER_FROZEN
from app.extensions import db
from app.models import LedgerAccount, Posting, Statement, StatementLine
from app.reports.base import Kind
from app.reports.settlement import figures
from app.reports.settlement.run import Run
from app.reports.xlsx import Formula

Side = Formula | int


@dataclass(frozen=True, slots=True)
class Check:
    """Two numbers that must be equal; a formula is one that the workbook itself works out."""

    title: str
    left: Side
    right: Side
    kind: Kind = "money_fen"

    @property
    def holds(self) -> bool:
        return value(self.left) == value(self.right)


def value(side: Side) -> int:
    return side.value if isinstance(side, Formula) else side


def checks(run: Run, links: dict[str, Formula]) -> list[Check]:
    """All checks of the run; `links` are the totals of the workbook's other sheets."""
    return [*_of_the_run(run, links), *_of_the_sheets(links), *_of_the_books(run, links)]


def _of_the_run(run: Run, links: dict[str, Formula]) -> list[Check]:
    return [
        Check(_("Settlement base: orders = run"), links["orders.base_fen"], run.base_fen),
        Check(_("Commission: orders = run"), links["orders.commission_fen"], run.commission_fen),
        Check(
            _("Workers' share: orders = run"),
            links["orders.worker_fen"], run.base_fen - run.commission_fen,
        ),
        Check(_("Payable: workers = run"), links["people.payable_fen"], run.payable_fen),
        Check(
            _("Lines whose commission is not base × rate"),
            figures.lines_not_at_their_rate(run.id), 0, "integer",
        ),
        Check(
            _("Statements that differ from their lines"),
            figures.statements_not_their_lines(run.id), 0, "integer",
        ),
        Check(_("Steps taken twice by one person"), int(run.approved_by_maker), 0, "integer"),
    ]  # fmt: skip


def _of_the_sheets(links: dict[str, Formula]) -> list[Check]:
    return [
        Check(
            _("Settlement base: workers = orders"),
            links["people.base_fen"], links["orders.base_fen"],
        ),
        Check(
            _("Number of orders: workers = orders"),
            links["people.lines"], links["orders.count"], "integer",
        ),
        Check(
            _("Differences listed = not settled here"),
            links["differences.difference_fen"], links["orders.other_fen"],
        ),
    ]  # fmt: skip


def _of_the_books(run: Run, links: dict[str, Formula]) -> list[Check]:
    return [
        Check(
            _("Workers' share: orders = postings of the ledger"),
            links["orders.worker_fen"], posted_for_workers(run.id),
        ),
        Check(
            _("Ledger of the period: debit = credit"),
            links["ledger.debit_fen"], links["ledger.credit_fen"],
        ),
        Check(_("Ledger: closing balances add up to zero"), links["ledger.closing_fen"], 0),
        Check(
            _("Accounts that differ from their postings"),
            figures.accounts_not_their_postings(), 0, "integer",
        ),
    ]  # fmt: skip


def posted_for_workers(run_id: int) -> int:
    """What the ledger put to the workers' frozen accounts for the orders and workers of a run."""
    query = (
        sa.select(sa.func.sum(-Posting.amount_fen))
        .select_from(StatementLine)
        .join(Statement, Statement.id == StatementLine.statement_id)
        .join(Posting, Posting.order_id == StatementLine.order_id)
        .join(LedgerAccount, LedgerAccount.id == Posting.account_id)
        .where(
            Statement.run_id == run_id,
            LedgerAccount.code == WORKER_FROZEN,
            LedgerAccount.owner_kind == "worker",
            LedgerAccount.owner_id == Statement.worker_id,
            Posting.amount_fen < 0,
        )
    )
    return int(db.session.scalar(query) or 0)
