"""Money of a worker that had arrived and came back: a closed bank card, a name that does not fit.

One person of finance finds it on the bank's or the channel's statement, another agrees; then it is
the worker's again, who is told and may ask for it another way.
"""

from typing import Any

from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import Conflict, InvalidInput
from app.domain.ledger import CLEARING, WORKER_AVAILABLE, Line
from app.domain.money import yuan
from app.domain.states import WithdrawalStatus, move
from app.extensions import db
from app.models import Approval, Withdrawal, Worker
from app.services.money.transfers import book
from app.services.money.withdrawals import content_of
from app.services.system import approvals, notifications
from app.services.transactions import locked, retrying, transaction

APPROVAL_KIND = "withdrawal_return"
LONGEST_NUMBER = 64


@retrying
def report_return(withdrawal_id: int, *, bank_number: str, reason: str, actor: Actor) -> Approval:
    """Say that a paid withdrawal has come back, and ask somebody else to agree.

    `bank_number`: what the bank's statement calls the returned payment. Raises InvalidInput,
    Conflict (not_paid, already_asked).
    """
    number, why = bank_number.strip(), reason.strip()
    if not why:
        raise InvalidInput(_l("Say why"), code="reason_required", field="reason")
    if not 0 < len(number) <= LONGEST_NUMBER:
        raise InvalidInput(_l("Name the proof"), code="reference_missing", field="bank_number")
    with transaction(actor) as session:
        withdrawal = locked(session, Withdrawal, withdrawal_id)
        _check_paid(withdrawal)
        return approvals.ask(
            APPROVAL_KIND, "withdrawal", withdrawal.id, _content(withdrawal, number, why),
            f"{withdrawal.number}: ¥{yuan(withdrawal.amount_fen)}", reason=why,
            branch_id=session.get_one(Worker, withdrawal.worker_id).branch_id, actor=actor,
        )  # fmt: skip


@approvals.executes(APPROVAL_KIND)
def _approved(approval: Approval, actor: Actor) -> None:
    """Runs inside the deciding transaction."""
    withdrawal = locked(db.session(), Withdrawal, approval.subject_id)
    shown = approval.payload
    _check_paid(withdrawal)
    present = _content(withdrawal, shown["bank_number"], shown["reason"])
    approvals.check_as_shown(shown, present)
    move(withdrawal, WithdrawalStatus.RETURNED)
    withdrawal.failure = shown["reason"][:200]
    book(withdrawal, "withdrawal_returned", _lines(withdrawal), actor)
    told = {"number": withdrawal.number, "amount_fen": withdrawal.amount_fen}
    notifications.notify("worker", withdrawal.worker_id, "withdrawal.returned", **told)


def _lines(withdrawal: Withdrawal) -> list[Line]:
    amount = withdrawal.amount_fen
    return [
        Line(CLEARING[withdrawal.channel], amount),
        Line(WORKER_AVAILABLE, -amount, "worker", withdrawal.worker_id),
    ]


def _check_paid(withdrawal: Withdrawal) -> None:
    if withdrawal.status != WithdrawalStatus.PAID:
        raise Conflict(
            _l("Only a withdrawal that was paid can come back"),
            code="not_paid",
            status=withdrawal.status,
        )


def _content(withdrawal: Withdrawal, bank_number: str, reason: str) -> dict[str, Any]:
    """All that the second person agrees to."""
    return {**content_of(withdrawal), "bank_number": bank_number, "reason": reason}
