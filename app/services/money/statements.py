"""What workers say of their statements."""

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import InvalidInput, NotFound
from app.domain.states import StatementStatus, move
from app.models import Statement
from app.services import clock
from app.services.transactions import locked, retrying, transaction

LONGEST_TEXT = 300


@retrying
def confirm_statement(statement_id: int, worker_id: int, *, actor: Actor) -> Statement:
    """The worker agrees. Raises NotFound for somebody else's, IllegalTransition."""
    with transaction(actor) as session:
        statement = _own(session, statement_id, worker_id)
        move(statement, StatementStatus.CONFIRMED)
        statement.answered_at = clock.now()
        return statement


@retrying
def dispute_statement(statement_id: int, worker_id: int, text: str, *, actor: Actor) -> Statement:
    """The worker objects and says why. Raises NotFound, IllegalTransition, InvalidInput."""
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise InvalidInput(_l("Please say what is wrong"), code="reason_missing")
    with transaction(actor) as session:
        statement = _own(session, statement_id, worker_id)
        move(statement, StatementStatus.DISPUTED)
        statement.answered_at, statement.dispute_text = clock.now(), text.strip()
        return statement


def _own(session: Session, statement_id: int, worker_id: int) -> Statement:
    statement = locked(session, Statement, statement_id)
    if statement.worker_id != worker_id:
        raise NotFound(_l("This record does not exist"), kind="statement")
    return statement
