"""What must happen at a time: rows that a job fires, inside the change that they cause."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.errors import NotFound, RuleViolation
from app.extensions import db
from app.models import Timer
from app.services import audit, clock
from app.services.transactions import locked, retrying, transaction

logger = logging.getLogger(__name__)
Handler = Callable[[int], None]
HANDLERS: dict[str, Handler] = {}
MAX_ATTEMPTS = 12
LONGEST_PAUSE = timedelta(minutes=30)
_TIMER: Any = Timer.__table__
_CANCEL = (
    sa.update(_TIMER)
    .where(
        _TIMER.c.kind.in_(sa.bindparam("kinds", expanding=True)),
        _TIMER.c.subject_id == sa.bindparam("subject"),
        _TIMER.c.status == "waiting",
    )
    .values(status="cancelled", finished_at=sa.bindparam("now", type_=_TIMER.c.finished_at.type))
)


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that a timer of this kind calls with its subject's id."""

    def register(function: Handler) -> Handler:
        HANDLERS[kind] = function
        return function

    return register


def set_timer(
    kind: str, subject_id: int, due_at: datetime, *, instead_of: Iterable[str] = ()
) -> None:
    """Set the one waiting timer of this kind for the subject.

    An earlier one is replaced, and those of the kinds `instead_of`.
    """
    cancel_timers(subject_id, kind, *instead_of)
    set_first_timer(kind, subject_id, due_at)


def set_first_timer(kind: str, subject_id: int, due_at: datetime) -> None:
    """For a subject that was made in this transaction: there is no earlier one to replace."""
    db.session.add(Timer(kind=kind, subject_id=subject_id, due_at=due_at))


def cancel_timer(kind: str, subject_id: int) -> None:
    cancel_timers(subject_id, kind)


def cancel_timers(subject_id: int, *kinds: str) -> None:
    """End the subject's waiting timers of these kinds."""
    session = db.session()
    if any(isinstance(row, Timer) for row in session.new):
        session.flush()  # one of them may be meant; other changes can wait
    told = {"kinds": kinds, "subject": subject_id, "now": clock.now()}
    session.connection().execute(_CANCEL, told)


def fire_due(limit: int = 200) -> int:
    """Fire timers that are due; returns how many. One that fails does not stop the others."""
    due = sa.select(Timer.id).where(Timer.status == "waiting", Timer.due_at <= clock.now())
    ids = db.session.scalars(due.order_by(Timer.due_at, Timer.id).limit(limit)).all()
    return sum(_fire_safely(timer_id) for timer_id in ids)


def _fire_safely(timer_id: int) -> bool:
    try:
        return _fire(timer_id)
    except (RuleViolation, NotFound) as exc:
        # The world moved on: what the timer wanted is no longer possible.
        _end(timer_id, "cancelled", exc.code)
    except Exception as exc:
        # A lock, a rival, a service outside: later it may work.
        logger.exception("Timer %s failed", timer_id)
        _wait(timer_id, repr(exc)[:300])
    return False


def retry(timer_id: int, *, actor: Actor) -> Timer:
    """A person found out why a timer failed: let it fire again, now."""
    with transaction(actor) as session:
        timer = locked(session, Timer, timer_id)
        if timer.status == "failed":
            session.execute(
                sa.update(Timer)
                .where(Timer.id == timer_id)
                .values(status="waiting", attempts=0, due_at=clock.now(), finished_at=None)
            )
            audit.record("retry", "timer", timer_id, {"kind": timer.kind}, actor=actor)
        return timer


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


def _wait(timer_id: int, error: str) -> None:
    """Try again later, a little later each time; after the last try a person must look."""
    with transaction() as session:
        timer = locked(session, Timer, timer_id)
        if timer.status != "waiting":
            return
        timer.attempts += 1
        timer.last_error = error
        timer.due_at = clock.now() + min(timedelta(seconds=2**timer.attempts), LONGEST_PAUSE)
        if timer.attempts >= MAX_ATTEMPTS:
            _end(timer_id, "failed", error)


def _end(timer_id: int, status: str, error: str) -> None:
    with transaction() as session:
        session.execute(
            sa.update(Timer)
            .where(Timer.id == timer_id, Timer.status == "waiting")
            .values(status=status, last_error=error, finished_at=clock.now())
        )
