"""A worker's money on its way out: asked for, reviewed by one, sent by another.

From the asking on it stands in the worker's transit account, so that it cannot be spent twice.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import Forbidden, InvalidInput, NotFound, RuleViolation
from app.domain.ledger import IN_TRANSIT, WORKER_AVAILABLE, WORKER_CASH, WORKER_FROZEN
from app.domain.money import yuan
from app.domain.states import WithdrawalStatus, move
from app.extensions import db
from app.models import Approval, LedgerAccount, PayoutAccount, Withdrawal, Worker
from app.services import clock
from app.services.money import channels
from app.services.money.transfers import (
    apply_transfer,
    give_back,
    refresh,
    refresh_open,
    set_aside,
    start_transfer,
)
from app.services.numbers import new_number
from app.services.system import approvals, parameters
from app.services.transactions import after_commit, locked, retrying, transaction

__all__ = [
    "Balance",
    "apply_for",
    "apply_transfer",
    "balance_of",
    "refresh",
    "refresh_open",
    "reject",
    "review",
    "send",
]

APPROVAL_KIND = "withdrawal"
# Ended without money: they do not count towards the number a day.
WITHOUT_EFFECT = tuple(
    status.value
    for status in (
        WithdrawalStatus.REJECTED,
        WithdrawalStatus.FAILED,
        WithdrawalStatus.EXPIRED,
        WithdrawalStatus.RETURNED,
    )
)


@dataclass(frozen=True, slots=True)
class Balance:
    """What a worker has earned and not received, in fen."""

    available_fen: int
    frozen_fen: int
    in_transit_fen: int
    cash_held_fen: int = 0


def balance_of(worker_id: int) -> Balance:
    query = sa.select(LedgerAccount.code, LedgerAccount.balance_fen).filter_by(
        owner_kind="worker", owner_id=worker_id
    )
    fen = dict(db.session.execute(query).tuples().all())
    return Balance(
        available_fen=fen.get(WORKER_AVAILABLE, 0),
        frozen_fen=fen.get(WORKER_FROZEN, 0),
        in_transit_fen=fen.get(IN_TRANSIT, 0),
        cash_held_fen=fen.get(WORKER_CASH, 0),
    )


@retrying
def apply_for(
    worker_id: int, amount_fen: int, payout_account_id: int, *, actor: Actor
) -> Withdrawal:
    """Ask for money. It is set aside at once.

    Raises NotFound (account of somebody else), RuleViolation (below_minimum, too_many_today,
    insufficient_balance, channel_not_available).
    """
    # Before anything is set aside: money that no channel can send would only be stuck.
    channels.check_pays_out(_payout_account(db.session(), worker_id, payout_account_id).channel)
    with transaction(actor) as session:
        worker = locked(session, Worker, worker_id)
        account = _payout_account(session, worker.id, payout_account_id)
        _check_amount(amount_fen)
        _check_number_today(session, worker.id)
        withdrawal = Withdrawal(
            number=new_number("W"),
            worker_id=worker.id,
            payout_account_id=account.id,
            channel=account.channel,
            amount_fen=amount_fen,
            status=WithdrawalStatus.APPLIED.value,
            applied_on=clock.today(),
        )
        session.add(withdrawal)
        session.flush()
        set_aside(withdrawal, actor)
        return withdrawal


@retrying
def review(withdrawal_id: int, *, actor: Actor) -> Withdrawal:
    """Say that it may be sent, and ask for somebody else who sends it."""
    staff_id = _staff(actor)
    with transaction(actor) as session:
        withdrawal = locked(session, Withdrawal, withdrawal_id)
        move(withdrawal, WithdrawalStatus.REVIEWED)
        withdrawal.reviewed_by_id = staff_id
        session.flush()
        approvals.ask(
            APPROVAL_KIND,
            "withdrawal",
            withdrawal.id,
            content_of(withdrawal),
            f"{withdrawal.number}: ¥{yuan(withdrawal.amount_fen)}",
            branch_id=session.get_one(Worker, withdrawal.worker_id).branch_id,
            actor=actor,
        )
        return withdrawal


@retrying
def reject(withdrawal_id: int, *, reason: str, actor: Actor) -> Withdrawal:
    """Refuse it before it is sent; the money is available again."""
    _staff(actor)
    if not reason.strip():
        raise InvalidInput(_l("Please give a reason"), code="reason_missing")
    with transaction(actor) as session:
        approvals.drop("withdrawal", withdrawal_id, note=reason)
        return _reject(session, withdrawal_id, reason, actor)


def _reject(session: Session, withdrawal_id: int, reason: str, actor: Actor) -> Withdrawal:
    withdrawal = locked(session, Withdrawal, withdrawal_id)
    move(withdrawal, WithdrawalStatus.REJECTED)
    withdrawal.failure, withdrawal.finished_at = reason[:200], clock.now()
    give_back(withdrawal, actor)
    return withdrawal


def send(withdrawal_id: int, *, actor: Actor) -> Withdrawal:
    """Send reviewed money to the worker. Not by who reviewed it.

    When the channel does not answer, the withdrawal is `unknown`: the sweep asks what became
    of it. Raises Forbidden (same_person), IllegalTransition, RuleViolation
    (channel_not_available).
    """
    channels.gateway(_channel(withdrawal_id))  # before the status says that it was sent
    _approve_sending(withdrawal_id, actor)
    return db.session.get_one(Withdrawal, withdrawal_id, populate_existing=True)


@retrying
def _approve_sending(withdrawal_id: int, actor: Actor) -> None:
    """The second person's yes; in the inbox the same yes can be given there."""
    with transaction(actor) as session:
        asked = approvals.waiting_for("withdrawal", withdrawal_id)  # its row is locked first
        if asked is None:  # the question ended by the clock: the rule of two people holds still
            _mark_sent(session, withdrawal_id, actor)
            return
        reviewer = session.scalar(sa.select(Withdrawal.reviewed_by_id).filter_by(id=withdrawal_id))
        _refuse_same_person(reviewer, actor)
        approvals.decide(asked.id, approve=True, actor=actor)


def _mark_sent(session: Session, withdrawal_id: int, actor: Actor) -> None:
    """On disk before the channel hears of it: after a crash the sweep finds it and asks."""
    staff_id = _staff(actor)
    withdrawal = locked(session, Withdrawal, withdrawal_id)
    _refuse_same_person(withdrawal.reviewed_by_id, actor)
    move(withdrawal, WithdrawalStatus.SENT)
    withdrawal.sent_by_id, withdrawal.sent_at = staff_id, clock.now()
    after_commit(lambda: start_transfer(withdrawal_id))


def _refuse_same_person(reviewer: int | None, actor: Actor) -> None:
    if reviewer is not None and reviewer == actor.id:
        raise Forbidden(_l("Somebody else must send what you reviewed"), code="same_person")


def content_of(withdrawal: Withdrawal) -> dict[str, Any]:
    """What a second person is shown of it, and agrees to."""
    account = db.session.get_one(PayoutAccount, withdrawal.payout_account_id)
    return {
        "number": withdrawal.number,
        "worker": db.session.get_one(Worker, withdrawal.worker_id).name,
        "amount_fen": withdrawal.amount_fen,
        "channel": withdrawal.channel,
        "account_tail": account.account_tail,
    }


def _refused(approval: Approval, actor: Actor) -> None:
    """A no gives the money back. A question that ended by the clock leaves it reviewed."""
    if actor.kind == "staff":
        reason = approval.decision_note or "refused"
        _reject(db.session(), approval.subject_id, reason, actor)


@approvals.executes(APPROVAL_KIND, refused=_refused)
def _approved(approval: Approval, actor: Actor) -> None:
    withdrawal = locked(db.session(), Withdrawal, approval.subject_id)
    channels.check_pays_out(withdrawal.channel)
    approvals.check_as_shown(approval.payload, content_of(withdrawal))
    _mark_sent(db.session(), withdrawal.id, actor)


def _channel(withdrawal_id: int) -> str:
    channel = db.session.scalar(sa.select(Withdrawal.channel).filter_by(id=withdrawal_id))
    if channel is None:
        raise NotFound(_l("There is no such withdrawal"), code="withdrawal_unknown")
    return channel


def _payout_account(session: Session, worker_id: int, account_id: int) -> PayoutAccount:
    account = session.scalar(
        sa.select(PayoutAccount).filter_by(id=account_id, worker_id=worker_id, active=True)
    )
    if account is None:
        raise NotFound(_l("This account does not exist"), kind="payout_account")
    return account


def _check_amount(amount_fen: int) -> None:
    minimum = parameters.get("withdrawal.minimum_fen")
    if amount_fen < minimum:
        raise RuleViolation(
            _l("The amount is below the minimum"), code="below_minimum", minimum_fen=minimum
        )


def _check_number_today(session: Session, worker_id: int) -> None:
    """The worker's row is locked, so that two requests cannot both be the last one."""
    allowed = parameters.get("withdrawal.per_day")
    today = (
        sa.select(sa.func.count())
        .select_from(Withdrawal)
        .filter_by(worker_id=worker_id, applied_on=clock.today())
    )
    if (session.scalar(today.where(Withdrawal.status.not_in(WITHOUT_EFFECT))) or 0) >= allowed:
        raise RuleViolation(
            _l("You have already asked for money today"), code="too_many_today", per_day=allowed
        )


def _staff(actor: Actor) -> int:
    if actor.kind != "staff" or actor.id is None:
        raise Forbidden(_l("Only staff can do this"))
    return actor.id
