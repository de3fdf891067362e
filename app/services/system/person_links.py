"""From what somebody wrote about to whom it concerns: of an order, its customer and its worker."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.models import (
    AddOn,
    Adjustment,
    Complaint,
    Order,
    PaymentAttempt,
    Quote,
    Refund,
    Review,
    ServicePlan,
    Visit,
    Withdrawal,
)
from app.models.audit import PERSON_KINDS
from app.models.personal import Person

NOBODY = sa.null()
# Kind -> rows of its key, the customer's and the worker's.
LINKS: Mapping[str, sa.Select[Any]] = {
    "add_on": sa.select(AddOn.id, Order.customer_id, AddOn.worker_id).join(Order),
    "adjustment": sa.select(Adjustment.id, NOBODY, Adjustment.worker_id),
    "complaint": sa.select(Complaint.id, Complaint.customer_id, Complaint.worker_id),
    "order": sa.select(Order.id, Order.customer_id, Order.lead_worker_id),
    "payment_attempt": sa.select(PaymentAttempt.id, Order.customer_id, NOBODY).join(Order),
    "plan": sa.select(ServicePlan.id, ServicePlan.customer_id, NOBODY),
    "quote": sa.select(Quote.id, Quote.customer_id, NOBODY),
    "refund": sa.select(Refund.id, Order.customer_id, Order.lead_worker_id).join(Order),
    "review": sa.select(Review.id, Review.customer_id, Review.worker_id),
    "visit": sa.select(Visit.id, Order.customer_id, Order.lead_worker_id).join(Order),
    "withdrawal": sa.select(Withdrawal.id, NOBODY, Withdrawal.worker_id),
}


def persons(session: Session, about: Iterable[Person]) -> Mapping[Person, list[Person]]:
    """{what was written about: its people}; what concerns nobody, as a rule of the house, lacks."""
    found: dict[Person, list[Person]] = {}
    wanted: dict[str, set[int]] = {}
    for kind, key in about:
        if kind in PERSON_KINDS:
            found[kind, key] = [(kind, key)]
        elif kind in LINKS:
            wanted.setdefault(kind, set()).add(key)
    for kind, keys in wanted.items():
        rows = LINKS[kind]
        for key, customer, worker in session.execute(
            rows.where(rows.selected_columns[0].in_(keys))
        ):
            people = (("customer", customer), ("worker", worker))
            found[kind, key] = [(who, one) for who, one in people if one is not None]
    return found


def one_of_each_kind(people: Iterable[Person]) -> tuple[Person, ...]:
    """The first of each kind: whom the row itself names comes before whom it leads to."""
    found: dict[str, Person] = {}
    for person in people:
        found.setdefault(person[0], person)
    return tuple(found.values())
