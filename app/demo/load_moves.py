"""Visits of the demo that somebody wants at another time, in every state of the question."""

from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa

from app.demo.load_scene import DAY, at
from app.domain.actors import SYSTEM, Actor
from app.domain.errors import Conflict, RuleViolation
from app.domain.states import OrderStatus
from app.extensions import db
from app.models import MoveRequest, Order
from app.services import clock
from app.services.orders import moving
from app.services.orders.move_rules import Side
from app.services.transactions import transaction

Staff = dict[str, Actor]
HOUR = timedelta(hours=1)
# Hours from the old time that are tried one after the other.
SHIFTS = tuple(n * HOUR for n in (2, -2, 24, 3, -3, 25, 48, 26, 23, 1, -1))
REASONS: dict[Side, str] = {"customer": "家里临时有事", "worker": "孩子学校开家长会"}


def load_moves(staff: Staff) -> None:
    """Each end once: on another order, if it has a worker who is free at another time."""
    orders = _movable()
    for n, (side, lead) in enumerate(_ENDS if orders else ()):
        for order in orders[n % len(orders) :] + orders[: n % len(orders)]:
            row = _asked(order, side, ago=8 * HOUR if lead is _expire else 0 * HOUR)
            if row is not None:
                lead(row, order, staff)
                break


def _movable() -> list[Order]:
    """Accepted since yesterday at the latest, not due before the day after tomorrow."""
    found = sa.select(Order).where(
        Order.status == OrderStatus.ACCEPTED.value,
        Order.created_at < clock.now() - DAY,
        Order.planned_start > clock.now() + DAY,
    )
    return list(db.session.scalars(found.order_by(Order.planned_start.desc(), Order.id)).all())


def _asked(order: Order, side: Side, *, ago: timedelta) -> MoveRequest | None:
    who = order.customer_id if side == "customer" else order.lead_worker_id
    actor = Actor("customer" if side == "customer" else "worker", who)
    with at(clock.now() - ago):
        for shift in SHIFTS:
            try:
                return moving.propose(
                    order.id, order.planned_start + shift, side=side, reason=REASONS[side],
                    same_worker=True, actor=actor,
                )  # fmt: skip
            except (Conflict, RuleViolation):
                continue
    return None


def _wait(row: MoveRequest, order: Order, staff: Staff) -> None:
    """Nobody has answered yet."""


def _agree(row: MoveRequest, order: Order, staff: Staff) -> None:
    moving.answer(row.id, agree=True, note="可以", actor=Actor("worker", order.lead_worker_id))


def _decline(row: MoveRequest, order: Order, staff: Staff) -> None:
    note = "那天已有安排"
    moving.answer(row.id, agree=False, note=note, actor=Actor("worker", order.lead_worker_id))


def _take_back(row: MoveRequest, order: Order, staff: Staff) -> None:
    moving.withdraw(row.id, actor=Actor("customer", order.customer_id))


def _pass_on(row: MoveRequest, order: Order, staff: Staff) -> None:
    moving.review(row.id, approve=True, note="情况属实", actor=staff["ops"])


def _expire(row: MoveRequest, order: Order, staff: Staff) -> None:
    with transaction(SYSTEM):
        moving.expire(row.id)


_ENDS: tuple[tuple[Side, Callable[[MoveRequest, Order, Staff], None]], ...] = (
    ("customer", _expire), ("customer", _decline), ("customer", _take_back), ("customer", _agree),
    ("worker", _wait), ("customer", _wait), ("worker", _pass_on),
)  # fmt: skip
