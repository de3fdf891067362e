"""How much time one customer may keep, so that nobody can sweep the calendar."""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.domain.errors import RuleViolation, TooManyRequests
from app.domain.states import HoldStatus, OrderStatus
from app.extensions import db
from app.models import Order, Quote, SlotHold
from app.services import clock
from app.services.system import parameters

HOUR = timedelta(hours=1)
_HIS = (
    sa.select(SlotHold)
    .where(
        SlotHold.customer_id == sa.bindparam("customer"),
        sa.or_(
            SlotHold.status == HoldStatus.LIVE.value, SlotHold.created_at > sa.bindparam("since")
        ),
    )
    .order_by(SlotHold.id)
)
_UNPAID = sa.select(sa.func.count(Order.id)).where(
    Order.customer_id == sa.bindparam("customer"),
    Order.status == OrderStatus.PENDING_PAYMENT.value,
    Order.source == "app",
)


def service_key(quote: Quote) -> str:
    """Names the services of a quote."""
    return ",".join(map(str, sorted(_services(quote.content["items"]))))


def of_customer(customer_id: int) -> Sequence[SlotHold]:
    """What he keeps, also when its time is over, and all that he chose in the last hour."""
    since = clock.now() - HOUR
    return db.session.scalars(_HIS, {"customer": customer_id, "since": since}).all()


def replaced_by(quote: Quote, among: Sequence[SlotHold] | None = None) -> Sequence[SlotHold]:
    """What the customer keeps for one of the same services: a new hold ends it."""
    wanted = _services(quote.content["items"])
    return [
        hold
        for hold in (of_customer(quote.customer_id) if among is None else among)
        if hold.status == HoldStatus.LIVE
        and (not hold.service_key or wanted & set(map(int, hold.service_key.split(","))))
    ]


def check(customer_id: int, his: Sequence[SlotHold]) -> None:
    """Before another hold, beside those that are `his`.

    Raises RuleViolation (holds_most, unpaid_orders), TooManyRequests.
    """
    most, now = parameters.get("booking.holds_most"), clock.now()
    live = [hold for hold in his if hold.status == HoldStatus.LIVE and hold.expires_at > now]
    if len(live) >= most:
        raise RuleViolation(
            _l("You keep %(most)s times already. Order one, or give one back", most=most),
            code="holds_most",
            most=most,
        )
    _check_hour(his)
    unpaid = db.session.scalar(_UNPAID, {"customer": customer_id}) or 0
    if unpaid >= parameters.get("booking.unpaid_most"):
        raise RuleViolation(
            _l("Please pay or cancel your unpaid orders first"), code="unpaid_orders"
        )


def _check_hour(his: Sequence[SlotHold]) -> None:
    most, since = parameters.get("booking.holds_per_hour"), clock.now() - HOUR
    made = sorted(hold.created_at for hold in his if hold.created_at > since)[-most:]
    if len(made) >= most:
        wait = made[0] + HOUR - clock.now()
        raise TooManyRequests(
            _l("You have chosen many times in the last hour. Please wait a little"),
            code="holds_per_hour",
            retry_after_seconds=max(int(wait.total_seconds()), 1),
        )


def _services(items: Sequence[dict[str, int]]) -> set[int]:
    return {item["service_id"] for item in items}
