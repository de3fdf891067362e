"""What must be true of orders at every moment, read from the rows and from each write."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from app.domain import states
from app.domain.states import MOVES, OrderStatus
from app.extensions import db
from app.models import (
    AddOn,
    Approval,
    Assignment,
    Incident,
    MoveRequest,
    Offer,
    Order,
    OrderEdit,
    OrderEvent,
    PaymentAttempt,
    Refund,
    SlotHold,
    Visit,
)
from app.services.system import checks
from tests.proof import fields

STATES: dict[Any, type[StrEnum]] = {
    Order: OrderStatus, Visit: states.VisitStatus, Offer: states.OfferStatus,
    Assignment: states.AssignmentStatus, SlotHold: states.HoldStatus, AddOn: states.AddOnStatus,
    PaymentAttempt: states.PaymentStatus, Refund: states.RefundStatus,
    MoveRequest: states.MoveStatus, OrderEdit: states.EditStatus,
    Approval: states.ApprovalStatus, Incident: states.IncidentStatus,
}  # fmt: skip
# What the audit log and permissions say is proved elsewhere, and costs.
CHECKS = sorted(
    name
    for name, check in checks.CHECKS.items()
    if not check.__module__.endswith(("checks_audit", "checks_people"))
)


class Statuses:
    """Listens to every write of a status; `wrong` names those that the table does not allow."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self._listening: list[tuple[Any, Any]] = []

    def begin(self) -> None:
        for model, enum in STATES.items():
            listener = self._listener(model.__name__, enum)
            sa.event.listen(model.status, "set", listener, active_history=True)
            self._listening.append((model.status, listener))

    def end(self) -> None:
        for attribute, listener in self._listening:
            sa.event.remove(attribute, "set", listener)

    def _listener(self, name: str, enum: type[StrEnum]) -> Any:
        def written(_row: Any, new: str, old: Any, _initiator: Any) -> None:
            known = isinstance(old, str) and old != new
            if known and enum(new) not in MOVES[enum][enum(old)]:
                self.wrong.append(f"{name}: {old} -> {new}")

        return written


@dataclass(frozen=True)
class Story:
    """An order as it is, and how many events tell of it."""

    facts: tuple[Any, ...]
    events: int


def stories() -> dict[int, Story]:
    told = sa.select(sa.func.count(OrderEvent.id)).where(OrderEvent.order_id == Order.id)
    facts = (
        Order.status, Order.planned_start, Order.planned_end, Order.lead_worker_id, Order.due_fen,
        Order.captured_fen, Order.refunded_fen, Order.disputed_at, Order.customer_chooses,
    )  # fmt: skip
    rows = db.session.execute(sa.select(Order.id, told.scalar_subquery(), *facts))
    return {key: Story(tuple(what), count) for key, count, *what in rows}


def untold(before: dict[int, Story], after: dict[int, Story]) -> list[tuple[int, Any, Any]]:
    """Orders that changed although no event tells of it."""
    return [
        (key, before[key].facts if key in before else None, now.facts)
        for key, now in after.items()
        if (key not in before or before[key].facts != now.facts)
        and now.events == (before[key].events if key in before else 0)
    ]


def wrong() -> dict[str, Any]:
    found: dict[str, Any] = {
        "overlaps": fields.overlaps(),
        "unreachable": fields.unreachable(),
        "above_cap": fields.above_cap(),
        "broken_stories": broken_stories(),
        **{name: one.failures for name, one in checks.run_all(names=CHECKS).items() if not one.ok},
    }
    return {name: rows for name, rows in found.items() if rows}


def broken_stories() -> list[tuple[int, str, str]]:
    """Orders whose events do not lead, move by move of the table, to the status that they have."""
    broken = []
    for key, now in db.session.execute(sa.select(Order.id, Order.status)):
        moves = db.session.execute(
            sa.select(OrderEvent.from_status, OrderEvent.to_status)
            .where(OrderEvent.order_id == key, OrderEvent.to_status.is_not(None))
            .order_by(OrderEvent.id)
        ).all()
        path = [to for _from, to in moves]
        told = [old for old, _to in moves[1:]]
        allowed = all(OrderStatus(new) in MOVES[OrderStatus][OrderStatus(old)]
                      for old, new in pairwise(path))  # fmt: skip
        if not path or path[-1] != now or told != path[:-1] or not allowed:
            broken.append((key, now, " ".join(map(str, path))))
    return broken
