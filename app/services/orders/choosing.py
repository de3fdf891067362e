"""Nobody comes: the customer chooses another time, somebody else, or her money back."""

from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import InvalidInput, NotFound, RuleViolation
from app.domain.states import VisitStatus
from app.extensions import db
from app.models import Order, OrderEvent, Outbox
from app.services import audit, clock
from app.services.dispatch import crew
from app.services.orders import calling_off, cancelling, events, new_times, searching
from app.services.roster import claims
from app.services.system import notifications, outbox, parameters
from app.services.transactions import locked, retrying, transaction

Choice = Literal["new_time", "other_worker", "refund"]
CHOICES: tuple[Choice, ...] = ("new_time", "other_worker", "refund")
ASKED = "choice.asked"


@retrying
def choose(
    order_id: int,
    choice: Choice,
    *,
    starts_at: datetime | None = None,
    customer_id: int | None = None,
    actor: Actor,
) -> Order:
    """The customer wants another time, somebody else as soon as possible, or the money back.

    Raises NotFound, InvalidInput, RuleViolation (nothing_to_choose, slot_not_offered), Conflict
    (slot_taken): then something else can be chosen.
    """
    if choice not in CHOICES or (choice == "new_time") != (starts_at is not None):
        raise InvalidInput(_l("Choose one of these"), code="choice_unknown", allowed=list(CHOICES))
    with transaction(actor) as session:
        order = locked(session, Order, order_id)
        if customer_id not in (None, order.customer_id):
            raise NotFound(_l("This order does not exist"), order_id=order_id)
        if not order.customer_chooses:
            raise RuleViolation(_l("There is nothing to choose now"), code="nothing_to_choose")
        if choice == "refund":
            end_visit_free(
                session, order, party="platform", reason_code="worker_unavailable", actor=actor
            )
        else:
            order.customer_chooses = False
            _come_again(order, starts_at, actor)
        audit.record("choose", "customer_order", order.id, {"choice": choice}, actor=actor)
        return order


def give_back(
    session: Session,
    order: Order,
    *,
    party: str,
    reason_code: str,
    reason: str = "",
    actor: Actor,
) -> None:
    """End what remains of the order without a fee: all of it, where nothing was served."""
    words: dict[str, Any] = {"party": party, "reason_code": reason_code, "reason": reason}
    if calling_off.is_partly_served(session, order):
        shown = calling_off.preview(session, order, party)
        calling_off.call_off(order.id, shown.hash, **words, actor=actor)
    else:
        shown = cancelling.preview(session, order, party)
        cancelling.cancel_order(order.id, shown.hash, **words, actor=actor)


def end_visit_free(
    session: Session, order: Order, *, party: str, reason_code: str, actor: Actor
) -> None:
    """The visit to which nobody comes costs nothing; others of the order take place."""
    visit = new_times.next_visit(order)
    if calling_off.is_last(session, order, visit):
        give_back(session, order, party=party, reason_code=reason_code, actor=actor)
        return
    calling_off.end_visits(
        session, order, [visit], VisitStatus.CANCELLED, 0, kind="visits_cancelled",
        reason=reason_code, party=party, actor=actor,
    )  # fmt: skip


@outbox.delivers("order.choose")
def _ask(message: Outbox) -> None:
    """Tell the customer what she can choose, once, with other times as they are now."""
    assert message.subject_id is not None  # noqa: S101  # `searching.ask_to_choose` names the order
    order = db.session.get_one(Order, message.subject_id)
    near = [start.isoformat() for start in times_near(order)]
    with transaction(SYSTEM) as session:
        order = locked(session, Order, order.id)
        if not order.customer_chooses or _is_asked(order):
            return
        told = {key: value for key, value in message.payload.items() if key != "kind"}
        events.record(order, ASKED, actor=SYSTEM, alternatives=near, **told)
        notifications.notify(
            "customer", order.customer_id, message.payload["kind"], order_id=order.id,
            alternatives=near, **told,
        )  # fmt: skip


def times_near(order: Order) -> list[datetime]:
    """Times near the order's own at which somebody could come, as things are now."""
    return new_times.free_near(order, but_not=crew.gone(order.id))


def _is_asked(order: Order) -> bool:
    """Since the last time that nobody came."""
    kinds = (ASKED, "nobody_found", "worker_no_show")
    events_of = sa.select(OrderEvent.kind).where(
        OrderEvent.order_id == order.id, OrderEvent.kind.in_(kinds)
    )
    return db.session.scalar(events_of.order_by(OrderEvent.id.desc()).limit(1)) == ASKED


def _come_again(order: Order, starts_at: datetime | None, actor: Actor) -> None:
    """Claim the time for whoever is free then, and look for her."""
    visit = new_times.next_visit(order)
    if starts_at is not None:
        new_times.check_offered(order, visit, starts_at)
    start = starts_at or _soonest()
    wanted = new_times.wanted_at(order, visit, start)
    refused = crew.gone(order.id)
    crew_ids = new_times.lock_crew(order, wanted, prefer=(), but_not=refused)
    claims.release(order.owner, visit_starts=[visit.planned_start])
    for worker_id in crew_ids:
        claims.claim(worker_id, wanted, "visit")
    before = visit.planned_start.isoformat()
    new_times.write(order, visit, start)
    events.record(order, "chosen", actor=actor, before=before, after=start.isoformat())
    searching.begin(order)


def _soonest() -> datetime:
    """As for a booking for now, at the next full five minutes."""
    start = clock.now() + timedelta(minutes=parameters.get("booking.instant_minutes"))
    over = timedelta(minutes=start.minute % 5, seconds=start.second, microseconds=start.microsecond)
    return start - over + timedelta(minutes=5)
