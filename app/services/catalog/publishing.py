"""Putting a service on sale, and taking it off."""

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import RuleViolation
from app.models import Service, SkillRequirement
from app.services.transactions import locked, transaction


def publish(service_id: int, *, actor: Actor) -> Service:
    """Raises RuleViolation that lists what is missing: price, minutes or skill."""
    with transaction(actor) as session:
        service = locked(session, Service, service_id)
        skills = session.scalar(
            sa.select(sa.func.count(SkillRequirement.id)).filter_by(service_id=service_id)
        )
        missing = [
            name
            for name, present in (
                ("price", service.price_fen > 0),
                ("minutes", service.minutes > 0),
                ("skill", bool(skills)),
            )
            if not present
        ]
        if missing:
            raise RuleViolation(
                _l("A service needs a price, a duration and a skill before it is published"),
                code="service_incomplete",
                missing=missing,
            )
        service.published = True
        return service


def unpublish(service_id: int, *, actor: Actor) -> Service:
    """Nobody can book it any more; orders that exist are not touched."""
    with transaction(actor) as session:
        service = locked(session, Service, service_id)
        service.published = False
        return service
