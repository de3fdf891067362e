"""Asking the channels again about what has no answer yet, the longest unasked first."""

import logging
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from app.domain.errors import DomainError
from app.extensions import db
from app.services import clock
from app.services.transactions import transaction

logger = logging.getLogger(__name__)


def sweep(
    model: Any, condition: sa.ColumnElement[bool], ask: Callable[[int], object], limit: int
) -> int:
    """Call `ask` for each row; one that fails does not stop the others. Returns how many.

    Each is marked before it is asked, so that rows which fail do not keep others waiting.
    """
    unasked_first = model.asked_at.asc().nulls_first()
    query = sa.select(model.id).where(condition).order_by(unasked_first, model.id).limit(limit)
    ids = db.session.scalars(query).all()
    for row_id in ids:
        mark_asked(model, row_id)
        _ask(model, row_id, ask)
    return len(ids)


def mark_asked(model: Any, row_id: int) -> None:
    table = model.__table__
    with transaction() as session:
        # Not through the ORM: being asked is no change, and needs neither version nor audit.
        session.execute(sa.update(table).where(table.c.id == row_id).values(asked_at=clock.now()))


def _ask(model: Any, row_id: int, ask: Callable[[int], object]) -> None:
    try:
        ask(row_id)
    except DomainError as exc:
        db.session.rollback()
        logger.warning("%s %s: %s", model.__tablename__, row_id, exc.code)
    except Exception:
        db.session.rollback()
        logger.exception("%s %s could not be asked", model.__tablename__, row_id)
