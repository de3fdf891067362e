"""A worker's data: handed over, and erased on request, which a second person agrees to.

Who has left, or was never taken on, and with whom nothing is open any more. Visits, statements and
books stay, as the law asks; they show the worker's number. Words about her, her papers, accounts,
positions and picture go; what the audit log keeps about her becomes unreadable, and its chain
stays whole. The phone may apply anew, as somebody new.
"""

from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import InvalidInput, RuleViolation
from app.domain.ledger import CHART
from app.domain.states import (
    AccountStatus,
    AdjustmentStatus,
    ComplaintStatus,
    IncidentStatus,
    StatementStatus,
    WithdrawalStatus,
    WorkerStatus,
    move,
)
from app.extensions import db
from app.models import (
    Adjustment,
    Approval,
    Assignment,
    Complaint,
    Incident,
    LedgerAccount,
    LocationPing,
    Order,
    PayoutAccount,
    Review,
    Statement,
    Withdrawal,
    Worker,
    WorkerAccount,
)
from app.services.dispatch import crew
from app.services.identity import blocking, tokens
from app.services.roster import claims
from app.services.system import approvals, erasing
from app.services.transactions import locked, retrying, transaction
from app.services.workers import photos

APPROVAL_KIND = "worker_erasure"
GONE = (WorkerStatus.LEFT.value, WorkerStatus.REJECTED.value)
MOST_NAMED = 10
# Of an account the last digits tell which one it is; what was decided about money tells sums.
UNTOLD = frozenset({"account", "holder_name", "payload", "summary"})
_Open = sa.ColumnElement[bool]


@retrying
def ask_erasure(worker_id: int, reason: str, *, actor: Actor) -> Approval:
    """Ask somebody else to erase a worker.

    Raises InvalidInput without a reason, RuleViolation: not_left, erased, or still_open, which
    says what is open.
    """
    if not reason.strip():
        raise InvalidInput(_l("Please give a reason"), code="reason_missing")
    with transaction(actor) as session:
        claims.lock_workers([worker_id])
        worker = session.get_one(Worker, worker_id)
        _check_may_go(worker)
        return approvals.ask(
            APPROVAL_KIND, "worker", worker.id, _content(worker), worker.number,
            reason=reason.strip(), branch_id=worker.branch_id, actor=actor,
        )  # fmt: skip


@approvals.executes(APPROVAL_KIND)
def _approved(approval: Approval, actor: Actor) -> None:
    """Runs inside the deciding transaction."""
    session = db.session()
    account_id = session.get_one(Worker, approval.subject_id).account_id
    account = locked(session, WorkerAccount, account_id)
    worker = locked(session, Worker, approval.subject_id)
    approvals.check_as_shown(approval.payload, _content(worker))
    _check_may_go(worker)
    erasing.empty(session, _keys_of(worker))
    worker.name = worker.number
    photos.forget_photo(worker, actor=actor)
    _stop_payouts(worker.id)
    session.execute(sa.delete(LocationPing).filter_by(worker_id=worker.id))
    move(account, AccountStatus.ERASED)
    tokens.revoke("worker", account)
    session.flush()
    erasing.erase_from_audit(("worker", worker.id), actor=actor)
    erasing.erase_from_audit(("worker_account", account.id), actor=actor)


def data_of(worker_id: int, *, actor: Actor) -> erasing.Told:
    """What is kept about a worker, table by table; it is written down who took it.

    HR hands it over and must not see money: amounts and whole account numbers are left to the
    worker's own client. Raises RuleViolation (erased).
    """
    worker = db.session.get_one(Worker, worker_id)
    blocking.check_not_erased(worker.account)
    told = erasing.told_of(_keys_of(worker))
    for rows in told.values():
        for row in rows:
            for column in [name for name in row if name.endswith("_fen") or name in UNTOLD]:
                del row[column]
    return erasing.hand_over(worker, told, actor=actor)


def still_open(worker_id: int) -> list[str]:
    """What has to end before, each in words of its own: numbers, and balances."""
    return [
        *_numbers(worker_id, Order, _serves(worker_id)),
        *_numbers(worker_id, Withdrawal, Withdrawal.status.in_(_UNDER_WAY)),
        *_numbers(worker_id, Statement, Statement.status.in_(_UNANSWERED)),
        *_numbers(worker_id, Adjustment, Adjustment.status.in_(_UNSETTLED)),
        *_numbers(worker_id, Complaint, Complaint.status.not_in(_HEARD)),
        *_incidents(worker_id),
        *_balances(worker_id),
    ]


_UNDER_WAY = (
    WithdrawalStatus.APPLIED.value, WithdrawalStatus.REVIEWED.value, WithdrawalStatus.SENT.value,
    WithdrawalStatus.WAITING_FOR_PAYEE.value, WithdrawalStatus.UNKNOWN.value,
)  # fmt: skip
_UNANSWERED = (
    StatementStatus.DRAFT.value, StatementStatus.REVIEWED.value, StatementStatus.DISPUTED.value,
)  # fmt: skip
_UNSETTLED = (AdjustmentStatus.ASKED.value, AdjustmentStatus.APPROVED.value)
_HEARD = (ComplaintStatus.RESOLVED.value, ComplaintStatus.CLOSED.value)


def _check_may_go(worker: Worker) -> None:
    blocking.check_not_erased(worker.account)
    if worker.status not in GONE:
        raise RuleViolation(
            _l("Only somebody who has left the company can be erased"), code="not_left"
        )
    found = still_open(worker.id)
    if found:
        raise RuleViolation(
            _l("First these have to end: %(numbers)s", numbers=", ".join(found[:MOST_NAMED])),
            code="still_open",
            open=found,
        )


def _content(worker: Worker) -> dict[str, Any]:
    """Nothing personal: the request stays when the person is gone."""
    visits = sa.select(sa.func.count(Assignment.id)).filter_by(worker_id=worker.id)
    return {"worker": worker.number, "visits": db.session.scalar(visits)}


def _numbers(worker_id: int, model: Any, still: _Open) -> list[str]:
    """Numbers of those of the worker that are open."""
    mine = [] if model is Order else [model.worker_id == worker_id]
    rows = sa.select(model.number).where(*mine, still).order_by(model.id)
    return list(db.session.scalars(rows.limit(MOST_NAMED)))


def _serves(worker_id: int) -> _Open:
    served = sa.select(Assignment.order_id).where(Assignment.worker_id == worker_id, crew.NOT_ENDED)
    return sa.and_(Order.id.in_(served), Order.status.not_in(blocking.OVER))


def _incidents(worker_id: int) -> list[str]:
    rows = sa.select(Incident.id).where(
        Incident.worker_id == worker_id, Incident.status != IncidentStatus.SOLVED.value
    )
    return [_("incident #%(id)s", id=one) for one in db.session.scalars(rows.order_by(Incident.id))]


def _balances(worker_id: int) -> list[str]:
    """Accounts that are not at zero; how much is on them is not for HR."""
    rows = sa.select(LedgerAccount.code).where(
        LedgerAccount.owner_kind == "worker",
        LedgerAccount.owner_id == worker_id,
        LedgerAccount.balance_fen != 0,
    )
    return [_(CHART[code].name) for code in db.session.scalars(rows.order_by(LedgerAccount.code))]


def _keys_of(worker: Worker) -> dict[str, sa.Select[Any]]:
    mine = {
        kind: sa.select(model.id).filter_by(worker_id=worker.id)
        for kind, model in (
            ("withdrawal", Withdrawal), ("adjustment", Adjustment), ("review", Review),
            ("complaint", Complaint),
        )
    }  # fmt: skip
    return {
        "worker": sa.select(Worker.id).filter_by(id=worker.id),
        "worker_account": sa.select(WorkerAccount.id).filter_by(id=worker.account_id),
        **mine,
    }


def _stop_payouts(worker_id: int) -> None:
    for row in db.session.scalars(sa.select(PayoutAccount).filter_by(worker_id=worker_id)):
        row.active = False
