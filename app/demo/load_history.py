"""Which orders there were and will be: so many a day, by whom, booked when, ending how."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import sqlalchemy as sa

from app.demo.load_customers import Household
from app.demo.load_orders import Cast, Ending, Plan
from app.demo.load_repeat import Repeater
from app.demo.load_stage import Stage
from app.demo.load_visits import VisitStory
from app.domain.actors import Actor
from app.domain.states import OrderStatus
from app.extensions import db
from app.models import Order
from app.services import clock
from app.services.visits import checking
from app.services.visits.checking import Presence

# How many days before the visit people book, and how many of a hundred do.
LEAD_DAYS = {0: 12, 1: 30, 2: 20, 3: 14, 4: 8, 5: 6, 7: 5, 10: 3, 13: 2}
# Every so many orders one is not paid in time; two of them are paid late.
UNPAID_EVERY = 23
LATE_NUMBERS: dict[int, Ending] = {UNPAID_EVERY * 2: "too_late", UNPAID_EVERY * 3: "late"}
# The model days happen again on other days, these do not.
RECENT = "recent"
NIGHT_SERVICE = "care.night"
NIGHTS = (-3, -2, 0, 1, 2, 4)  # days from today on which one begins
TROUBLED: dict[tuple[str, int], Ending] = {(RECENT, 29): "absent", (RECENT, 31): "broken"}
# Confirmed after two days at the latest, and reviewed within three.
OVER_AFTER = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Living:
    """An order that was made shortly before the demo begins, so that its state can be seen."""

    ending: Ending
    minutes_ago: int
    visit_in_days: int


ACCEPTED: tuple[Ending, ...] = ("done",) * 5 + ("slept", "contested")
LIVING = (
    Living("nobody", 40, 2),
    Living("nobody", 35, 3),
    Living("before_answer", 6, 1),
    Living("before_answer", 5, 2),
    Living("before_answer", 4, 3),
    Living("before_payment", 5, 2),
    Living("before_payment", 2, 4),
    Living("paying", 4, 3),
    Living("refused", 3, 5),
    Living("silent", 2, 2),
    # Accepted by now: somebody will want another time (load_moves).
    *(Living(ending, 30 * 60 + n, 3 + n) for n, ending in enumerate(ACCEPTED)),
)


def plan_orders(
    stage: Stage, cast: Cast, name: str, days: tuple[date, date], a_day: tuple[int, int]
) -> None:
    """Put the booking of every order on the stage; what follows puts itself there."""
    number = 0
    for service_on in _days(*days):
        rng = stage.rng(f"{name}/{(service_on - days[0]).days}")
        weekend = service_on.isoweekday() >= 6
        for _ in range(rng.randint(*a_day) + (a_day[0] // 6 if weekend else 0)):
            number += 1
            booked_at = _booked_at(rng, service_on, clock.today())
            household = _customer(rng, cast.households, clock.city_date(booked_at))
            ending = TROUBLED.get((name, number)) or _ending(number)
            plan = Plan(
                f"{name}/{number}", household, service_on, days[1], ending,
                coupon=name == RECENT,
            )  # fmt: skip
            _put(stage, cast, plan, booked_at)


def plan_repetition(stage: Stage, cast: Cast, played: Sequence[date], days: Sequence[date]) -> None:
    """Fill other days with copies of the played ones, once all is over that belongs to a day."""
    repeater = Repeater(cast, stage.rng("repeat"), played)
    for on in days:
        done_at = datetime.combine(on, time(23, 30), clock.city_zone()) + OVER_AFTER
        stage.at(done_at.astimezone(UTC), partial(repeater.repeat, on))


def plan_living(stage: Stage, cast: Cast) -> None:
    today = clock.city_date(stage.end)
    # Everybody orders one thing at a time, and these are the last who came.
    latest_first = reversed(cast.households)
    for number, (living, household) in enumerate(zip(LIVING, latest_first, strict=False), 1):
        booked_at = stage.end - timedelta(minutes=living.minutes_ago)
        service_on = today + timedelta(days=living.visit_in_days)
        latest = service_on + timedelta(days=3)
        plan = Plan(f"living/{number}", household, service_on, latest, living.ending, coupon=True)
        _put(stage, cast, plan, booked_at)


def plan_nights(stage: Stage, cast: Cast, today: date) -> None:
    """Somebody is looked after overnight: some nights ago, tonight, and in the nights to come."""
    rng = stage.rng("nights")
    for number, ahead in enumerate(NIGHTS, 1):
        service_on = today + timedelta(days=ahead)
        booked = datetime.combine(
            service_on - timedelta(days=3), time(10, number), clock.city_zone()
        )
        booked_at = min(booked.astimezone(UTC), stage.end - timedelta(hours=2, minutes=number))
        household = _customer(rng, cast.households, clock.city_date(booked_at))
        plan = Plan(f"night/{number}", household, service_on, service_on, service=NIGHT_SERVICE)
        _put(stage, cast, plan, booked_at)


def plan_departure(stage: Stage) -> None:
    """Whatever the hour: somebody is on her way."""
    stage.at(stage.end - timedelta(minutes=1), _let_somebody_depart)


def _let_somebody_depart() -> None:
    if db.session.scalar(_today(OrderStatus.EN_ROUTE).limit(1)) is not None:
        return
    order = db.session.scalar(_today(OrderStatus.ACCEPTED).order_by(Order.planned_start).limit(1))
    if order is not None and order.lead_worker_id is not None:
        actor = Actor("worker", order.lead_worker_id)
        checking.depart(order.visits[0].id, order.lead_worker_id, Presence(), actor=actor)


def _today(status: OrderStatus) -> sa.Select[tuple[Order]]:
    return sa.select(Order).filter_by(service_on=clock.today(), status=status.value)


def _put(stage: Stage, cast: Cast, plan: Plan, booked_at: datetime) -> None:
    story = VisitStory(stage, cast, plan)
    stage.at(booked_at, story.book, story.customer)


def _ending(number: int) -> Ending:
    return LATE_NUMBERS.get(number, "done" if number % UNPAID_EVERY else "unpaid")


def _days(first: date, last: date) -> Iterator[date]:
    for ahead in range((last - first).days + 1):
        yield first + timedelta(days=ahead)


def _booked_at(rng: random.Random, service_on: date, first: date) -> datetime:
    """Somewhen in the day; for the same day early in the morning."""
    lead = rng.choices(list(LEAD_DAYS), list(LEAD_DAYS.values()))[0]
    day = max(service_on - timedelta(days=lead), first)
    hour = rng.randint(6, 11) if day == service_on else rng.randint(7, 22)
    minute = time(hour, rng.randint(0, 59), rng.randint(0, 59))
    return datetime.combine(day, minute, clock.city_zone()).astimezone(UTC)


def _customer(rng: random.Random, households: list[Household], on: date) -> Household:
    """Somebody who has joined by then; some come back again and again."""
    joined = [household for household in households if household.joined_on <= on]
    place = int(len(joined) * rng.random() ** 1.6)
    return joined[place]
