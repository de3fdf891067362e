"""Rewards, penalties, compensation and corrections for a worker or an agency: asked for, decided
by finance.

Approved, it is booked at once; a worker's stands on her next statement, an agency's on its account.
"""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import Forbidden, InvalidInput, RuleViolation
from app.domain.ledger import (
    COMPENSATION,
    PARTNER_PAYABLE,
    WORKER_FROZEN,
    WORKER_NEGATIVE,
    WORKER_REWARDS,
    Line,
)
from app.domain.money import yuan
from app.domain.states import AdjustmentStatus, move
from app.extensions import db
from app.models import Adjustment, Approval, Branch, Order, Partner, Worker
from app.services import access
from app.services.money import ledger
from app.services.numbers import new_number
from app.services.system import approvals, notifications
from app.services.transactions import locked, retrying, transaction

APPROVAL_KIND = "adjustment"
ASKERS = {"operations", "hr", "finance"}
# Which way it goes: a correction may be either.
GIVES = {"reward": True, "compensation": True, "penalty": False}
KINDS = ("reward", "penalty", "compensation", "correction")
LARGEST_FEN = 10_000_000


@retrying
def request_adjustment(
    worker_id: int,
    kind: str,
    amount_fen: int,
    *,
    reason: str,
    order_id: int | None = None,
    actor: Actor,
) -> Adjustment:
    """Ask for money for a worker (positive) or from her (negative), beside her orders.

    Raises Forbidden for a role that does not ask, InvalidInput, RuleViolation (wrong_direction,
    amount_range), NotFound outside the actor's scope.
    """
    _check(kind, amount_fen, reason, actor)
    with transaction(actor) as session:
        worker = access.row_for(actor, Worker, worker_id)
        if order_id is not None:
            access.row_for(actor, Order, order_id)
        adjustment = Adjustment(worker_id=worker.id, order_id=order_id)
        return _asked(session, adjustment, worker, kind, amount_fen, reason, actor)


@retrying
def request_partner_adjustment(
    partner_id: int, kind: str, amount_fen: int, *, reason: str, actor: Actor
) -> Adjustment:
    """Ask for money for an agency (positive) or from what it is owed (negative).

    Raises as for a worker; RuleViolation (above_payable) for more than the agency is owed.
    """
    _check(kind, amount_fen, reason, actor)
    with transaction(actor) as session:
        partner = access.row_for(actor, Partner, partner_id)
        _check_payable(partner.id, amount_fen)
        adjustment = Adjustment(partner_id=partner.id)
        return _asked(session, adjustment, partner, kind, amount_fen, reason, actor)


def _asked(
    session: Session,
    adjustment: Adjustment,
    payee: Worker | Partner,
    kind: str,
    amount_fen: int,
    reason: str,
    actor: Actor,
) -> Adjustment:
    adjustment.number, adjustment.branch_id = new_number("A"), payee.branch_id
    adjustment.kind, adjustment.amount_fen = kind, amount_fen
    adjustment.reason, adjustment.asked_by_id = reason.strip()[:200], actor.id
    session.add(adjustment)
    session.flush()
    approvals.ask(
        APPROVAL_KIND, "adjustment", adjustment.id, _content(session, adjustment),
        f"{adjustment.number}: ¥{yuan(amount_fen)}",
        reason=adjustment.reason, branch_id=payee.branch_id, actor=actor,
    )  # fmt: skip
    return adjustment


def _check_payable(partner_id: int, amount_fen: int) -> None:
    """An agency that owes us is a matter for its contract, not for our books."""
    owed = ledger.balance(PARTNER_PAYABLE, "partner", partner_id)
    if owed + amount_fen < 0:
        raise RuleViolation(
            _l("We owe this partner %(owed)s yuan; more cannot be taken", owed=yuan(owed)),
            code="above_payable",
            field="amount_fen",
            owed_fen=owed,
        )


def book_by_rule(
    session: Session,
    order: Order,
    worker_id: int,
    kind: str,
    amount_fen: int,
    *,
    reason: str,
    actor: Actor,
) -> Adjustment:
    """What a rule of the company gives or takes, for an order: nobody has to decide it again.

    Inside transaction(). Raises RuleViolation (wrong_direction, amount_range).
    """
    _check_amount(kind, amount_fen)
    adjustment = Adjustment(
        number=new_number("A"), branch_id=order.branch_id, worker_id=worker_id,
        order_id=order.id, kind=kind, amount_fen=amount_fen, reason=reason[:200],
    )  # fmt: skip
    session.add(adjustment)
    session.flush()
    _carry_out(adjustment, actor)
    return adjustment


def _check(kind: str, amount_fen: int, reason: str, actor: Actor) -> None:
    if actor.kind != "staff" or not access.roles_of(actor) & ASKERS:
        raise Forbidden(_l("Your role does not ask for adjustments"), code="not_yours")
    if not reason.strip():
        raise InvalidInput(_l("Say why"), code="reason_required", field="reason")
    if kind not in KINDS:
        raise InvalidInput(_l("Choose a kind"), code="kind_unknown", field="kind")
    _check_amount(kind, amount_fen)


def _check_amount(kind: str, amount_fen: int) -> None:
    if not 0 < abs(amount_fen) <= LARGEST_FEN:
        raise RuleViolation(
            _l("The amount is out of range"), code="amount_range", field="amount_fen"
        )
    if GIVES.get(kind, amount_fen > 0) != (amount_fen > 0):
        raise RuleViolation(
            _l("A penalty takes, a reward gives"), code="wrong_direction", field="amount_fen"
        )


def _content(session: Session, adjustment: Adjustment) -> dict[str, Any]:
    """All that is decided."""
    order = session.get(Order, adjustment.order_id) if adjustment.order_id else None
    to_worker = adjustment.worker_id is not None
    payee = (
        {"worker": session.get_one(Worker, adjustment.worker_id).number}
        if to_worker
        else {"partner": session.get_one(Partner, adjustment.partner_id).name}
    )
    return {
        "number": adjustment.number,
        **payee,
        "kind": adjustment.kind,
        "amount_fen": adjustment.amount_fen,
        "order": order.number if order else "",
        "reason": adjustment.reason,
    }


def _refused(approval: Approval, actor: Actor) -> None:
    move(locked(db.session(), Adjustment, approval.subject_id), AdjustmentStatus.REFUSED)


@approvals.executes(APPROVAL_KIND, refused=_refused)
def _approve(approval: Approval, actor: Actor) -> None:
    """Runs inside the deciding transaction. No settlement run is made meanwhile."""
    session = db.session()
    adjustment = locked(session, Adjustment, approval.subject_id)
    approvals.check_as_shown(approval.payload, _content(session, adjustment))
    _carry_out(adjustment, actor)


def _carry_out(adjustment: Adjustment, actor: Actor) -> None:
    locked(db.session(), Branch, adjustment.branch_id)
    move(adjustment, AdjustmentStatus.APPROVED)
    if adjustment.worker_id is None:
        _check_payable(adjustment.partner_id or 0, adjustment.amount_fen)
    else:
        adjustment.negative_fen = max(-adjustment.amount_fen, 0)
        notifications.notify(
            "worker", adjustment.worker_id, "adjustment.approved",
            number=adjustment.number, amount_fen=adjustment.amount_fen,
        )  # fmt: skip
    _book(adjustment, actor)


def _book(adjustment: Adjustment, actor: Actor) -> None:
    """What a worker is given is frozen until the statement, what is taken waits as her debt."""
    amount, payee = adjustment.amount_fen, ("worker", adjustment.worker_id or 0)
    account = WORKER_FROZEN if amount > 0 else WORKER_NEGATIVE
    if adjustment.worker_id is None:
        account, payee = PARTNER_PAYABLE, ("partner", adjustment.partner_id or 0)
    cost = COMPENSATION if adjustment.kind == "compensation" else WORKER_REWARDS
    ledger.post(
        f"adjustment:{adjustment.id}",
        "adjustment",
        [Line(cost, amount), Line(account, -amount, *payee)],
        source_kind="adjustment",
        source_id=adjustment.id,
        actor=actor,
    )
