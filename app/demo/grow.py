"""Lets the model company become a city's: the same days again, with other people, for a year.

The model company was played through the services (app.demo.loader). Its finished days are copied
to the days of the past, team by team, a week at a time; its present, with everything that is
still open, once to each team. Whatever is copied fits together because the model does: a team has
the skills, hours and ways of the model's workers, so nobody is in two places.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from app import models as m
from app.demo import grow_money
from app.demo.bulk import Bulk
from app.demo.grow_money import Books, Earned, Settler
from app.demo.grow_people import Crowd, Settlers
from app.demo.grow_template import Copy, Library, Template
from app.demo.load_orders import Cast
from app.domain.actors import SYSTEM
from app.domain.states import LeaveStatus, OrderStatus
from app.extensions import db
from app.services import audit, clock
from app.services.transactions import transaction

WEEK = timedelta(days=7)
FINISHED = (OrderStatus.COMPLETED.value, OrderStatus.CLOSED.value)
# How busy the first and the last day are: the company grows.
BUSY = (0.8, 1.2)
LOYALTY = 1.6
OWN_START = timedelta(days=21)
Progress = Callable[[int, int], object]
Row = dict[str, Any]
Absent = tuple[Row, Row | None]  # leave, and its claim


@dataclass(frozen=True, slots=True)
class Growth:
    """How big the company becomes: so many orders at least, over so many days back.

    The newest `complete_days` have every row that an order leaves behind, the days before them
    what was bought, done, paid and earned.
    """

    orders: int
    teams: int
    quarters: int
    days_back: int = 365
    complete_days: int = 90


@dataclass(frozen=True, slots=True)
class Model:
    """The days of the model company: a finished week, and its present from `recent` on."""

    first: date
    recent: date
    present_on: date
    last: date


def grow(
    cast: Cast, model: Model, growth: Growth, rng: Callable[[str], random.Random],
    progress: Progress,
) -> Bulk:  # fmt: skip
    """Copy the model company; what was written, by table. Nothing else may write meanwhile."""
    bulk = Bulk(db.engine.dialect.name)
    first = model.present_on - timedelta(days=growth.days_back)
    settlers = Settlers(bulk, cast, rng("people"))
    crowd = settlers.settle(growth.teams, growth.quarters, first, model.present_on)
    _commit(bulk)
    past = _Past(bulk, crowd, cast, model, growth, rng)
    past.present(progress)
    past.weeks(first, progress)
    with transaction(SYSTEM) as session:
        grow_money.balance(session, past.books)
        bulk.set_sequences(session)
        for table, rows in sorted(bulk.written.items()):
            audit.record("load", table, "*", {"rows": rows}, actor=SYSTEM)
    for run_id in sorted(past.runs):
        with transaction(SYSTEM) as session:
            grow_money.sum_up(session, {run_id})
    return bulk


class _Past:
    """Everything that happened to the teams."""

    def __init__(
        self, bulk: Bulk, crowd: Crowd, cast: Cast, model: Model, growth: Growth,
        rng: Callable[[str], random.Random],
    ) -> None:  # fmt: skip
        self._bulk, self._crowd, self._model, self._growth = bulk, crowd, model, growth
        self._chance = rng("grow")
        self._copy = Copy(bulk, crowd, rng("numbers"))
        self.books, self.runs = Books(), set[int]()
        end = clock.now()
        self._settler = Settler(
            bulk, crowd, self.books, cast.staff, end, rng("settle"), cast.reference.branch_id
        )
        self._library = Library(bulk)
        self._hours = _hours_of(model, [c.worker_id for c in cast.colleagues])
        self._owed = 0.0
        self._orders = db.session.scalar(sa.select(sa.func.count(m.Order.id))) or 0

    def present(self, progress: Progress) -> None:
        """The days from `recent` on, once to each team, with all that is still open."""
        templates = self._library.templates(m.Order.service_on >= self._model.recent, complete=True)
        leaves = _leaves(self._model.recent)
        self._copy.move_to(timedelta())
        opened = self._crowd.open_on(self._model.present_on - timedelta(days=30))
        for number in range(1, self._growth.teams):
            # Each team has a quarter of its own now, so nobody orders twice at a time.
            quarter = 1 + (number * max(1, opened // self._growth.teams)) % max(1, opened - 1)
            for template in templates:
                self._happen(template, number, quarter)
            self._absences(leaves, number)
            day = self._model.recent
            while day <= self._model.last:
                self._shifts(number, day, timedelta())
                day += timedelta(days=1)
            _commit(self._bulk)
            progress(self._orders, self._growth.orders)

    def weeks(self, first: date, progress: Progress) -> None:
        """The past from the first day on, a week at a time, each week settled on its Monday."""
        full, older = self._days(complete=True), self._days(complete=False)
        since = self._model.present_on - timedelta(days=self._growth.complete_days)
        share = self._share(first, full)
        for monday, week in _weeks(first, self._model.recent):
            for day in week:
                busy = share * self._busy(day, first)
                self._day(day, full if day >= since else older, busy, day >= since)
            with transaction(SYSTEM) as session:
                run = self._settler.settle(session, monday)
                self._bulk.write(session)
            self.runs |= {run} if run else set()
            progress(self._orders, self._growth.orders)
        self._settle_the_rest()

    def _settle_the_rest(self) -> None:
        for monday in sorted(self.books.waiting):
            with transaction(SYSTEM) as session:
                run = self._settler.settle(session, monday)
                self._bulk.write(session)
            self.runs |= {run} if run else set()
            if monday > self._model.present_on:
                break

    def _days(self, *, complete: bool) -> dict[date, list[Template]]:
        """Templates of the finished orders of the model's week, by day."""
        days = {}
        for ahead in range(7):
            day = self._model.first + timedelta(days=ahead)
            found = self._library.templates(
                m.Order.service_on == day, m.Order.status.in_(FINISHED), complete=complete
            )
            days[day] = found
        return days

    def _share(self, first: date, models: dict[date, list[Template]]) -> float:
        """Which part of the model's orders happens, on average, to reach the number wanted."""
        days = [first + timedelta(days=n) for n in range((self._model.recent - first).days)]
        supply = sum(
            len(models[on]) * self._busy(day, first)
            for day in days
            for _number, on in self._teams_on(day)
        )
        return (self._growth.orders + 1 - self._orders) / supply

    def _busy(self, day: date, first: date) -> float:
        return BUSY[0] + (BUSY[1] - BUSY[0]) * (day - first).days / self._growth.days_back

    def _teams_on(self, day: date) -> Iterator[tuple[int, date]]:
        """Teams by number, each with the model's day that happens again: one of the same weekday,
        so that weekends are busy and days off come regularly.
        """
        ahead = (day - self._model.first).days % 7
        for number in range(self._growth.teams):
            # The model company was there itself, and settles its own first weeks.
            if number or day < self._model.first - OWN_START:
                yield number, self._model.first + timedelta(days=ahead)

    def _day(self, day: date, models: dict[date, list[Template]], share: float, full: bool) -> None:
        opened = self._crowd.open_on(day - timedelta(days=20))
        for number, on in self._teams_on(day):
            if self._copy.days != day - on:
                self._copy.move_to(day - on)
            if full:
                self._shifts(number, day, day - on)
            for template in self._chance.sample(models[on], len(models[on])):
                # What one day leaves over the next one owes, so that the sum is what was wanted.
                self._owed += share
                if self._owed >= 1:
                    self._owed -= 1
                    quarter = int(opened * self._chance.random() ** LOYALTY)
                    self._happen(template, number, quarter)

    def _happen(self, template: Template, number: int, quarter: int) -> None:
        team, place = self._crowd.teams[number], self._crowd.quarters[quarter]
        self._copy.give(team, place, place.residents[template.customer_id])
        template.happen(self._bulk, self._copy)
        self._orders += 1
        self._account_for(template)

    def _account_for(self, template: Template) -> None:
        copy, books = self._copy, self.books
        for code, account, worker, fen in template.moves:
            books.moved[copy.account(code, worker) if worker else account] += fen
        first = copy.first.get("accrual", 0)
        for place, row in enumerate(template.accruals):
            earned = Earned(
                first + place, copy.first["customer_order"], row["base_fen"],
                row["commission_bp"], row["commission_fen"], row["worker_fen"],
            )  # fmt: skip
            books.earn(row["release_on"] + copy.days, copy.workers[row["worker_id"]], earned)
        for worker, stars in template.stars:
            books.stars[copy.workers[worker]] += stars
            books.reviews[copy.workers[worker]] += 1

    def _shifts(self, number: int, day: date, days: timedelta) -> None:
        team, table = self._crowd.teams[number], m.Shift.__table__
        if number == 0:
            return
        for row in self._hours.get(day - days, []):
            values = {
                "id": self._bulk.keys(table), "worker_id": team.workers[row["worker_id"]],
                "service_on": day, "starts_at": row["starts_at"] + days,
                "ends_at": row["ends_at"] + days, "breaks": [], "version": 1,
            }  # fmt: skip
            self._bulk.add(table.name, [self._bulk.row(table, values)])

    def _absences(
        self, leaves: list[tuple[dict[str, Any], dict[str, Any] | None]], number: int
    ) -> None:
        team = self._crowd.teams[number]
        for asked, claim in leaves:
            worker = team.workers[asked["worker_id"]]
            table = m.Leave.__table__
            key = self._bulk.keys(table)
            row = asked | {"id": key, "worker_id": worker}
            self._bulk.add(table.name, [self._bulk.row(table, row)])
            if claim:
                table = m.WorkerBusy.__table__
                new = {"id": self._bulk.keys(table), "worker_id": worker, "owner": f"leave:{key}"}
                self._bulk.add(table.name, [self._bulk.row(table, claim | new)])


def _commit(bulk: Bulk) -> None:
    with transaction(SYSTEM) as session:
        bulk.write(session)


def _weeks(first: date, end: date) -> Iterator[tuple[date, list[date]]]:
    """(the Monday after, the days of the week before it) from `first` until before `end`."""
    day, week = first, []
    while day < end:
        week.append(day)
        day += timedelta(days=1)
        if day.weekday() == 0:
            yield day, week
            week = []
    yield day + timedelta(days=-day.weekday() % 7), week


def _hours_of(model: Model, workers: list[int]) -> dict[date, list[Row]]:
    table = m.Shift.__table__
    query = sa.select(table).where(table.c.worker_id.in_(workers)).order_by(table.c.id)
    hours: dict[date, list[Row]] = {}
    for row in db.session.execute(query).mappings():
        hours.setdefault(row["service_on"], []).append(dict(row))
    return hours


def _leaves(since: date) -> list[Absent]:
    """Leave from a day on, with the claim of what was approved."""
    starts = datetime.combine(since, time.min, clock.city_zone()).astimezone(UTC)
    leave, busy = m.Leave.__table__, m.WorkerBusy.__table__
    found = []
    for row in db.session.execute(sa.select(leave).where(leave.c.starts_at >= starts)).mappings():
        claim = None
        if row["status"] == LeaveStatus.APPROVED.value:
            query = sa.select(busy).where(busy.c.owner == f"leave:{row['id']}")
            claim = dict(db.session.execute(query).mappings().one())
        found.append((dict(row), claim))
    return found
