"""Making what the audit log says about a person unreadable, for ever."""

import sqlalchemy as sa

from app.domain.actors import Actor
from app.models import PersonKey
from app.models.personal import Person
from app.services import audit, clock
from app.services.system import person_keys
from app.services.transactions import transaction


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
