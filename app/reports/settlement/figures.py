"""Sums of a run straight from the database, without the lines' detour through a sheet."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import current_app

from app.domain.money import share
from app.extensions import db
from app.models import (
    Adjustment,
    Journal,
    LedgerAccount,
    Order,
    Partner,
    PaymentAttempt,
    Posting,
    Refund,
    Statement,
    StatementLine,
    Worker,
)
from app.models.payments import CHANNELS
from app.reports.settlement.run import Run
from app.reports.text import clean
from app.services import access


@dataclass(frozen=True, slots=True)
class Person:
    """One worker's statement in the run."""

    statement_number: str
    worker_number: str
    worker: str
    kind: str
    partner_code: str
    partner: str
    status: str
    lines: int
    base_fen: int
    commission_fen: int
    adjustment_fen: int  # with what is carried over to the next statement
    payable_fen: int

    @property
    def worker_fen(self) -> int:
        return self.base_fen - self.commission_fen


@dataclass(frozen=True, slots=True)
class Channel:
    channel: str
    payments: int
    captured_fen: int
    refunds: int
    refunded_fen: int


@dataclass(frozen=True, slots=True)
class Balance:
    """An account of the ledger in the period; debit positive, credit negative."""

    code: str
    normal: str
    opening_fen: int
    debit_fen: int
    credit_fen: int

    @property
    def closing_fen(self) -> int:
        return self.opening_fen + self.debit_fen - self.credit_fen


def people(run_id: int) -> Iterator[Person]:
    lines = (
        sa.select(StatementLine.statement_id, sa.func.count().label("lines"))
        .group_by(StatementLine.statement_id)
        .subquery()
    )
    query = (
        sa.select(Statement, Worker, Partner, sa.func.coalesce(lines.c.lines, 0))
        .join(Worker, Worker.id == Statement.worker_id)
        .outerjoin(Partner, Partner.id == Worker.partner_id)
        .outerjoin(lines, lines.c.statement_id == Statement.id)
        .where(Statement.run_id == run_id)
        .order_by(Worker.number, Statement.id)
    )
    for row, worker, partner, count in db.session.execute(query):
        yield Person(
            row.number, worker.number, clean(worker.name), worker.kind,
            partner.code if partner else "", clean(partner.name) if partner else "",
            row.status, count, row.base_fen, row.commission_fen,
            row.adjustment_fen + row.carried_fen, row.payable_fen,
        )  # fmt: skip


def line_totals(run_id: int) -> dict[str, int]:
    """Number and sums of the run's lines."""
    count, *sums = db.session.execute(
        sa.select(
            sa.func.count(),
            sa.func.sum(StatementLine.base_fen),
            sa.func.sum(StatementLine.commission_fen),
            sa.func.sum(StatementLine.worker_fen),
        )
        .join(Statement, Statement.id == StatementLine.statement_id)
        .where(Statement.run_id == run_id)
    ).one()
    base, commission, worker = (int(value or 0) for value in sums)
    return {
        "lines": count, "base_fen": base, "commission_fen": commission, "worker_fen": worker
    }  # fmt: skip


def lines_not_at_their_rate(run_id: int) -> int:
    """How many lines have another commission than their base and rate give."""
    query = (
        sa.select(StatementLine.base_fen, StatementLine.commission_bp, StatementLine.commission_fen)
        .join(Statement, Statement.id == StatementLine.statement_id)
        .where(Statement.run_id == run_id)
        .execution_options(yield_per=500)
    )
    lines = db.session.execute(query)
    return sum(share(base, rate) != commission for base, rate, commission in lines)


def statements_not_their_lines(run_id: int) -> int:
    """How many statements have another payable amount than their lines add up to."""
    added = (
        sa.select(
            Statement.id,
            (Statement.payable_fen - Statement.adjustment_fen - Statement.carried_fen).label("fen"),
            sa.func.coalesce(sa.func.sum(StatementLine.worker_fen), 0).label("worker_fen"),
        )
        .outerjoin(StatementLine, StatementLine.statement_id == Statement.id)
        .where(Statement.run_id == run_id)
        .group_by(Statement.id)
        .subquery()
    )
    wrong = sa.select(sa.func.count()).where(added.c.fen != added.c.worker_fen)
    return int(db.session.scalar(wrong) or 0)


def adjustment_lines(run_id: int) -> int:
    """How many lines the sheet of rewards and penalties has: each adjustment, each carry-over."""
    of_run = sa.select(Statement.id).where(Statement.run_id == run_id)
    adjusted = sa.select(sa.func.count(Adjustment.id)).where(Adjustment.statement_id.in_(of_run))
    carried = sa.select(sa.func.count(Statement.id)).where(
        Statement.run_id == run_id, Statement.carried_fen > 0
    )
    return (db.session.scalar(adjusted) or 0) + (db.session.scalar(carried) or 0)


def channels(run: Run) -> Iterator[Channel]:
    """What each channel took in and gave back in the run's period and branch."""
    start, end = city_instants(run.period_from, run.period_to)
    paid = _by_channel(PaymentAttempt, PaymentAttempt.paid_at, run, start, end)
    refunded = _by_channel(Refund, Refund.succeeded_at, run, start, end)
    for channel in CHANNELS:
        yield Channel(channel, *paid.get(channel, (0, 0)), *refunded.get(channel, (0, 0)))


def balances(run: Run) -> Iterator[Balance]:
    """Opening, debit and credit of every account of the ledger in the period."""

    def total(condition: sa.ColumnElement[bool], sign: int = 1) -> sa.ColumnElement[int]:
        amount = sa.case((condition, Posting.amount_fen * sign), else_=0)
        return sa.cast(sa.func.coalesce(sa.func.sum(amount), 0), sa.BigInteger)

    before, inside = Journal.posted_on < run.period_from, Journal.posted_on >= run.period_from
    query = (
        sa.select(
            LedgerAccount.code,
            sa.func.min(LedgerAccount.normal),
            total(before),
            total(sa.and_(inside, Posting.amount_fen > 0)),
            total(sa.and_(inside, Posting.amount_fen < 0), -1),
        )
        .join(Posting, Posting.account_id == LedgerAccount.id)
        .join(Journal, Journal.id == Posting.journal_id)
        .where(Journal.posted_on <= run.period_to)
        .where(*_of_branch(run))
        .group_by(LedgerAccount.code)
        .order_by(LedgerAccount.code)
    )
    for code, normal, *amounts in db.session.execute(query):
        yield Balance(code, normal, *(int(amount) for amount in amounts))


def _of_branch(run: Run) -> list[sa.ColumnElement[bool]]:
    """Whole journals: what is shown adds up to zero all the same."""
    return [] if run.books_of is None else [access.of_branch(Journal, run.books_of)]


def accounts_not_their_postings() -> int:
    """How many accounts have another balance than the sum of their postings."""
    added = (
        sa.select(
            LedgerAccount.balance_fen,
            (
                sa.case((LedgerAccount.normal == "debit", 1), else_=-1)
                * sa.func.coalesce(sa.func.sum(Posting.amount_fen), 0)
            ).label("posted_fen"),
        )
        .outerjoin(Posting, Posting.account_id == LedgerAccount.id)
        .group_by(LedgerAccount.id, LedgerAccount.balance_fen, LedgerAccount.normal)
        .subquery()
    )
    wrong = sa.select(sa.func.count()).where(added.c.balance_fen != added.c.posted_fen)
    return int(db.session.scalar(wrong) or 0)


def city_instants(first: date, last: date) -> tuple[datetime, datetime]:
    """The half-open interval of instants that these days of the city cover."""
    zone = ZoneInfo(current_app.config["CITY_TIMEZONE"])
    return (
        datetime.combine(first, time.min, zone),
        datetime.combine(last + timedelta(days=1), time.min, zone),
    )


def _by_channel(
    model: type[PaymentAttempt] | type[Refund],
    moment: sa.orm.InstrumentedAttribute[datetime | None],
    run: Run,
    start: datetime,
    end: datetime,
) -> dict[str, tuple[int, int]]:
    channel: sa.ColumnElement[str] = sa.case(
        (Refund.way != "", Refund.way), else_=PaymentAttempt.channel
    )
    if model is PaymentAttempt:
        channel = sa.type_coerce(PaymentAttempt.channel, sa.String)
    query = sa.select(channel, sa.func.count(), sa.func.sum(model.amount_fen)).select_from(model)
    if model is Refund:
        query = query.outerjoin(PaymentAttempt, PaymentAttempt.id == Refund.attempt_id)
        query = query.where(Refund.kind.not_in(("set_off", "waiver")))  # no money moves
    query = (
        query.join(Order, Order.id == model.order_id)
        .where(
            model.status == "succeeded",
            Order.branch_id == run.branch_id,
            moment >= start,
            moment < end,
        )
        .group_by(channel)
    )
    return {channel: (count, int(amount)) for channel, count, amount in db.session.execute(query)}
