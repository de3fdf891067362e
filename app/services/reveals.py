"""Opening one piece of personal data: with a reason, counted, and told on the person's page."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import models as m
from app.domain.actors import Actor
from app.domain.errors import Forbidden, InvalidInput, TooManyRequests
from app.extensions import db
from app.services import audit, clock
from app.services.system import parameters
from app.services.transactions import transaction

ACTION = "reveal"
SHORTEST_REASON = 3
MOST_SHOWN = 50
HOUR = timedelta(hours=1)


def reveal(row: Any, column: str, *, reason: str, actor: Actor) -> str:
    """The open value of an encrypted column of a row that the actor may see.

    Who, when and why is kept with the person for ever. Raises InvalidInput without a reason,
    TooManyRequests above security.reveals_per_hour.
    """
    if actor.kind != "staff":
        raise Forbidden(_l("Only staff can do this"))
    if len(reason.strip()) < SHORTEST_REASON:
        raise InvalidInput(_l("Please give a reason"), code="reason_missing", field="reason")
    with transaction(actor) as session:
        check_number(session, actor)
        table, key = person_of(row)
        told = {"of": f"{row.__tablename__} {row.id}", "column": column, "reason": reason.strip()}
        audit.record(ACTION, table, key, told, actor=actor)
    return str(getattr(row, column) or "")


def who_looked(row: Any) -> Sequence[m.AuditLog] | None:
    """The latest looks at a person's data, newest first; None for what is no person."""
    if not isinstance(row, m.CustomerAccount | m.Worker):
        return None
    table, key = person_of(row)
    looks = sa.select(m.AuditLog).filter_by(entity=table, entity_id=str(key), action=ACTION)
    return db.session.scalars(looks.order_by(m.AuditLog.id.desc()).limit(MOST_SHOWN)).all()


def person_of(row: Any) -> tuple[str, int]:
    """The table and key of whose data this is."""
    if isinstance(row, m.WorkerAccount):
        worker_id = db.session.scalar(sa.select(m.Worker.id).filter_by(account_id=row.id))
        return m.Worker.__tablename__, int(worker_id or 0)
    for model, column in ((m.CustomerAccount, "customer_id"), (m.Worker, "worker_id")):
        if isinstance(row, model):
            return model.__tablename__, int(row.id)
        if hasattr(row, column):
            return model.__tablename__, int(getattr(row, column))
    raise TypeError(f"{type(row).__name__} belongs to no person")


def check_number(session: Session, actor: Actor) -> None:
    """Inside transaction(), before each look. Raises TooManyRequests above the hour's number."""
    mine = sa.select(m.StaffProfile.id).filter_by(user_id=actor.id).with_for_update()
    session.execute(mine)  # two requests at once are counted one after the other
    allowed = parameters.get("security.reveals_per_hour")
    looks = sa.select(sa.func.count()).where(
        m.AuditLog.at > clock.now() - HOUR,
        m.AuditLog.action == ACTION,
        m.AuditLog.actor_kind == "staff",
        m.AuditLog.actor_id == actor.id,
    )
    if (db.session.scalar(looks) or 0) >= allowed:
        raise TooManyRequests(
            _l("You have looked at many people this hour. Wait a while, or ask a colleague"),
            code="too_many_reveals",
        )
