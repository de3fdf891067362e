"""Recurring plans of the demo: one runs, one is paused, one has ended.

They are made by the services, at the present: so their orders stand in the same calendar as all
others.
"""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.recurrence import WEEKDAYS, Repeats
from app.extensions import db
from app.models import Order, Quote, ServicePlan
from app.services import clock
from app.services.orders import quotes
from app.services.plans import ahead, dates, ending, looking, making, openings, pausing, story
from app.services.plans.looking import Preview, Wish
from app.services.plans.making import Choice
from app.services.plans.openings import SERVED

LONGEST = timedelta(hours=4)
STARTS = (9 * 60, 14 * 60, 10 * 60, 16 * 60, 11 * 60, 13 * 60)
# The second household wishes for an hour at which nobody works, and waits for it.
REPEATS = (
    ("weekly", STARTS, "两位老人在家，请轻声"),
    ("every_two_weeks", (21 * 60,), "只有晚上在家"),
    ("weekly", STARTS, ""),
)


def load_plans(staff: dict[str, Actor]) -> None:
    """Three plans of three households that were served lately."""
    served = _served()
    made = [_plan(order, *how) for order, how in zip(served, REPEATS, strict=False)]
    plans = [plan for plan in made if plan is not None]
    if not plans:
        return
    _live(plans[0])
    for plan in plans[1:2]:
        until = clock.today() + timedelta(days=20)
        pausing.pause_plan(plan.id, until=until, reason="等晚间有人", actor=_customer(plan))
    for plan in plans[2:]:
        shown = ending.preview_end(db.session(), plan, ending.ALL)
        ending.end_dates(plan.id, ending.ALL, shown.hash, reason="客户搬家", actor=staff["service"])


def _served() -> Sequence[Order]:
    """Newest orders of one worker each, one a household."""
    newest = sa.select(sa.func.max(Order.id)).group_by(Order.customer_id)
    query = sa.select(Order).where(
        Order.id.in_(newest.where(Order.status == "completed", Order.crew_size == 1)),
        Order.minutes <= LONGEST // timedelta(minutes=1),
        Order.quote_id.is_not(None),
        Order.pay_mode == "prepaid",
    )
    return db.session.scalars(query.order_by(Order.id.desc()).limit(len(REPEATS))).all()


def _plan(order: Order, kind: str, starts: Sequence[int], note: str) -> ServicePlan | None:
    """The same again, by the same worker, at an hour at which the first dates can be served."""
    old = db.session.get_one(Quote, order.quote_id)
    actor = Actor("customer", order.customer_id)
    quote = quotes.make_quote(
        order.customer_id, old.address_id, quotes.wishes_of(old.request), actor=actor
    )
    for minute in starts:
        wish = _wish(order, kind, minute)
        shown = looking.preview(quote, wish)
        if len(starts) == 1 or all(one.state in SERVED for one in shown.dates[:2]):
            return making.create_plan(
                order.customer_id, quote.number, wish, shown.hash,
                choices=_choices(shown), note=note, actor=actor,
            )  # fmt: skip
    return None


def _wish(order: Order, kind: str, minute: int) -> Wish:
    first, second = (clock.today() + timedelta(days=ahead_days) for ahead_days in (2, 5))
    weekdays = sorted({first.weekday(), second.weekday()})
    return Wish(
        Repeats(kind, tuple(WEEKDAYS[day] for day in weekdays)), clock.today() + timedelta(days=1),
        minute, worker_id=order.lead_worker_id,
    )  # fmt: skip


def _choices(shown: Preview) -> list[Choice]:
    """The third date does not suit the household."""
    third = shown.dates[2:3]
    return [Choice(one.on, making.SKIP) for one in third if one.on <= openings.horizon()]


def _live(plan: ServicePlan) -> None:
    """Its next orders are made; one date was left out and one cancelled."""
    ahead.run(plan.id)
    waiting = [one for one in story.dates_of(db.session(), plan) if one.status == "planned"]
    for row in waiting[-1:]:
        shown = ending.preview_end(db.session(), plan, ending.THIS, row.planned_on)
        ending.end_dates(
            plan.id, ending.THIS, shown.hash, on=row.planned_on, reason="当天不在家",
            actor=_customer(plan),
        )  # fmt: skip
    for row in waiting[:1]:
        start = next(iter(dates.other_times(plan, row.planned_on, db.session())), None)
        if start is not None and len(waiting) > 1:
            dates.shift_date(plan.id, row.planned_on, start, actor=_customer(plan))


def _customer(plan: ServicePlan) -> Actor:
    return Actor("customer", plan.customer_id)
