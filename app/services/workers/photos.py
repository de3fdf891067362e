"""The picture of a worker that customers see beside her name: checked, and made anew.

What is kept is a small JPEG of its own; the file that was sent, with the place and the device that
it may tell, is not.
"""

from typing import BinaryIO

from flask import current_app
from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import NotFound
from app.gateways import files
from app.gateways.storage import Storage
from app.models import Worker
from app.services import audit
from app.services.identity import blocking
from app.services.transactions import after_commit, locked, retrying, transaction

MIME = "image/jpeg"
PIXELS = 640


@retrying
def change_photo(worker_id: int, content: bytes, *, actor: Actor) -> Worker:
    """Show this picture from now on, in place of the one before.

    Raises InvalidInput for what is no JPEG, PNG or WebP picture, or too large, RuleViolation
    (erased).
    """
    files.check_upload(content)
    key = _storage().put(files.make_thumbnail(content, PIXELS)).key
    try:
        with transaction(actor) as session:
            worker = locked(session, Worker, worker_id)
            blocking.check_not_erased(worker.account)
            _replace(worker, key, actor)
            return worker
    except BaseException:
        _storage().delete(key)
        raise


def remove_photo(worker_id: int, *, actor: Actor) -> Worker:
    """Show the first letter of her name again. Raises NotFound when there is no picture."""
    with transaction(actor) as session:
        worker = locked(session, Worker, worker_id)
        if worker.photo_key is None:
            raise _nothing(worker)
        _replace(worker, None, actor)
        return worker


def forget_photo(worker: Worker, *, actor: Actor) -> None:
    """Of a worker who is erased. Inside transaction(); her row is locked."""
    if worker.photo_key is not None:
        _replace(worker, None, actor)


def open_photo(worker: Worker) -> BinaryIO:
    """Of a worker whom the caller may see. Raises NotFound. The caller closes it."""
    if worker.photo_key is None:
        raise _nothing(worker)
    return _storage().open(worker.photo_key)


def _replace(worker: Worker, key: str | None, actor: Actor) -> None:
    before, worker.photo_key = worker.photo_key, key
    audit.record("photo", "worker", worker.id, {"shown": key is not None}, actor=actor)
    if before is not None:
        after_commit(lambda: _storage().delete(before))


def _nothing(worker: Worker) -> NotFound:
    return NotFound(_l("This worker has no picture"), worker=worker.number)


def _storage() -> Storage:
    storage: Storage = current_app.extensions["gateways"].storage
    return storage
