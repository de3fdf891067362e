"""What must happen at a time: rows that a job fires, inside the change that they cause."""

import logging
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from app.domain.errors import DomainError
from app.extensions import db
from app.models import Timer
from app.services import clock
from app.services.transactions import retrying, transaction

logger = logging.getLogger(__name__)
Handler = Callable[[int], None]
HANDLERS: dict[str, Handler] = {}
MAX_ATTEMPTS = 5


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that a timer of this kind calls with its subject's id."""

    def register(function: Handler) -> Handler:
        HANDLERS[kind] = function
        return function

    return register


def set_timer(kind: str, subject_id: int, due_at: datetime) -> None:
    """Set the one waiting timer of this kind for the subject; an earlier one is replaced."""
    cancel_timer(kind, subject_id)
    db.session.add(Timer(kind=kind, subject_id=subject_id, due_at=due_at))


def cancel_timer(kind: str, subject_id: int) -> None:
    db.session.execute(
        sa.update(Timer)
        .where(Timer.kind == kind, Timer.subject_id == subject_id, Timer.status == "waiting")
        .values(status="cancelled", finished_at=clock.now())
    )


def fire_due(limit: int = 200) -> int:
    """Fire timers that are due; returns how many. One that fails does not stop the others."""
    due = sa.select(Timer.id).where(Timer.status == "waiting", Timer.due_at <= clock.now())
    ids = db.session.scalars(due.order_by(Timer.due_at, Timer.id).limit(limit)).all()
    return sum(_fire_safely(timer_id) for timer_id in ids)


def _fire_safely(timer_id: int) -> bool:
    try:
        return _fire(timer_id)
    except DomainError as exc:
        # The world moved on: what the timer wanted is no longer possible.
        _note_failure(timer_id, exc.code, final=True)
    except Exception as exc:
        logger.exception("Timer %s failed", timer_id)
        _note_failure(timer_id, repr(exc)[:300], final=False)
    return False


@retrying
def _fire(timer_id: int) -> bool:
    with transaction() as session:
        won = session.execute(
            sa.update(Timer)
            .where(Timer.id == timer_id, Timer.status == "waiting", Timer.due_at <= clock.now())
            .values(status="fired", finished_at=clock.now())
            .returning(Timer.kind, Timer.subject_id)
        ).first()
        if won is None:
            return False
        HANDLERS[won.kind](won.subject_id)
        return True


def _note_failure(timer_id: int, error: str, *, final: bool) -> None:
    with transaction() as session:
        timer = session.get(Timer, timer_id)
        if timer is None or timer.status != "waiting":
            return
        timer.attempts += 1
        timer.last_error = error
        if final or timer.attempts >= MAX_ATTEMPTS:
            session.execute(
                sa.update(Timer)
                .where(Timer.id == timer_id)
                .values(status="failed", finished_at=clock.now())
            )
