"""Reading and changing the business rules."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import NotFound, RuleViolation
from app.domain.parameters import BY_KEY
from app.extensions import db
from app.models import Parameter, ParameterChange
from app.services import clock
from app.services.transactions import transaction

CACHE = "parameters"
_ALL = sa.select(Parameter.key, Parameter.value, Parameter.next_value, Parameter.next_at)


def get(key: str) -> Any:
    """The value in force. One query answers all keys of a transaction or request."""
    row = _changed().get(key)
    return BY_KEY[key].default if row is None else _in_force(row)


def set_parameter(
    key: str, value: Any, *, actor: Actor, reason: str = "", effective_on: date | None = None
) -> None:
    """Change a rule from now on, or from the beginning of a later day in the city.

    A rule has one change ahead at most: a later one takes its place, one from now on leaves it.
    Raises NotFound, RuleViolation for a day that is not ahead, or InvalidInput with the bounds.
    """
    effective_at = check_change(key, value, effective_on)
    with transaction(actor) as session:
        row = locked_row(session, key)
        old = _in_force((row.value, row.next_value, row.next_at))
        _settle(row)
        if effective_at is None:
            row.value = value
        else:
            row.next_value, row.next_at = value, effective_at
        _keep(session, key, old, value, actor, reason, effective_at)
    db.session().info.pop(CACHE, None)


def check_change(key: str, value: Any, effective_on: date | None) -> datetime | None:
    """When the change would begin (None: now). Raises as set_parameter does."""
    if key not in BY_KEY:
        raise NotFound(_l("There is no such parameter"), key=key)
    BY_KEY[key].checked(value)
    return _beginning_of(effective_on)


def forget_next(key: str, *, actor: Actor, reason: str = "") -> None:
    """Take back the change that is ahead. Raises NotFound without one."""
    with transaction(actor) as session:
        row = session.scalar(sa.select(Parameter).filter_by(key=key).with_for_update())
        if row is None or row.next_at is None or row.next_at <= clock.now():
            raise NotFound(_l("No change of this parameter is ahead"), key=key)
        _keep(session, key, row.next_value, row.value, actor, reason, None)
        row.next_value = row.next_at = None
    db.session().info.pop(CACHE, None)


def ahead(key: str) -> tuple[Any, datetime] | None:
    """The value that will hold, and from when; None when no change is ahead."""
    row = _changed().get(key)
    return (row[1], row[2]) if row and row[2] and row[2] > clock.now() else None


def _beginning_of(day: date | None) -> datetime | None:
    if day is None:
        return None
    if day <= clock.today():
        raise RuleViolation(
            _l("Choose a day after today, or none to change it now"), code="day_not_ahead",
            field="effective_on",
        )  # fmt: skip
    return clock.start_of(day)


def locked_row(session: Session, key: str) -> Parameter:
    """The rule's row, made with its default when it was never changed."""
    row = session.scalar(sa.select(Parameter).filter_by(key=key).with_for_update())
    if row is None:
        row = Parameter(key=key, value=BY_KEY[key].default)
        session.add(row)
    return row


def _settle(row: Parameter) -> None:
    """What was ahead and has begun becomes the value."""
    if row.next_at is not None and row.next_at <= clock.now():
        row.value, row.next_value, row.next_at = row.next_value, None, None


def _keep(
    session: Session,
    key: str,
    old: Any,
    new: Any,
    actor: Actor,
    reason: str,
    effective_at: datetime | None,
) -> None:
    session.add(
        ParameterChange(
            key=key,
            old=old,
            new=new,
            actor_kind=actor.kind,
            actor_id=actor.id,
            reason=reason,
            effective_at=effective_at,
        )
    )


Row = tuple[Any, Any, datetime | None]


def _in_force(row: Row) -> Any:
    value, next_value, next_at = row
    return next_value if next_at is not None and next_at <= clock.now() else value


def _changed() -> dict[str, Row]:
    """All changed rules, read once per database transaction."""
    session = db.session()
    transaction_now = session.get_transaction()
    cached = session.info.get(CACHE)
    if cached is None or cached[0] is not transaction_now or transaction_now is None:
        rows = {key: (value, after, at) for key, value, after, at in session.execute(_ALL)}
        cached = session.info[CACHE] = (session.get_transaction(), rows)
    rows_now: dict[str, Row] = cached[1]
    return rows_now
