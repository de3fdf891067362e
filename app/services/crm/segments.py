"""Customers that are alike: by rules, asked anew each time."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from app.domain.actors import Actor
from app.extensions import db
from app.models import CustomerAccount, CustomerTag, Order
from app.services import access, clock

NUMBERS = ("orders_from", "orders_to", "quiet_days", "recent_days", "joined_days")
RULES = ("branch", *NUMBERS, "spent_from_fen", "tags")
Condition = sa.ColumnElement[bool]


def count(rules: Mapping[str, Any], *, actor: Actor) -> int:
    """How many active customers meet the rules now, among those whom the actor may see."""
    customers = sa.select(sa.func.count(CustomerAccount.id)).where(
        CustomerAccount.status == "active",
        access.condition(CustomerAccount, actor),
        *conditions(rules),
    )
    return db.session.scalar(customers) or 0


def conditions(rules: Mapping[str, Any]) -> list[Condition]:
    """SQL for each rule; all of them must hold."""
    return [_condition(name, value) for name, value in rules.items() if name in RULES]


def _condition(name: str, value: Any) -> Condition:
    match name:
        case "branch":
            return CustomerAccount.branch_id == value
        case "joined_days":
            return CustomerAccount.created_at >= clock.now() - timedelta(days=value)
        case "tags":
            return CustomerAccount.id.in_(
                sa.select(CustomerTag.customer_id).where(CustomerTag.tag_id.in_(value))
            )
        case "recent_days":
            return CustomerAccount.id.in_(_ordered_within(value))
        case "quiet_days":
            return CustomerAccount.id.not_in(_ordered_within(value))
    return _of_orders(name, value)


def _ordered_within(days: int) -> sa.Select[tuple[int]]:
    return sa.select(Order.customer_id).where(
        Order.created_at >= clock.now() - timedelta(days=days)
    )


def _of_orders(name: str, value: int) -> Condition:
    number: Any = sa.func.count(Order.id)
    paid: Any = sa.func.coalesce(sa.func.sum(Order.captured_fen - Order.refunded_fen), 0)
    orders = (
        sa.select(number if name.startswith("orders") else paid)
        .where(Order.customer_id == CustomerAccount.id, Order.status == "completed")
        .scalar_subquery()
    )
    most: Condition = orders <= value
    least: Condition = orders >= value
    return most if name == "orders_to" else least
