"""The open move of an order: it claims two times until the move has ended."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.actors import SYSTEM, Actor
from app.domain.states import MoveStatus, move
from app.models import MoveRequest, Order, Visit
from app.services import audit, clock
from app.services.dispatch import crew
from app.services.orders import events
from app.services.roster import claims
from app.services.system import notifications, timers

OPEN = (
    MoveStatus.PROPOSED.value, MoveStatus.OPS_REVIEW.value, MoveStatus.AWAIT_OTHER_SIDE.value,
)  # fmt: skip
TIMER = "move.expire"


def of_order(session: Session, order_id: int) -> MoveRequest | None:
    return session.scalar(
        sa.select(MoveRequest).where(MoveRequest.order_id == order_id, MoveRequest.status.in_(OPEN))
    )


def give_up(
    session: Session,
    order: Order,
    *,
    reason: str,
    visits: Collection[Visit] | None = None,
    actor: Actor = SYSTEM,
) -> None:
    """Something else happened to the order, or to these visits of it: an open move of them ends.

    The order's row is locked.
    """
    row = of_order(session, order.id)
    of_these = visits is None or (row and row.visit_id in {visit.id for visit in visits})
    if row is not None and of_these:
        end(order, row, MoveStatus.WITHDRAWN, reason=reason, actor=actor)


def end(
    order: Order, row: MoveRequest, status: MoveStatus, *, reason: str = "", actor: Actor
) -> None:
    """The move comes to nothing: its new time is free again, the booking is as it was."""
    kind = f"move.{status.value}"
    if row.status == MoveStatus.OPS_REVIEW:  # the customer never heard of it
        kind = "move.not_passed_on"
    close(row, status, reason)
    claims.release(order.owner, visit_starts=[row.new_start])
    record(order, row, kind, reason=reason, actor=actor)
    trace("move_end", order, row, actor)
    if kind != "move.not_passed_on":
        tell_customer(order, row, kind, actor)
    tell_worker(order, row, kind, actor)


def close(row: MoveRequest, status: MoveStatus, note: str = "") -> None:
    move(row, status)
    row.answered_at, row.answer_note = clock.now(), note[:200]
    timers.cancel_timer(TIMER, row.id)


def record(order: Order, row: MoveRequest, kind: str, *, reason: str = "", actor: Actor) -> None:
    events.record(
        order, kind, actor=actor, reason=reason, move=row.id,
        old_start=as_told(row.old_start), new_start=as_told(row.new_start),
    )  # fmt: skip


def trace(action: str, order: Order, row: MoveRequest, actor: Actor) -> None:
    """The audit row of a move that was looked at, or has ended."""
    told = {"move": row.id, "status": row.status}
    audit.record(action, "customer_order", order.id, told, actor=actor)


def tell_customer(order: Order, row: MoveRequest, kind: str, actor: Actor) -> None:
    """Unless it is she who acts."""
    if actor.kind != "customer":
        notifications.notify("customer", order.customer_id, kind, order_id=order.id, move_id=row.id)


def tell_worker(order: Order, row: MoveRequest, kind: str, actor: Actor) -> None:
    """The lead of the crew, unless it is she who acts."""
    lead = order.lead_worker_id
    if order.visit_count > 1 and row.visit_id is not None:
        lead = crew.lead_on(row.visit_id)
    if lead is not None and (actor.kind, actor.id) != ("worker", lead):
        notifications.notify("worker", lead, kind, order_id=order.id, move_id=row.id)


def as_told(instant: datetime) -> str:
    return instant.isoformat()
