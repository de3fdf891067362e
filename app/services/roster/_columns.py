"""What the engine of free time needs to know of a branch's workers, in columns.

PostgreSQL sends claims and shifts as one binary value each, which numpy reads as it comes: tens of
thousands of rows in as many microseconds as they would take milliseconds as objects. SQLite, the
embedded database of a small company, goes through the objects of app.services.roster.workforce.

Loaded when somebody looks for free time: numpy takes a twentieth of a start.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import sqlalchemy as sa

from app.domain import eligibility, free_time
from app.domain.eligibility import REQUIRED_DOCUMENTS, RULES, Interval, WantedVisit
from app.domain.free_time import EPOCH, TICK, Array, Calendar
from app.domain.states import WorkerStatus
from app.extensions import db
from app.models import Worker, WorkerArea, WorkerDocument, WorkerSkill
from app.services import clock
from app.services.roster import workforce
from app.services.system import parameters

NONE_BROKEN = -1
POSTGRES_EPOCH = (datetime(2000, 1, 1, tzinfo=UTC) - EPOCH) // TICK
# One value holds all rows, one after the other, each as PostgreSQL sends a row in binary.
CLAIMS = """
    SELECT string_agg(record_send(ROW(
             worker_id::int8, hashtextextended(owner, 0), start_at, end_at, visit_start_at,
             visit_end_at, coalesce(lat, 'NaN'), coalesce(lng, 'NaN'),
             (kind IN ('hold', 'visit'))::int::int8
           )), '')
    FROM worker_busy
    WHERE worker_id = ANY(%(ids)s::int8[]) AND start_at < %(end)s AND end_at > %(start)s
      AND NOT CASE WHEN kind = 'hold' THEN EXISTS (
        SELECT 1 FROM slot_hold
        WHERE slot_hold.id = substr(owner, 6)::int8 AND slot_hold.status = 'live'
          AND slot_hold.expires_at <= %(now)s
      ) ELSE false END
"""
SHIFTS = """
    SELECT string_agg(record_send(ROW(worker_id::int8, starts_at, ends_at)), '')
    FROM shift
    WHERE worker_id = ANY(%(ids)s::int8[]) AND starts_at < %(end)s AND ends_at > %(start)s
"""


@dataclass(frozen=True, slots=True)
class Workers:
    """The calendar of some workers, and by day and worker the first standing rule that is broken.

    `broken` holds places in eligibility.RULES, or NONE_BROKEN.
    """

    calendar: Calendar
    broken: Array


def workers(
    branch_id: int, days: Sequence[date], wanted: WantedVisit, only: int | None = None
) -> Workers:
    """The branch's workers (or one of them) for a visit like `wanted` on any of these days."""
    span = workforce.span_of(days[0], days[-1])
    if db.session.get_bind().dialect.name == "postgresql":
        return _sent_in_columns(branch_id, days, wanted, span, only)
    ids = None if only is None else [only]
    facts = workforce.workers_of(branch_id, days[0], days[-1], only=ids)
    return Workers(free_time.calendar_of(facts), _standing(facts, days, wanted))


def _standing(
    facts: Sequence[eligibility.WorkerFacts], days: Sequence[date], wanted: WantedVisit
) -> Array:
    first = [
        [
            eligibility.standing_rules(worker, replace(wanted, service_on=day))[:1]
            for worker in facts
        ]
        for day in days
    ]
    places = [[RULES.index(rules[0]) if rules else NONE_BROKEN for rules in row] for row in first]
    return np.array(places, dtype=np.int64).reshape(len(days), len(facts))


def _sent_in_columns(
    branch_id: int, days: Sequence[date], wanted: WantedVisit, span: Interval, only: int | None
) -> Workers:
    people = _people(branch_id, wanted, only)
    broken = _broken(people, days, wanted)
    able = (broken == NONE_BROKEN).any(axis=0)
    ids = people["id"]
    wanted_ids = "{" + ",".join(map(str, ids[able].tolist())) + "}"
    asked = {"ids": wanted_ids, "start": span.start, "end": span.end, "now": clock.now()}
    claims = _sent(CLAIMS, "iittttffi", asked)
    shifts = _sent(SHIFTS, "itt", asked)
    who, owner, start, end, visit_start, visit_end, lat, lng, is_visit = claims
    calendar = Calendar(
        home_lat=people["lat"], home_lng=people["lng"], daily_cap=people["cap"],
        shift_worker=np.searchsorted(ids, shifts[0]), shift_start=shifts[1], shift_end=shifts[2],
        worker=np.searchsorted(ids, who), owner=owner, start=start, end=end,
        visit_start=visit_start, visit_end=visit_end, lat=lat, lng=lng,
        is_visit=is_visit.astype(bool),
    )  # fmt: skip
    return Workers(calendar, broken)


def _people(branch_id: int, wanted: WantedVisit, only: int | None) -> dict[str, Array]:
    """A row a worker in the order of keys: place, cap, and what the standing rules look at."""
    serves = sa.select(WorkerArea.area_id).where(
        WorkerArea.worker_id == Worker.id, WorkerArea.area_id == wanted.area_id
    )
    columns: dict[str, Any] = {
        "id": Worker.id,
        "active": Worker.status == WorkerStatus.APPROVED.value,
        "lat": Worker.home_lat,
        "lng": Worker.home_lng,
        "radius": sa.func.coalesce(
            sa.func.nullif(Worker.radius_km, 0), parameters.get("dispatch.radius_km")
        ),
        "cap": Worker.daily_cap,
        "serves": serves.exists(),
    }
    query = sa.select(Worker).where(Worker.branch_id == branch_id)
    for number, kind in enumerate(REQUIRED_DOCUMENTS):
        paper = sa.alias(WorkerDocument.__table__)
        query = query.outerjoin(
            paper,
            sa.and_(paper.c.worker_id == Worker.id, paper.c.kind == kind,
                    paper.c.status == "approved"),
        )  # fmt: skip
        columns[f"paper_{number}"] = _day_number(paper.c.valid_to, -1)
    for skill_id in wanted.skills:
        held = sa.alias(WorkerSkill.__table__)
        query = query.outerjoin(
            held, sa.and_(held.c.worker_id == Worker.id, held.c.skill_id == skill_id)
        )
        columns[f"level_{skill_id}"] = sa.func.coalesce(held.c.level, -1)
        columns[f"from_{skill_id}"] = _day_number(held.c.valid_from, 10**7)
        columns[f"to_{skill_id}"] = _day_number(held.c.valid_to, 10**7)
    where = columns["active"] if only is None else Worker.id == only
    query = query.where(where).with_only_columns(
        *(column.label(name) for name, column in columns.items())
    )
    rows = db.session.execute(query.order_by(Worker.id)).all()
    return {name: np.array([row[place] for row in rows]) for place, name in enumerate(columns)}


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
        (eligibility.NOT_ACTIVE, ~people["active"].astype(bool)),
        (eligibility.AREA, ~people["serves"].astype(bool)),
        (eligibility.RADIUS, far > radius),
    ]
    rows = []
    for day in days:
        number = (day - EPOCH.date()).days
        row = np.full(count, NONE_BROKEN)
        for rule, hit in reversed([*always, *_of_the_day(people, number, wanted)]):
            row[hit] = RULES.index(rule)
        rows.append(row)
    return np.stack(rows)


def _of_the_day(people: dict[str, Array], day: int, wanted: WantedVisit) -> list[tuple[str, Array]]:
    missing = np.zeros(len(people["id"]), dtype=bool)
    low = missing.copy()
    for skill_id, level in wanted.skills.items():
        valid = (people[f"from_{skill_id}"] <= day) & (day <= people[f"to_{skill_id}"])
        missing |= ~valid
        low |= valid & (people[f"level_{skill_id}"] < level)
    papers = np.stack([people[f"paper_{n}"] for n in range(len(REQUIRED_DOCUMENTS))])
    invalid: Array = np.any(papers < day, axis=0)
    return [
        (eligibility.SKILL, missing), (eligibility.LEVEL, low), (eligibility.DOCUMENT, invalid),
    ]  # fmt: skip


def _sent(statement: str, kinds: str, asked: dict[str, Any]) -> list[Array]:
    """The columns of all rows. Kinds: i whole number, f double, t instant; all of eight bytes."""
    db.session.flush()
    connection: Any = db.session.connection().connection.driver_connection
    with connection.cursor(binary=True) as cursor:
        content = cursor.execute(statement, asked).fetchone()[0] or b""
    stored = ["f8" if kind == "f" else "i8" for kind in kinds]
    record = [("columns", ">i4")]
    for n, name in enumerate(stored):
        record += [(f"type_{n}", ">i4"), (f"length_{n}", ">i4"), (f"value_{n}", f">{name}")]
    rows = np.frombuffer(content, dtype=np.dtype(record))
    columns = [rows[f"value_{n}"].astype(name) for n, name in enumerate(stored)]
    return [
        column + POSTGRES_EPOCH if kind == "t" else column
        for column, kind in zip(columns, kinds, strict=True)
    ]
