"""What a plan's page tells: its dates with their orders, and what happened."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.models import Order, PlanEvent, PlanOccurrence, ServicePlan
from app.services import clock
from app.views import formatters, labels, labels_orders
from app.views import labels_plans as words
from app.views.labels import word
from app.views.order_story import Told

MOST_DATES, MOST_EVENTS = 60, 200


def dates_of(plan: ServicePlan) -> Sequence[PlanOccurrence]:
    """The newest first."""
    return db.session.scalars(
        sa.select(PlanOccurrence)
        .filter_by(plan_id=plan.id)
        .options(joinedload(PlanOccurrence.worker), joinedload(PlanOccurrence.order))
        .order_by(PlanOccurrence.planned_on.desc())
        .limit(MOST_DATES)
    ).all()


def date_badge(row: PlanOccurrence) -> Any:
    shown = formatters.choice(labels_orders.OCCURRENCE_STATUS, labels_orders.OCCURRENCE_KINDS)
    return shown(row.status)


def order_badge(order: Order) -> Any:
    return formatters.choice(labels.ORDER_STATUS, labels.ORDER_KINDS)(order.status)


def to_come(plan: ServicePlan) -> list[date]:
    """Days from which a plan can be cancelled."""
    query = sa.select(PlanOccurrence.planned_on).where(
        PlanOccurrence.plan_id == plan.id,
        PlanOccurrence.starts_at > clock.now(),
        PlanOccurrence.status.in_(("planned", "ordered", "impossible", "skipped")),
    )
    return list(db.session.scalars(query.order_by(PlanOccurrence.planned_on).limit(MOST_DATES)))


def counted(plan: ServicePlan) -> list[tuple[Any, int]]:
    """How many dates are in each state."""
    query = sa.select(PlanOccurrence.status, sa.func.count()).filter_by(plan_id=plan.id)
    found = dict(db.session.execute(query.group_by(PlanOccurrence.status)).tuples().all())
    return [(text, found.get(key, 0)) for key, text in labels_orders.OCCURRENCE_STATUS.items()]


def timeline_of(plan: ServicePlan) -> list[Told]:
    rows = db.session.execute(
        sa.select(PlanEvent, User.last_name, User.first_name)
        .outerjoin(User, sa.and_(PlanEvent.actor_kind == "staff", User.id == PlanEvent.actor_id))
        .where(PlanEvent.plan_id == plan.id)
        .order_by(PlanEvent.id.desc())
        .limit(MOST_EVENTS)
    ).all()
    return [_told(event, f"{last or ''}{first or ''}", plan) for event, last, first in rows]


def _told(event: PlanEvent, staff: str, plan: ServicePlan) -> Told:
    who = str(labels.ACTOR_KIND.get(event.actor_kind, event.actor_kind))
    name = {"staff": staff, "customer": str(plan.customer)}.get(event.actor_kind, "")
    return Told(
        event.at,
        word(words.PLAN_STORY, event.kind),
        _text(event),
        f"{who} {name}".strip(),
        words.STORY_KINDS.get(event.kind, "info"),
    )


def _text(event: PlanEvent) -> str:
    parts = [event.planned_on.isoformat()] if event.planned_on else []
    if event.data.get("order"):
        parts.append(_("Order %(number)s", number=event.data["order"]))
    if event.data.get("until"):
        parts.append(_("until %(day)s", day=event.data["until"]))
    if event.data.get("fee_fen"):
        parts.append(_("Fee: %(amount)s", amount=formatters.money(event.data["fee_fen"])))
    if event.reason:
        parts.append(_("Reason: %(reason)s", reason=word(words.DATE_REASON, event.reason)))
    return " · ".join(str(part) for part in parts)
