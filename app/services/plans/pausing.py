"""Pausing a plan, and going on with it. Orders that were made already stay as they are."""

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import InvalidInput, RuleViolation
from app.domain.states import OccurrenceStatus, PlanStatus, move
from app.models import ServicePlan
from app.services import clock
from app.services.plans import story
from app.services.system import notifications, outbox
from app.services.transactions import retrying, transaction


@retrying
def pause_plan(
    plan_id: int,
    *,
    until: date | None = None,
    reason: str = "",
    customer_id: int | None = None,
    actor: Actor,
) -> ServicePlan:
    """Make no more orders, until the plan is resumed or by itself on the day `until`; for dates
    from that day on they are made ahead as always.

    Raises NotFound, RuleViolation (plan_ended, plan_paused), InvalidInput for a day that is past.
    """
    if until is not None and until <= clock.today():
        raise InvalidInput(_l("Choose a day to come"), code="day_past", field="until")
    with transaction(actor) as session:
        plan = story.living(story.locked_plan(session, plan_id, customer_id))
        if plan.status == PlanStatus.PAUSED:
            raise RuleViolation(_l("This plan is paused already"), code="plan_paused")
        move(plan, PlanStatus.PAUSED)
        plan.paused_until = until
        day = until.isoformat() if until else None
        story.record(plan, "paused", actor=actor, reason=reason, until=day)
        return plan


@retrying
def resume_plan(plan_id: int, *, customer_id: int | None = None, actor: Actor) -> ServicePlan:
    """Go on: what passed meanwhile was left out, what is near is ordered at once.

    Raises NotFound, RuleViolation (plan_ended, plan_not_paused).
    """
    with transaction(actor) as session:
        plan = story.living(story.locked_plan(session, plan_id, customer_id))
        if plan.status != PlanStatus.PAUSED:
            raise RuleViolation(_l("This plan is not paused"), code="plan_not_paused")
        go_on(session, plan, actor=actor)
        return plan


def go_on(session: Session, plan: ServicePlan, *, actor: Actor) -> None:
    """The paused plan is active again. Its row is locked."""
    plan.paused_until = None
    move(plan, PlanStatus.ACTIVE)
    session.flush()
    story.record(plan, "resumed", actor=actor)
    for row in story.dates_of(session, plan):
        if row.status == OccurrenceStatus.PLANNED and row.starts_at <= clock.now():
            story.change_date(
                plan, row, OccurrenceStatus.SKIPPED, "date.skipped", actor=actor, reason="paused"
            )
    if actor.kind == "system":
        notifications.notify("customer", plan.customer_id, "plan.resumed", plan=plan.number)
    outbox.put("plan.order_ahead", plan.id)
