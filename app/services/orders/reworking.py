"""Work that is done again for nothing: a child order within the warranty of its parent."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import Conflict, RuleViolation
from app.domain.states import OrderStatus
from app.models import Assignment, Order, OrderItem, OrderLine, Service, Visit
from app.services import audit, clock
from app.services.numbers import new_number
from app.services.orders import events, new_times, ordering, searching
from app.services.roster import claims
from app.services.system import notifications, parameters
from app.services.transactions import locked, retrying, transaction

COPIED = (
    "branch_id", "customer_id", "summary", "area_id", "region_code", "region_name",
    "address_detail", "contact_name", "contact_phone", "access_note", "lat", "lng", "minutes",
    "buffer_before_minutes", "buffer_after_minutes", "crew_size", "skills", "commission_rule_id",
    "commission_bp",
)  # fmt: skip
ENDED = (OrderStatus.COMPLETED.value, OrderStatus.CANCELLED.value, OrderStatus.NO_SHOW.value)


@retrying
def rework(order_id: int, starts_at: datetime, *, reason: str, actor: Actor) -> Order:
    """Order the same work once more, price 0, at a time that somebody is free; the parent stays
    what it is. Who did it comes again where she is free.

    Raises RuleViolation (reason_required, not_completed, warranty_over, slot_not_offered),
    Conflict (slot_taken, rework_open).
    """
    if not reason.strip():
        raise RuleViolation(_l("Say why"), code="reason_required", field="reason")
    with transaction(actor) as session:
        parent = locked(session, Order, order_id)
        _check(session, parent)
        new_times.check_start(parent.minutes, starts_at, new_times.hours_of(parent))
        child = _child(parent, starts_at, reason)
        session.add(child)
        session.flush()
        visit = _add_parts(session, parent, child)
        wanted = new_times.wanted_at(child, visit, starts_at)
        for worker_id in new_times.lock_crew(child, wanted, prefer=_served(session, parent)):
            claims.claim(worker_id, wanted, "visit")
        events.record(
            child, "created", actor=actor, to_status=child.status, reason=reason, parent=parent.id
        )
        events.record(parent, "rework", actor=actor, reason=reason, child=child.number)
        searching.begin(child)
        notifications.notify("customer", child.customer_id, "order.rework", order_id=child.id)
        audit.record("rework", "customer_order", parent.id, {"child": child.number}, actor=actor)
        return child


def _check(session: Session, parent: Order) -> None:
    if parent.status != OrderStatus.COMPLETED or parent.completed_at is None:
        raise RuleViolation(
            _l("Only work that was completed is done again"), code="not_completed",
            status=parent.status,
        )  # fmt: skip
    until = parent.completed_at + timedelta(days=_warranty_days(session, parent))
    if clock.now() > until:
        raise RuleViolation(_l("The warranty is over"), code="warranty_over", until=until)
    open_child = sa.select(Order.id).where(Order.parent_id == parent.id, Order.status.not_in(ENDED))
    if session.scalar(open_child.limit(1)) is not None:
        raise Conflict(_l("It is being done again already"), code="rework_open")


def _warranty_days(session: Session, parent: Order) -> int:
    """Of the service that has the longest."""
    days = (
        sa.select(sa.func.max(Service.warranty_days))
        .join(OrderItem, OrderItem.service_id == Service.id)
        .where(OrderItem.order_id == parent.id)
    )
    return session.scalar(days) or 0


def _child(parent: Order, starts_at: datetime, reason: str) -> Order:
    copied: dict[str, Any] = {name: getattr(parent, name) for name in COPIED}
    window = timedelta(minutes=parameters.get("booking.window_minutes"))
    return Order(
        number=new_number("D"),
        parent_id=parent.id,
        status=OrderStatus.PENDING_DISPATCH.value,
        source="rework",
        note=reason[:500],
        **copied,
        service_on=clock.city_date(starts_at),
        promised_from=starts_at,
        promised_to=starts_at + window,
        planned_start=starts_at,
        planned_end=starts_at + timedelta(minutes=parent.minutes),
        pay_mode="after",
        total_fen=0,
        due_fen=0,
        rules={key: parameters.get(key) for key in ordering.FROZEN_RULES},
    )


def _add_parts(session: Session, parent: Order, child: Order) -> Visit:
    for item in parent.items:
        session.add(
            OrderItem(
                order_id=child.id, service_id=item.service_id, service_code=item.service_code,
                service_name=item.service_name, quantity=item.quantity, options=item.options,
                minutes=item.minutes, amount_fen=0,
            )
        )  # fmt: skip
    session.add(
        OrderLine(
            order_id=child.id, position=1, kind="base", label=f"返工 {parent.number}",
            label_en=f"Rework of {parent.number}", unit_fen=0, amount_fen=0,
        )
    )  # fmt: skip
    visit = Visit(
        order_id=child.id, service_on=child.service_on,
        planned_start=child.planned_start, planned_end=child.planned_end,
    )  # fmt: skip
    session.add(visit)
    session.flush()
    return visit


def _served(session: Session, parent: Order) -> list[int]:
    done = sa.select(Assignment.worker_id).filter_by(order_id=parent.id, status="done")
    return list(session.scalars(done.distinct()))
