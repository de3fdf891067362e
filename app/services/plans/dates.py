"""One date of a plan: left out, put back, at another time or by somebody else."""

from collections.abc import Sequence
from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import InvalidInput, RuleViolation
from app.domain.states import OccurrenceStatus
from app.models import PlanOccurrence, ServicePlan
from app.services import clock
from app.services.orders import holds
from app.services.plans import making, openings, story, telling
from app.services.system import outbox
from app.services.transactions import retrying, transaction

WAITING = (OccurrenceStatus.PLANNED, OccurrenceStatus.IMPOSSIBLE)


@retrying
def skip_date(
    plan_id: int, on: date, *, reason: str = "", customer_id: int | None = None, actor: Actor
) -> PlanOccurrence:
    """Leave one date out. It can be put back until it is too late to book.

    Raises NotFound, RuleViolation (order_made, with the order: cancelling the date or the order
    shows what that costs).
    """
    with transaction(actor) as session:
        plan, row = _waiting(session, plan_id, on, customer_id)
        story.change_date(
            plan, row, OccurrenceStatus.SKIPPED, "date.skipped", actor=actor,
            reason=reason or f"by_{actor.kind}",
        )  # fmt: skip
        return row


@retrying
def put_back(
    plan_id: int,
    on: date,
    *,
    starts_at: datetime | None = None,
    customer_id: int | None = None,
    actor: Actor,
) -> PlanOccurrence:
    """Take a date back that was left out or cancelled, or whose order ended unserved, at its own
    time or another one. A new order is made for it.

    Raises NotFound, RuleViolation (not_skipped, slot_not_offered, dates_overlap), Conflict
    (slot_taken).
    """
    with transaction(actor) as session:
        plan = story.living(story.locked_plan(session, plan_id, customer_id))
        row = story.date_of(session, plan, on)
        if not row.may_come_back or _is_after(plan, row):
            raise RuleViolation(_l("This date was not left out"), code="not_skipped")
        _place(session, plan, row, starts_at or row.starts_at, row.worker_id)
        story.change_date(
            plan, row, OccurrenceStatus.PLANNED, "date.put_back", actor=actor,
            starts_at=row.starts_at.isoformat(), order=row.order.number if row.order else None,
        )  # fmt: skip
        row.order_id = None
        outbox.put("plan.order_ahead", plan.id)
        return row


@retrying
def shift_date(
    plan_id: int,
    on: date,
    starts_at: datetime,
    *,
    worker_id: int | None = None,
    customer_id: int | None = None,
    actor: Actor,
) -> PlanOccurrence:
    """Let one date be at another time, or be another worker's; the plan stays as it is.

    Raises NotFound, RuleViolation (order_made, slot_not_offered, dates_overlap), Conflict
    (slot_taken).
    """
    with transaction(actor) as session:
        plan, row = _waiting(session, plan_id, on, customer_id)
        before = row.starts_at
        _place(session, plan, row, starts_at, worker_id or row.worker_id)
        if row.status == OccurrenceStatus.IMPOSSIBLE:
            story.change_date(plan, row, OccurrenceStatus.PLANNED, "date.possible", actor=actor)
        story.record(
            plan, "date.shifted", actor=actor, on=on, before=before.isoformat(),
            after=starts_at.isoformat(), worker_id=worker_id,
        )  # fmt: skip
        outbox.put("plan.order_ahead", plan.id)
        return row


def other_times(plan: ServicePlan, on: date, session: Session) -> Sequence[datetime]:
    """Times near the date at which somebody could come. Raises NotFound."""
    return telling.alternatives(plan, story.date_of(session, plan, on))


def _waiting(
    session: Session, plan_id: int, on: date, customer_id: int | None
) -> tuple[ServicePlan, PlanOccurrence]:
    """A date for which no order was made yet."""
    plan = story.living(story.locked_plan(session, plan_id, customer_id))
    row = story.date_of(session, plan, on)
    if row.status not in WAITING:
        raise _not_waiting(row)
    return plan, row


def _not_waiting(row: PlanOccurrence) -> RuleViolation:
    """It has an order, which has rules of its own, or it is over."""
    if row.order is None:
        return RuleViolation(
            _l("This date is not planned any more"), code="date_over", status=row.status
        )
    number = row.order.number
    return RuleViolation(
        _l(
            "Order %(order)s was made for this date. Please move or cancel that order", order=number
        ),
        code="order_made",
        status=row.status,
        order=number,
    )


def _is_after(plan: ServicePlan, row: PlanOccurrence) -> bool:
    """Whether the plan ends before that date."""
    return plan.ends_on is not None and row.planned_on > plan.ends_on


def _place(
    session: Session,
    plan: ServicePlan,
    row: PlanOccurrence,
    start: datetime,
    worker_id: int | None,
) -> None:
    """Let the date start then, if that is offered and somebody could come."""
    if start <= clock.now():
        raise InvalidInput(_l("Choose a time to come"), code="time_past", field="starts_at")
    quote = story.quote_unsaved(plan)
    if clock.city_date(start) <= openings.horizon():
        holds.check_offered(quote, start)
        wished = worker_id or plan.preferred_worker_id
        free = openings.free_times(quote, [clock.city_date(start)], wished)
        making.check_free(free, start, quote)
    elif start != openings.start_on(row.planned_on, plan.start_minute):
        raise RuleViolation(
            _l("This time is not offered"), code="slot_not_offered", field="starts_at"
        )
    others = [other for other in story.dates_of(session, plan) if other.id != row.id]
    making.check_apart([*(o.comes_at for o in others if making.is_on(o)), start], quote.minutes)
    row.starts_at, row.worker_id = start, worker_id
