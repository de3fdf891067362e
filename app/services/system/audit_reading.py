"""What an audit row says, for people: personal values masked, or opened for whoever may see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag

from app.domain.actors import Actor
from app.domain.phones import masked_phone
from app.extensions import db
from app.models import AuditLog
from app.services import audit, reveals
from app.services.system import person_keys
from app.services.transactions import transaction


@dataclass(frozen=True, slots=True)
class Told:
    """One fact. `erased`: the values of a person who is not to be known any more."""

    name: str
    before: Any
    after: Any
    erased: bool = False


def masked(row: AuditLog) -> list[Told]:
    """What changed, with personal values as people may meet them anywhere."""
    return _read(row, _masked)


def opened(row: AuditLog, *, reason: str, actor: Actor) -> list[Told]:
    """What is personal in the row, in clear; who asked and why is kept, and counted as a look.

    Raises TooManyRequests above security.reveals_per_hour.
    """
    with transaction(actor) as session:
        reveals.check_number(session, actor)
        audit.record("reveal", "audit_log", row.id, {"reason": reason}, actor=actor)
    return [told for told in _read(row, lambda _column, value: value) if _is_sealed(row, told.name)]


def has_personal(row: AuditLog) -> bool:
    return any(_is_sealed(row, name) for name in row.changes)


def pair(change: Any) -> tuple[Any, Any]:
    """[before, after]; any other fact has nothing before it."""
    if isinstance(change, list) and len(change) == 2:
        return change[0], change[1]
    return None, change


def is_sealed(value: Any) -> bool:
    return isinstance(value, Mapping) and value.keys() == {audit.SEALED}


def _is_sealed(row: AuditLog, name: str) -> bool:
    return any(is_sealed(part) for part in pair(row.changes[name]))


def _read(row: AuditLog, shown: Any) -> list[Told]:
    persons = person_keys.persons_of(row.person)
    known = person_keys.for_reading(db.session(), persons) if persons else {}
    keys = [key for person in persons if (key := known.get(person))]
    whole = keys if len(keys) == len(persons) else []
    return [_told(row, name, whole, shown) for name in row.changes]


def _told(row: AuditLog, name: str, keys: Sequence[bytes], shown: Any) -> Told:
    """`keys`: of everybody whom the row names, nothing when one was destroyed."""
    before, after = pair(row.changes[name])
    if not _is_sealed(row, name):
        return Told(name, before, after)
    if not keys:
        return Told(name, None, None, erased=True)
    column = f"{row.entity}.{name}"
    try:
        return Told(
            name, *(shown(column, _unsealed(keys, column, part)) for part in (before, after))
        )
    except InvalidTag:  # of another key than the person's: nobody can read it
        return Told(name, None, None, erased=True)


def _unsealed(keys: Sequence[bytes], column: str, part: Any) -> Any:
    if not is_sealed(part):
        return part
    return person_keys.unseal_for_all(keys, column, part[audit.SEALED])


def _masked(column: str, value: Any) -> Any:
    """Phones as on every list, of other texts the first sign, of all else nothing."""
    if value is None or value == "":
        return value
    if not isinstance(value, str):
        return audit.HIDDEN
    if column.endswith("phone"):
        return masked_phone(value)
    return f"{value[:1]}{audit.HIDDEN}"
