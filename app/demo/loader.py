"""Loads the demo company: Guangzhou, its people, and a past that the product itself has played.

Reference data and people are written in bulk. Every order, visit, payment and settlement of the
past goes through the services, under a clock that travels from the first day to now
(app.demo.load_stage); so the books balance and nobody is sent to two homes at once.
The same seed at the same hour gives the same company, except for random numbers and keys.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as day_time

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _l

from app.demo import load_coupon
from app.demo.bulk import tidy
from app.demo.grow import Growth, Model, grow
from app.demo.load_books import load_books
from app.demo.load_changes import load_changes
from app.demo.load_channel import CHANNELS
from app.demo.load_customers import load_customers
from app.demo.load_ended import load_ended
from app.demo.load_files import load_files
from app.demo.load_history import (
    RECENT,
    plan_departure,
    plan_living,
    plan_nights,
    plan_orders,
    plan_repetition,
)
from app.demo.load_living import load_living
from app.demo.load_money import WeeklyMoney
from app.demo.load_moves import load_moves
from app.demo.load_orders import Cast
from app.demo.load_pictures import load_pictures
from app.demo.load_plans import load_plans
from app.demo.load_reference import guangzhou, load_reference
from app.demo.load_roster import load_shifts, plan_leave
from app.demo.load_rules import load_rules
from app.demo.load_staff import STAFF_PASSWORD, join_partner, load_staff
from app.demo.load_stage import Stage, forget_the_past, last_outbox_id, past
from app.demo.load_states import load_states
from app.demo.load_workers import PARTNERS, expire_some_documents, load_workers
from app.demo.progress import progress_bar
from app.domain.actors import Actor
from app.domain.errors import Conflict, Forbidden, InvalidInput
from app.extensions import db
from app.models import Installation
from app.services import clock
from app.services.clock import FrozenClock
from app.services.system import parameters
from app.services.transactions import locked, transaction

__all__ = ["SCALES", "STAFF_PASSWORD", "Scale", "load"]

Printer = Callable[[str], object]
DAYS_AHEAD = 14
COUPONS_LAST = timedelta(days=180)
# Loaded before the first shift, by the people who set the company up.
FOUNDED = day_time(0, 5)


@dataclass(frozen=True, slots=True)
class Scale:
    """How big the company is.

    The first `model_days` and the last `recent_days` are played, with so many orders a day (a few
    more at weekends); the days between are copies of the model days.
    """

    customers: int
    workers: int
    days_back: int
    model_days: int
    recent_days: int
    orders_a_day: tuple[int, int]
    settled_every_days: int
    growth: Growth | None = None

    @property
    def has_past(self) -> bool:
        """Without one nobody has anything to refund, to reward or to complain about."""
        return bool(self.model_days or self.recent_days)


def _city(growth: Growth) -> Scale:
    """A model company with a full week to copy, and what it grows to."""
    return Scale(
        customers=200, workers=60, days_back=27, model_days=7, recent_days=6,
        orders_a_day=(21, 25), settled_every_days=7, growth=growth,
    )  # fmt: skip


SCALES = {
    "tiny": Scale(
        customers=20, workers=12, days_back=14, model_days=0, recent_days=14,
        orders_a_day=(2, 3), settled_every_days=2,
    ),
    "small": Scale(
        customers=200, workers=60, days_back=90, model_days=6, recent_days=6,
        orders_a_day=(14, 19), settled_every_days=7,
    ),
    "city": _city(Growth(orders=200_000, teams=34, quarters=250)),
    "large": _city(Growth(orders=1_000_000, teams=170, quarters=1_250)),
}  # fmt: skip


def load(scale: str = "small", *, seed: int = 20260101, printer: Printer = print) -> None:
    """Fill an installed database, once: a second call does nothing.

    Run it before jobs and requests of this process: for its duration the clock is in the past.
    Raises Forbidden unless DEMO=1, InvalidInput for an unknown scale, Conflict before
    `flask init`.
    """
    if not current_app.config["DEMO"]:
        raise Forbidden(_l("The demo company can only be loaded with DEMO=1"))
    if scale not in SCALES:
        raise InvalidInput(_l("There is no such scale"), allowed=sorted(SCALES))
    installation = db.session.get(Installation, 1)
    if installation is None:
        raise Conflict(_l("Run flask init first"))
    if installation.demo_seeded_on is None:
        started = time.perf_counter()
        _load(SCALES[scale], seed, printer)
        _print_rows(printer)
        printer(f"Loaded in {time.perf_counter() - started:.0f} s.")


def _load(scale: Scale, seed: int, printer: Printer) -> None:
    end, today = clock.now().replace(microsecond=0), clock.today()
    before = last_outbox_id()
    travelling = FrozenClock(end)
    with past(travelling):
        stage = Stage(travelling, end, seed)
        first = today - timedelta(days=scale.days_back)
        cast = _gather(stage, scale, first, today, printer)
        _plan(stage, cast, scale, first, today)
        printer("Playing the past...")
        stage.play()
        if scale.has_past:
            load_states(cast.reference.branch_id, cast.staff)
            load_living(cast)
            load_plans(cast.staff)
        forget_the_past(before)
        if scale.growth:
            _grow(stage, cast, scale, today, printer)
        if scale.has_past:
            load_ended(cast.staff)
            load_moves(cast.staff)
            load_changes(cast)
            forget_the_past(before)
        load_books(cast.staff)
    with transaction() as session:
        locked(session, Installation, 1).demo_seeded_on = today
    if scale.growth:
        tidy()


def _gather(stage: Stage, scale: Scale, first: date, today: date, printer: Printer) -> Cast:
    printer("Loading the catalogue, people and shifts...")
    founded = datetime.combine(first, FOUNDED, clock.city_zone()).astimezone(UTC)
    stage.clock.instant = founded
    branch_id = guangzhou()
    staff = load_staff(current_app.appbuilder.sm, branch_id)  # type: ignore[attr-defined]
    _offer_all_methods(staff["finance_make"])
    reference = load_reference(branch_id, today, staff["ops"])
    load_rules(reference, today, staff["ops"])
    load_coupon.load_kind(clock.now() + COUPONS_LAST, staff["ops"])
    hr = staff["hr"]
    colleagues = load_workers(stage.rng("workers"), scale.workers, today, reference, actor=hr)
    expire_some_documents(colleagues, today, hr)
    load_files(colleagues, branch_id, today, stage.rng("portraits"), hr)
    join_partner(staff["partner"], PARTNERS[0][0])
    load_shifts(colleagues, first, today + timedelta(days=DAYS_AHEAD), hr)
    households = load_customers(stage.rng("customers"), scale.customers, today, stage.clock)
    stage.clock.instant = founded
    return Cast(reference, households, colleagues, staff, load_pictures(stage.rng("pictures")))


def _offer_all_methods(finance: Actor) -> None:
    account = "到家服务有限公司 · 招商银行广州分行 · 1209 0812 3410 801"
    parameters.set_parameter("payment.methods", list(CHANNELS), actor=finance)
    parameters.set_parameter("payment.bank_account", account, actor=finance)


def _plan(stage: Stage, cast: Cast, scale: Scale, first: date, today: date) -> None:
    plan_leave(stage, cast.colleagues, today, first, cast.staff["hr"])
    played = _days(first, scale.model_days)
    recent = _days(today - timedelta(days=scale.recent_days), scale.recent_days + DAYS_AHEAD)
    if played:
        plan_orders(stage, cast, "model", (played[0], played[-1]), scale.orders_a_day)
        between = _days(first, scale.days_back - scale.recent_days)[scale.model_days :]
        plan_repetition(stage, cast, played, between)
    plan_orders(stage, cast, RECENT, (recent[0], recent[-1]), scale.orders_a_day)
    plan_living(stage, cast)
    if scale.has_past:
        plan_nights(stage, cast, today)
    plan_departure(stage)
    money = WeeklyMoney(stage, cast)
    money.plan(first, scale.settled_every_days)
    money.plan_living()


def _grow(stage: Stage, cast: Cast, scale: Scale, today: date, printer: Printer) -> None:
    assert scale.growth is not None  # noqa: S101  # the caller has asked
    printer(f"Letting it grow to {scale.growth.orders:,} orders...")
    model = Model(
        first=today - timedelta(days=scale.days_back),
        recent=today - timedelta(days=scale.recent_days),
        present_on=today,
        last=today + timedelta(days=DAYS_AHEAD),
    )
    grow(cast, model, scale.growth, stage.rng, progress_bar(printer))


def _days(first: date, count: int) -> list[date]:
    return [first + timedelta(days=n) for n in range(count)]


def _print_rows(printer: Printer) -> None:
    for table in sorted(db.metadata.tables.values(), key=lambda table: table.name):
        rows = db.session.scalar(sa.select(sa.func.count()).select_from(table))
        if rows:
            printer(f"{table.name:<28} {rows:>8}")
