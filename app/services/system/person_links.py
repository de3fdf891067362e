"""From what somebody wrote about to the person whom it concerns: an order's is its customer."""

from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.models import Complaint, Order, Review, ServicePlan, Visit, Withdrawal
from app.models.audit import PERSON_KINDS
from app.models.personal import Person

# Kind -> (kind of person, rows of its key and the person's).
LINKS: Mapping[str, tuple[str, sa.Select[tuple[int, int]]]] = {
    "complaint": ("customer", sa.select(Complaint.id, Complaint.customer_id)),
    "order": ("customer", sa.select(Order.id, Order.customer_id)),
    "plan": ("customer", sa.select(ServicePlan.id, ServicePlan.customer_id)),
    "review": ("customer", sa.select(Review.id, Review.customer_id)),
    "visit": ("customer", sa.select(Visit.id, Order.customer_id).join(Order)),
    "withdrawal": ("worker", sa.select(Withdrawal.id, Withdrawal.worker_id)),
}


def persons(session: Session, about: Iterable[Person]) -> Mapping[Person, Person]:
    """{what was written about: the person}; what concerns nobody, as a rule of the house, lacks."""
    found: dict[Person, Person] = {}
    wanted: dict[str, set[int]] = {}
    for kind, key in about:
        if kind in PERSON_KINDS:
            found[kind, key] = (kind, key)
        elif kind in LINKS:
            wanted.setdefault(kind, set()).add(key)
    for kind, keys in wanted.items():
        person, rows = LINKS[kind]
        key_column = rows.selected_columns[0]
        for key, person_id in session.execute(rows.where(key_column.in_(keys))):
            found[kind, key] = (person, person_id)
    return found
