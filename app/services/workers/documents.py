"""Checking the papers of workers."""

from datetime import date

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import Conflict, RuleViolation
from app.domain.states import DocumentStatus, move
from app.models import Worker
from app.models import WorkerDocument as Document
from app.models.crypto import blind_index
from app.services import audit, clock
from app.services.identity import blocking
from app.services.transactions import locked, retrying, transaction


@retrying
def submit(worker_id: int, kind: str, number: str, valid_to: date, *, actor: Actor) -> Document:
    """Write down a paper that is to be checked; one that was decided before makes room.

    Raises Conflict while the worker's last paper of this kind still waits, RuleViolation (erased).
    """
    with transaction(actor) as session:
        blocking.check_not_erased(locked(session, Worker, worker_id).account)
        earlier = sa.select(Document).filter_by(worker_id=worker_id, kind=kind)
        if (old := session.scalar(earlier)) is not None:
            if old.status == DocumentStatus.SUBMITTED:
                raise Conflict(_l("A document of this kind already waits"), field="kind")
            session.delete(old)
            session.flush()
        document = Document(
            worker_id=worker_id,
            kind=kind,
            number=number,
            number_index=blind_index("document", number),
            valid_to=valid_to,
        )
        session.add(document)
        session.flush()
        return document


@retrying
def approve(document_id: int, *, actor: Actor) -> Document:
    """The paper is genuine and valid. Raises RuleViolation for one that has expired."""
    with transaction(actor) as session:
        document = locked(session, Document, document_id)
        _check_waiting(document)
        if document.valid_to < clock.today():
            raise RuleViolation(_l("This document has expired"), code="document_expired")
        move(document, DocumentStatus.APPROVED)
        return document


@retrying
def refuse(document_id: int, reason: str, *, actor: Actor) -> Document:
    """The paper does not count; the reason is kept in the audit log."""
    if not reason.strip():
        raise RuleViolation(_l("Say why"), code="reason_required", field="reason")
    with transaction(actor) as session:
        document = locked(session, Document, document_id)
        _check_waiting(document)
        move(document, DocumentStatus.REFUSED)
        about = ("worker", document.worker_id)
        told = {"reason": reason}
        audit.record("refuse", "worker_document", document.id, told, about=about, actor=actor)
        return document


def _check_waiting(document: Document) -> None:
    if document.status != DocumentStatus.SUBMITTED:
        raise Conflict(_l("This document was already decided"), status=document.status)
