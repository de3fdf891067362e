"""What the engine of free time needs to know of a branch's workers, in columns.

PostgreSQL sends them as binary values, and calendars are kept from one question to the next
(_packed, _kept). SQLite, the embedded database of a small company, goes through the objects of
app.services.roster.workforce.

Loaded when somebody looks for free time: numpy takes a twentieth of a start.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np

from app.domain import eligibility, free_time
from app.domain.eligibility import RULES, Interval, WantedVisit
from app.domain.free_time import EPOCH, TICK, Calendar
from app.domain.geo import Point
from app.domain.ranks import Array
from app.extensions import db
from app.services.roster import _kept, workforce
from app.services.roster._packed import NONE_BROKEN, People


@dataclass(frozen=True, slots=True)
class Workers:
    """Some workers, and by day and worker the first standing rule that is broken.

    `broken` holds places in eligibility.RULES, or NONE_BROKEN. The calendar has the workers at
    the places `able` only: those who break none on some day.
    """

    ids: Array
    lat: Array
    lng: Array
    calendar: Calendar
    broken: Array
    able: Array

    @property
    def shut(self) -> Array:
        """By day and worker of the calendar: she may not come on that day."""
        found: Array = self.broken[:, self.able] != NONE_BROKEN
        return found


def coming_from(people: Workers, near: Mapping[int, Point], now: datetime) -> Workers:
    """The same workers, each as if she had a visit until now where she is."""
    calendar = people.calendar
    there = [near[key] for key in people.ids[people.able].tolist()]
    at = np.full(len(there), (now - EPOCH) // TICK)
    more = {
        "worker": np.arange(len(there)), "owner": np.full(len(there), -1),
        "start": at - 1, "end": at, "visit_start": at - 1, "visit_end": at,
        "lat": np.array([place.lat for place in there], dtype=float),
        "lng": np.array([place.lng for place in there], dtype=float),
        "is_visit": np.zeros(len(there), dtype=bool), "is_hold": np.zeros(len(there), dtype=bool),
    }  # fmt: skip
    both = {
        name: np.concatenate([getattr(calendar, name), column]) for name, column in more.items()
    }
    return replace(people, calendar=replace(calendar, **both))


def workers(
    branch_id: int,
    days: Sequence[date],
    wanted: WantedVisit,
    only: Collection[int] | None = None,
) -> Workers:
    """The branch's workers (or some of them) for a visit like `wanted` on any of these days."""
    span = workforce.span_of(days[0], days[-1])
    if db.session.get_bind().dialect.name == "postgresql":
        return _sent_in_columns(branch_id, days, wanted, span, only)
    facts = workforce.workers_of(branch_id, days[0], days[-1], only=only)
    return of_facts(facts, days, wanted)


def of_facts(
    facts: Sequence[eligibility.WorkerFacts], days: Sequence[date], wanted: WantedVisit
) -> Workers:
    """The same from objects."""
    broken = _standing(facts, days, wanted)
    able = (broken == NONE_BROKEN).any(axis=0).nonzero()[0]
    calendar = free_time.calendar_of([facts[n] for n in able], {wanted.owner, *wanted.own})
    return Workers(
        np.array([worker.id for worker in facts], dtype=np.int64),
        np.array([worker.home.lat for worker in facts], dtype=float),
        np.array([worker.home.lng for worker in facts], dtype=float),
        calendar,
        broken,
        able,
    )


def _standing(
    facts: Sequence[eligibility.WorkerFacts], days: Sequence[date], wanted: WantedVisit
) -> Array:
    first = [
        [
            eligibility.standing_rules(worker, replace(wanted, service_on=day, later=()))[:1]
            for worker in facts
        ]
        for day in days
    ]
    places = [[RULES.index(rules[0]) if rules else NONE_BROKEN for rules in row] for row in first]
    return np.array(places, dtype=np.int64).reshape(len(days), len(facts))


def _sent_in_columns(
    branch_id: int,
    days: Sequence[date],
    wanted: WantedVisit,
    span: Interval,
    only: Collection[int] | None,
) -> Workers:
    people = People(branch_id, wanted, only)
    broken = people.broken(days)
    able = (broken == NONE_BROKEN).any(axis=0).nonzero()[0]
    if only is None:
        calendar = _kept.calendar(branch_id, people, able, span)
    else:
        calendar = _kept.calendar_of_some(people, able, span)
    return Workers(people.ids, people.lat, people.lng, calendar, broken, able)
