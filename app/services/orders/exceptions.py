"""Something is wrong with an order: it stands still until operations have resolved it."""

from datetime import timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import InvalidInput, RuleViolation
from app.domain.states import IncidentStatus, OrderStatus, VisitStatus, move
from app.models import Incident, Order, Visit
from app.services import audit, clock
from app.services.dispatch import crew
from app.services.orders import (
    choosing,
    confirming,
    events,
    following,
    lateness,
    open_moves,
    searching,
)
from app.services.system import notifications, timers
from app.services.transactions import locked, retrying, transaction
from app.services.visits import checking

KIND = "exception"
FROM = (
    OrderStatus.ACCEPTED, OrderStatus.EN_ROUTE, OrderStatus.IN_SERVICE, OrderStatus.PENDING_CONFIRM,
)  # fmt: skip
COMING = (VisitStatus.PLANNED, VisitStatus.EN_ROUTE)
# Where it may go on -> what its present visit must be for that.
NEEDS: dict[OrderStatus, tuple[VisitStatus, ...]] = {
    OrderStatus.PENDING_DISPATCH: COMING,
    OrderStatus.ACCEPTED: COMING,
    OrderStatus.EN_ROUTE: COMING,
    OrderStatus.IN_SERVICE: (VisitStatus.IN_SERVICE,),
    OrderStatus.PENDING_CONFIRM: (VisitStatus.IN_SERVICE, VisitStatus.DONE),
    OrderStatus.COMPLETED: (VisitStatus.IN_SERVICE, VisitStatus.DONE),
    OrderStatus.CANCELLED: COMING,
}


@retrying
def report(order_id: int, *, reason: str, worker_id: int | None = None, actor: Actor) -> Order:
    """A worker of the crew or staff say that something is wrong; nothing goes on by itself.

    Raises NotFound, RuleViolation (reason_required, no_exception_now).
    """
    _say_why(reason)
    with transaction(actor) as session:
        order = locked(session, Order, order_id)
        if worker_id is not None:
            checking.check_in_crew(order, worker_id)
        if order.status not in FROM:
            raise RuleViolation(
                _l("Nothing can be reported about this order now"), code="no_exception_now",
                status=order.status,
            )  # fmt: skip
        before = order.status
        for kind in ("order.confirm", lateness.TIMER):
            timers.cancel_timer(kind, order.id)
        open_moves.give_up(session, order, reason=KIND, actor=actor)
        session.add(
            Incident(
                kind=KIND, severity="high", branch_id=order.branch_id, order_id=order.id,
                worker_id=worker_id or order.lead_worker_id, text=reason[:500],
                details={"from": before},
            )
        )  # fmt: skip
        events.change_status(order, OrderStatus.EXCEPTION, KIND, actor=actor, reason=reason[:200])
        told = {"from": before, "reason": reason[:200]}
        audit.record(KIND, "customer_order", order.id, told, about=("order", order.id), actor=actor)
        notifications.notify_staff("order.exception", order_id=order.id)
        return order


@retrying
def resolve(order_id: int, to: OrderStatus, *, reason: str, actor: Actor) -> Order:
    """Operations say where it goes on. What has begun is not undone, what is missing not invented.

    Raises RuleViolation (reason_required, not_an_exception, does_not_fit, crew_incomplete),
    InvalidInput for a status where nothing goes on.
    """
    _say_why(reason)
    if to not in NEEDS:
        raise InvalidInput(_l("Choose how it goes on"), code="goes_nowhere", field="to")
    with transaction(actor) as session:
        order = locked(session, Order, order_id)
        if order.status != OrderStatus.EXCEPTION:
            raise RuleViolation(_l("This order has no exception"), code="not_an_exception")
        visit = _present_visit(session, order)
        if VisitStatus(visit.status) not in NEEDS[to]:
            raise RuleViolation(
                _l("The visit is not where this could go on"), code="does_not_fit",
                visit=visit.status,
            )  # fmt: skip
        _go_on(session, order, visit, to, reason, actor)
        _solve_incidents(session, order, reason, actor)
        audit.record("resolve", "customer_order", order.id, {"to": to.value}, actor=actor)
        return order


def _go_on(
    session: Session, order: Order, visit: Visit, to: OrderStatus, reason: str, actor: Actor
) -> None:
    if to == OrderStatus.CANCELLED:
        choosing.give_back(
            session, order, party="platform", reason_code="other", reason=reason, actor=actor
        )
        return
    if to in (OrderStatus.ACCEPTED, OrderStatus.EN_ROUTE, OrderStatus.PENDING_DISPATCH):
        _come(order, visit, to, reason)
    after = to
    if to in (OrderStatus.PENDING_CONFIRM, OrderStatus.COMPLETED):
        after = OrderStatus.PENDING_CONFIRM
        if visit.status == VisitStatus.IN_SERVICE:
            checking.end_visit(visit)
        if following.next_of(order) is not None:
            following.go_on(order, "resolved", actor=actor, reason=reason[:200])
            return
    events.change_status(order, after, "resolved", actor=actor, reason=reason[:200])
    if after == OrderStatus.PENDING_CONFIRM:
        hours = order.rules["visit.confirm_hours"]
        timers.set_timer("order.confirm", order.id, clock.now() + timedelta(hours=hours))
    if to == OrderStatus.COMPLETED:
        confirming.complete(order, "confirmed_by_staff", actor)
    notifications.notify("customer", order.customer_id, "order.resolved", order_id=order.id)


def _come(order: Order, visit: Visit, to: OrderStatus, reason: str) -> None:
    """The visit is still to come: by the same crew, or by whoever is found."""
    if to != OrderStatus.PENDING_DISPATCH and visit in crew.lacking(order):
        raise RuleViolation(_l("The crew is not complete"), code="crew_incomplete")
    wanted = VisitStatus.EN_ROUTE if to == OrderStatus.EN_ROUTE else VisitStatus.PLANNED
    if visit.status != wanted:
        move(visit, wanted)
    if to != OrderStatus.PENDING_DISPATCH:
        lateness.watch(order)
        return
    for worker_id in crew.on_visits([visit]):
        crew.end_place(order, worker_id, reason=reason, fault="company", visits=[visit])
        notifications.notify("worker", worker_id, "order.reassigned", order_id=order.id)
    order.dispatch_round, order.lead_worker_id = 0, None
    searching.begin(order)


def _present_visit(session: Session, order: Order) -> Visit:
    """The one that is under way, else the next, else the last that was done."""
    order_of = (VisitStatus.IN_SERVICE, VisitStatus.EN_ROUTE, VisitStatus.PLANNED)
    ranks = {status.value: rank for rank, status in enumerate(order_of)}
    rank = sa.case(ranks, value=Visit.status, else_=len(ranks))
    query = sa.select(Visit.id).filter_by(order_id=order.id)
    visit_id = session.scalars(query.order_by(rank, Visit.planned_start.desc()).limit(1)).one()
    return locked(session, Visit, visit_id)


def _solve_incidents(session: Session, order: Order, reason: str, actor: Actor) -> None:
    for row in session.scalars(
        sa.select(Incident).where(
            Incident.order_id == order.id, Incident.kind == KIND,
            Incident.status != IncidentStatus.SOLVED.value,
        )
    ).all():  # fmt: skip
        move(row, IncidentStatus.SOLVED)
        row.handler_id, row.solved_at, row.outcome = actor.id, clock.now(), reason[:500]


def _say_why(reason: str) -> None:
    if not reason.strip():
        raise RuleViolation(_l("Say why"), code="reason_required", field="reason")
