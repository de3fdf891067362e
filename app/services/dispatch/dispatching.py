"""Putting an order before workers: round after round, until somebody takes it or a person must."""

from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import RuleViolation
from app.domain.states import OfferStatus, OrderStatus, move
from app.extensions import db
from app.models import Assignment, Offer, Order, Outbox
from app.services import clock
from app.services.dispatch import crew, finding, policies
from app.services.dispatch.finding import Verdict
from app.services.dispatch.policies import Policy
from app.services.orders import events, lateness, searching
from app.services.roster import claims, workforce
from app.services.system import notifications, outbox, timers
from app.services.transactions import locked, retrying, transaction

ROUNDS_EXHAUSTED = "rounds_exhausted"
# A later visit of an order may lack somebody while an earlier one is being served.
SEARCHING = (
    OrderStatus.PENDING_DISPATCH, OrderStatus.ACCEPTED, OrderStatus.EN_ROUTE,
    OrderStatus.IN_SERVICE,
)  # fmt: skip


@outbox.delivers("order.dispatch")
def _dispatch_later(message: Outbox) -> None:
    assert message.subject_id is not None  # noqa: S101  # whoever puts it names the order
    dispatch_order(message.subject_id, actor=SYSTEM)


@retrying
def dispatch_order(order_id: int, *, actor: Actor) -> int:
    """Offer a waiting order to the best workers; returns how many offers were made.

    An order that no longer waits is left alone, so that this may run twice. Without anybody to
    ask, the order keeps the reason and the dispatchers see it.
    """
    with transaction(actor) as session:
        order = locked(session, Order, order_id)
        # It waits for its difference to be paid, or for what the customer wants instead.
        changing = order.supplement_fen > 0 or order.customer_chooses
        if order.status not in SEARCHING or changing or _is_offered(order):
            return 0
        sought, places = crew.lacking(order), crew.missing(order)
        if not sought:
            return 0
        placed = crew.on_visits(sought)
        policy = policies.of_branch(order.branch_id)
        if actor == SYSTEM and order.dispatch_round >= policy.rounds:
            _give_to_people(order, ROUNDS_EXHAUSTED)
            return 0
        order.dispatch_round += 1
        verdicts = finding.judge(order, sought)
        able = [v for v in verdicts if not v.broken and v.worker.id not in placed]
        chosen = able[: _how_many(places, policy)]
        if len(able) < places:
            chosen = []
        reason = "" if chosen else finding.why_nobody(verdicts)
        run_id = finding.keep(order, verdicts, {v.worker.id for v in chosen}, reason)
        if not chosen:
            _give_to_people(order, reason)
            return 0
        _make_offers(order, chosen, run_id, policy.mode, actor)
        return len(chosen)


@retrying
def force_assign(order_id: int, worker_id: int, *, reason: str, actor: Actor) -> Assignment:
    """A dispatcher gives a waiting order to a worker himself. The hard rules hold for him too.

    Raises RuleViolation that names the rules she breaks; a refusal of hers may be overruled.
    """
    if actor.kind == "staff" and not reason.strip():
        raise RuleViolation(_l("Say why"), code="reason_required", field="reason")
    with transaction(actor) as session:
        order = locked(session, Order, order_id)
        if order.status not in (*SEARCHING, OrderStatus.OFFERED) or crew.is_complete(order):
            raise RuleViolation(_l("This order does not wait for a worker"), code="not_waiting")
        return assign_despite(order, worker_id, frozenset(), reason=reason, actor=actor)


def assign_despite(
    order: Order, worker_id: int, despite: frozenset[str], *, reason: str, actor: Actor
) -> Assignment:
    """Give her the place although she breaks the rules `despite`. The order's row is locked."""
    assignment = crew.take_place(order, worker_id, offer_id=None, despite=despite)
    told: dict[str, Any] = {"despite": sorted(despite)} if despite else {}
    events.record(order, "assigned", actor=actor, reason=reason, worker_id=worker_id, **told)
    if crew.is_complete(order):
        end_offers(order, OfferStatus.WITHDRAWN)
        accept_order(order, actor)
    return assignment


def accept_order(order: Order, actor: Actor) -> None:
    """The crew is complete: the visits stand. The order's row is locked."""
    order.unassigned_reason = ""
    searching.end(order)
    order.lead_worker_id = crew.lead_of(order.id)
    if order.status in searching.SOUGHT:
        lateness.watch(order)
        events.change_status(
            order, OrderStatus.ACCEPTED, "accepted", actor=actor, worker_id=order.lead_worker_id
        )
    else:
        timers.cancel_timers(order.id, *searching.TIMERS)
        events.record(order, "substitute", actor=actor)
    notifications.notify("customer", order.customer_id, "order.accepted", order_id=order.id)


def end_offers(order: Order, status: OfferStatus) -> None:
    """End the order's live offers; the workers are told."""
    live = sa.select(Offer).filter_by(order_id=order.id, status=OfferStatus.LIVE.value)
    for offer in db.session.scalars(live).all():
        move(offer, status)
        offer.answered_at = clock.now()
        timers.cancel_timer("offer.expire", offer.id)
        notifications.notify("worker", offer.worker_id, "offer.ended", offer_id=offer.id)


def _is_offered(order: Order) -> bool:
    """Somebody is just thinking about a later visit of it."""
    return order.status != OrderStatus.PENDING_DISPATCH and live_offers(order.id) > 0


def live_offers(order_id: int) -> int:
    query = sa.select(sa.func.count(Offer.id)).filter_by(
        order_id=order_id, status=OfferStatus.LIVE.value
    )
    return db.session.scalar(query) or 0


def next_round(order: Order, actor: Actor) -> None:
    """Nobody is being asked any more: the order waits again, and the next round begins."""
    if order.status == OrderStatus.OFFERED:
        events.change_status(order, OrderStatus.PENDING_DISPATCH, "looking_again", actor=actor)
    outbox.put("order.dispatch", order.id)


def move_claim_away(order: Order, worker_id: int) -> None:
    """Who refused keeps no claim: another free worker gets it, or people are told.

    The order's row is locked; workers are locked here, in id order.
    """
    sought = [one for one in crew.lacking(order) if worker_id not in crew.on_visits([one])]
    starts = [visit.planned_start for visit in sought]
    held = claims.claimed_workers(order.owner, visit_starts=starts)
    if worker_id not in held:
        return
    claims.release(order.owner, worker_id, visit_starts=starts)
    others = finding.lock_free_crew(order, 1, but_not=held, visits=sought)
    if others is None:
        events.record(order, "capacity_lost", actor=SYSTEM, worker_id=worker_id)
        notifications.notify_staff("order.capacity_lost", order_id=order.id)
        return
    claims.claim(others[0], workforce.wanted_by(order, sought), "visit")


def _how_many(places: int, policy: Policy) -> int:
    """Offers of a round: as many as there are places, more in a broadcast."""
    return max(places, policy.batch) if policy.mode == "broadcast" else places


def _make_offers(order: Order, chosen: list[Verdict], run_id: int, mode: str, actor: Actor) -> None:
    expires_at = clock.now() + searching.offer_time(order)
    for verdict in chosen:
        offer = Offer(
            order_id=order.id,
            worker_id=verdict.worker.id,
            run_id=run_id,
            mode=mode,
            expires_at=expires_at,
        )
        db.session.add(offer)
        db.session.flush()
        timers.set_timer("offer.expire", offer.id, expires_at)
        notifications.notify("worker", verdict.worker.id, "offer.new", offer_id=offer.id)
    order.unassigned_reason = ""
    workers = [verdict.worker.id for verdict in chosen]
    told: dict[str, Any] = {"run_id": run_id, "workers": workers}
    if order.status == OrderStatus.PENDING_DISPATCH:
        events.change_status(order, OrderStatus.OFFERED, "offered", actor=actor, **told)
    else:
        events.record(order, "offered", actor=actor, **told)


def _give_to_people(order: Order, reason: str) -> None:
    if order.unassigned_reason != reason:
        order.unassigned_reason = reason
        events.record(order, "unassigned", actor=SYSTEM, reason=reason)
        notifications.notify_staff("order.unassigned", order_id=order.id, reason=reason)
