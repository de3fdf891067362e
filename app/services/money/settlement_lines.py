"""The lines of a settlement run: filled, summed, fingerprinted and freed by set, not one by one."""

import hashlib
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.states import StatementStatus
from app.models import Accrual, Order, SettlementRun, Statement, StatementLine
from app.services import audit, clock
from app.services.money import settlement_adjustments
from app.services.numbers import new_number

STATEMENTS_A_TIME = 500


def fill(session: Session, run: SettlementRun, *, actor: Actor) -> None:
    """Take the accruals that are due, one statement a worker, and sum up.

    The sums are taken from the lines that were written: an order that is confirmed at the same
    moment is either in both or in neither.
    """
    earners = session.scalars(sa.select(Accrual.worker_id).where(*_due(run)).distinct())
    workers = sorted({*earners, *settlement_adjustments.workers_in_credit(session, run)})
    rows = [_statement(run, worker_id) for worker_id in workers]
    for start in range(0, len(rows), STATEMENTS_A_TIME):
        session.execute(sa.insert(Statement), rows[start : start + STATEMENTS_A_TIME])
    session.execute(_lines_of_accruals(run))
    settlement_adjustments.take(session, run)
    _sum_up(session, run)
    audit.record("settle", "settlement_run", run.id, content(session, run), actor=actor)


def free(session: Session, run: SettlementRun, *, actor: Actor) -> None:
    """Delete statements and lines of a run that is given up. It keeps its totals."""
    audit.record("free", "settlement_run", run.id, content(session, run), actor=actor)
    settlement_adjustments.free(session, run)
    statements = sa.select(Statement.id).filter_by(run_id=run.id)
    session.execute(sa.delete(StatementLine).where(StatementLine.statement_id.in_(statements)))
    session.execute(sa.delete(Statement).where(Statement.run_id == run.id))


def content(session: Session, run: SettlementRun) -> dict[str, Any]:
    """What is shown and approved: totals, and a fingerprint of every line."""
    fingerprint, count = hashlib.sha256(), 0
    rows = session.execute(
        sa.select(
            StatementLine.accrual_id,
            Statement.worker_id,
            StatementLine.order_id,
            StatementLine.base_fen,
            StatementLine.commission_bp,
            StatementLine.commission_fen,
            StatementLine.worker_fen,
        )
        .join(Statement, Statement.id == StatementLine.statement_id)
        .where(Statement.run_id == run.id)
        .order_by(StatementLine.accrual_id)
        .execution_options(yield_per=1000)
    )
    for row in rows:
        fingerprint.update(f"{tuple(row)}\n".encode())
        count += 1
    for row in settlement_adjustments.rows(session, run):
        fingerprint.update(f"{tuple(row)}\n".encode())
    return {
        "number": run.number,
        "period_from": run.period_from.isoformat(),
        "period_to": run.period_to.isoformat(),
        "base_fen": run.base_fen,
        "commission_fen": run.commission_fen,
        "payable_fen": run.payable_fen,
        "lines": count,
        "lines_hash": fingerprint.hexdigest(),
    }


def _due(run: SettlementRun) -> tuple[sa.ColumnElement[bool], ...]:
    """Accruals of the branch whose holding time is over, that nobody disputes and no living run
    has."""
    settled = sa.select(StatementLine.id).where(StatementLine.accrual_id == Accrual.id)
    orders = sa.select(Order.id).where(
        Order.id == Accrual.order_id,
        Order.branch_id == run.branch_id,
        Order.disputed_at.is_(None),
    )
    return Accrual.release_on <= run.period_to, ~settled.exists(), orders.exists()


def _statement(run: SettlementRun, worker_id: int) -> dict[str, Any]:
    return {
        "number": new_number("J"),
        "run_id": run.id,
        "worker_id": worker_id,
        "status": StatementStatus.DRAFT.value,
        "base_fen": 0,
        "commission_fen": 0,
        "adjustment_fen": 0,
        "carried_fen": 0,
        "payable_fen": 0,
        "created_at": clock.now(),
        "version": 1,
    }


def _lines_of_accruals(run: SettlementRun) -> sa.Insert:
    columns = ("order_id", "base_fen", "commission_bp", "commission_fen", "worker_fen")
    source = (
        sa.select(Statement.id, Accrual.id, *(getattr(Accrual, name) for name in columns))
        .select_from(Accrual)
        .join(
            Statement, sa.and_(Statement.worker_id == Accrual.worker_id, Statement.run_id == run.id)
        )
        .where(*_due(run))
        .order_by(Accrual.id)
    )
    return sa.insert(StatementLine).from_select(["statement_id", "accrual_id", *columns], source)


def _sum_up(session: Session, run: SettlementRun) -> None:
    def total(column: Any) -> Any:
        lines = sa.select(sa.func.coalesce(sa.func.sum(column), 0))
        return lines.where(StatementLine.statement_id == Statement.id).scalar_subquery()

    adjusted = settlement_adjustments.total()
    # What penalties take beyond the earnings is carried over to the next statement.
    rest = total(StatementLine.worker_fen) + adjusted
    session.execute(
        sa.update(Statement)
        .where(Statement.run_id == run.id)
        .values(
            base_fen=total(StatementLine.base_fen),
            commission_fen=total(StatementLine.commission_fen),
            adjustment_fen=adjusted,
            carried_fen=sa.case((rest < 0, -rest), else_=0),
            payable_fen=sa.case((rest < 0, 0), else_=rest),
        )
        .execution_options(synchronize_session=False)
    )
    sums = (sa.func.sum(getattr(Statement, name)) for name in TOTALS)
    values = session.execute(sa.select(*sums).filter_by(run_id=run.id)).one()
    for name, value in zip(TOTALS, values, strict=True):
        setattr(run, name, int(value or 0))
    session.flush()


TOTALS = ("base_fen", "commission_fen", "payable_fen")
