"""人员结算单: what a worker earned in a settlement run, to be signed by the worker and us."""

from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.errors import NotFound
from app.extensions import db
from app.models import Adjustment, Order, Statement, StatementLine
from app.reports.base import Column, ReportError
from app.reports.company import company_name
from app.reports.pdf import A4_PORTRAIT, QUIET, Document, style
from app.reports.pdf_foot import add_foot
from app.reports.settlement.labels import (
    ADJUSTMENT_KIND,
    ADJUSTMENT_REASON,
    CARRIED,
    STATEMENT_STATUS,
    WORKER_KIND,
    label,
)
from app.reports.settlement.run import Run, Signature, run_facts
from app.reports.text import city_time, masked_phone

COLUMNS = (
    Column("number", _l("No."), "integer", 7),
    Column("order_number", _l("Order number"), "id", 26),
    Column("service_on", _l("Service date"), "date", 14),
    Column("service", _l("Service"), "text", 20),
    Column("base_fen", _l("Settlement base"), "money_fen", 16, total=True),
    Column("rate_bp", _l("Commission rate"), "percent_bp", 15),
    Column("commission_fen", _l("Commission"), "money_fen", 16, total=True),
    Column("worker_fen", _l("Worker's share"), "money_fen", 16, total=True),
)
ADJUSTMENTS = (
    Column("kind", _l("Rewards and penalties"), "text", 30),
    Column("reason", _l("Reason"), "text", 60),
    Column("amount_fen", _l("Amount"), "money_fen", 16, total=True),
)


def write_statement_pdf(
    statement_id: int, target: Path | str | IO[bytes], *, locale: str = "zh"
) -> None:
    """Write a worker's statement. The caller has checked who may see it.

    Raises NotFound, and ReportError when the lines do not add up to the statement.
    """
    with force_locale(locale):
        statement = db.session.get(Statement, statement_id)
        if statement is None:
            raise NotFound(_("There is no such statement"), id=statement_id)
        _document(statement, run_facts(statement.run_id)).build(target)


def _document(statement: Statement, run: Run) -> Document:
    document = Document(
        _("Worker's settlement statement"), statement.number,
        kind="statement", company=company_name(), paper=A4_PORTRAIT,
    )  # fmt: skip
    document.facts(_facts(statement, run))
    document.space(4)
    rows = _rows(statement)
    document.table(COLUMNS, rows, _total(statement, rows))
    _adjustments(document, statement)
    # Nobody shall sign a page that does not show the amount.
    signed = len(document.parts)
    document.space(4)
    _payable(document, statement)
    document.space(6)
    add_foot(document, _signatures(run))
    document.keep_together(signed)
    return document


def _facts(statement: Statement, run: Run) -> list[tuple[str, str]]:
    worker = statement.worker
    kind = label(WORKER_KIND, worker.kind)
    return [
        (_("Worker"), worker.name),
        (_("Settlement period"), run.period),
        (_("Worker number"), worker.number),
        (_("Settlement run"), run.number),
        (_("Phone"), masked_phone(worker.account.phone_tail)),
        (_("Branch"), run.branch),
        (_("Employment"), f"{kind} · {worker.partner.name}" if worker.partner else kind),
        (_("Status"), label(STATEMENT_STATUS, statement.status)),
    ]


def _rows(statement: Statement) -> list[tuple[Any, ...]]:
    query = (
        sa.select(
            Order.number, Order.service_on, Order.summary, StatementLine.base_fen,
            StatementLine.commission_bp, StatementLine.commission_fen, StatementLine.worker_fen,
        )
        .join(Order, Order.id == StatementLine.order_id)
        .where(StatementLine.statement_id == statement.id)
        .order_by(Order.service_on, StatementLine.id)
    )  # fmt: skip
    return [(number, *row) for number, row in enumerate(db.session.execute(query), start=1)]


def _total(statement: Statement, rows: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    """The last row, from the statement itself; the lines must add up to it."""
    sums = tuple(sum(row[index] for row in rows) for index in (4, 6, 7))
    share = statement.base_fen - statement.commission_fen
    if sums != (statement.base_fen, statement.commission_fen, share):
        raise ReportError(
            _("The lines do not add up to the statement"), number=statement.number, lines=sums
        )
    return None, _("Total"), None, None, sums[0], None, sums[1], sums[2]


def _adjustments(document: Document, statement: Statement) -> None:
    """Rewards, penalties, what refunds took back; they lead from the share to the payable."""
    query = sa.select(Adjustment).filter_by(statement_id=statement.id).order_by(Adjustment.id)
    rows: list[tuple[Any, ...]] = [
        (label(ADJUSTMENT_KIND, row.kind), label(ADJUSTMENT_REASON, row.reason), row.amount_fen)
        for row in db.session.scalars(query)
    ]
    if statement.carried_fen:
        rows.append((str(CARRIED), "", statement.carried_fen))
    if not rows:
        return
    added = sum(row[2] for row in rows)
    if added != statement.adjustment_fen + statement.carried_fen:
        raise ReportError(
            _("The lines do not add up to the statement"), number=statement.number, lines=added
        )
    document.space(4)
    document.table(ADJUSTMENTS, rows, (_("Total"), None, added))


def _payable(document: Document, statement: Statement) -> None:
    document.amount(statement.payable_fen, _("Payable"))
    document.space(2)
    document.text(
        _(
            "Commission = settlement base × commission rate, rounded to the fen for each order. "
            "The base is the price before the company's coupons. Amounts in yuan. "
            "Please confirm or object in the worker app."
        ),
        style(8, colour=QUIET),
    )


def _signatures(run: Run) -> list[tuple[str, str]]:
    return [
        (_("Made by"), _signed(run.made)),
        (_("Approved by"), _signed(run.approved)),
        (_("Worker's signature"), ""),
    ]


def _signed(who: Signature) -> str:
    return f"{who.name}  {city_time(who.at):%Y-%m-%d}" if who.at else who.name
