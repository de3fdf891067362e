"""A plan of the small company: every Thursday at 14:00. NOW is Monday, 6 May 2030."""

from dataclasses import replace
from datetime import date, datetime

import sqlalchemy as sa

from app.domain.recurrence import Repeats
from app.extensions import db
from app.models import Order, PlanEvent, PlanOccurrence, ServicePlan
from app.services.plans import looking, making
from app.services.plans.looking import Wish
from tests import factories

THURSDAY = date(2030, 5, 9)
WEEKLY = Wish(Repeats("weekly", ("TH",)), starts_on=date(2030, 5, 6), start_minute=14 * 60)


def wish(**more):
    return replace(WEEKLY, **more)


def look(company, wanted=WEEKLY):
    quote = factories.quote(company)
    return looking.preview(quote, wanted)


def plan(company, wanted=WEEKLY, *, choices=(), **more):
    shown = look(company, wanted)
    return making.create_plan(
        company.customer.id, shown.quote.number, wanted, shown.hash, choices=choices,
        actor=factories.acting(company.customer), **more,
    )  # fmt: skip


def at(day: date, hour: int) -> datetime:
    return factories.at(day, hour)


def states(company, wanted=WEEKLY):
    return [(f"{seen.on:%m-%d}", seen.state) for seen in look(company, wanted).dates]


def dates(row: ServicePlan):
    query = sa.select(PlanOccurrence).filter_by(plan_id=row.id).order_by(PlanOccurrence.planned_on)
    found = db.session.scalars(query.execution_options(populate_existing=True))
    return [(f"{one.planned_on:%m-%d}", one.status, one.reason) for one in found]


def occurrence(row: ServicePlan, on: date = THURSDAY) -> PlanOccurrence:
    query = sa.select(PlanOccurrence).filter_by(plan_id=row.id, planned_on=on)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def orders():
    return db.session.scalars(sa.select(Order).order_by(Order.id)).all()


def story(row: ServicePlan):
    query = sa.select(PlanEvent.kind).filter_by(plan_id=row.id).order_by(PlanEvent.id)
    return list(db.session.scalars(query))
