"""A command that is repeated gets the answer of its first time.

The key is reserved in a transaction of its own; the answer is stored when the command is done.
Same key, other body: refused. Same key while the first is still running: asked to wait.
"""

import hashlib
import json
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.domain.errors import Conflict, RuleViolation
from app.extensions import db
from app.models import IdempotencyKey
from app.services import clock
from app.services.transactions import transaction

# A command that died takes its reservation along after this time.
RESERVED_FOR = timedelta(minutes=2)
KEPT_FOR = timedelta(days=2)


def fingerprint(method: str, path: str, body: Any) -> str:
    text = json.dumps([method, path, body], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def reserve(owner: str, key: str, print_: str) -> tuple[int, Any] | None:
    """Return the stored (status, answer), or None when the command is ours to run.

    Raises RuleViolation for another body, Conflict while the first is running.
    """
    with transaction() as session:
        row = session.scalar(
            sa.select(IdempotencyKey).filter_by(owner=owner, key=key).with_for_update()
        )
        if row is None:
            session.add(IdempotencyKey(owner=owner, key=key, fingerprint=print_))
            return None
        if row.fingerprint != print_:
            raise RuleViolation(
                _l("This idempotency key was used for another request"),
                code="idempotency_key_reused",
            )
        if row.status_code is not None:
            return row.status_code, row.answer
        if row.created_at > clock.now() - RESERVED_FOR:
            raise Conflict(_l("The first request is still running"), code="still_running")
        row.created_at = clock.now()
        return None


def store(owner: str, key: str, status_code: int, answer: Any) -> None:
    with transaction() as session:
        session.execute(
            sa.update(IdempotencyKey)
            .where(IdempotencyKey.owner == owner, IdempotencyKey.key == key)
            .values(status_code=status_code, answer=answer)
        )


def release(owner: str, key: str) -> None:
    """The command failed and changed nothing: the key may be tried again."""
    db.session.rollback()
    with transaction() as session:
        session.execute(
            sa.delete(IdempotencyKey).where(
                IdempotencyKey.owner == owner,
                IdempotencyKey.key == key,
                IdempotencyKey.status_code.is_(None),
            )
        )


def prune() -> int:
    """Delete answers that nobody will ask for again; returns how many."""
    with transaction() as session:
        old = IdempotencyKey.created_at < clock.now() - KEPT_FOR
        return int(session.execute(sa.delete(IdempotencyKey).where(old)).rowcount)  # type: ignore[attr-defined]
