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


def service_key(quote: Quote) -> str:
    """Names the services of a quote."""
    return ",".join(map(str, sorted(_services(quote.content["items"]))))


def replaced_by(quote: Quote) -> Sequence[SlotHold]:
    """What the customer keeps for one of the same services: a new hold ends it."""
    wanted = _services(quote.content["items"])
    return [
        hold
        for hold in _kept(quote.customer_id)
        if not hold.service_key or wanted & set(map(int, hold.service_key.split(",")))
    ]


def check(customer_id: int) -> None:
    """Before another hold. Raises RuleViolation (holds_most, unpaid_orders), TooManyRequests."""
    most = parameters.get("booking.holds_most")
    live = [hold for hold in _kept(customer_id) if hold.expires_at > clock.now()]
    if len(live) >= most:
        raise RuleViolation(
            _l("You keep %(most)s times already. Order one, or give one back", most=most),
            code="holds_most",
            most=most,
        )
    _check_hour(customer_id)
    unpaid = sa.select(sa.func.count(Order.id)).filter_by(
        customer_id=customer_id, status=OrderStatus.PENDING_PAYMENT.value, source="app"
    )
    if (db.session.scalar(unpaid) or 0) >= parameters.get("booking.unpaid_most"):
        raise RuleViolation(
            _l("Please pay or cancel your unpaid orders first"), code="unpaid_orders"
        )


def _check_hour(customer_id: int) -> None:
    most, since = parameters.get("booking.holds_per_hour"), clock.now() - HOUR
    recent = sa.select(SlotHold.created_at).where(
        SlotHold.customer_id == customer_id, SlotHold.created_at > since
    )
    made = db.session.scalars(recent.order_by(SlotHold.created_at.desc()).limit(most)).all()
    if len(made) >= most:
        wait = made[-1] + HOUR - clock.now()
        raise TooManyRequests(
            _l("You have chosen many times in the last hour. Please wait a little"),
            code="holds_per_hour",
            retry_after_seconds=max(int(wait.total_seconds()), 1),
        )


def _kept(customer_id: int) -> Sequence[SlotHold]:
    """What has not ended, also when its time is over."""
    kept = sa.select(SlotHold).filter_by(customer_id=customer_id, status=HoldStatus.LIVE.value)
    return db.session.scalars(kept.order_by(SlotHold.id)).all()


def _services(items: Sequence[dict[str, int]]) -> set[int]:
    return {item["service_id"] for item in items}
