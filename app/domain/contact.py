"""When two people of an order may see each other's phone."""

from datetime import datetime, timedelta

from app.domain.states import OrderStatus

VISIBLE_AFTER = timedelta(hours=24)
WHILE_SERVED = frozenset(
    {
        OrderStatus.ACCEPTED,
        OrderStatus.EN_ROUTE,
        OrderStatus.IN_SERVICE,
        OrderStatus.PENDING_CONFIRM,
        OrderStatus.EXCEPTION,
    }
)


def phone_visible(status: str, completed_at: datetime | None, now: datetime) -> bool:
    """From acceptance until a day after the order is completed."""
    if status == OrderStatus.COMPLETED:
        return completed_at is not None and now < completed_at + VISIBLE_AFTER
    return status in WHILE_SERVED
