"""What another time costs: shown before it is asked for, charged or given back when it is agreed.

What the company or a worker wants never makes it dearer for the customer.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import RuleViolation
from app.extensions import db
from app.models import MoveRequest, Order, OrderLine, Quote
from app.services.money import refunds, subsidies, sums
from app.services.orders import coupons, events, ordering, prices, quotes
from app.services.orders.move_rules import Side
from app.services.system import notifications


def differences(order: Order, starts: Iterable[datetime], side: Side) -> dict[datetime, int]:
    """How much more, or less, the order would cost at each of these times, in fen.

    Days in a row were priced together: one of them costs the same at any time.
    """
    if order.quote is None or order.visit_count > 1:
        return dict.fromkeys(starts, 0)
    now = order.quote.total_fen
    totals = prices.totals_at(order.quote, starts)
    return {start: _for(side, total - now) for start, total in totals.items()}


def check_told(order: Order, start: datetime, side: Side, told_fen: int | None) -> int:
    """The difference. Raises RuleViolation (price_differs) when it is dearer and she was not told,
    or was told another one.
    """
    found = differences(order, [start], side)[start]
    if told_fen != found and (found > 0 or told_fen is not None):
        raise RuleViolation(
            _l("At this time it costs another price. Please look at it again"),
            code="price_differs", field="difference_fen", difference_fen=found,
        )  # fmt: skip
    return found


def keep(order: Order, row: MoveRequest, difference_fen: int) -> None:
    """The move keeps the price that was shown. Inside transaction()."""
    if difference_fen and order.quote is not None:
        timed = quotes.at_time(order.quote, row.new_start)
        db.session.flush()
        row.quote_id, row.difference_fen = timed.id, difference_fen


def apply(session: Session, order: Order, row: MoveRequest, *, actor: Actor) -> None:
    """The order costs what the move has shown. The order's row is locked."""
    if row.quote_id is None:
        return
    quote = session.get_one(Quote, row.quote_id)
    session.execute(sa.delete(OrderLine).where(OrderLine.order_id == order.id))
    ordering.add_lines(order, quote)
    order.quote_id, order.total_fen = quote.id, quote.total_fen
    order.due_fen = max(order.due_fen + row.difference_fen, 0)
    price = order.due_fen + sums.compensated_of(session, order.id)
    order.subsidy_fen = subsidies.of_quote(quote, price)
    session.flush()
    coupons.keep(session, order, quote)
    session.expire(order, ["lines", "quote"])
    told: dict[str, Any] = {"difference_fen": row.difference_fen, "total_fen": order.total_fen}
    events.record(order, "repriced", actor=actor, move=row.id, **told)
    refunds.refund_surplus(session, order, reason="cheaper", actor=actor)
    if order.unpaid_fen and order.pay_mode == "prepaid":
        notifications.notify(
            "customer", order.customer_id, "order.supplement",
            order_id=order.id, amount_fen=order.unpaid_fen,
        )  # fmt: skip


def _for(side: Side, difference_fen: int) -> int:
    return difference_fen if side == "customer" else min(difference_fen, 0)
