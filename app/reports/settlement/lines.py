"""Every order and worker of a run, with the amounts that lead to the worker's share.

base = paid + platform discount - refunded - not settled here; the discount is what the company
bears by the customer's coupon. Amounts of an order that a crew
shares are divided among its workers so that they add up to the order; "not settled here" is
what an order took in or gave back apart from its settled base (a refund after the settlement,
a fee still to be paid), and is zero for an ordinary order.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from app.domain.money import split
from app.extensions import db
from app.models import (
    Accrual,
    CommissionRule,
    Order,
    OrderLine,
    Statement,
    StatementLine,
    Worker,
)
from app.reports.text import clean

ADD_ONS = ("overtime", "add_on")
BATCH = 500
Crew = dict[int, list[tuple[int, int]]]  # order id -> (accrual id, base), in the order of accrual


@dataclass(frozen=True, slots=True)
class Line:
    order_number: str
    service_on: date
    service: str
    worker_number: str
    worker: str
    list_fen: int
    discount_fen: int
    paid_fen: int
    refunded_fen: int
    other_fen: int
    base_fen: int
    rate_bp: int
    commission_fen: int
    add_on_fen: int
    worker_fen: int
    rule: str
    statement_number: str


def run_lines(run_id: int) -> Iterator[Line]:
    """Yield the run's lines by worker, day and order."""
    crews = _crews(run_id)
    for row in db.session.execute(_query(run_id).execution_options(yield_per=BATCH)):
        yield _line(row, crews.get(row.order_id, [(row.accrual_id, row.base_fen)]))


def _query(run_id: int) -> sa.Select[Any]:
    prices = _prices(run_id)
    return (
        sa.select(
            StatementLine.order_id, StatementLine.accrual_id, StatementLine.base_fen,
            StatementLine.commission_bp, StatementLine.commission_fen, StatementLine.worker_fen,
            Statement.number.label("statement_number"),
            Worker.number.label("worker_number"), Worker.name.label("worker"),
            Order.number.label("order_number"), Order.service_on, Order.summary,
            Order.captured_fen, Order.refunded_fen,
            CommissionRule.name.label("rule"), CommissionRule.revision,
            sa.func.coalesce(prices.c.list_fen, 0).label("list_fen"),
            sa.func.coalesce(prices.c.add_on_fen, 0).label("add_on_fen"),
            Order.subsidy_fen.label("discount_fen"),
        )
        .join(Statement, Statement.id == StatementLine.statement_id)
        .join(Worker, Worker.id == Statement.worker_id)
        .join(Order, Order.id == StatementLine.order_id)
        .join(CommissionRule, CommissionRule.id == Order.commission_rule_id)
        .outerjoin(prices, prices.c.order_id == StatementLine.order_id)
        .where(Statement.run_id == run_id)
        .order_by(Worker.number, Order.service_on, StatementLine.id)
    )  # fmt: skip


def orders_of(run_id: int) -> sa.Select[Any]:
    return (
        sa.select(StatementLine.order_id)
        .join(Statement, Statement.id == StatementLine.statement_id)
        .where(Statement.run_id == run_id)
    )


def _prices(run_id: int) -> sa.Subquery:
    """List price and add-ons of each order of the run."""

    def total(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        amount = sa.case((condition, OrderLine.amount_fen), else_=0)
        return sa.cast(sa.func.sum(amount), sa.BigInteger)

    kind = OrderLine.kind
    return (
        sa.select(
            OrderLine.order_id,
            total(kind.not_in((*ADD_ONS, "coupon"))).label("list_fen"),
            total(kind.in_(ADD_ONS)).label("add_on_fen"),
        )
        .where(OrderLine.order_id.in_(orders_of(run_id)))
        .group_by(OrderLine.order_id)
        .subquery()
    )


def _crews(run_id: int) -> Crew:
    """The orders of the run that several workers earned with."""
    shared = (
        sa.select(Accrual.order_id)
        .where(Accrual.order_id.in_(orders_of(run_id)))
        .group_by(Accrual.order_id)
        .having(sa.func.count() > 1)
    )
    crews: Crew = defaultdict(list)
    for order_id, accrual_id, base in db.session.execute(
        sa.select(Accrual.order_id, Accrual.id, Accrual.base_fen)
        .where(Accrual.order_id.in_(shared))
        .order_by(Accrual.order_id, Accrual.id)
    ):
        crews[order_id].append((accrual_id, base))
    return crews


def _line(row: Any, crew: list[tuple[int, int]]) -> Line:
    place = [accrual_id for accrual_id, _ in crew].index(row.accrual_id)
    bases = [base for _, base in crew]

    def part(amount: int) -> int:
        return _part(amount, bases, place)

    discount, refunded = part(row.discount_fen), part(row.refunded_fen)
    other = part(row.captured_fen + row.discount_fen - row.refunded_fen - sum(bases))
    return Line(
        row.order_number, row.service_on, clean(row.summary), row.worker_number,
        clean(row.worker), part(row.list_fen), discount,
        # What is left of the equation, so that the crew's parts add up to what was captured.
        row.base_fen - discount + refunded + other,
        refunded, other, row.base_fen, row.commission_bp, row.commission_fen,
        part(row.add_on_fen), row.worker_fen, f"{clean(row.rule)} v{row.revision}",
        row.statement_number,
    )  # fmt: skip


def _part(amount: int, bases: list[int], place: int) -> int:
    weights = bases if min(bases) >= 0 and sum(bases) > 0 else [1] * len(bases)
    return split(abs(amount), weights)[place] * (1 if amount >= 0 else -1)
