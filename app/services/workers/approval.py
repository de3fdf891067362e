"""Who may be sent: approval, suspension, return."""

from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import RuleViolation
from app.domain.states import WorkerStatus, move
from app.models import Worker
from app.services import audit, clock
from app.services.identity import blocking
from app.services.roster import claims
from app.services.system import parameters
from app.services.transactions import locked, retrying, transaction

# The steps of an application. What follows the last one is `approve`.
NEXT_STEP = {
    WorkerStatus.APPLIED: WorkerStatus.DOCUMENTS_REVIEW,
    WorkerStatus.DOCUMENTS_REVIEW: WorkerStatus.FACE_CHECK,
    WorkerStatus.FACE_CHECK: WorkerStatus.TRAINING,
}


@retrying
def advance(worker_id: int, *, actor: Actor) -> Worker:
    """Lead an application one step on. Raises RuleViolation when there is no next one."""
    with transaction(actor) as session:
        worker = locked(session, Worker, worker_id)
        step = NEXT_STEP.get(WorkerStatus(worker.status))
        if step is None:
            raise RuleViolation(_l("This application has no next step"), status=worker.status)
        move(worker, step)
        return worker


@retrying
def reject(worker_id: int, reason: str, *, actor: Actor) -> Worker:
    """End an application. Raises IllegalTransition for somebody who was taken on."""
    with transaction(actor) as session:
        worker = locked(session, Worker, worker_id)
        move(worker, WorkerStatus.REJECTED)
        _tell("reject", worker, reason, actor)
        return worker


@retrying
def approve(worker_id: int, reason: str = "", *, actor: Actor) -> Worker:
    """Let a trained applicant be sent. Raises RuleViolation while a document is missing."""
    with transaction(actor) as session:
        worker = locked(session, Worker, worker_id)
        blocking.check_lets_in(worker.account)
        valid = {
            document.kind
            for document in worker.documents
            if document.status == "approved" and document.valid_to >= clock.today()
        }
        if missing := sorted(set(parameters.get("workers.documents")) - valid):
            raise RuleViolation(
                _l("Valid documents are missing"), code="documents_missing", missing=missing
            )
        move(worker, WorkerStatus.APPROVED)
        return worker


@retrying
def suspend(worker_id: int, reason: str, *, actor: Actor) -> Worker:
    """Send no more offers. What was accepted stands until a dispatcher moves it."""
    with transaction(actor) as session:
        claims.lock_workers([worker_id])
        worker = locked(session, Worker, worker_id)
        move(worker, WorkerStatus.SUSPENDED)
        _tell("suspend", worker, reason, actor)
        return worker


@retrying
def reinstate(worker_id: int, reason: str, *, actor: Actor) -> Worker:
    """Offer work again. Raises RuleViolation (account_blocked) while the log-in is blocked."""
    with transaction(actor) as session:
        worker = locked(session, Worker, worker_id)
        blocking.check_lets_in(worker.account)
        move(worker, WorkerStatus.APPROVED)
        _tell("reinstate", worker, reason, actor)
        return worker


@retrying
def leave(worker_id: int, reason: str, *, actor: Actor) -> Worker:
    """The worker leaves the company: nothing is offered any more, money can still be withdrawn.

    Raises RuleViolation (still_open) that names the orders whose visits stand, IllegalTransition
    for somebody who was never taken on.
    """
    with transaction(actor) as session:
        claims.lock_workers([worker_id])
        worker = locked(session, Worker, worker_id)
        standing = blocking.open_visits_of(worker_id)
        if standing:
            raise RuleViolation(
                _l("First these have to end: %(numbers)s", numbers=", ".join(standing)),
                code="still_open",
                open=standing,
            )
        move(worker, WorkerStatus.LEFT)
        blocking.end_offers_of(session, worker_id)
        _tell("leave", worker, reason, actor)
        return worker


def _tell(verb: str, worker: Worker, reason: str, actor: Actor) -> None:
    about = ("worker", worker.id)
    audit.record(verb, "worker", worker.id, {"reason": reason}, about=about, actor=actor)
