"""Workers who ask that a review does not count: decided once, by staff."""

from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import Conflict
from app.domain.states import AppealStatus, ReviewStatus, move
from app.extensions import db
from app.models import Review, ReviewAppeal, Worker
from app.services import clock
from app.services.quality.reviews import stars_of
from app.services.transactions import locked, retrying, transaction


@retrying
def uphold(appeal_id: int, decision: str, *, actor: Actor) -> ReviewAppeal:
    """The worker is right: the review is hidden and leaves her rating."""
    with transaction(actor) as session:
        appeal = _decided(appeal_id, AppealStatus.UPHELD, decision, actor)
        worker = locked(session, Worker, appeal.worker_id)
        review = locked(session, Review, appeal.review_id)
        move(review, ReviewStatus.HIDDEN)
        worker.rating_sum -= stars_of(review)
        worker.rating_count -= 1
        return appeal


@retrying
def refuse(appeal_id: int, decision: str, *, actor: Actor) -> ReviewAppeal:
    """The review counts as it is."""
    with transaction(actor):
        return _decided(appeal_id, AppealStatus.REFUSED, decision, actor)


def _decided(appeal_id: int, new: AppealStatus, decision: str, actor: Actor) -> ReviewAppeal:
    appeal = locked(db.session(), ReviewAppeal, appeal_id)
    if appeal.status != AppealStatus.ASKED:
        raise Conflict(_l("This appeal was already decided"), status=appeal.status)
    move(appeal, new)
    appeal.decision, appeal.decided_by_id, appeal.decided_at = decision, actor.id, clock.now()
    return appeal
