"""How people find orders: by number, phone or name, and by how soon they start."""

import re
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Query

from app.domain.phones import normal_phone
from app.models import CustomerAccount, Order
from app.models.crypto import blind_index
from app.services import clock
from app.views.base import RowFilter

MOST_HOURS = 24 * 365
LONGEST_NUMBER = 17
NUMBER = re.compile(r"D[0-9][0-9A-Z]{0,15}", re.IGNORECASE)  # see services.numbers


class OrderIs(RowFilter):
    """One box for a number, a phone (or its last four digits) or the customer's name."""

    name, arg_name = _l("is"), "q"

    def apply(self, query: Query[Any], value: Any) -> Query[Any]:
        return query.filter(matching(self.parse(value)))


class StartsWithin(RowFilter):
    """Visits that begin within so many hours, or should have begun."""

    name, arg_name, control = _l("is"), "lt", "number"

    def parse(self, text: str) -> int:
        hours = int(text)
        if not 0 <= hours <= MOST_HOURS:
            raise ValueError("not a number of hours")
        return hours

    def apply(self, query: Query[Any], value: Any) -> Query[Any]:
        hours = self.parse(value) if isinstance(value, str) else value
        return query.filter(Order.planned_start < clock.now() + timedelta(hours=hours))


def matching(text: str) -> Any:
    """SQL for the orders that somebody means by the text."""
    if NUMBER.fullmatch(text):
        # A range, not a pattern: it uses the index, whatever the database's collation is.
        return Order.number.between(text.upper(), text.upper() + "Z" * LONGEST_NUMBER)
    account = sa.select(CustomerAccount.id).where(customer_condition(text))
    return Order.customer_id.in_(account)


def customer_condition(text: str) -> Any:
    whole = normal_phone(text)
    if whole:
        return CustomerAccount.phone_index == blind_index("phone", whole)
    if len(text) == 4 and text.isascii() and text.isdigit():
        return CustomerAccount.phone_tail_index == blind_index("phone_tail", text)
    return CustomerAccount.name.icontains(text, autoescape=True)
