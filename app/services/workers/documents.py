"""Checking the papers of workers."""

from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import Conflict, RuleViolation
from app.domain.states import DocumentStatus, move
from app.models import WorkerDocument
from app.services import audit, clock
from app.services.transactions import locked, retrying, transaction


@retrying
def approve(document_id: int, *, actor: Actor) -> WorkerDocument:
    """The paper is genuine and valid. Raises RuleViolation for one that has expired."""
    with transaction(actor) as session:
        document = locked(session, WorkerDocument, document_id)
        _check_waiting(document)
        if document.valid_to < clock.today():
            raise RuleViolation(_l("This document has expired"), code="document_expired")
        move(document, DocumentStatus.APPROVED)
        return document


@retrying
def refuse(document_id: int, reason: str, *, actor: Actor) -> WorkerDocument:
    """The paper does not count; the reason is kept in the audit log."""
    if not reason.strip():
        raise RuleViolation(_l("Say why"), code="reason_required", field="reason")
    with transaction(actor) as session:
        document = locked(session, WorkerDocument, document_id)
        _check_waiting(document)
        move(document, DocumentStatus.REFUSED)
        audit.record("refuse", "worker_document", document.id, {"reason": reason}, actor=actor)
        return document


def _check_waiting(document: WorkerDocument) -> None:
    if document.status != DocumentStatus.SUBMITTED:
        raise Conflict(_l("This document was already decided"), status=document.status)
