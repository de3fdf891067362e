"""Every change of every row becomes an audit row, in the same transaction.

Bulk statements do not pass the ORM's listeners: whoever writes one calls `record` himself.
"""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask import has_request_context, request
from flask_login import current_user
from sqlalchemy.orm import Session, UOWTransaction

from app.domain.actors import SYSTEM, Actor
from app.extensions import db
from app.models import AuditLog
from app.models.base import now
from app.models.crypto import Encrypted

HIDDEN = "***"
SECRET_COLUMNS = {"password", "token_hash", "code_hash", "phone_index", "phone_tail_index"}
# Counters of the login itself; log-ins have audit rows of their own.
UNTOLD_COLUMNS = {"version", "last_login", "login_count", "fail_login_count"}


def install() -> None:
    """Listen to every session of the process. Safe to call again."""
    if not sa.event.contains(Session, "after_flush", _after_flush):
        sa.event.listen(Session, "after_flush", _after_flush)


def record(
    action: str, entity: str, entity_id: Any, changes: dict[str, Any], *, actor: Actor
) -> None:
    """Write an audit row for what is not a change of one row: a login, an export, a reveal."""
    db.session.execute(sa.insert(AuditLog), [_row(actor, action, entity, entity_id, changes)])


def _after_flush(session: Session, context: UOWTransaction) -> None:
    actor = session.info.get("actor") or _signed_in()
    rows = [
        _row(actor, action, row.__tablename__, _key(row), changes)
        for action, rows_of in (
            ("insert", session.new),
            ("update", session.dirty),
            ("delete", session.deleted),
        )
        for row in rows_of
        if getattr(row, "audited", True) and (changes := _changes(row, action)) is not None
    ]
    if rows:
        session.execute(sa.insert(AuditLog), rows)


def _row(
    actor: Actor, action: str, entity: str, entity_id: Any, changes: dict[str, Any]
) -> dict[str, Any]:
    return {
        "at": now(),
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "address": (request.remote_addr or "") if has_request_context() else "",
        "action": action,
        "entity": entity,
        "entity_id": str(entity_id),
        "changes": changes,
    }


def _signed_in() -> Actor:
    """FAB changes its own tables outside our transactions: take the user of the request."""
    if has_request_context() and getattr(current_user, "is_authenticated", False):
        return Actor("staff", current_user.id)
    return SYSTEM


def _key(row: Any) -> str:
    key = sa.inspect(row).mapper.primary_key_from_instance(row)
    return "/".join(str(part) for part in key)


def _changes(row: Any, action: str) -> dict[str, Any] | None:
    """{column: [before, after]}, or None when nothing that matters changed."""
    state = sa.inspect(row)
    told: dict[str, Any] = {}
    for attribute in state.mapper.column_attrs:
        column = attribute.columns[0]
        if column.name in UNTOLD_COLUMNS:
            continue
        history = state.attrs[attribute.key].history
        if action == "update" and not history.has_changes():
            continue
        before = history.deleted[0] if history.deleted else None
        after = history.added[0] if history.added else None
        if action == "delete":
            before, after = getattr(row, attribute.key), None
        if before is None and after is None:
            continue
        told[column.name] = [_plain(column, before), _plain(column, after)]
    return told or (None if action == "update" else {})


def _plain(column: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, Encrypted) or column.name in SECRET_COLUMNS:
        return HIDDEN
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (str, int, float, bool, list, dict)):
        return value
    return str(value)
