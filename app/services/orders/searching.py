"""The search for somebody who takes an order: how it begins, and how long it lasts.

What happens when it lasts too long is in `giving_up`.
"""

from datetime import datetime, timedelta
from typing import Any

from app.domain.states import OrderStatus
from app.models import Order
from app.services import clock
from app.services.dispatch import crew
from app.services.system import incidents, outbox, parameters, timers

KIND = "nobody_found"
ESCALATE, GIVE_UP, CHOICE = "order.escalate", "order.give_up", "order.choice_over"
TIMERS = (ESCALATE, GIVE_UP, CHOICE)
SOUGHT = (OrderStatus.PENDING_DISPATCH, OrderStatus.OFFERED)


def begin(order: Order) -> None:
    """Look for somebody, until the visit is near. The order's row is locked."""
    if escalate_at(order) > clock.now():
        end(order)
    timers.set_timer(ESCALATE, order.id, escalate_at(order), instead_of=TIMERS)
    outbox.put("order.dispatch", order.id)


def begin_first(order: Order) -> None:
    """For an order that was made in this transaction: nothing was begun before."""
    timers.set_first_timer(ESCALATE, order.id, escalate_at(order))
    outbox.put("order.dispatch", order.id)


def end(order: Order) -> None:
    """Somebody was found, or is not needed any more. The order's row is locked."""
    if order.urgent:
        incidents.end(order.id, KIND)
    order.urgent = False


def ask_to_choose(order: Order, kind: str, **told: Any) -> None:
    """Nobody comes: she is asked for another time, somebody else or her money back."""
    outbox.put("order.choose", order.id, kind=kind, **told)


def escalate_at(order: Order) -> datetime:
    """From then on a person looks after it, too; for a visit that is nearer: at once."""
    return wanted_start(order) - timedelta(minutes=parameters.get("dispatch.escalate_minutes"))


def give_up_at(order: Order) -> datetime:
    """From then on nobody is looked for."""
    return wanted_start(order) - timedelta(minutes=parameters.get("dispatch.give_up_minutes"))


def wanted_start(order: Order) -> datetime:
    """When the first visit begins that lacks somebody."""
    lacking = crew.lacking(order) if order.visit_count > 1 else []
    return lacking[0].planned_start if lacking else order.planned_start


def offer_time(order: Order) -> timedelta:
    """How long a worker may think about an offer; less for a visit that is to begin soon."""
    soon = timedelta(minutes=parameters.get("booking.instant_minutes"))
    instant = wanted_start(order) - clock.now() <= soon
    kind = "instant_offer_minutes" if instant else "offer_minutes"
    return timedelta(minutes=parameters.get(f"dispatch.{kind}"))
