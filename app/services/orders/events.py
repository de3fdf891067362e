"""The story of an order: every move of its status, and everything else worth telling."""

from typing import Any

from flask import has_request_context, request

from app.domain.actors import Actor
from app.domain.states import OrderStatus, move
from app.extensions import db
from app.models import Order, OrderEvent
from app.services import clock

# The visit is at another time: whoever refused the earlier one may be asked again.
NEW_TIME = ("moved", "chosen", "edited")


def record(
    order: Order,
    kind: str,
    *,
    actor: Actor,
    from_status: str | None = None,
    to_status: str | None = None,
    reason: str = "",
    **data: Any,
) -> None:
    """Write an event beside the change that it tells of. `data` is plain JSON values."""
    db.session.add(
        OrderEvent(
            order_id=order.id,
            kind=kind,
            from_status=from_status,
            to_status=to_status,
            actor_kind=actor.kind,
            actor_id=actor.id,
            source=_source(actor),
            reason=reason,
            data=data,
            at=clock.now(),
        )
    )


def change_status(
    order: Order, new: OrderStatus, kind: str, *, actor: Actor, reason: str = "", **data: Any
) -> None:
    """Move the order and tell of it. Raises IllegalTransition."""
    old = move(order, new)
    record(order, kind, actor=actor, from_status=old, to_status=new.value, reason=reason, **data)


def _source(actor: Actor) -> str:
    if not has_request_context():
        return "job"
    return "admin" if actor.kind == "staff" else str(request.headers.get("X-Client", "api"))[:16]
