"""A worker's answer to an offer: accept, reject, or none at all."""

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import Conflict, InvalidInput, NotFound
from app.domain.reasons import REJECT_REASONS
from app.domain.states import OfferStatus, OrderStatus, move
from app.extensions import db
from app.models import Assignment, Offer, Order
from app.services import clock
from app.services.dispatch import crew, dispatching
from app.services.orders import events
from app.services.system import timers
from app.services.transactions import locked, retrying, transaction

# Offered; or an earlier visit of it is under way while a later one lacks somebody.
ANSWERABLE = (OrderStatus.OFFERED, *dispatching.SEARCHING)


@retrying
def accept_offer(offer_id: int, worker_id: int, *, actor: Actor) -> Assignment:
    """Take the order. Exactly one crew wins; the others' offers are lost.

    Raises NotFound for somebody else's offer, Conflict for one that is over, RuleViolation
    when a hard rule is broken by now.
    """
    with transaction(actor) as session:
        order, offer = _locked_offer(session, offer_id, worker_id)
        assignment = crew.take_place(order, worker_id, offer.id)
        _answer(offer, OfferStatus.ACCEPTED)
        events.record(order, "offer_accepted", actor=actor, worker_id=worker_id)
        if crew.is_complete(order):
            dispatching.end_offers(order, OfferStatus.LOST)
            dispatching.accept_order(order, actor)
        elif not dispatching.live_offers(order.id):
            dispatching.next_round(order, actor)
        return assignment


@retrying
def reject_offer(
    offer_id: int, worker_id: int, *, reason_code: str, reason_text: str = "", actor: Actor
) -> Offer:
    """Decline with a reason; the next worker is asked."""
    if reason_code not in REJECT_REASONS:
        raise InvalidInput(
            _l("Choose a reason"), code="reason_unknown", allowed=list(REJECT_REASONS)
        )
    with transaction(actor) as session:
        order, offer = _locked_offer(session, offer_id, worker_id)
        offer.reason_code, offer.reason_text = reason_code, reason_text
        _end(order, offer, OfferStatus.REJECTED, "offer_rejected", actor)
        return offer


@timers.handles("offer.expire")
def expire_offer(offer_id: int) -> None:
    """Nobody answered in time. Runs in the transaction that fires the timer."""
    session = db.session()
    found = session.get(Offer, offer_id)
    if found is None:
        return
    order = locked(session, Order, found.order_id)
    offer = locked(session, Offer, offer_id)
    if offer.status == OfferStatus.LIVE:
        _end(order, offer, OfferStatus.EXPIRED, "offer_expired", SYSTEM)


def _locked_offer(session: Session, offer_id: int, worker_id: int) -> tuple[Order, Offer]:
    """Lock the order, then the offer: the order of all who touch both."""
    found = session.get(Offer, offer_id)
    if found is None or found.worker_id != worker_id:
        raise NotFound(_l("This offer does not exist"), offer_id=offer_id)
    order = locked(session, Order, found.order_id)
    offer = locked(session, Offer, offer_id)
    waiting = order.status in ANSWERABLE
    if not waiting or offer.status != OfferStatus.LIVE or offer.expires_at <= clock.now():
        raise Conflict(_l("This offer is over"), code="offer_over", status=offer.status)
    return order, offer


def _end(order: Order, offer: Offer, status: OfferStatus, kind: str, actor: Actor) -> None:
    _answer(offer, status)
    events.record(order, kind, actor=actor, reason=offer.reason_code, worker_id=offer.worker_id)
    db.session.flush()
    dispatching.move_claim_away(order, offer.worker_id)
    if not dispatching.live_offers(order.id):
        dispatching.next_round(order, actor)


def _answer(offer: Offer, status: OfferStatus) -> None:
    move(offer, status)
    offer.answered_at = clock.now()
    timers.cancel_timer("offer.expire", offer.id)
