"""Settling what workers earned: made by one, approved by another, then theirs to withdraw.

A run takes every accrual of its branch whose holding time is over. Approval moves each worker's
part from frozen to available; no cash moves.
"""

from datetime import date

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import Conflict, Forbidden, RuleViolation
from app.domain.ledger import WORKER_AVAILABLE, WORKER_FROZEN, Line
from app.domain.money import yuan
from app.domain.states import RunStatus, StatementStatus, move
from app.models import Approval, Branch, SettlementRun, Statement, StatementLine
from app.services import clock
from app.services.money import ledger, settlement_adjustments, settlement_lines
from app.services.money.statements import confirm_statement, dispute_statement
from app.services.numbers import new_number
from app.services.system import approvals
from app.services.transactions import locked, retrying, transaction

__all__ = [
    "APPROVAL_KIND",
    "ask_approval",
    "cancel_run",
    "confirm_statement",
    "dispute_statement",
    "make_run",
]

APPROVAL_KIND = "settlement_run"


@retrying
def make_run(branch_id: int, period_from: date, period_to: date, *, actor: Actor) -> SettlementRun:
    """Settle what was released up to `period_to` (and never settled), whole branch.

    The same period again gives the run that stands. Raises RuleViolation (period_not_over,
    nothing_to_settle), Forbidden.
    """
    staff_id = _staff(actor)
    _check_period(period_from, period_to)
    with transaction(actor) as session:
        locked(session, Branch, branch_id)  # one run of a branch is made at a time
        standing = _standing_run(session, branch_id, period_from, period_to)
        if standing is not None:
            return standing
        run = SettlementRun(
            number=new_number("S"),
            branch_id=branch_id,
            period_from=period_from,
            period_to=period_to,
            made_by_id=staff_id,
        )
        session.add(run)
        session.flush()
        settlement_lines.fill(session, run, actor=actor)
        if not _statements(session, run):
            raise RuleViolation(_l("There is nothing to settle"), code="nothing_to_settle")
        return run


@retrying
def ask_approval(run_id: int, *, actor: Actor) -> Approval:
    """Show a draft to the second person. Its totals and lines are what will be executed."""
    _staff(actor)
    with transaction(actor) as session:
        run = locked(session, SettlementRun, run_id)
        move(run, RunStatus.REVIEWED)
        for statement in _statements(session, run):
            move(statement, StatementStatus.REVIEWED)
        session.flush()
        return approvals.ask(
            APPROVAL_KIND,
            "settlement_run",
            run.id,
            settlement_lines.content(session, run),
            f"{run.number}: {run.period_from} – {run.period_to}, ¥{yuan(run.payable_fen)}",
            branch_id=run.branch_id,
            actor=actor,
        )


@retrying
def cancel_run(run_id: int, *, actor: Actor) -> SettlementRun:
    """Give up a run that was not approved; its lines are free for the next one."""
    _staff(actor)
    with transaction(actor) as session:
        run = locked(session, SettlementRun, run_id)
        if approvals.waiting_for("settlement_run", run.id) is not None:
            raise Conflict(_l("Somebody is about to decide on this run"), code="approval_open")
        move(run, RunStatus.CANCELLED)
        settlement_lines.free(session, run, actor=actor)
        return run


def _refused(approval: Approval, actor: Actor) -> None:
    """Refused or expired: a draft again, to be cancelled or shown once more."""
    with transaction(actor) as session:
        run = locked(session, SettlementRun, approval.subject_id)
        if run.status == RunStatus.REVIEWED:
            move(run, RunStatus.DRAFT)
            for statement in _statements(session, run):
                move(statement, StatementStatus.DRAFT)


@approvals.executes(APPROVAL_KIND, refused=_refused)
def _approve(approval: Approval, actor: Actor) -> None:
    """Runs inside the deciding transaction."""
    with transaction(actor) as session:
        run = locked(session, SettlementRun, approval.subject_id)
        staff_id = _staff(actor)
        if run.made_by_id == staff_id:
            raise Forbidden(_l("Somebody else must approve what you made"), code="same_person")
        if settlement_lines.content(session, run) != approval.payload:
            raise RuleViolation(
                _l("The run is no longer what was shown"), code="changed_since_shown"
            )
        move(run, RunStatus.APPROVED)
        run.approved_by_id, run.approved_at = staff_id, clock.now()
        for statement in _statements(session, run):
            move(statement, StatementStatus.APPROVED)
            _release(session, statement, actor)


def _release(session: Session, statement: Statement, actor: Actor) -> None:
    """Frozen, order by order, to available; what the worker owed is taken from it."""
    parts = session.execute(
        sa.select(StatementLine.order_id, StatementLine.worker_fen)
        .filter_by(statement_id=statement.id)
        .order_by(StatementLine.id)
    )
    worker = ("worker", statement.worker_id)
    lines = [Line(WORKER_FROZEN, fen, *worker, order_id=order_id) for order_id, fen in parts]
    lines += settlement_adjustments.settle(session, statement, actor=actor)
    lines.append(Line(WORKER_AVAILABLE, -statement.payable_fen, *worker))
    if not any(line.amount_fen for line in lines):
        return
    ledger.post(
        f"settlement:{statement.id}",
        "settlement",
        lines,
        source_kind="statement",
        source_id=statement.id,
        actor=actor,
    )


def _statements(session: Session, run: SettlementRun) -> list[Statement]:
    """By worker, so that two runs lock the workers' accounts in the same order."""
    query = sa.select(Statement).filter_by(run_id=run.id).order_by(Statement.worker_id)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def _standing_run(
    session: Session, branch_id: int, period_from: date, period_to: date
) -> SettlementRun | None:
    return session.scalar(
        sa.select(SettlementRun)
        .filter_by(branch_id=branch_id, period_from=period_from, period_to=period_to)
        .where(SettlementRun.status != RunStatus.CANCELLED.value)
    )


def _check_period(period_from: date, period_to: date) -> None:
    if period_from > period_to:
        raise RuleViolation(_l("The period ends before it begins"), code="period_order")
    if period_to > clock.today():
        raise RuleViolation(_l("The period is not over yet"), code="period_not_over")


def _staff(actor: Actor) -> int:
    if actor.kind != "staff" or actor.id is None:
        raise Forbidden(_l("Only staff can do this"))
    return actor.id
