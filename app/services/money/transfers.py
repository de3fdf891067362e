"""Sending workers' money through a channel, and booking what the channel says of it."""

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import NotFound, RuleViolation
from app.domain.ledger import CLEARING, IN_TRANSIT, WORKER_AVAILABLE, Line
from app.domain.states import WithdrawalStatus, move
from app.extensions import db
from app.gateways.payment import (
    NAME_REQUIRED_FROM_FEN,
    GatewayRefused,
    OutcomeUnknown,
    TransferRequest,
    TransferState,
)
from app.models import Withdrawal
from app.services import clock
from app.services.money import channels, ledger, sweeps
from app.services.transactions import locked, retrying, transaction

UNDER_WAY = (
    WithdrawalStatus.SENT.value,
    WithdrawalStatus.WAITING_FOR_PAYEE.value,
    WithdrawalStatus.UNKNOWN.value,
)
NOT_CONFIRMED = "OVERDUE_CLOSE"  # the payee let the day pass
STATUS_OF = {
    "accepted": WithdrawalStatus.SENT,
    "transferring": WithdrawalStatus.SENT,
    "cancelling": WithdrawalStatus.SENT,
    "waiting_for_payee": WithdrawalStatus.WAITING_FOR_PAYEE,
    "succeeded": WithdrawalStatus.PAID,
    "failed": WithdrawalStatus.FAILED,
    "cancelled": WithdrawalStatus.FAILED,
}
# The channel has paid; what came back later is no news of the channel's.
ARRIVED = (WithdrawalStatus.PAID, WithdrawalStatus.RETURNED)
ENDED = (*ARRIVED, WithdrawalStatus.FAILED, WithdrawalStatus.EXPIRED)


def start_transfer(withdrawal_id: int) -> Withdrawal:
    """Ask the channel to pay. The number is the same each time, so it pays once."""
    withdrawal = _withdrawal(withdrawal_id)
    try:
        state = channels.gateway(withdrawal.channel).transfer(_request(withdrawal))
    except OutcomeUnknown:
        return _note_unknown(withdrawal_id)
    except GatewayRefused as exc:
        return _after_refusal(withdrawal, exc)
    return apply_transfer(withdrawal.channel, state)


def refresh(withdrawal_id: int) -> Withdrawal:
    """Ask what became of it; send again only what the channel has never heard of.

    Raises OutcomeUnknown when the channel does not answer.
    """
    withdrawal = _withdrawal(withdrawal_id)
    if withdrawal.status not in UNDER_WAY:
        return withdrawal
    state = channels.gateway(withdrawal.channel).query_transfer(withdrawal.number)
    # Only the answer to a transfer opens the payee's confirmation.
    lost = state.state == "waiting_for_payee" and withdrawal.client_params is None
    if state.state == "not_found" or lost:
        return start_transfer(withdrawal_id)
    return apply_transfer(withdrawal.channel, state)


def refresh_open(limit: int = 200) -> int:
    """Refresh what is under way; returns how many were asked."""
    return sweeps.sweep(Withdrawal, Withdrawal.status.in_(UNDER_WAY), refresh, limit)


@retrying
def apply_transfer(channel: str, state: TransferState, *, actor: Actor = SYSTEM) -> Withdrawal:
    """Bring the withdrawal to the state that the channel tells. Safe to repeat, in any order.

    Raises NotFound, RuleViolation (transfer_mismatch) when it contradicts our books.
    """
    with transaction(actor) as session:
        withdrawal = _locked(session, channel, state.out_bill_no)
        new = STATUS_OF.get(state.state)
        if new is WithdrawalStatus.FAILED and state.fail_reason == NOT_CONFIRMED:
            new = WithdrawalStatus.EXPIRED
        _check_same(withdrawal, state, new)
        withdrawal.client_params = state.client_params or withdrawal.client_params
        withdrawal.channel_bill_no = state.transfer_id or withdrawal.channel_bill_no
        if new in ENDED and withdrawal.status not in ENDED:
            _end(withdrawal, new, state, actor)
        elif new and new not in ENDED and _is_news(withdrawal, new):
            move(withdrawal, new)
        return withdrawal


def give_back(withdrawal: Withdrawal, actor: Actor) -> None:
    """What did not go out is available again."""
    amount = withdrawal.amount_fen
    lines = [_line(withdrawal, IN_TRANSIT, amount), _line(withdrawal, WORKER_AVAILABLE, -amount)]
    book(withdrawal, "withdrawal_back", lines, actor)


def set_aside(withdrawal: Withdrawal, actor: Actor) -> None:
    """From available to in transit. Raises RuleViolation (insufficient_balance)."""
    amount = withdrawal.amount_fen
    lines = [_line(withdrawal, WORKER_AVAILABLE, amount), _line(withdrawal, IN_TRANSIT, -amount)]
    book(withdrawal, "withdrawal", lines, actor)


def book(withdrawal: Withdrawal, kind: str, lines: list[Line], actor: Actor) -> None:
    ledger.post(
        f"{kind}:{withdrawal.id}",
        kind,
        lines,
        source_kind="withdrawal",
        source_id=withdrawal.id,
        actor=actor,
    )


def _end(withdrawal: Withdrawal, new: WithdrawalStatus, state: TransferState, actor: Actor) -> None:
    move(withdrawal, new)
    withdrawal.finished_at = state.updated_at or clock.now()
    withdrawal.failure = "" if new is WithdrawalStatus.PAID else (state.fail_reason or "")[:200]
    if new is WithdrawalStatus.PAID:
        amount = withdrawal.amount_fen
        paid = [_line(withdrawal, IN_TRANSIT, amount), Line(CLEARING[withdrawal.channel], -amount)]
        book(withdrawal, "withdrawal_paid", paid, actor)
    else:
        give_back(withdrawal, actor)


def _is_news(withdrawal: Withdrawal, new: WithdrawalStatus) -> bool:
    """An answer that was overtaken by a later one does not lead back."""
    overtaken = withdrawal.status == WithdrawalStatus.WAITING_FOR_PAYEE
    return withdrawal.status in UNDER_WAY and withdrawal.status != new and not overtaken


def _after_refusal(withdrawal: Withdrawal, refusal: GatewayRefused) -> Withdrawal:
    """A refusal may answer a repetition of what was accepted before: the query tells."""
    try:
        state = channels.gateway(withdrawal.channel).query_transfer(withdrawal.number)
    except (OutcomeUnknown, GatewayRefused):
        return _note_unknown(withdrawal.id)
    if state.state == "not_found":
        code = str(refusal.details.get("gateway_code", ""))
        if refusal.details.get("temporary") or code == "NOT_ENOUGH":
            return _note_unknown(withdrawal.id)
        state = TransferState(withdrawal.number, "failed", fail_reason=code)
    return apply_transfer(withdrawal.channel, state)


@retrying
def _note_unknown(withdrawal_id: int) -> Withdrawal:
    with transaction() as session:
        withdrawal = locked(session, Withdrawal, withdrawal_id)
        if withdrawal.status == WithdrawalStatus.SENT:
            move(withdrawal, WithdrawalStatus.UNKNOWN)
        return withdrawal


def _request(withdrawal: Withdrawal) -> TransferRequest:
    account = withdrawal.payout_account
    # Alipay wants the name with every log-in name, WeChat Pay from 2,000 yuan only.
    named = withdrawal.channel == "alipay" or withdrawal.amount_fen >= NAME_REQUIRED_FROM_FEN
    return TransferRequest(
        out_bill_no=withdrawal.number,
        amount_fen=withdrawal.amount_fen,
        openid=account.account,
        user_name=account.holder_name if named else None,
        remark=withdrawal.number,
        notify_url=channels.notice_url(withdrawal.channel),
    )


def _locked(session: Session, channel: str, number: str) -> Withdrawal:
    found = session.scalar(sa.select(Withdrawal.id).filter_by(number=number, channel=channel))
    if found is None:
        raise NotFound(_l("There is no such withdrawal"), code="withdrawal_unknown", number=number)
    return locked(session, Withdrawal, found)


def _check_same(withdrawal: Withdrawal, state: TransferState, new: WithdrawalStatus | None) -> None:
    other_amount = state.amount_fen not in (None, withdrawal.amount_fen)
    ended = withdrawal.status if withdrawal.status in ENDED else None
    contradiction = ended and new in ENDED and (new in ARRIVED) != (ended in ARRIVED)
    never_sent = withdrawal.status not in (*UNDER_WAY, *ENDED)
    if other_amount or contradiction or never_sent:
        raise RuleViolation(
            _l("The channel reports something else than what was sent"),
            code="transfer_mismatch",
            number=withdrawal.number,
            status=withdrawal.status,
            reported=state.state,
        )


def _line(withdrawal: Withdrawal, code: str, amount_fen: int) -> Line:
    return Line(code, amount_fen, "worker", withdrawal.worker_id)


def _withdrawal(withdrawal_id: int) -> Withdrawal:
    withdrawal = db.session.get(Withdrawal, withdrawal_id, populate_existing=True)
    if withdrawal is None:
        raise NotFound(_l("There is no such withdrawal"), code="withdrawal_unknown")
    return withdrawal
