"""Reading and changing the business rules."""

from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import NotFound
from app.domain.parameters import BY_KEY
from app.extensions import db
from app.models import Parameter, ParameterChange
from app.services.transactions import transaction

CACHE = "parameters"


def get(key: str) -> Any:
    """The value in force. One query answers all keys of a transaction or request."""
    return _changed().get(key, BY_KEY[key].default)


def set_parameter(key: str, value: Any, *, actor: Actor, reason: str = "") -> None:
    """Change a rule from now on. Raises NotFound, or InvalidInput with the bounds."""
    if key not in BY_KEY:
        raise NotFound(_l("There is no such parameter"), key=key)
    BY_KEY[key].checked(value)
    with transaction(actor) as session:
        old = get(key)
        row = session.scalar(sa.select(Parameter).filter_by(key=key).with_for_update())
        if row is None:
            session.add(Parameter(key=key, value=value))
        else:
            row.value = value
        session.add(
            ParameterChange(
                key=key, old=old, new=value, actor_kind=actor.kind, actor_id=actor.id, reason=reason
            )
        )
    db.session().info.pop(CACHE, None)


def _changed() -> dict[str, Any]:
    """All changed values, read once per database transaction."""
    session = db.session()
    transaction_now = session.get_transaction()
    cached = session.info.get(CACHE)
    if cached is None or cached[0] is not transaction_now or transaction_now is None:
        values = dict(session.execute(sa.select(Parameter.key, Parameter.value)).tuples().all())
        cached = session.info[CACHE] = (session.get_transaction(), values)
    values_now: dict[str, Any] = cached[1]
    return values_now
