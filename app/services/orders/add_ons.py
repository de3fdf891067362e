"""More work or time at the door: proposed by the worker, agreed by the customer, then owed."""

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import Conflict, InvalidInput, NotFound, RuleViolation
from app.domain.states import AddOnStatus, OrderStatus, VisitStatus, move
from app.models import AddOn, Complaint, Order, OrderLine, Visit
from app.services import audit, clock
from app.services.orders import disputes, events, extending
from app.services.quality import complaints
from app.services.system import notifications
from app.services.transactions import locked, retrying, transaction
from app.services.visits import checking

KINDS = ("option", "time", "material", "other")
# Agreed while the work is done, or looked at once more before it is confirmed.
ANSWERABLE = (OrderStatus.IN_SERVICE, OrderStatus.PENDING_CONFIRM)
LARGEST_FEN = 10_000_000


@retrying
def propose(
    visit_id: int,
    worker_id: int,
    *,
    kind: str,
    name: str,
    amount_fen: int,
    minutes: int = 0,
    actor: Actor,
) -> AddOn:
    """The worker proposes an addition to the visit that she is at; the customer is asked.

    Raises NotFound for a visit that is not hers, RuleViolation (not_in_service), InvalidInput,
    Conflict (next_visit) for more time than there is before the crew's next visit.
    """
    if kind == "time" and not minutes:
        raise InvalidInput(_l("Say how much longer"), code="add_on_incomplete", field="minutes")
    if kind not in KINDS or not name.strip() or not 0 <= amount_fen <= LARGEST_FEN:
        raise InvalidInput(_l("Say what it is and what it costs"), code="add_on_incomplete")
    with transaction(actor) as session:
        place = checking.place_of(session, visit_id, worker_id)
        if place.order.status != OrderStatus.IN_SERVICE:
            raise RuleViolation(_l("The work has not begun"), code="not_in_service")
        if minutes:
            extending.check(place.order, place.visit, minutes)
        add_on = AddOn(
            order_id=place.order.id,
            visit_id=visit_id,
            worker_id=worker_id,
            kind=kind,
            name=name.strip()[:80],
            minutes=minutes,
            amount_fen=amount_fen,
        )
        session.add(add_on)
        session.flush()
        _tell(place.order, add_on, "add_on.proposed", actor)
        told = {"add_on": add_on.id, "amount_fen": amount_fen, "minutes": minutes}
        audit.record("propose_add_on", "customer_order", place.order.id, told, actor=actor)
        _notify_customer(place.order, add_on)
        return add_on


@retrying
def answer(customer_id: int, order_id: int, add_on_id: int, *, agree: bool, actor: Actor) -> AddOn:
    """The customer agrees, and owes it from now on, or refuses.

    More time is claimed, if it is still free. Raises NotFound, RuleViolation (not_in_service),
    Conflict (next_visit), IllegalTransition for the second answer.
    """
    with transaction(actor) as session:
        order = locked(session, Order, order_id)
        add_on = locked(session, AddOn, add_on_id)
        if order.customer_id != customer_id or add_on.order_id != order.id:
            raise NotFound(_l("This add-on does not exist"), add_on_id=add_on_id)
        if order.status not in ANSWERABLE:
            raise RuleViolation(_l("The work is over"), code="not_in_service")
        move(add_on, AddOnStatus.APPROVED if agree else AddOnStatus.REFUSED)
        add_on.answered_at = clock.now()
        if agree:
            _add(session, order, add_on)
        kind = "add_on.approved" if agree else "add_on.refused"
        _tell(order, add_on, kind, actor)
        told = {"add_on": add_on.id, "amount_fen": add_on.amount_fen, "agreed": agree}
        audit.record("add_on", "customer_order", order.id, told, actor=actor)
        notifications.notify("worker", add_on.worker_id, kind, order_id=order.id, name=add_on.name)
        return add_on


@retrying
def refuse_to_pay(
    customer_id: int, order_id: int, add_on_id: int, *, text: str, actor: Actor
) -> Complaint:
    """The customer does not pay for what she had agreed to: a dispute, that somebody resolves.

    Nothing waits for the money: the work goes on, and nothing is settled until then. Raises
    NotFound, RuleViolation (nothing_to_pay), Conflict (disputed).
    """
    with transaction(actor) as session:
        order = locked(session, Order, order_id)
        add_on = locked(session, AddOn, add_on_id)
        if order.customer_id != customer_id or add_on.order_id != order.id:
            raise NotFound(_l("This add-on does not exist"), add_on_id=add_on_id)
        if add_on.status != AddOnStatus.APPROVED or not order.unpaid_fen:
            raise RuleViolation(_l("There is nothing to pay on this order"), code="nothing_to_pay")
        if order.disputed_at is not None:
            raise Conflict(_l("We are looking into it already"), code="disputed")
        disputes.hold(order, reason=f"{add_on.name}: {text}", actor=actor)
        told = {"add_on": add_on.id, "amount_fen": add_on.amount_fen}
        audit.record("refuse_to_pay", "customer_order", order.id, told, actor=actor)
        return complaints.create(
            customer_id, category="price", severity="normal",
            text=f"{add_on.name}: {text}"[:1000], source="customer", order_id=order.id,
            actor=actor,
        )  # fmt: skip


def expire(session: Session, order: Order, *, actor: Actor) -> None:
    """The work is over: what was not answered is not asked any more. The order's row is locked."""
    asked = sa.select(AddOn).filter_by(order_id=order.id, status=AddOnStatus.PROPOSED.value)
    for add_on in session.scalars(asked).all():
        move(add_on, AddOnStatus.EXPIRED)
        _tell(order, add_on, "add_on.expired", actor)


def _add(session: Session, order: Order, add_on: AddOn) -> None:
    """A line of the price; what is due grows by it."""
    last = sa.select(sa.func.coalesce(sa.func.max(OrderLine.position), 0))
    session.add(
        OrderLine(
            order_id=order.id,
            position=(session.scalar(last.filter_by(order_id=order.id)) or 0) + 1,
            kind="overtime" if add_on.kind == "time" else "add_on",
            label=add_on.name,
            label_en=add_on.name,
            unit_fen=add_on.amount_fen,
            amount_fen=add_on.amount_fen,
        )
    )
    visit = locked(session, Visit, add_on.visit_id)
    if add_on.minutes and visit.status == VisitStatus.IN_SERVICE:
        extending.extend(order, visit, add_on.minutes)
    if visit.charged_fen is not None:
        visit.charged_fen += add_on.amount_fen
    order.total_fen += add_on.amount_fen
    order.due_fen += add_on.amount_fen


def _tell(order: Order, add_on: AddOn, kind: str, actor: Actor) -> None:
    events.record(
        order, kind, actor=actor, add_on=add_on.id, name=add_on.name, amount_fen=add_on.amount_fen
    )


def _notify_customer(order: Order, add_on: AddOn) -> None:
    notifications.notify(
        "customer", order.customer_id, "add_on.proposed",
        order_id=order.id, name=add_on.name, amount_fen=add_on.amount_fen,
    )  # fmt: skip
