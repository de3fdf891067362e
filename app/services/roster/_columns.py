"""What the engine of free time needs to know of a branch's workers, in columns.

PostgreSQL sends people, claims and shifts as one binary value each, which numpy reads as it comes:
tens of thousands of rows in as many microseconds as they would take milliseconds as objects.
SQLite, the embedded database of a small company, goes through the objects of
app.services.roster.workforce.

Loaded when somebody looks for free time: numpy takes a twentieth of a start.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import sqlalchemy as sa

from app.domain import eligibility, free_time
from app.domain.eligibility import RULES, Interval, WantedVisit
from app.domain.free_time import EPOCH, TICK, Array, Calendar
from app.domain.geo import Point
from app.domain.states import WorkerStatus
from app.extensions import db
from app.models import Worker, WorkerArea, WorkerDocument, WorkerSkill
from app.services import clock
from app.services.roster import workforce
from app.services.system import parameters

NONE_BROKEN = -1
NEVER = 10**7  # a day that does not come
POSTGRES_EPOCH = (datetime(2000, 1, 1, tzinfo=UTC) - EPOCH) // TICK
# One value holds all rows, one after the other, as the database keeps them (models/guards.py);
# whose claims do not count is told apart, by the same number for an owner.
CLAIMS = """
    SELECT string_agg(packed_claim, ''), (
        SELECT string_agg(int8send(hashtextextended(owner, 0)), '')
        FROM (
            SELECT 'hold:' || id AS owner FROM slot_hold
            WHERE status = 'live' AND expires_at <= %(now)s
            UNION ALL SELECT unnest(%(own)s::text[])
        ) AS nobody
    )
    FROM worker_busy
    WHERE worker_id = ANY(%(ids)s::int8[]) AND start_at < %(end)s AND end_at > %(start)s
"""
SHIFTS = """
    SELECT string_agg(packed_shift, '')
    FROM shift
    WHERE worker_id = ANY(%(ids)s::int8[]) AND starts_at < %(end)s AND ends_at > %(start)s
"""


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
    people = _people(branch_id, wanted, only)
    broken = _broken(people, days, wanted)
    able = (broken == NONE_BROKEN).any(axis=0).nonzero()[0]
    ids = people["id"][able]
    asked = {
        "ids": "{" + ",".join(map(str, ids.tolist())) + "}",
        "own": [wanted.owner, *wanted.own],
        "start": span.start, "end": span.end, "now": clock.now(),
    }  # fmt: skip
    content, nobody = _sent(CLAIMS, asked)
    claims = _read(content, "iittttffi")
    if (ended := np.isin(claims[1], _read(nobody, "i")[0])).any():
        claims = [column[~ended] for column in claims]
    who, owner, start, end, visit_start, visit_end, lat, lng, kind = claims
    shifts = _read(_sent(SHIFTS, asked)[0], "itt")
    calendar = Calendar(
        home_lat=people["lat"][able], home_lng=people["lng"][able], daily_cap=people["cap"][able],
        shift_worker=np.searchsorted(ids, shifts[0]), shift_start=shifts[1], shift_end=shifts[2],
        worker=np.searchsorted(ids, who), owner=owner, start=start, end=end,
        visit_start=visit_start, visit_end=visit_end, lat=lat, lng=lng,
        is_visit=kind > 0, is_hold=kind == 2,
    )  # fmt: skip
    return Workers(people["id"], people["lat"], people["lng"], calendar, broken, able)


def _people(branch_id: int, wanted: WantedVisit, only: Collection[int] | None) -> dict[str, Array]:
    """A row a worker in the order of keys: place, cap, and what the standing rules look at."""
    serves = sa.select(WorkerArea.area_id).where(
        WorkerArea.worker_id == Worker.id, WorkerArea.area_id == wanted.area_id
    )
    active = Worker.status == WorkerStatus.APPROVED.value
    whole: dict[str, Any] = {
        "id": Worker.id,
        "active": sa.cast(active, sa.Integer),
        "radius": sa.func.coalesce(
            sa.func.nullif(Worker.radius_km, 0), parameters.get("dispatch.radius_km")
        ),
        "cap": Worker.daily_cap,
        "serves": sa.cast(serves.exists(), sa.Integer),
    }
    joined: Any = Worker
    for number, kind in enumerate(wanted.documents):
        paper = sa.alias(WorkerDocument.__table__)
        joined = sa.outerjoin(
            joined, paper,
            sa.and_(paper.c.worker_id == Worker.id, paper.c.kind == kind,
                    paper.c.status == "approved"),
        )  # fmt: skip
        whole[f"paper_{number}"] = _day_number(paper.c.valid_to, -1)
    for skill_id in wanted.skills:
        held = sa.alias(WorkerSkill.__table__)
        joined = sa.outerjoin(
            joined, held, sa.and_(held.c.worker_id == Worker.id, held.c.skill_id == skill_id)
        )
        whole[f"level_{skill_id}"] = sa.func.coalesce(held.c.level, -1)
        whole[f"from_{skill_id}"] = _day_number(held.c.valid_from, NEVER)
        whole[f"to_{skill_id}"] = _day_number(held.c.valid_to, NEVER)
    where = active if only is None else Worker.id.in_(only)
    sent = [sa.func.int8send(sa.cast(column, sa.BigInteger)) for column in whole.values()]
    sent += [sa.func.float8send(Worker.home_lat), sa.func.float8send(Worker.home_lng)]
    row: Any = sent[0]
    for field in sent[1:]:
        row = row.concat(field)
    query = sa.select(sa.func.string_agg(row, sa.cast(sa.literal(b""), sa.LargeBinary)))
    content = db.session.scalar(
        query.select_from(joined).where(Worker.branch_id == branch_id, where)
    )
    read = _read(content, "i" * len(whole) + "ff")
    columns = dict(zip([*whole, "lat", "lng"], read, strict=True))
    order = np.argsort(columns["id"])
    return {name: column[order] for name, column in columns.items()}


def _day_number(column: Any, missing: int) -> Any:
    """Days since 1970, comparable as numbers."""
    days = sa.cast(column - sa.literal(EPOCH.date(), sa.Date), sa.Integer)
    return sa.func.coalesce(days, missing)


def _broken(people: dict[str, Array], days: Sequence[date], wanted: WantedVisit) -> Array:
    """app.domain.eligibility.standing_rules, by day and worker."""
    count = len(people["id"])
    if not count:
        return np.empty((len(days), 0), dtype=np.int64)
    far = free_time.distances_m(people["lat"], people["lng"], wanted.place)
    radius = people["radius"].astype(float) * 1000
    always = [
        (eligibility.NOT_ACTIVE, people["active"] == 0),
        (eligibility.AREA, people["serves"] == 0),
        (eligibility.RADIUS, far > radius),
    ]
    blocked = (eligibility.BLOCKED, np.isin(people["id"], list(wanted.blocked)))
    rows = []
    for day in days:
        number = (day - EPOCH.date()).days
        row = np.full(count, NONE_BROKEN)
        of_the_day = _of_the_day(people, number, wanted)
        for rule, hit in reversed([*always, *of_the_day, blocked]):
            row[hit] = RULES.index(rule)
        rows.append(row)
    return np.stack(rows)


def _of_the_day(people: dict[str, Array], day: int, wanted: WantedVisit) -> list[tuple[str, Array]]:
    missing = np.zeros(len(people["id"]), dtype=bool)
    low, invalid = missing.copy(), missing.copy()
    for skill_id, level in wanted.skills.items():
        valid = (people[f"from_{skill_id}"] <= day) & (day <= people[f"to_{skill_id}"])
        missing |= ~valid
        low |= valid & (people[f"level_{skill_id}"] < level)
    for number in range(len(wanted.documents)):
        invalid |= people[f"paper_{number}"] < day
    return [
        (eligibility.SKILL, missing), (eligibility.LEVEL, low), (eligibility.DOCUMENT, invalid),
    ]  # fmt: skip


def _sent(statement: str, asked: dict[str, Any]) -> tuple[bytes | None, ...]:
    """The values of the one row."""
    db.session.flush()
    connection: Any = db.session.connection().connection.driver_connection
    with connection.cursor(binary=True) as cursor:
        row: tuple[bytes | None, ...] = cursor.execute(statement, asked).fetchone()
        return row


def _read(content: bytes | None, kinds: str) -> list[Array]:
    """Kinds: i whole number, f double, t instant; all of eight bytes."""
    stored = ["f8" if kind == "f" else "i8" for kind in kinds]
    record = [(f"value_{n}", f">{name}") for n, name in enumerate(stored)]
    rows = np.frombuffer(content or b"", dtype=np.dtype(record))
    columns = [rows[f"value_{n}"].astype(name) for n, name in enumerate(stored)]
    return [
        column + POSTGRES_EPOCH if kind == "t" else column
        for column, kind in zip(columns, kinds, strict=True)
    ]
