"""Which values say something about a person, and about whom.

In the audit log they are encrypted with that person's key. Encrypted columns are personal by
themselves; here stand the others, and the owner of each row.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from app.models.crypto import Encrypted

Person = tuple[str, int]  # (kind, id), see PersonKey

# Table -> (kind of person, column with the person's id).
OWNER: Mapping[str, tuple[str, str]] = {
    "ab_user": ("staff", "id"),
    "address": ("customer", "customer_id"),
    "blocked_time": ("worker", "worker_id"),
    "customer_account": ("customer", "id"),
    "customer_order": ("customer", "customer_id"),
    "experience": ("worker", "worker_id"),
    "leave": ("worker", "worker_id"),
    "partner": ("partner", "id"),
    "payout_account": ("worker", "worker_id"),
    "preference": ("customer", "customer_id"),
    "service_plan": ("customer", "customer_id"),
    "statement": ("worker", "worker_id"),
    "training_record": ("worker", "worker_id"),
    "worker": ("worker", "id"),
    "worker_account": ("worker_account", "id"),
    "worker_document": ("worker", "worker_id"),
}
# What staff, customers and workers write in free words: about whom, the row says. (kind, column
# with the key); "@column" holds the kind. A kind that is no person leads to people, as an order to
# its customer and to who leads its crew: person_links. One of each kind is meant, the first that
# is there; without any nobody is.
ABOUT: Mapping[str, tuple[tuple[str, str], ...]] = {
    "adjustment": (("worker", "worker_id"), ("partner", "partner_id")),
    "approval": (("@subject_kind", "subject_id"),),
    "assignment": (("worker", "worker_id"), ("order", "order_id")),
    "blocked_pair": (("customer", "customer_id"), ("worker", "worker_id")),
    "cancellation": (("order", "order_id"),),
    "check_event": (("worker", "worker_id"), ("visit", "visit_id")),
    "checklist_answer": (("worker", "worker_id"), ("visit", "visit_id")),
    "complaint": (("customer", "customer_id"), ("worker", "worker_id")),
    "complaint_event": (("complaint", "complaint_id"),),
    "consent": (("customer", "customer_id"), ("worker", "worker_id")),
    "corrective_action": (("complaint", "complaint_id"),),
    "feedback": (("@actor_kind", "actor_id"),),
    "incident": (("worker", "worker_id"), ("order", "order_id")),
    "move_request": (("order", "order_id"),),
    "note": (("@subject_kind", "subject_id"),),
    "offer": (("worker", "worker_id"), ("order", "order_id")),
    "order_event": (("order", "order_id"), ("@actor_kind", "actor_id")),
    "plan_event": (("plan", "plan_id"),),
    "refund": (("order", "order_id"),),
    "review": (("customer", "customer_id"), ("worker", "worker_id")),
    "review_appeal": (("review", "review_id"),),
    "review_reply": (("review", "review_id"),),
    "reward": (("worker", "worker_id"),),
    "visit_note": (("worker", "worker_id"), ("visit", "visit_id")),
}
COLUMNS: Mapping[str, frozenset[str]] = {
    # Without an owner: hidden for good.
    "ab_register_user": frozenset({"first_name", "last_name", "username", "email"}),
    "ab_user": frozenset({"first_name", "last_name", "username", "email"}),
    "adjustment": frozenset({"reason"}),
    "approval": frozenset({"payload", "summary", "reason", "decision_note"}),
    "assignment": frozenset({"ended_reason"}),
    "cancellation": frozenset({"reason"}),
    "check_event": frozenset({"lat", "lng"}),
    "checklist_answer": frozenset({"note"}),
    "complaint_event": frozenset({"text"}),
    "consent": frozenset({"address"}),
    "corrective_action": frozenset({"text", "outcome"}),
    "feedback": frozenset({"text", "answer"}),
    "incident": frozenset({"text", "outcome"}),
    "move_request": frozenset({"reason", "answer_note"}),
    "note": frozenset({"text"}),
    "offer": frozenset({"reason_text"}),
    "order_event": frozenset({"reason", "lat", "lng"}),
    "plan_event": frozenset({"reason"}),
    "refund": frozenset({"reason"}),
    "review_appeal": frozenset({"reason", "decision"}),
    "review_reply": frozenset({"text"}),
    "reward": frozenset({"reason"}),
    "visit_note": frozenset({"text"}),
    "address": frozenset({"label", "contact_name", "lat", "lng", "access_note"}),
    "blocked_pair": frozenset({"reason"}),
    "blocked_time": frozenset({"reason"}),
    "complaint": frozenset({"text", "proposal", "result"}),
    "customer_account": frozenset({"name", "phone_tail"}),
    "customer_order": frozenset({"note", "contact_name", "lat", "lng", "access_note"}),
    "experience": frozenset({"employer", "work"}),
    "leave": frozenset({"reason"}),
    "partner": frozenset({"contact_name", "account_tail"}),
    "payout_account": frozenset({"account_tail"}),
    "preference": frozenset({"note"}),
    "review": frozenset({"text"}),
    "service_plan": frozenset({"note", "request"}),
    "statement": frozenset({"dispute_text"}),
    "training_record": frozenset({"note"}),
    "worker": frozenset({"name", "home_lat", "home_lng", "introduction"}),
    "worker_account": frozenset({"phone_tail"}),
}
# Whose reason is as often a code of ours as a sentence.
CODED = frozenset({"order_event", "plan_event"})
# Fingerprints: they open nothing, but equal values look alike. Nobody needs them in a log.
SECRET = frozenset(
    {
        "code_hash", "key_hash", "lookup_hash", "number_index", "password", "phone_index",
        "phone_tail_index", "registration_hash", "subject_index", "token_hash",
    }
)  # fmt: skip


def is_personal(table: str, column: sa.Column[Any]) -> bool:
    return isinstance(column.type, Encrypted) or column.name in COLUMNS.get(table, ())


def owners_of(row: Any) -> tuple[Person, ...]:
    """Whom the row tells about; of free words also rows that lead to people."""
    table = row.__tablename__
    places = (OWNER[table],) if table in OWNER else ABOUT.get(table, ())
    return tuple(
        (getattr(row, kind[1:]) if kind.startswith("@") else kind, int(key))
        for kind, column in places
        if (key := getattr(row, column)) is not None
    )
