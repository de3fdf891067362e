"""The job of the plans: new dates, orders for those that come near, and what cannot be served.

Every step is one small transaction that looks again under the plan's lock: two jobs at once, or
one that was killed, make each order once.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain import recurrence
from app.domain.actors import SYSTEM
from app.domain.eligibility import HELD
from app.domain.errors import Conflict, NotFound, RuleViolation
from app.domain.states import OccurrenceStatus, PlanStatus, move
from app.extensions import db
from app.models import CustomerAccount, Order, Outbox, PlanOccurrence, Quote, ServicePlan
from app.services import clock
from app.services.identity import blocking
from app.services.orders import holds, ordering, quotes, reminding
from app.services.plans import looking, openings, pausing, story, telling
from app.services.roster import claims, slots, workforce
from app.services.system import app_errors, outbox, parameters
from app.services.transactions import locked, retrying, transaction

logger = logging.getLogger(__name__)
TOO_LATE = "too_late"
T = TypeVar("T")


def run(plan_id: int | None = None) -> int:
    """Bring one plan, or all, up to today; returns how many orders were made.

    A plan that fails does not stop the others: the next run tries it again.
    """
    for one in _living(plan_id):
        _safely(_bring_forward, one)
    return sum(bool(_safely(make_order, one)) for one in _due(plan_id))


@outbox.delivers("plan.order_ahead")
def _order_ahead(message: Outbox) -> None:
    """The first orders of a plan that changed do not wait for the job."""
    run(message.subject_id)


@retrying
def make_order(occurrence_id: int) -> int | None:
    """Order one date, if it is due and was not ordered yet; returns the order's id.

    The same engine decides as when customers book: the wished worker where she is free, somebody
    else otherwise; nobody: the date becomes impossible and that is told.
    """
    plan_id = db.session.get_one(PlanOccurrence, occurrence_id).plan_id
    with transaction(SYSTEM) as session:
        plan = locked(session, ServicePlan, plan_id)
        row = locked(session, PlanOccurrence, occurrence_id)
        if not _is_due(plan, row):
            return None
        if row.starts_at <= clock.now():
            _cannot(plan, row, TOO_LATE)
            return None
        try:
            blocking.check_may_book(session.get_one(CustomerAccount, plan.customer_id))
            quote = quotes.at_time(story.quote_again(plan), row.starts_at)
            session.flush()
            holds.check_offered(quote, row.starts_at)
            crew = _crew(plan, row, quote)
        except (RuleViolation, NotFound, Conflict) as refusal:
            reason = str(refusal.details.get("reason") or refusal.code)
            if reason != HELD:  # who holds the time may not order it: the next run looks again
                _cannot(plan, row, reason)
            return None
        order = _ordered(session, plan, row, quote, crew)
        return order.id


def _living(plan_id: int | None) -> Sequence[int]:
    query = sa.select(ServicePlan.id).where(ServicePlan.status != PlanStatus.ENDED.value)
    if plan_id is not None:
        query = query.where(ServicePlan.id == plan_id)
    return db.session.scalars(query.order_by(ServicePlan.id)).all()


def _due(plan_id: int | None) -> Sequence[int]:
    query = (
        sa.select(PlanOccurrence.id)
        .join(ServicePlan, ServicePlan.id == PlanOccurrence.plan_id)
        .where(
            sa.or_(
                ServicePlan.status == PlanStatus.ACTIVE.value,
                ServicePlan.paused_until <= clock.city_date(_made_until()),
            ),
            PlanOccurrence.status == OccurrenceStatus.PLANNED.value,
            PlanOccurrence.starts_at < _made_until(),
        )
    )
    if plan_id is not None:
        query = query.where(PlanOccurrence.plan_id == plan_id)
    return db.session.scalars(query.order_by(PlanOccurrence.starts_at, PlanOccurrence.id)).all()


def _made_until() -> datetime:
    """Dates that start before this are ordered now."""
    return clock.start_of(clock.today() + timedelta(days=parameters.get("plan.made_days") + 1))


def _is_due(plan: ServicePlan, row: PlanOccurrence) -> bool:
    planned = row.status == OccurrenceStatus.PLANNED and row.starts_at < _made_until()
    return planned and (plan.status == PlanStatus.ACTIVE or _is_after_pause(plan, row))


def _is_after_pause(plan: ServicePlan, row: PlanOccurrence) -> bool:
    """It takes place when the plan goes on by itself, and must not be ordered only then."""
    until = plan.paused_until if plan.status == PlanStatus.PAUSED else None
    return until is not None and clock.city_date(row.starts_at) >= until


def _safely(step: Callable[[int], T], key: int) -> T | None:
    try:
        return step(key)
    except Exception as exc:
        db.session.rollback()
        logger.exception("Plans: %s(%s) failed; the next run tries again", step.__name__, key)
        app_errors.keep(exc, "job order_plans")
        return None


def _bring_forward(plan_id: int) -> None:
    """End its pause on its day, give it dates up to the horizon, end it when it is over."""
    with transaction(SYSTEM) as session:
        plan = locked(session, ServicePlan, plan_id)
        if plan.paused_until is not None and plan.paused_until <= clock.today():
            pausing.go_on(session, plan, actor=SYSTEM)
        if plan.status == PlanStatus.ACTIVE or plan.paused_until is not None:
            extend(session, plan)
        if plan.status == PlanStatus.ACTIVE:
            _end_when_over(session, plan)


def extend(session: Session, plan: ServicePlan) -> None:
    """Give the plan its dates up to the horizon. Its row is locked."""
    known = sa.select(sa.func.max(PlanOccurrence.planned_on)).filter_by(plan_id=plan.id)
    last_known = session.scalar(known)
    first = max(clock.today(), last_known + timedelta(days=1) if last_known else plan.starts_on)
    last = min(openings.horizon(), plan.ends_on or date.max)
    days = recurrence.days_of(plan.rrule, plan.starts_on, first, last)
    holidays = looking.holidays_among(days)
    for day in days:
        rests = looking.is_left_out(holidays.get(day), plan.on_holidays)
        status = OccurrenceStatus.SKIPPED if rests else OccurrenceStatus.PLANNED
        session.add(
            PlanOccurrence(
                plan_id=plan.id,
                planned_on=day,
                starts_at=openings.start_on(day, plan.start_minute),
                status=status.value,
                reason="holiday" if rests else "",
            )
        )
    session.flush()


def _end_when_over(session: Session, plan: ServicePlan) -> None:
    if plan.ends_on is None or plan.ends_on >= clock.today():
        return
    waiting = sa.select(PlanOccurrence.id).where(
        PlanOccurrence.plan_id == plan.id,
        PlanOccurrence.status == OccurrenceStatus.PLANNED.value,
        PlanOccurrence.starts_at > clock.now(),
    )
    if session.scalar(waiting.limit(1)) is None:
        move(plan, PlanStatus.ENDED)
        story.record(plan, "ended", actor=SYSTEM, reason="over")


def _crew(plan: ServicePlan, row: PlanOccurrence, quote: Quote) -> Sequence[int]:
    """Who comes, locked and free for certain. Raises Conflict."""
    wished = _wished(plan, row)
    wanted = slots.wanted_visit(quote, row.starts_at)
    prefer = [wished] if wished else []
    return holds.take_crew(plan.branch_id, quote, wanted, None, prefer=prefer)


def _wished(plan: ServicePlan, row: PlanOccurrence) -> int | None:
    """Who was asked for, for this date or for all; else whoever came the time before."""
    before = (
        sa.select(sa.func.coalesce(Order.lead_worker_id, PlanOccurrence.worker_id))
        .select_from(PlanOccurrence)
        .join(Order, Order.id == PlanOccurrence.order_id)
        .where(PlanOccurrence.plan_id == plan.id, PlanOccurrence.planned_on < row.planned_on)
        .order_by(PlanOccurrence.planned_on.desc())
        .limit(1)
    )
    return row.worker_id or plan.preferred_worker_id or db.session.scalar(before)


def _ordered(
    session: Session, plan: ServicePlan, row: PlanOccurrence, quote: Quote, crew: Sequence[int]
) -> Order:
    wished = _wished(plan, row)
    order = ordering.placed(
        session, quote, row.starts_at, note=plan.note, source="plan",
        pay_within=_pay_within(row.starts_at),
    )  # fmt: skip
    for worker_id in crew:
        claims.claim(worker_id, workforce.wanted_by(order), "visit")
    ordering.begun(order, actor=SYSTEM)
    reminding.remind_to_pay(order)
    row.order_id = order.id
    row.worker_id = wished if wished in crew else crew[0]
    story.change_date(
        plan, row, OccurrenceStatus.ORDERED, "date.ordered", actor=SYSTEM,
        order=order.number, total_fen=order.total_fen,
    )  # fmt: skip
    telling.tell_ordered(plan, row, order, same_worker=wished is None or wished in crew)
    return order


def _pay_within(start: datetime) -> timedelta:
    """Days rather than minutes, but before it would be too late to book."""
    now = clock.now()
    latest = start - timedelta(minutes=parameters.get("booking.lead_minutes"))
    until = min(now + timedelta(hours=parameters.get("plan.pay_hours")), latest)
    return max(until - now, timedelta(minutes=parameters.get("payment.pay_within_minutes")))


def _cannot(plan: ServicePlan, row: PlanOccurrence, reason: str) -> None:
    story.change_date(
        plan, row, OccurrenceStatus.IMPOSSIBLE, "date.impossible", actor=SYSTEM, reason=reason
    )
    outbox.put("plan.date_impossible", row.id)
