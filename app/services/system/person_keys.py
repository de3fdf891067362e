"""Keys of persons: what is personal in the audit log can be read as long as its key exists."""

import base64
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.models import PersonKey
from app.models.base import now
from app.models.crypto import seal_text, unseal_text
from app.models.personal import Person

KEPT = "person_keys"  # in session.info, for the time of one transaction() block
_WRAPPED = sa.select(PersonKey.person_id, PersonKey.wrapped).where(
    PersonKey.kind == sa.bindparam("kind"),
    PersonKey.person_id.in_(sa.bindparam("ids", expanding=True)),
)
Keys = Mapping[Person, bytes | None]


def name_of(person: Person) -> str:
    return f"{person[0]}:{person[1]}"


def names_of(persons: Iterable[Person]) -> str:
    return ",".join(name_of(person) for person in persons)


def persons_of(names: str) -> list[Person]:
    """The people whom an audit row names: mostly one, or nobody."""
    parts = (name.partition(":") for name in names.split(","))
    return [(kind, int(key)) for kind, _colon, key in parts if key.isdigit()]


def for_writing(session: Session, persons: Iterable[Person]) -> Keys:
    """The keys of these persons, made where there were none; None for a destroyed one.

    Not kept beyond the transaction: a new key that is rolled back must not seal anything.
    """
    known = _kept(session)
    wanted = set(persons) - known.keys()
    if wanted:
        known |= _read(session, wanted)
        missing = sorted(wanted - known.keys())
        if missing:
            session.execute(_insert(session), [_new(person) for person in missing])
            # Somebody else may have made one at the same moment: theirs counts.
            known |= _read(session, missing)
    return known


def forget(session: Session, person: Person) -> None:
    """This transaction must not use a key any more that it has destroyed."""
    _kept(session)[person] = None


def for_reading(session: Session, persons: Iterable[Person]) -> Keys:
    """The keys that exist. Who was erased has None, or is not there at all."""
    return _read(session, set(persons))


def seal_for_all(keys: Iterable[bytes], column: str, value: Any) -> str:
    """One cover in another: without any of the keys nobody can read it."""
    for key in keys:
        value = seal(key, column, value)
    return str(value)


def unseal_for_all(keys: Sequence[bytes], column: str, stored: str) -> Any:
    """Raises cryptography's InvalidTag as `unseal`."""
    value: Any = stored
    for key in reversed(keys):
        value = unseal(key, column, value)
    return value


def seal(key: bytes, column: str, value: Any) -> str:
    """Encrypt a value of the audit log; `column` ("table.column") is authenticated with it."""
    nonce = os.urandom(12)
    plain = json.dumps(value, ensure_ascii=False).encode()
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, plain, column.encode())).decode()


def unseal(key: bytes, column: str, stored: str) -> Any:
    """Raises cryptography's InvalidTag for another key or column."""
    raw = base64.b64decode(stored)
    return json.loads(AESGCM(key).decrypt(raw[:12], raw[12:], column.encode()))


def _kept(session: Session) -> dict[Person, bytes | None]:
    """What this transaction (or its present savepoint) knows already."""
    now_open = (session.get_transaction(), session.get_nested_transaction())
    kept = session.info.get(KEPT)
    if kept is None or kept[0] != now_open:
        kept = session.info[KEPT] = (now_open, {})
    known: dict[Person, bytes | None] = kept[1]
    return known


def _read(session: Session, persons: Iterable[Person]) -> dict[Person, bytes | None]:
    by_kind: dict[str, list[int]] = {}
    for kind, person_id in persons:
        by_kind.setdefault(kind, []).append(person_id)
    found: dict[Person, bytes | None] = {}
    for kind, ids in by_kind.items():
        for person_id, wrapped in session.execute(_WRAPPED, {"kind": kind, "ids": ids}):
            found[kind, person_id] = _unwrap((kind, person_id), wrapped) if wrapped else None
    return found


def _new(person: Person) -> dict[str, Any]:
    key = base64.b64encode(os.urandom(32)).decode()
    wrapped = seal_text(_purpose(person), key)
    return {
        "kind": person[0], "person_id": person[1], "wrapped": wrapped, "created_at": now(),
    }  # fmt: skip


def _insert(session: Session) -> Any:
    """An insert that leaves alone what exists."""
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(PersonKey).on_conflict_do_nothing()


def _unwrap(person: Person, wrapped: str) -> bytes:
    return base64.b64decode(unseal_text(_purpose(person), wrapped))


def _purpose(person: Person) -> str:
    return f"person_key:{name_of(person)}"
