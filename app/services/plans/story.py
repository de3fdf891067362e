"""The story of a plan, and finding the plan and its dates."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import NotFound, RuleViolation
from app.domain.states import OccurrenceStatus, PlanStatus, move
from app.extensions import db
from app.models import PlanEvent, PlanOccurrence, Quote, ServicePlan
from app.services import clock
from app.services.orders import quotes
from app.services.transactions import locked


def record(
    plan: ServicePlan,
    kind: str,
    *,
    actor: Actor,
    on: date | None = None,
    reason: str = "",
    **data: Any,
) -> None:
    """Write an event beside the change that it tells of. `data` is plain JSON values."""
    db.session.add(
        PlanEvent(
            plan_id=plan.id,
            kind=kind,
            planned_on=on,
            actor_kind=actor.kind,
            actor_id=actor.id,
            reason=reason[:200],
            data=data,
            at=clock.now(),
        )
    )


def change_date(
    plan: ServicePlan,
    row: PlanOccurrence,
    new: OccurrenceStatus,
    kind: str,
    *,
    actor: Actor,
    reason: str = "",
    **data: Any,
) -> None:
    """Move one date and tell of it. Raises IllegalTransition."""
    move(row, new)
    row.reason = reason[:64]
    record(plan, kind, actor=actor, on=row.planned_on, reason=reason, **data)


def locked_plan(session: Session, plan_id: int, customer_id: int | None = None) -> ServicePlan:
    """The plan under its lock, which all its changes take first. Raises NotFound."""
    plan = locked(session, ServicePlan, plan_id)
    if customer_id is not None and plan.customer_id != customer_id:
        raise NotFound(_l("This plan does not exist"))
    return plan


def living(plan: ServicePlan) -> ServicePlan:
    """The plan. Raises RuleViolation when it has ended."""
    if plan.status == PlanStatus.ENDED:
        raise RuleViolation(_l("This plan has ended"), code="plan_ended")
    return plan


def date_of(session: Session, plan: ServicePlan, on: date) -> PlanOccurrence:
    """One date of the plan, as it is now. Raises NotFound."""
    query = sa.select(PlanOccurrence).filter_by(plan_id=plan.id, planned_on=on)
    row = session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound(_l("The plan has no such date"), on=on.isoformat())
    return row


def dates_of(
    session: Session, plan: ServicePlan, since: date | None = None
) -> list[PlanOccurrence]:
    """The plan's dates in order, as they are now; from a day on, or all."""
    query = sa.select(PlanOccurrence).filter_by(plan_id=plan.id)
    if since is not None:
        query = query.where(PlanOccurrence.planned_on >= since)
    ordered = query.order_by(PlanOccurrence.planned_on)
    return list(session.scalars(ordered.execution_options(populate_existing=True)))


def events_of(plan_id: int) -> list[PlanEvent]:
    query = sa.select(PlanEvent).filter_by(plan_id=plan_id).order_by(PlanEvent.id)
    return list(db.session.scalars(query))


def quote_again(plan: ServicePlan) -> Quote:
    """What the plan orders, at today's price, saved. Raises NotFound, RuleViolation.

    Prices are those of the day on which an order is made, which freezes them.
    """
    wishes = quotes.wishes_of(plan.request)
    return quotes.make_quote(plan.customer_id, plan.address_id, wishes, actor=SYSTEM)


def quote_unsaved(plan: ServicePlan) -> Quote:
    """The same, only to look at. Raises NotFound, RuleViolation."""
    return quotes.quoted(plan.customer_id, plan.address_id, quotes.wishes_of(plan.request))
