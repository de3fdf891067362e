"""What staff write beside an order, a customer or a worker for one another."""

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Query

from app.domain.actors import Actor
from app.domain.errors import Forbidden
from app.extensions import db
from app.models import CustomerAccount, Note, Order, SavedView, Worker
from app.services import access
from app.services.transactions import locked, retrying, transaction

SUBJECTS = {"order": Order, "customer": CustomerAccount, "worker": Worker}
SCREENS = {"order": "OrderView", "customer": "CustomerView", "worker": "WorkerView"}
MOST_SHOWN = 20


@retrying
def add_note(
    subject_kind: str, subject_id: int, text: str, *, pinned: bool = False, actor: Actor
) -> Note:
    """Write a note beside a row that the actor may see. Raises NotFound for others."""
    if actor.kind != "staff" or actor.id is None:
        raise Forbidden(_l("Only staff write notes"))
    with transaction(actor) as session:
        subject = access.row_for(actor, SUBJECTS[subject_kind], subject_id)
        note = Note(
            subject_kind=subject_kind,
            subject_id=subject_id,
            branch_id=_branch_of(actor) or subject.branch_id,  # type: ignore[attr-defined]
            staff_id=actor.id,
            text=text,
            pinned=pinned,
        )
        session.add(note)
        session.flush()
        return note


def check_own(row: Note | SavedView, *, actor: Actor) -> None:
    """Raise Forbidden for a row of somebody else: nobody puts words into another's mouth."""
    if row.staff_id != actor.id:
        raise Forbidden(_l("Only whoever made it may change or delete it"), code="not_yours")


@retrying
def pin(note_id: int, *, pinned: bool, actor: Actor) -> Note:
    """Keep a note above the others, or no longer."""
    with transaction(actor) as session:
        note = locked(session, Note, note_id)
        note.pinned = pinned
        return note


def _branch_of(actor: Actor) -> int | None:
    """What staff of a branch write is read there, also beside a customer of two branches."""
    reach = access.reach_of(actor)
    return reach if isinstance(reach, int) else None


def notes_on(subject_kind: str, subject_id: int, *, actor: Actor) -> Sequence[Note]:
    """Those that the actor may read: the pinned ones first, then the newest."""
    query = (
        sa.select(Note)
        .filter_by(subject_kind=subject_kind, subject_id=subject_id)
        .where(access.condition(Note, actor))
        .order_by(Note.pinned.desc(), Note.id.desc())
        .limit(MOST_SHOWN)
    )
    return db.session.scalars(query).all()


def subject_of(note: Note) -> Any:
    """The row beside which it was written."""
    return db.session.get(SUBJECTS[note.subject_kind], note.subject_id)


def readable(query: Query[Any], may_open: Callable[[str], bool]) -> Query[Any]:
    """Notes on kinds of things whose screen a person may open."""
    kinds = [kind for kind, screen in SCREENS.items() if may_open(screen)]
    return query.filter(Note.subject_kind.in_(kinds))
