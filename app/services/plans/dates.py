"""One date of a plan: left out, put back, at another time or by somebody else."""

from collections.abc import Sequence
from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import InvalidInput, RuleViolation
from app.domain.states import OccurrenceStatus
from app.models import Order, PlanOccurrence, ServicePlan
from app.services import clock
from app.services.orders import holds
from app.services.plans import looking, making, story, telling
from app.services.system import outbox
from app.services.transactions import retrying, transaction

WAITING = (OccurrenceStatus.PLANNED, OccurrenceStatus.IMPOSSIBLE)


@retrying
def skip_date(
    plan_id: int, on: date, *, reason: str = "", customer_id: int | None = None, actor: Actor
) -> PlanOccurrence:
    """Leave one date out. It can be put back until it is too late to book.

    Raises NotFound, RuleViolation (order_made: that order is cancelled by its own rules).
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
    """Take a date back that was left out, at its own time or another one.

    Raises NotFound, RuleViolation (not_skipped, slot_not_offered), Conflict (slot_taken).
    """
    with transaction(actor) as session:
        plan = story.living(story.locked_plan(session, plan_id, customer_id))
        row = story.date_of(session, plan, on)
        if row.status != OccurrenceStatus.SKIPPED:
            raise RuleViolation(_l("This date was not left out"), code="not_skipped")
        _place(session, plan, row, starts_at or row.starts_at, row.worker_id)
        story.change_date(
            plan, row, OccurrenceStatus.PLANNED, "date.put_back", actor=actor,
            starts_at=row.starts_at.isoformat(),
        )  # fmt: skip
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
        order = session.get(Order, row.order_id) if row.order_id else None
        raise RuleViolation(
            _l("An order was made for this date. Please change the order")
            if order
            else _l("This date is not planned any more"),
            code="order_made" if order else "date_over",
            status=row.status,
            **({"order": order.number} if order else {}),
        )
    return plan, row


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
    if clock.city_date(start) <= looking.horizon():
        holds.check_offered(quote, start)
        wished = worker_id or plan.preferred_worker_id
        making.check_free(looking.free_times(quote, [clock.city_date(start)], wished), start)
    elif start != looking.start_on(row.planned_on, plan.start_minute):
        raise RuleViolation(
            _l("This time is not offered"), code="slot_not_offered", field="starts_at"
        )
    others = [other for other in story.dates_of(session, plan) if other.id != row.id]
    making.check_apart([*(o.starts_at for o in others if making.is_on(o)), start], quote.minutes)
    row.starts_at, row.worker_id = start, worker_id
