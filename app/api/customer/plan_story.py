"""What a customer is told of plans besides their own columns."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.api.fields import reads_english
from app.api.words import PLAN_STORY
from app.domain.states import OccurrenceStatus, PlanStatus
from app.extensions import db
from app.models import PlanOccurrence, Service, ServicePlan
from app.services import clock
from app.services.plans import story

MOST_EVENTS, MOST_DATES = 200, 200
TO_COME = (OccurrenceStatus.PLANNED.value, OccurrenceStatus.ORDERED.value)
ACTIONS: Mapping[str, Sequence[str]] = {
    PlanStatus.ACTIVE: ("pause", "change", "end"),
    PlanStatus.PAUSED: ("resume", "change", "end"),
    PlanStatus.ENDED: (),
}


def rows(plans: Sequence[ServicePlan]) -> list[dict[str, Any]]:
    """For PlanRowResponse, in a fixed number of statements."""
    names, next_dates = _names(plans), _next(plans)
    return [
        {
            "plan": plan,
            "services": [names.get(key, "") for key in _services_of(plan)],
            "next_at": next_dates.get(plan.id) if plan.status == PlanStatus.ACTIVE else None,
        }
        for plan in plans
    ]


def whole(plan: ServicePlan) -> dict[str, Any]:
    """For PlanResponse."""
    dates = (
        sa.select(PlanOccurrence)
        .filter_by(plan_id=plan.id)
        .options(joinedload(PlanOccurrence.worker), joinedload(PlanOccurrence.order))
        .order_by(PlanOccurrence.planned_on.desc())
        .limit(MOST_DATES)
    )
    followed_by = sa.select(ServicePlan.number).filter_by(follows_id=plan.id)
    events = [event for event in story.events_of(plan.id) if event.kind in PLAN_STORY]
    [row] = rows([plan])
    return {
        **row,
        "followed_by": db.session.scalar(followed_by),
        "dates": list(reversed(db.session.scalars(dates).all())),
        "story": events[-MOST_EVENTS:],
        "actions": ACTIONS[PlanStatus(plan.status)],
    }


def _services_of(plan: ServicePlan) -> list[int]:
    return [item["service_id"] for item in plan.request["items"]]


def _names(plans: Iterable[ServicePlan]) -> dict[int, str]:
    keys = {key for plan in plans for key in _services_of(plan)}
    query = sa.select(Service.id, Service.name, Service.name_en).where(Service.id.in_(keys))
    english = reads_english()
    return {
        row.id: (english and row.name_en) or row.name for row in db.session.execute(query).all()
    }


def _next(plans: Iterable[ServicePlan]) -> dict[int, datetime]:
    query = (
        sa.select(PlanOccurrence.plan_id, sa.func.min(PlanOccurrence.starts_at))
        .where(
            PlanOccurrence.plan_id.in_([plan.id for plan in plans]),
            PlanOccurrence.status.in_(TO_COME),
            PlanOccurrence.starts_at > clock.now(),
        )
        .group_by(PlanOccurrence.plan_id)
    )
    return dict(db.session.execute(query).tuples().all())
