"""What is kept about a person: told, emptied, and made unreadable in the audit log, for ever.

Whose a row is, and what in it is personal, stands in `models/personal.py`. Who may be erased, and
when, is for `customers/erasing.py` and `workers/erasing.py` to say.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.extensions import db
from app.models import (
    CustomerAccount,
    IdempotencyKey,
    Notification,
    PersonKey,
    ServicePlan,
    guards,
)
from app.models.audit import PERSON_KINDS
from app.models.crypto import Encrypted
from app.models.personal import ABOUT, CODED, OWNER, SECRET, Person, is_personal
from app.services import audit, clock
from app.services.system import person_keys
from app.services.transactions import transaction

# Kind of row -> the keys of those that are the person's, as "customer" -> his, "order" -> his.
Keys = Mapping[str, sa.Select[Any]]
Told = dict[str, list[dict[str, Any]]]
COARSE = 1  # decimals of a degree that stay of a place, about 11 km
CODE = re.compile(r"[a-z]+([_.][a-z]+)*")


def told_of(keys: Keys) -> Told:
    """All that is kept about a person, table by table, in plain JSON."""
    kept: Told = {}
    for row in _rows_about(db.session(), keys):
        told = {
            column.name: _plain(getattr(row, column.name))
            for column in row.__table__.columns
            if column.name not in SECRET
        }
        kept.setdefault(row.__tablename__, []).append(told)
    return kept


def hand_over(row: Any, told: Told, *, actor: Actor) -> Told:
    """Write down who took the data of this person; the data themselves are not written."""
    facts = {"rows": {table: len(rows) for table, rows in told.items()}}
    with transaction(actor):
        audit.record("export", row.__tablename__, row.id, facts, actor=actor)
    return told


def empty(session: Session, keys: Keys) -> None:
    """Take everything personal out of the rows about a person; forget the messages to him, and the
    answers that are kept for repeated commands.

    What is never changed otherwise (the story of an order, a visit's notes) keeps what happened,
    when, and loses its words and places: its rule is taken back for the time of this transaction.
    """
    rows = list(_rows_about(session, keys))
    proofs = {row.__tablename__ for row in rows if getattr(row, "append_only", False)}
    with guards.lifted(session.connection(), *sorted(proofs)):
        for row in rows:
            _blank(row)
        session.flush()
    for kind, ids in keys.items():
        told = sa.delete(Notification).where(
            Notification.recipient_kind == kind, Notification.recipient_id.in_(ids)
        )
        session.execute(told.execution_options(synchronize_session=False))
        owners = [f"{kind}:{key}" for key in session.scalars(ids)] if kind in PERSON_KINDS else ()
        answers = sa.delete(IdempotencyKey).where(IdempotencyKey.owner.in_(owners))
        session.execute(answers.execution_options(synchronize_session=False))


def erase_from_audit(person: Person, *, actor: Actor) -> None:
    """Destroy the person's key. The rows stay, and so do the seals over them.

    A worker is ("worker", worker's id) and ("worker_account", account's id). May be repeated.
    """
    kind, person_id = person
    with transaction(actor) as session:
        person_keys.for_writing(session, [person])  # so that no key is made later
        destroyed = (
            sa.update(PersonKey)
            .where(
                PersonKey.kind == kind,
                PersonKey.person_id == person_id,
                PersonKey.destroyed_at.is_(None),
            )
            .values(wrapped=None, destroyed_at=clock.now())
        )
        if session.execute(destroyed).rowcount:  # type: ignore[attr-defined]
            audit.record("erase", "person_key", person_keys.name_of(person), {}, actor=actor)
        person_keys.forget(session, person)


def _rows_about(session: Session, keys: Keys) -> Iterator[Any]:
    for mapper in sorted(CustomerAccount.registry.mappers, key=lambda one: one.local_table.name):
        wanted = _about(mapper.local_table, keys)
        if wanted:
            rows = sa.select(mapper.class_).where(sa.or_(*wanted))
            yield from session.scalars(rows.order_by(mapper.class_.id)).all()


def _about(table: Any, keys: Keys) -> list[sa.ColumnElement[bool]]:
    """The conditions under which a row of the table is about one of these."""
    wanted: list[sa.ColumnElement[bool]] = []
    for kind, column in _places(table.name):
        if kind.startswith("@"):
            wanted += [
                sa.and_(table.c[kind[1:]] == one, table.c[column].in_(ids))
                for one, ids in keys.items()
            ]
        elif kind in keys:
            wanted.append(table.c[column].in_(keys[kind]))
    return wanted


def _places(table: str) -> Iterable[tuple[str, str]]:
    return (OWNER[table],) if table in OWNER else ABOUT.get(table, ())


def _blank(row: Any) -> None:
    for column in row.__table__.columns:
        if column.name in SECRET and column.nullable:
            setattr(row, column.name, None)
        elif is_personal(row.__tablename__, column):
            _blank_one(row, column, getattr(row, column.name))


def _blank_one(row: Any, column: sa.Column[Any], value: Any) -> None:
    if isinstance(value, float):
        setattr(row, column.name, round(value, COARSE))
    elif isinstance(value, (dict, list)):
        # What was ordered of a plan stays, as the orders' own lines do.
        if row.__tablename__ != ServicePlan.__tablename__:
            setattr(row, column.name, {})
    elif value is not None and not (row.__tablename__ in CODED and CODE.fullmatch(value)):
        empty = None if isinstance(column.type, Encrypted) and column.nullable else ""
        setattr(row, column.name, empty)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
