"""A bank transfer is entered by one person of finance and approved by another."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import NotFound, RuleViolation
from app.domain.states import PaymentStatus
from app.extensions import db
from app.gateways.payment import PaymentState
from app.models import Approval, Order, PaymentAttempt
from app.services import clock
from app.services.money.payments.applying import apply_payment
from app.services.orders import events
from app.services.system import approvals
from app.services.transactions import locked, retrying, transaction

KIND = "bank_transfer"


@retrying
def enter_transfer(
    attempt_id: int, bank_number: str, amount_fen: int, received_at: datetime, *, actor: Actor
) -> Approval:
    """Say which line of the bank's statement this payment is, and ask a second person.

    The amount is the attempt's, to the fen. One that was closed meanwhile may be entered, too:
    late money revives the order or goes back, as with any channel. Raises RuleViolation
    (not_a_transfer, payment_mismatch, not_yet, line_used), Conflict when it is being asked already.
    """
    with transaction(actor) as session:
        order, attempt = _locked(session, attempt_id)
        _check(attempt, amount_fen, received_at)
        _check_line(session, attempt.out_trade_no, bank_number)
        events.record(order, "payment.entered", actor=actor, attempt=attempt.out_trade_no)
        return approvals.ask(
            KIND,
            "payment_attempt",
            attempt.id,
            _shown(order, attempt, bank_number, received_at),
            f"{order.number} · {attempt.out_trade_no}",
            branch_id=order.branch_id,
            actor=actor,
        )


@approvals.executes(KIND)
def _approve(approval: Approval, actor: Actor) -> None:
    shown = approval.payload
    _check_line(db.session(), shown["payment"], shown["bank_number"])
    apply_payment(
        "bank",
        PaymentState(
            shown["payment"],
            "succeeded",
            shown["amount_fen"],
            shown["bank_number"],
            datetime.fromisoformat(shown["received_at"]),
        ),
        actor=actor,
    )


def _locked(session: Any, attempt_id: int) -> tuple[Order, PaymentAttempt]:
    found = session.get(PaymentAttempt, attempt_id)
    if found is None:
        raise NotFound(_l("There is no such payment"), code="payment_unknown")
    order = locked(session, Order, found.order_id)
    return order, locked(session, PaymentAttempt, attempt_id)


def _check(attempt: PaymentAttempt, amount_fen: int, received_at: datetime) -> None:
    if attempt.channel != "bank" or attempt.status in (
        PaymentStatus.SUCCEEDED,
        PaymentStatus.FAILED,
    ):
        raise RuleViolation(_l("This payment waits for no bank transfer"), code="not_a_transfer")
    if received_at > clock.now():
        raise RuleViolation(
            _l("It cannot have arrived in the future"), code="not_yet", field="received_at"
        )
    if amount_fen != attempt.amount_fen:
        raise RuleViolation(
            _l("The amount is not the one that was asked for"),
            code="payment_mismatch",
            field="amount",
            asked_fen=attempt.amount_fen,
            reported_fen=amount_fen,
        )


def _check_line(session: Session, out_trade_no: str, bank_number: str) -> None:
    """The database refuses it, too (a unique transaction); this says what it paid."""
    used = sa.select(PaymentAttempt.out_trade_no).where(
        PaymentAttempt.channel == "bank",
        PaymentAttempt.transaction_id == bank_number,
        PaymentAttempt.out_trade_no != out_trade_no,
    )
    if (paid := session.scalar(used)) is not None:
        raise RuleViolation(
            _l("This line of the bank has paid %(payment)s already", payment=paid),
            code="line_used",
            field="bank_number",
            payment=paid,
        )


def _shown(
    order: Order, attempt: PaymentAttempt, bank_number: str, received_at: datetime
) -> dict[str, Any]:
    return {
        "order": order.number,
        "payment": attempt.out_trade_no,
        "amount_fen": attempt.amount_fen,
        "bank_number": bank_number,
        "received_at": received_at.isoformat(),
    }
