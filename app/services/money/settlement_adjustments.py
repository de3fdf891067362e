"""Rewards, penalties and what refunds took back, as lines of the next statement.

An adjustment about an order waits until that order's share is settled too, so that both meet. What
they take beyond the earnings becomes a carry-over, which the next statement begins with.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.ledger import WORKER_FROZEN, WORKER_NEGATIVE, Line
from app.domain.states import AdjustmentStatus, move
from app.models import Accrual, Adjustment, SettlementRun, Statement, StatementLine
from app.services import audit
from app.services.numbers import new_number


def workers_in_credit(session: Session, run: SettlementRun) -> Sequence[int]:
    """Workers who get a statement for their adjustments alone; who only owes waits for earnings."""
    query = (
        sa.select(Adjustment.worker_id)
        .where(*_due(run))
        .group_by(Adjustment.worker_id)
        .having(sa.func.sum(Adjustment.amount_fen) > 0)
    )
    return [worker_id for worker_id in session.scalars(query) if worker_id is not None]


def take(session: Session, run: SettlementRun) -> None:
    """Put what is due into the statements of the run. The lines of orders are written."""
    statement = sa.select(Statement.id).where(
        Statement.run_id == run.id, Statement.worker_id == Adjustment.worker_id
    )
    session.execute(
        sa.update(Adjustment)
        .where(*_due(run), statement.exists())
        .values(statement_id=statement.scalar_subquery())
        .execution_options(synchronize_session=False)
    )


def free(session: Session, run: SettlementRun) -> None:
    """A run is given up: its adjustments wait for the next one."""
    session.execute(
        sa.update(Adjustment)
        .where(Adjustment.statement_id.in_(_statements(run)))
        .values(statement_id=None)
        .execution_options(synchronize_session=False)
    )


def rows(session: Session, run: SettlementRun) -> Sequence[Any]:
    """What the approval's fingerprint covers."""
    query = sa.select(Adjustment.id, Adjustment.worker_id, Adjustment.amount_fen)
    inside = Adjustment.statement_id.in_(_statements(run))
    return session.execute(query.where(inside).order_by(Adjustment.id)).all()


def total() -> sa.ScalarSelect[int]:
    """SQL: the sum of a statement's adjustments, for a statement of the outer query."""
    lines = sa.select(sa.func.coalesce(sa.func.sum(Adjustment.amount_fen), 0))
    return lines.where(Adjustment.statement_id == Statement.id).scalar_subquery()


def settle(session: Session, statement: Statement, *, actor: Actor) -> list[Line]:
    """End the statement's adjustments and carry over what is left of them; their postings.

    What a negative one had put to the worker's debt is paid back from what is frozen.
    """
    worker = ("worker", statement.worker_id)
    query = sa.select(Adjustment).filter_by(statement_id=statement.id).order_by(Adjustment.id)
    lines = []
    for adjustment in session.scalars(query.execution_options(populate_existing=True)):
        move(adjustment, AdjustmentStatus.SETTLED)
        waiting = adjustment.negative_fen
        lines.append(Line(WORKER_FROZEN, adjustment.amount_fen + waiting, *worker))
        lines.append(Line(WORKER_NEGATIVE, -waiting, *worker))
    if statement.carried_fen:
        session.add(_carry_over(statement))
        lines.append(Line(WORKER_NEGATIVE, statement.carried_fen, *worker))
        told = {"carried_fen": statement.carried_fen}
        audit.record("carry_over", "statement", statement.id, told, actor=actor)
    return lines


def _carry_over(statement: Statement) -> Adjustment:
    return Adjustment(
        number=new_number("A"),
        branch_id=statement.run.branch_id,
        worker_id=statement.worker_id,
        kind="carry_over",
        amount_fen=-statement.carried_fen,
        negative_fen=statement.carried_fen,
        reason=statement.number,
        status=AdjustmentStatus.APPROVED.value,
    )


def _statements(run: SettlementRun) -> sa.Select[tuple[int]]:
    return sa.select(Statement.id).where(Statement.run_id == run.id)


def _due(run: SettlementRun) -> tuple[sa.ColumnElement[bool], ...]:
    """Approved, in no statement, and not about an order that is still to be settled later."""
    line = sa.select(StatementLine.id).where(StatementLine.accrual_id == Accrual.id)
    later = sa.select(Accrual.id).where(
        Accrual.order_id == Adjustment.order_id,
        Accrual.worker_id == Adjustment.worker_id,
        Accrual.release_on > run.period_to,
        ~line.exists(),
    )
    return (
        Adjustment.status == AdjustmentStatus.APPROVED.value,
        Adjustment.statement_id.is_(None),
        Adjustment.branch_id == run.branch_id,
        Adjustment.worker_id.is_not(None),
        ~later.exists(),
    )
