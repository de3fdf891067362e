"""Companies whose hours the clients of a proof want, and what must be true when they are done."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from app.domain.actors import SYSTEM
from app.domain.geo import Point
from app.extensions import db
from app.models import CustomerAccount, Installation, Worker, WorkerBusy
from app.services import clock
from app.services.identity import tokens
from app.services.identity.otp import Realm
from app.services.roster import workforce
from app.services.system import parameters
from app.services.transactions import locked, transaction
from tests import factories
from tests.factories import Company
from tests.kit.serving import PRODUCT, Served, served

HOURS = (9, 14)  # of each worker: five visits of an hour
WORKERS = 4
A_DAY = WORKERS * (HOURS[1] - HOURS[0])
SPARE_DAYS = 3  # free, so that who comes too late has something to choose


def same_clock(app: Flask) -> None:
    """Let this process and those that serve share one clock, which begins where it stands now."""
    ahead = app.extensions["clock"].now() - clock.SystemClock().now()
    with transaction(SYSTEM) as session:
        locked(session, Installation, 1).clock_offset_seconds = int(ahead.total_seconds())
    app.extensions["clock"] = clock.DemoClock()


@contextmanager
def serving(
    folder: Path, environment: dict[str, str], processes: int, target: str = PRODUCT
) -> Iterator[Served]:
    """The product over HTTP by the clock of `same_clock`."""
    db.session.rollback()
    with served(folder, {**environment, "DEMO": "1"}, processes=processes, target=target) as found:
        yield found
    db.session.rollback()


@dataclass(frozen=True)
class Race:
    """Twenty free worker-hours a day at one address, and who wants one of them."""

    company: Company
    clients: Sequence[dict[str, Any]]


def race(clients: int, days: int, seed: int) -> Race:
    """Four workers who live where they work; an hour's visit fits between two others."""
    company = factories.company(pay_mode="after")
    factories.change(company.aircon, buffer_before_minutes=0, buffer_after_minutes=0)
    for key, value in {"booking.step_minutes": 60, "booking.holds_per_hour": 1000}.items():
        parameters.set_parameter(key, value, actor=SYSTEM)
    for _ in range(WORKERS):
        factories.worker(
            company, home=factories.NEARBY, hours=HOURS, daily_cap=20, days=days + SPARE_DAYS + 1
        )
    first = clock.today() + timedelta(days=1)
    starts = [_starts(first + timedelta(days=n)) for n in range(days)]
    return Race(company, [_rival(company, starts, seed + n) for n in range(clients)])


def _starts(day: date) -> list[str]:
    return [city(factories.at(day, hour)) for hour in range(*HOURS)]


def city(instant: datetime) -> str:
    return clock.city_time(instant).isoformat()


def _rival(company: Company, days: list[list[str]], seed: int) -> dict[str, Any]:
    company.customer = factories.customer()
    company.address = factories.address(company.customer, company.region)
    quote = factories.quote(company, company.aircon)
    token = token_of("customer", company.customer)
    return {"token": token, "quote": quote.number, "days": days, "seed": seed}


def token_of(realm: Realm, account: CustomerAccount | Any) -> str:
    with transaction():
        return tokens.issue(realm, account.id, account.token_version).access


# What must be true.


def overlaps() -> list[tuple[str, str]]:
    """Different owners of one worker's time at once, two by two."""
    mine, other = sa.orm.aliased(WorkerBusy), sa.orm.aliased(WorkerBusy)
    query = sa.select(mine.owner, other.owner).where(
        mine.worker_id == other.worker_id,
        mine.id < other.id,
        mine.owner != other.owner,
        mine.start_at < other.end_at,
        other.start_at < mine.end_at,
    )
    return [tuple(row) for row in db.session.execute(query)]


def unreachable() -> list[tuple[str, str]]:
    """Two visits of a worker between which there is less time than the way takes."""
    travel, found = workforce.travel_model(), []
    for claims in _visits().values():
        for place, one in enumerate(claims):
            for other in claims[place + 1 :]:
                way = timedelta(seconds=travel.seconds(place_of(one), place_of(other)))
                if one.owner != other.owner and other.visit_start_at - one.visit_end_at < way:
                    found.append((one.owner, other.owner))
    return found


def above_cap() -> list[tuple[int, date]]:
    """Workers with more visits on a day than they take."""
    found = []
    for worker_id, claims in _visits().items():
        owners: dict[date, set[str]] = {}
        for one in claims:
            owners.setdefault(clock.city_date(one.visit_start_at), set()).add(one.owner)
        cap = db.session.get_one(Worker, worker_id).daily_cap
        found += [(worker_id, day) for day, whose in owners.items() if len(whose) > cap]
    return found


def _visits() -> dict[int, list[WorkerBusy]]:
    """Each worker's visits and holds, in the order of time."""
    rows = sa.select(WorkerBusy).where(WorkerBusy.kind.in_(("visit", "hold")))
    found: dict[int, list[WorkerBusy]] = {}
    for row in db.session.scalars(rows.order_by(WorkerBusy.visit_start_at)):
        found.setdefault(row.worker_id, []).append(row)
    return found


def place_of(claim: WorkerBusy) -> Point:
    return Point(claim.lat or 0.0, claim.lng or 0.0)
