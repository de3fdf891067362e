"""What somebody must look at: taken on by one person, solved with an outcome."""

from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import RuleViolation
from app.domain.states import IncidentStatus, move
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
