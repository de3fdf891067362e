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
    "blocked_pair": ("customer", "customer_id"),
    "complaint": ("customer", "customer_id"),
    "customer_account": ("customer", "id"),
    "customer_order": ("customer", "customer_id"),
    "experience": ("worker", "worker_id"),
    "leave": ("worker", "worker_id"),
    "partner": ("partner", "id"),
    "payout_account": ("worker", "worker_id"),
    "preference": ("customer", "customer_id"),
    "review": ("customer", "customer_id"),
    "service_plan": ("customer", "customer_id"),
    "statement": ("worker", "worker_id"),
    "training_record": ("worker", "worker_id"),
    "worker": ("worker", "id"),
    "worker_account": ("worker_account", "id"),
    "worker_document": ("worker", "worker_id"),
}
COLUMNS: Mapping[str, frozenset[str]] = {
    # Without an owner: hidden for good.
    "ab_register_user": frozenset({"first_name", "last_name", "username", "email"}),
    "ab_user": frozenset({"first_name", "last_name", "username", "email"}),
    "address": frozenset({"label", "contact_name", "lat", "lng", "access_note"}),
    "blocked_pair": frozenset({"reason"}),
    "complaint": frozenset({"text"}),
    "customer_account": frozenset({"name", "phone_tail"}),
    "customer_order": frozenset({"note", "contact_name", "lat", "lng", "access_note"}),
    "experience": frozenset({"employer", "work"}),
    "leave": frozenset({"reason"}),
    "partner": frozenset({"contact_name"}),
    "payout_account": frozenset({"account_tail"}),
    "preference": frozenset({"note"}),
    "review": frozenset({"text"}),
    "service_plan": frozenset({"note", "request"}),
    "statement": frozenset({"dispute_text"}),
    "training_record": frozenset({"note"}),
    "worker": frozenset({"name", "home_lat", "home_lng", "introduction"}),
    "worker_account": frozenset({"phone_tail"}),
}
# Fingerprints: they open nothing, but equal values look alike. Nobody needs them in a log.
SECRET = frozenset(
    {
        "code_hash", "key_hash", "lookup_hash", "number_index", "password", "phone_index",
        "phone_tail_index", "registration_hash", "subject_index", "token_hash",
    }
)  # fmt: skip


def is_personal(table: str, column: sa.Column[Any]) -> bool:
    return isinstance(column.type, Encrypted) or column.name in COLUMNS.get(table, ())


def owner_of(row: Any) -> Person | None:
    """The person whom the row tells about."""
    kind, column = OWNER.get(row.__tablename__, ("", ""))
    key = getattr(row, column) if kind else None
    return (kind, int(key)) if key is not None else None
