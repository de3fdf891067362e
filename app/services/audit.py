"""Every change of every row becomes an audit row, in the same transaction.

Bulk statements do not pass the ORM's listeners: whoever writes one calls `record` himself.
Tables whose model says `audited = False` are left out, each for a reason in docs/audit.md.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask import has_request_context, request
from flask_login import current_user
from sqlalchemy.orm import LoaderCallableStatus, Session, UOWTransaction

from app.domain.actors import SYSTEM, Actor
from app.extensions import db
from app.models import AuditLog
from app.models.base import now
from app.models.personal import ABOUT, OWNER, SECRET, Person, is_personal, owners_of
from app.services.system import audit_rows, person_keys, person_links

HIDDEN = "***"
SEALED = "sealed"  # {"sealed": text}: a personal value, see person_keys
# Log-ins have audit rows of their own, and a row has its time.
UNTOLD_COLUMNS = {
    "version",
    "last_login",
    "login_count",
    "fail_login_count",
    "changed_on",
    "created_on",
    "created_at",
}
WORDS = frozenset({"reason"})  # facts in which somebody may be named
LONGEST_ADDRESS = 64
LONGEST_KEY = 64
# The table's own insert: made and compiled once, and it does not flush what is still changing.
_INSERT = sa.insert(AuditLog.__table__)


@dataclass(frozen=True, slots=True)
class _Value:
    """A personal value that still has to be encrypted."""

    column: str
    plain: Any


@dataclass(frozen=True, slots=True)
class _Change:
    action: str
    row: Any
    told: dict[str, Any]
    about: tuple[Person, ...]  # or what leads to them


def install() -> None:
    """Listen to every session of the process. Safe to call again."""
    if not sa.event.contains(Session, "after_flush", _after_flush):
        sa.event.listen(Session, "before_flush", _before_flush)
        sa.event.listen(Session, "after_flush", _after_flush)


def record(
    action: str,
    entity: str,
    entity_id: Any,
    changes: Mapping[str, Any],
    *,
    about: Person | None = None,
    actor: Actor,
) -> None:
    """Write an audit row for what is not a change of one row. Needs an open transaction().

    Stable actions: login, login_failed, logout, refusal (a permission that staff lack), booking,
    payment, export, reveal; of other verbs see views/labels_events.AUDIT_ACTION. `changes` are
    facts {name: value} or {name: [before, after]}, in plain JSON. Nothing personal: keys, not
    names. Words `about` a person, or an order and so its people, rest under their keys.
    """
    facts = audit_rows.plain(dict(changes))
    persons: tuple[Person, ...] = ()
    if about:
        session = db.session()
        people = person_links.persons(session, [about]).get(about, [])
        keys = person_keys.for_writing(session, people)
        persons = person_links.one_of_each_kind(people)
        for name in WORDS & facts.keys():
            value = _Value(f"{entity}.{name}", facts[name])
            facts[name] = _sealed_one(value, [keys[person] for person in persons])
    row = _row(actor, action, entity, entity_id, facts, persons)
    db.session().connection().execute(_INSERT, [row])


def _before_flush(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    for row in session.dirty:
        if getattr(row, "audited", True):
            _remember_before(session, row)


def _remember_before(session: Session, row: Any) -> None:
    """A value that was set without having been loaded: ask for it while it is still there."""
    state = sa.inspect(row)
    unknown = [
        attribute
        for attribute in _plan(state.mapper).told
        if state.committed_state.get(attribute.key) is LoaderCallableStatus.NO_VALUE
    ]
    if not unknown:
        return
    keys = zip(state.mapper.primary_key, state.identity, strict=True)
    query = sa.select(*(attribute.columns[0] for attribute in unknown))
    found = session.execute(query.where(*(column == key for column, key in keys))).one_or_none()
    for attribute, value in zip(unknown, found or (), strict=False):
        state.committed_state[attribute.key] = value


def _after_flush(session: Session, _context: UOWTransaction) -> None:
    changes = [
        _Change(action, row, told, owners_of(row))
        for action, rows_of in (
            ("insert", session.new),
            ("update", session.dirty),
            ("delete", session.deleted),
        )
        for row in rows_of
        if getattr(row, "audited", True) and (told := _told(row, action)) is not None
    ]
    if changes:
        session.connection().execute(_INSERT, _rows(session, changes))


def _rows(session: Session, changes: list[_Change]) -> list[dict[str, Any]]:
    actor = session.info.get("actor") or _signed_in()
    about = {one for change in changes if _is_personal(change.told) for one in change.about}
    people = person_links.persons(session, about)
    everybody = {person for found in people.values() for person in found}
    keys = person_keys.for_writing(session, everybody) if everybody else {}
    return [_row_of(change, people, keys, actor) for change in changes]


def _row_of(
    change: _Change, people: Mapping[Person, list[Person]], keys: person_keys.Keys, actor: Actor
) -> dict[str, Any]:
    table = change.row.__tablename__
    found = (person for one in change.about for person in people.get(one, ()))
    persons = person_links.one_of_each_kind(found)
    if not persons and table in ABOUT:
        told = {name: [_bare(part) for part in pair] for name, pair in change.told.items()}
    else:
        told = _sealed(change.told, [keys.get(person) for person in persons])
    return _row(actor, change.action, table, _key(change.row), told, persons)


def _bare(part: Any) -> Any:
    """What concerns nobody is told as it is."""
    return part.plain if isinstance(part, _Value) else part


def _row(
    actor: Actor,
    action: str,
    entity: str,
    entity_id: Any,
    changes: Any,
    persons: tuple[Person, ...],
) -> dict[str, Any]:
    address = (request.remote_addr or "") if has_request_context() else ""
    row = {
        "at": now(),
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "address": address[:LONGEST_ADDRESS],
        "action": action,
        "entity": entity,
        "entity_id": str(entity_id)[:LONGEST_KEY],
        "changes": changes,
        "person": person_keys.names_of(persons),
    }
    return {**row, "mark": audit_rows.mark_of(row)}


def _signed_in() -> Actor:
    """FAB changes its own tables outside our transactions: take the user of the request."""
    if has_request_context() and getattr(current_user, "is_authenticated", False):
        return Actor("staff", current_user.id)
    return SYSTEM


def _key(row: Any) -> str:
    key = sa.inspect(row).mapper.primary_key_from_instance(row)
    return "/".join(str(part) for part in key)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is looked at in each row of a table."""

    told: list[Any]
    collections: list[Any]


@functools.cache
def _plan(mapper: Any) -> _Plan:
    stored = [one for one in mapper.column_attrs if isinstance(one.columns[0], sa.Column)]
    told = [one for one in stored if one.columns[0].name not in UNTOLD_COLUMNS]
    tied = [one for one in mapper.relationships if one.secondary is not None and not one.viewonly]
    return _Plan(told, tied)


def _told(row: Any, action: str) -> dict[str, Any] | None:
    """{column: [before, after]}, or None when nothing that matters changed."""
    told = _columns(row, action) | _collections(row, action)
    return told or (None if action == "update" else {})


def _columns(row: Any, action: str) -> dict[str, Any]:
    state = sa.inspect(row)
    told: dict[str, Any] = {}
    for attribute in _plan(state.mapper).told:
        before, after = None, state.dict.get(attribute.key)  # also what a default has filled in
        if action == "delete":
            before, after = getattr(row, attribute.key), None
        elif action == "update":
            if attribute.key not in state.committed_state:
                continue
            history = state.attrs[attribute.key].history
            if not history.has_changes():
                continue
            before = history.deleted[0] if history.deleted else None
            after = history.added[0] if history.added else None
        if before is not None or after is not None:
            column = attribute.columns[0]
            told[column.name] = [_plain(row, column, before), _plain(row, column, after)]
    return told


def _collections(row: Any, action: str) -> dict[str, Any]:
    """Relations without a row of their own: a user's roles, an area's districts."""
    state = sa.inspect(row)
    told: dict[str, Any] = {}
    for relation in _plan(state.mapper).collections:
        if relation.key not in state.dict:
            continue
        history = state.attrs[relation.key].history
        if not history.has_changes() and action != "delete":
            continue
        kept = list(history.unchanged or ())
        before = _named([*kept, *(history.deleted or ())])
        after = [] if action == "delete" else _named([*kept, *(history.added or ())])
        if before or after:
            told[relation.key] = [before, after]
    return told


def _named(rows: list[Any]) -> list[str]:
    """People by their keys, anything else by its name."""
    return sorted(_key(row) if row.__tablename__ in OWNER else str(row) for row in rows)


def _plain(row: Any, column: Any, value: Any) -> Any:
    if value is None:
        return None
    if column.name in SECRET:
        return HIDDEN
    if is_personal(row.__tablename__, column):
        return _Value(f"{row.__tablename__}.{column.name}", _json(value))
    return _json(value)


def _json(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (str, int, float, bool, list, dict)):
        return audit_rows.plain(value)
    return str(value)


def _is_personal(told: Mapping[str, Any]) -> bool:
    return any(isinstance(part, _Value) for pair in told.values() for part in pair)


def _sealed(told: Mapping[str, Any], keys: Sequence[bytes | None]) -> dict[str, Any]:
    """With the personal values encrypted; hidden for ever when a key is missing."""
    return {name: [_sealed_one(part, keys) for part in pair] for name, pair in told.items()}


def _sealed_one(part: Any, keys: Sequence[bytes | None]) -> Any:
    if not isinstance(part, _Value):
        return part
    present = [key for key in keys if key]
    if not keys or len(present) < len(keys):
        return HIDDEN
    return {SEALED: person_keys.seal_for_all(present, part.column, part.plain)}
