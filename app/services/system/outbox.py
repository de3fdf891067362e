"""Work that a change causes. Written with the change, delivered after it, at least once."""

import logging
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from app.domain.actors import Actor
from app.extensions import db
from app.models import Outbox
from app.services import audit, clock
from app.services.queue import start_job
from app.services.transactions import after_commit, locked, transaction

logger = logging.getLogger(__name__)
Handler = Callable[[Outbox], None]
HANDLERS: dict[str, Handler] = {}
LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 12
RELAY_JOB = "app.jobs.relay_outbox.run"


def delivers(topic: str) -> Callable[[Handler], Handler]:
    """Register the function that delivers a topic. It may be called twice for one message."""

    def register(function: Handler) -> Handler:
        HANDLERS[topic] = function
        return function

    return register


def put(topic: str, subject_id: int | None = None, **payload: Any) -> None:
    """Write a message beside the change that causes it. Needs an open transaction()."""
    if topic not in HANDLERS:
        raise LookupError(f"Nobody delivers {topic}")
    db.session.add(Outbox(topic=topic, subject_id=subject_id, payload=payload))
    after_commit(lambda: start_job(RELAY_JOB))


def deliver_due(limit: int = 200) -> int:
    """Deliver what is due; returns how many arrived. A poisoned message waits, others go on."""
    delivered = 0
    for _ in range(limit):
        message_id = _lease_next()
        if message_id is None:
            break
        delivered += _deliver(message_id)
    return delivered


def retry(message_id: int, *, actor: Actor) -> Outbox:
    """A person found out why a message was given up: deliver it again, now."""
    with transaction(actor) as session:
        message = locked(session, Outbox, message_id)
        if message.given_up_at is not None and message.delivered_at is None:
            message.given_up_at, message.leased_until, message.attempts = None, None, 0
            audit.record("retry", "outbox", message_id, {"topic": message.topic}, actor=actor)
            after_commit(lambda: start_job(RELAY_JOB))
        return message


def _lease_next() -> tuple[int, str] | None:
    """Take the oldest message that nobody holds. A crashed holder's lease runs out."""
    now, lease = clock.now(), secrets.token_hex(8)
    due = (
        sa.select(Outbox.id)
        .where(
            Outbox.delivered_at.is_(None),
            Outbox.given_up_at.is_(None),
            sa.or_(Outbox.leased_until.is_(None), Outbox.leased_until <= now),
        )
        .order_by(Outbox.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    with transaction() as session:
        message_id = session.execute(
            sa.update(Outbox)
            .where(Outbox.id == due.scalar_subquery())
            .values(leased_until=now + LEASE, lease=lease, attempts=Outbox.attempts + 1)
            .returning(Outbox.id)
        ).scalar()
    return None if message_id is None else (message_id, lease)


def _deliver(leased: tuple[int, str]) -> bool:
    message_id, lease = leased
    message = db.session.get(Outbox, message_id)
    assert message is not None  # noqa: S101  # leased just now, and never deleted undelivered
    try:
        HANDLERS[message.topic](message)
    except Exception as exc:
        db.session.rollback()
        logger.exception("Message %s was not delivered", message_id)
        _wait(message_id, lease, repr(exc)[:300])
        return False
    _mark(message_id, lease, delivered_at=clock.now())
    return True


def _wait(message_id: int, lease: str, error: str) -> None:
    """Try again later, a little later each time; after the last try a person must look."""
    attempts = db.session.scalar(sa.select(Outbox.attempts).filter_by(id=message_id)) or 1
    pause = timedelta(seconds=min(2**attempts, 1800))
    values: dict[str, Any] = {"last_error": error, "leased_until": clock.now() + pause}
    if attempts >= MAX_ATTEMPTS:
        values["given_up_at"] = clock.now()
    _mark(message_id, lease, **values)


def _mark(message_id: int, lease: str, **values: Any) -> None:
    with transaction() as session:
        session.execute(
            sa.update(Outbox).where(Outbox.id == message_id, Outbox.lease == lease).values(**values)
        )
