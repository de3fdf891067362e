"""Checks of what the product does by itself: nothing may be stuck without a person knowing."""

from collections.abc import Mapping

import sqlalchemy as sa

from app.models import Outbox, Timer
from app.services.system.findings import Asked, Check, constant, total


@constant
def timers_do_not_fail() -> Asked:
    """No timer has failed for good; an administrator can let it fire again."""
    statuses = ("waiting", "fired", "failed")
    figures = sa.select(*(total(1, Timer.status == status).label(status) for status in statuses))
    return figures, sa.select(Timer.id).where(Timer.status == "failed")


@constant
def messages_arrive() -> Asked:
    """No message of the outbox was given up; an administrator can deliver it again."""
    arrived = Outbox.delivered_at.is_not(None)
    figures = sa.select(
        total(1, arrived).label("delivered"), total(1, ~arrived).label("waiting")
    ).select_from(Outbox)
    given_up = sa.select(Outbox.id).where(Outbox.given_up_at.is_not(None), ~arrived)
    return figures, given_up


CHECKS: Mapping[str, Check] = {
    "timers_do_not_fail": timers_do_not_fail,
    "messages_arrive": messages_arrive,
}
