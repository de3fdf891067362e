"""What customers say of completed orders: once, and within the time that the rules give."""

from datetime import timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.errors import Conflict, NotFound, RuleViolation
from app.domain.states import OrderStatus
from app.models import Order, Review, Worker
from app.services import clock
from app.services.orders import events
from app.services.transactions import locked, retrying, transaction


@retrying
def review_order(
    customer_id: int,
    order_id: int,
    *,
    quality: int,
    attitude: int,
    skill: int,
    text: str = "",
    actor: Actor,
) -> Review:
    """Store the stars (1 to 5 each) and add them to the lead worker's rating."""
    with transaction(actor) as session:
        order = locked(session, Order, order_id)
        if order.customer_id != customer_id:
            raise NotFound(_l("This order does not exist"), order_id=order_id)
        _check_reviewable(order)
        if session.scalar(sa.select(Review.id).filter_by(order_id=order_id)):
            raise Conflict(_l("This order was already reviewed"), code="already_reviewed")
        review = Review(
            order_id=order_id,
            customer_id=customer_id,
            worker_id=order.lead_worker_id,
            quality=quality,
            attitude=attitude,
            skill=skill,
            text=text,
        )
        session.add(review)
        worker = locked(session, Worker, order.lead_worker_id)
        worker.rating_sum += stars_of(review)
        worker.rating_count += 1
        events.record(order, "reviewed", actor=actor, quality=quality)
        return review


def stars_of(review: Review) -> int:
    """What the review adds to the rating: the mean of its three marks."""
    return round((review.quality + review.attitude + review.skill) / 3)


def _check_reviewable(order: Order) -> None:
    if order.status != OrderStatus.COMPLETED or order.completed_at is None:
        raise RuleViolation(_l("Only a completed order can be reviewed"), code="not_completed")
    days = order.rules["review.within_days"]
    if clock.now() > order.completed_at + timedelta(days=days):
        raise RuleViolation(_l("The time to review is over"), code="review_too_late")
