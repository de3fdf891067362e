"""Reserving a refund on the payments it comes from, deciding it, and booking what it takes back."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.ledger import (
    CANCELLATION_FEES,
    COMPENSATION,
    PREPAYMENTS,
    REFUNDS_DUE,
    Line,
)
from app.domain.states import OrderStatus, PaymentStatus, RefundStatus, move
from app.models import Order, PaymentAttempt, Refund, RefundAllocation
from app.services.money import ledger, reversing, subsidies, sums
from app.services.numbers import new_number
from app.services.orders import events
from app.services.system import approvals, notifications, outbox
from app.services.transactions import locked

SET_OFF = "set_off"
ENDED_WITH_FEE = (OrderStatus.CANCELLED.value, OrderStatus.NO_SHOW.value)


def refund_surplus(session: Session, order: Order, *, reason: str, actor: Actor) -> list[Refund]:
    """Give back what was paid beyond the order's price, the newest payment first.

    The order's row is locked. Returns no refunds when there is no surplus.
    """
    surplus = sums.surplus_of(session, order)
    if not surplus:
        return []
    refunds = reserve(session, order, surplus, kind="surplus", reason=reason, actor=actor)
    for refund in refunds:
        approve(session, order, refund, actor=actor)
    return refunds


def reserve(
    session: Session,
    order: Order,
    amount_fen: int,
    *,
    kind: str,
    reason: str,
    actor: Actor,
    set_off_fen: int = 0,
    goodwill_fen: int = 0,
) -> list[Refund]:
    """Ask for an amount, spread over the order's payments, the newest first.

    It is reserved on each of them, and the database refuses more than was paid. The order's row
    is locked. What the payments cannot bear is left out; what is set off and a goodwill come from
    none of them.
    """
    left, refunds = amount_fen, list[Refund]()
    for attempt in _refundable(session, order.id):
        part = min(left, attempt.amount_fen - attempt.refund_fen)
        if part:
            attempt.refund_fen += part
            refunds.append(_asked(order, attempt, part, kind, reason, actor))
            left -= part
    for other, fen in ((SET_OFF, set_off_fen), ("goodwill", goodwill_fen)):
        if fen:
            refunds.append(_asked(order, None, fen, other, reason, actor))
    for refund in refunds:
        refund.request_number = refunds[0].number
    session.add_all(refunds)
    session.flush()
    session.add_all(
        RefundAllocation(
            refund_id=refunds[0].id, attempt_id=refund.attempt_id, amount_fen=refund.amount_fen
        )
        for refund in refunds
        if refund.attempt_id is not None
    )
    return refunds


def approve(session: Session, order: Order, refund: Refund, *, actor: Actor) -> None:
    """Book it as due and have it sent. The order's row is locked, the refund is requested."""
    move(refund, RefundStatus.APPROVED)
    tell(order, refund, "refund.approved", actor, refund.reason)
    session.flush()
    source = _taken_from(session, order, refund, actor)
    book(refund, "refund_due", [*source, Line(REFUNDS_DUE, -refund.amount_fen)], actor)
    if refund.attempt_id is None:
        notifications.notify_staff("refund.by_hand", order_id=order.id, refund=refund.number)
    else:
        order.returning_fen += refund.amount_fen
        outbox.put("refund.submit", refund.id)
    _tell_customer(order, refund, "refund.approved")


def arrived(order: Order, refund: Refund) -> None:
    """What was on its way back is back. The order's row is locked."""
    order.returning_fen -= refund.amount_fen
    order.refunded_fen += refund.amount_fen


def reject(session: Session, order: Order, refund: Refund, *, reason: str, actor: Actor) -> None:
    """It will not be given back: its payment is free again. The order's row is locked."""
    move(refund, RefundStatus.REJECTED)
    if refund.attempt_id is not None:
        attempt = locked(session, PaymentAttempt, refund.attempt_id)
        attempt.refund_fen -= refund.amount_fen
    tell(order, refund, "refund.rejected", actor, reason)


def reject_waiting(session: Session, order: Order, *, reason: str, actor: Actor) -> None:
    """The order has ended in another way: what still waits for a decision has no object."""
    for refund in waiting_of(session, order.id):
        approvals.drop("refund", refund.id, note=reason)
        reject(session, order, refund, reason=reason, actor=actor)


def waiting_of(session: Session, order_id: int) -> list[Refund]:
    """Requested and not decided, oldest first."""
    query = sa.select(Refund).filter_by(order_id=order_id, status=RefundStatus.REQUESTED.value)
    fresh = query.order_by(Refund.id).execution_options(populate_existing=True)
    return list(session.scalars(fresh))


def waiting_fen(session: Session, order_id: int) -> int:
    """What of the order's payments is reserved for requests that nobody has decided."""
    waiting = waiting_of(session, order_id)
    return sum(refund.amount_fen for refund in waiting if refund.attempt_id is not None)


def fold_compensation(session: Session, order: Order, price_fen: int, *, actor: Actor) -> int:
    """The order's work is worth this from now on, 0 when it is cancelled: of a price, the company
    cannot bear more than the whole. What it gave beyond that is a part of what the customer gets
    back anyway. Returns what it still bears. The order's row is locked, nothing was earned yet.
    """
    query = sa.select(Refund).where(*sums.compensations_of(order.id)).order_by(Refund.id.desc())
    given = list(session.scalars(query))
    borne = sum(refund.amount_fen - refund.folded_fen for refund in given)
    for refund in given:
        part = min(max(borne - price_fen, 0), refund.amount_fen - refund.folded_fen)
        if part:
            refund.folded_fen += part
            borne -= part
            _book_back(order, refund, part, actor)
    return borne


def _book_back(order: Order, refund: Refund, amount_fen: int, actor: Actor) -> None:
    """Each step has its own key: what was folded until then is in it."""
    ledger.post(
        f"compensation_back:{refund.id}:{refund.folded_fen}",
        "compensation_back",
        [Line(PREPAYMENTS, amount_fen), Line(COMPENSATION, -amount_fen)],
        source_kind="refund",
        source_id=refund.id,
        order_id=order.id,
        actor=actor,
    )


def tell(
    order: Order, refund: Refund, kind: str, actor: Actor, reason: str = "", **more: int
) -> None:
    """Write an event of the order."""
    told: dict[str, Any] = {"refund": refund.number, "amount_fen": refund.amount_fen, **more}
    events.record(order, kind, actor=actor, reason=reason, **told)


def book(refund: Refund, kind: str, lines: list[Line], actor: Actor) -> None:
    """Post a journal of the refund, once for each kind."""
    ledger.post(
        f"{kind}:{refund.id}",
        kind,
        lines,
        source_kind="refund",
        source_id=refund.id,
        order_id=refund.order_id,
        actor=actor,
    )


def _refundable(session: Session, order_id: int) -> list[PaymentAttempt]:
    query = (
        sa.select(PaymentAttempt)
        .filter_by(order_id=order_id, status=PaymentStatus.SUCCEEDED.value)
        .order_by(PaymentAttempt.paid_at.desc(), PaymentAttempt.id.desc())
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def _asked(
    order: Order,
    attempt: PaymentAttempt | None,
    amount_fen: int,
    kind: str,
    reason: str,
    actor: Actor,
) -> Refund:
    return Refund(
        number=new_number("R"),
        order_id=order.id,
        attempt_id=attempt.id if attempt else None,
        amount_fen=amount_fen,
        status=RefundStatus.REQUESTED.value,
        kind=kind,
        reason=reason,
        asked_by_id=actor.id if actor.kind == "staff" else None,
    )


def _taken_from(session: Session, order: Order, refund: Refund, actor: Actor) -> list[Line]:
    """Who bears it. But for surplus and goodwill, the order costs the customer less from now on."""
    amount = refund.amount_fen
    if refund.kind == "surplus":
        return [Line(PREPAYMENTS, amount)]
    if refund.kind == "goodwill":
        return [Line(COMPENSATION, amount)]
    if refund.kind == "compensation":
        order.due_fen -= amount
        return [Line(COMPENSATION, amount)]
    borne = subsidies.lower(session, order, amount)
    order.due_fen -= amount
    if order.status in ENDED_WITH_FEE:
        return [Line(CANCELLATION_FEES, amount)]
    taken = reversing.take_back(session, order, refund, borne, actor=actor)
    return taken or [Line(PREPAYMENTS, amount)]


def _tell_customer(order: Order, refund: Refund, kind: str) -> None:
    notifications.notify(
        "customer", order.customer_id, kind,
        order_id=order.id, refund=refund.number, amount_fen=refund.amount_fen,
    )  # fmt: skip
