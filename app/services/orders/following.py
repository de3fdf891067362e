"""An order of several visits follows the next of them: its times, its lead and its status."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.states import OrderStatus, VisitStatus
from app.extensions import db
from app.models import Order, Visit
from app.services import clock
from app.services.dispatch import crew, dispatching
from app.services.orders import events, lateness, searching


def next_of(order: Order) -> Visit | None:
    """The visit that is under way, else the next one; None when no visit remains."""
    visits = sa.select(Visit).where(Visit.order_id == order.id, Visit.status.in_(crew.UNDER_WAY))
    return db.session.scalars(visits.order_by(Visit.planned_start, Visit.id).limit(1)).first()


def follow(order: Order) -> Visit | None:
    """The order's own times become those of its next visit; the promised window goes with them."""
    visit = next_of(order)
    if visit is not None:
        way = visit.planned_start - order.planned_start
        order.promised_from, order.promised_to = order.promised_from + way, order.promised_to + way
        order.planned_start, order.planned_end = visit.planned_start, visit.planned_end
        order.service_on = clock.city_date(visit.planned_start)
    return visit


def go_on(order: Order, kind: str, *, actor: Actor, reason: str = "", **told: Any) -> None:
    """Tell what has happened; the status becomes what the next visit asks for.

    Somebody is looked for where a crew is not complete, whichever visit it is. The order's row is
    locked, and some visit remains.
    """
    visit = follow(order)
    order.lead_worker_id = crew.lead_of(order.id)
    lacking = crew.lacking(order)
    after = _status(order, visit, visit in lacking)
    first = _served(order, after)
    if first == order.status:
        events.record(order, kind, actor=actor, reason=reason, **told)
    else:
        events.change_status(order, first, kind, actor=actor, reason=reason, **told)
    if after != first:
        events.change_status(order, after, "looking_again", actor=actor)
    if after == OrderStatus.ACCEPTED:
        lateness.watch(order)
    if lacking:
        order.dispatch_round, order.unassigned_reason = 0, ""
        searching.begin(order)


def which(order: Order, visits: Sequence[Visit]) -> dict[str, Any]:
    """Which visits it is about, where there are several."""
    several = order.visit_count > 1
    return {"visits": [visit.sequence for visit in visits]} if several else {}


def _status(order: Order, visit: Visit | None, lacks: bool) -> OrderStatus:
    present = OrderStatus(order.status)
    if visit is not None and visit.status == VisitStatus.IN_SERVICE:
        return present
    if lacks:
        offered = dispatching.live_offers(order.id) > 0
        return OrderStatus.OFFERED if offered else OrderStatus.PENDING_DISPATCH
    on_the_way = visit is not None and visit.status == VisitStatus.EN_ROUTE
    return OrderStatus.EN_ROUTE if on_the_way else OrderStatus.ACCEPTED


def _served(order: Order, after: OrderStatus) -> OrderStatus:
    """After a visit that is done the order is accepted, if only until somebody is looked for."""
    served = order.status == OrderStatus.IN_SERVICE and after != OrderStatus.IN_SERVICE
    return OrderStatus.ACCEPTED if served else after
