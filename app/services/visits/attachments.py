"""Photos and short videos of a visit: judged by their content, kept under random names."""

import secrets

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import Conflict, NotFound, RuleViolation
from app.domain.states import OrderStatus
from app.extensions import db
from app.gateways import files
from app.models import Attachment
from app.services.orders import events
from app.services.system import parameters
from app.services.transactions import retrying, transaction
from app.services.visits.checking import place_of

OPEN_STATUSES = (OrderStatus.ACCEPTED, OrderStatus.EN_ROUTE, OrderStatus.IN_SERVICE)


@retrying
def add_photo(
    visit_id: int, worker_id: int, kind: str, content: bytes, *, actor: Actor
) -> Attachment:
    """Keep a photo or video of the visit. The same file again gives the same attachment.

    Raises InvalidInput for content that is no picture or video, RuleViolation when the visit
    takes no more.
    """
    checked = files.check_upload(content, allow_video=True)
    storage = current_app.extensions["gateways"].storage
    keys = [storage.put(content).key]
    if checked.kind == "image":
        keys.append(storage.put(files.make_thumbnail(content)).key)
    try:
        with transaction(actor) as session:
            return _attach(session, visit_id, worker_id, kind, checked, keys, actor)
    except Conflict:
        _forget(keys)
        return _same_file(visit_id, checked.sha256)
    except BaseException:
        _forget(keys)
        raise


def _attach(
    session: Session,
    visit_id: int,
    worker_id: int,
    kind: str,
    checked: files.CheckedFile,
    keys: list[str],
    actor: Actor,
) -> Attachment:
    place = place_of(session, visit_id, worker_id)
    if place.order.status not in OPEN_STATUSES:
        raise RuleViolation(_l("This visit takes no more files"), code="visit_closed")
    others = sa.select(sa.func.count(Attachment.id)).where(
        Attachment.visit_id == visit_id, Attachment.sha256 != checked.sha256
    )
    if (session.scalar(others) or 0) >= parameters.get("visit.files_most"):
        raise RuleViolation(_l("This visit has all the files that it may have"), code="files_most")
    attachment = Attachment(
        key=secrets.token_urlsafe(24),
        order_id=place.order.id,
        visit_id=visit_id,
        kind=kind,
        mime=checked.mime,
        size_bytes=checked.size,
        width=checked.width,
        height=checked.height,
        sha256=checked.sha256,
        storage_key=keys[0],
        thumbnail_key=keys[1] if len(keys) > 1 else None,
        uploaded_by_id=worker_id,
    )
    session.add(attachment)
    session.flush()
    events.record(
        place.order, "file_added", actor=actor, attachment_id=attachment.id, file_kind=kind
    )
    return attachment


def _same_file(visit_id: int, sha256: str) -> Attachment:
    found = db.session.scalar(sa.select(Attachment).filter_by(visit_id=visit_id, sha256=sha256))
    if found is None:
        raise NotFound(_l("This visit does not exist"), visit_id=visit_id)
    return found


def _forget(keys: list[str]) -> None:
    for key in keys:
        current_app.extensions["gateways"].storage.delete(key)
