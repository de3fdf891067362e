"""What somebody must look at: taken on by one person, solved with an outcome."""

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import RuleViolation
from app.domain.states import IncidentStatus, move
from app.extensions import db
from app.models import Incident
from app.services import clock
from app.services.transactions import locked, retrying, transaction

# Solved by the verb that decides it.
DECIDED = ("customer_no_show", "exception")


@retrying
def take(incident_id: int, *, actor: Actor) -> Incident:
    """Whoever takes it on is its handler from now on."""
    with transaction(actor) as session:
        incident = locked(session, Incident, incident_id)
        move(incident, IncidentStatus.IN_WORK)
        incident.handler_id, incident.solved_at = actor.id, None
        return incident


def open_of(order_id: int, kind: str) -> Incident | None:
    """The order's incident of this kind that nobody has solved."""
    found = sa.select(Incident).where(
        Incident.order_id == order_id, Incident.kind == kind,
        Incident.status != IncidentStatus.SOLVED.value,
    )  # fmt: skip
    return db.session.scalars(found.order_by(Incident.id.desc()).limit(1)).first()


def end(order_id: int, kind: str) -> None:
    """It solved itself. Inside transaction(), the order's row is locked."""
    incident = open_of(order_id, kind)
    if incident is not None:
        move(incident, IncidentStatus.SOLVED)
        incident.solved_at = clock.now()


@retrying
def solve(incident_id: int, outcome: str, *, actor: Actor) -> Incident:
    """It is over; what was done is kept."""
    with transaction(actor) as session:
        incident = locked(session, Incident, incident_id)
        if incident.kind in DECIDED:
            raise RuleViolation(_l("Decide what was reported"), code="to_be_decided")
        move(incident, IncidentStatus.SOLVED)
        incident.handler_id = incident.handler_id or actor.id
        incident.outcome, incident.solved_at = outcome, clock.now()
        return incident
