"""What customers and the office are told of a plan's dates."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from app.domain.actors import SYSTEM
from app.domain.errors import DomainError
from app.domain.states import OccurrenceStatus
from app.extensions import db
from app.models import Order, Outbox, PlanEvent, PlanOccurrence, ServicePlan
from app.services.orders import prices
from app.services.plans import looking, openings, story
from app.services.system import notifications, outbox
from app.services.transactions import locked, transaction

TOLD = "date.told"


def tell_ordered(
    plan: ServicePlan, row: PlanOccurrence, order: Order, *, same_worker: bool
) -> None:
    """An order of the plan was made, by when it is to be paid, and by whom it will be served."""
    told = {"plan": plan.number, "order_id": order.id, "on": row.planned_on.isoformat()}
    pay_by = {"pay_by": order.pay_by_at.isoformat()} if order.pay_by_at else {}
    notifications.notify(
        "customer", plan.customer_id, "plan.ordered", **told, amount_fen=order.unpaid_fen, **pay_by
    )
    if not same_worker:
        story.record(plan, "date.other_worker", actor=SYSTEM, on=row.planned_on)
        notifications.notify("customer", plan.customer_id, "plan.other_worker", **told)


@outbox.delivers("plan.date_impossible")
def _date_impossible(message: Outbox) -> None:
    assert message.subject_id is not None  # noqa: S101  # whoever puts it names the date
    tell_impossible(message.subject_id)


def tell_impossible(occurrence_id: int) -> None:
    """Tell the customer and the office of a date that nobody can serve, once, with other times."""
    row = db.session.get_one(PlanOccurrence, occurrence_id)
    near = [start.isoformat() for start in alternatives(row.plan, row)]
    with transaction(SYSTEM) as session:
        plan = locked(session, ServicePlan, row.plan_id)
        row = locked(session, PlanOccurrence, occurrence_id)
        if row.status != OccurrenceStatus.IMPOSSIBLE or _is_told(row):
            return
        told = {"plan": plan.number, "on": row.planned_on.isoformat(), "reason": row.reason}
        story.record(plan, TOLD, actor=SYSTEM, on=row.planned_on, alternatives=near)
        notifications.notify(
            "customer", plan.customer_id, "plan.date_impossible", **told, alternatives=near
        )
        notifications.notify_staff("plan.date_impossible", **told)


def alternatives(plan: ServicePlan, row: PlanOccurrence) -> list[datetime]:
    """Times near the date at which somebody could come, as things are now; best first."""
    try:
        quote = story.quote_unsaved(plan)
    except DomainError:
        return []  # it is not offered any more, or not there
    wished = row.worker_id or plan.preferred_worker_id
    free = openings.free_times(quote, [looking.day_of(row)], wished)
    return free.near(row.starts_at)


def costs_of(plan: ServicePlan, times: Sequence[datetime]) -> list[int]:
    """What the plan's services cost at each of these times as prices are now, in fen."""
    if not times:
        return []
    totals = prices.totals_at(story.quote_unsaved(plan), times)
    return [totals[start] for start in times]


def _is_told(row: PlanOccurrence) -> bool:
    """Since it last became impossible."""
    events = sa.select(PlanEvent.kind).where(
        PlanEvent.plan_id == row.plan_id,
        PlanEvent.planned_on == row.planned_on,
        PlanEvent.kind.in_((TOLD, "date.impossible")),
    )
    return db.session.scalar(events.order_by(PlanEvent.id.desc()).limit(1)) == TOLD
