"""What the eligibility rules need to know of the workers, read in a handful of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.domain.eligibility import HeldSkill, Interval, Taken, WantedVisit, WorkerFacts
from app.domain.geo import Point, TravelModel
from app.domain.states import VisitStatus, WorkerStatus
from app.extensions import db
from app.models import (
    BlockedPair,
    Order,
    Shift,
    SlotHold,
    Visit,
    Worker,
    WorkerArea,
    WorkerBusy,
    WorkerDocument,
    WorkerSkill,
)
from app.models.base import UtcDateTime
from app.services import clock
from app.services.system import parameters

IDS: sa.BindParameter[Any] = sa.bindparam("ids", expanding=True)
FIRST, LAST = (sa.bindparam(name, type_=UtcDateTime) for name in ("first", "last"))
_PEOPLE = (
    sa.select(
        Worker.id, Worker.status, Worker.home_lat, Worker.home_lng, Worker.radius_km,
        Worker.daily_cap, Worker.rating_sum, Worker.rating_count,
    )
    .where(Worker.branch_id == sa.bindparam("branch"))
    .order_by(Worker.id)
)  # fmt: skip
_APPROVED = _PEOPLE.where(Worker.status == WorkerStatus.APPROVED.value)
_THESE = _PEOPLE.where(Worker.id.in_(IDS))
_SKILLS = sa.select(
    WorkerSkill.worker_id, WorkerSkill.skill_id, WorkerSkill.level, WorkerSkill.valid_from,
    WorkerSkill.valid_to,
).where(WorkerSkill.worker_id.in_(IDS))  # fmt: skip
_AREAS = sa.select(WorkerArea.worker_id, WorkerArea.area_id).where(WorkerArea.worker_id.in_(IDS))
_DOCUMENTS = sa.select(
    WorkerDocument.worker_id, WorkerDocument.kind, WorkerDocument.valid_to
).where(WorkerDocument.worker_id.in_(IDS), WorkerDocument.status == "approved")
_SHIFTS = sa.select(Shift.worker_id, Shift.starts_at, Shift.ends_at).where(
    Shift.worker_id.in_(IDS), Shift.starts_at < LAST, Shift.ends_at > FIRST
)


def _expired_hold() -> sa.ColumnElement[bool]:
    hold_id = sa.cast(sa.func.substr(WorkerBusy.owner, 6), sa.BigInteger)
    now = sa.bindparam("now", callable_=clock.now, type_=UtcDateTime, unique=True)
    ended = sa.select(SlotHold.id).where(
        SlotHold.id == hold_id, SlotHold.expires_at <= now, SlotHold.status == "live"
    )
    return sa.case((WorkerBusy.kind == "hold", ended.exists()), else_=sa.false())


# The claim belongs to a hold whose time is over: whoever wants the time may remove it.
EXPIRED_HOLD = _expired_hold()
_TAKEN = sa.select(
    WorkerBusy.worker_id, WorkerBusy.owner, WorkerBusy.start_at, WorkerBusy.end_at,
    WorkerBusy.visit_start_at, WorkerBusy.visit_end_at, WorkerBusy.lat, WorkerBusy.lng,
    WorkerBusy.kind,
).where(
    WorkerBusy.worker_id.in_(IDS), WorkerBusy.start_at < LAST,
    WorkerBusy.end_at > FIRST, ~EXPIRED_HOLD,
)  # fmt: skip
_BLOCKED = sa.select(BlockedPair.worker_id).where(
    BlockedPair.customer_id == sa.bindparam("customer")
)


def travel_model() -> TravelModel:
    return TravelModel(
        parameters.get("travel.speed_kmh"),
        parameters.get("travel.factor_percent"),
        parameters.get("travel.min_minutes"),
    )


def city_day(day: date) -> Interval:
    """The instants between which it is that day in the city."""
    return Interval(clock.start_of(day), clock.start_of(day + timedelta(days=1)))


def span_of(first: date, last: date) -> Interval:
    """In which something can matter to these days: visits go on over midnight, and the way on."""
    day = timedelta(days=1)
    return Interval(city_day(first).start - day, city_day(last).end + day)


def workers_of(
    branch_id: int, first: date, last: date, only: Iterable[int] | None = None
) -> list[WorkerFacts]:
    """Facts of the branch's workers for the days first..last; holds that ran out do not count."""
    query = _APPROVED if only is None else _THESE
    workers = db.session.execute(query, {"branch": branch_id, "ids": list(only or ())}).all()
    ids = [worker.id for worker in workers]
    span = span_of(first, last)
    skills, areas = _skills(ids), _areas(ids)
    documents, shifts, taken = _documents(ids), _shifts(ids, span), _taken(ids, span)
    return [
        WorkerFacts(
            id=worker.id,
            active=worker.status == WorkerStatus.APPROVED.value,
            home=Point(worker.home_lat, worker.home_lng),
            radius_km=worker.radius_km or parameters.get("dispatch.radius_km"),
            daily_cap=worker.daily_cap,
            rating_sum=worker.rating_sum,
            rating_count=worker.rating_count,
            skills=skills[worker.id],
            areas=frozenset(areas[worker.id]),
            documents=documents[worker.id],
            shifts=shifts[worker.id],
            taken=taken[worker.id],
        )
        for worker in workers
    ]


def wanted_by(order: Order, visits: Sequence[Visit] | None = None) -> WantedVisit:
    """The visit that an order needs, for the rules; or all of its visits that are still ahead.

    `visits`: only these of them.
    """
    return replace(
        times_of(order, visits),
        blocked=blocked_for(order.customer_id),
        documents=needed_documents(),
    )


def times_of(order: Order, visits: Sequence[Visit] | None = None) -> WantedVisit:
    """The same times, for the claims of who may come: without who that is."""
    one = _wanted(order, order.planned_start, order.planned_end)
    if order.visit_count == 1:
        return one
    planned = [visit for visit in order.visits if visit.status == VisitStatus.PLANNED]
    ahead = [
        replace(one, start=visit.planned_start, end=visit.planned_end,
                service_on=visit.service_on, day=city_day(visit.service_on))
        for visit in sorted(visits or planned, key=lambda visit: visit.planned_start)
    ]  # fmt: skip
    return replace(ahead[0], later=ahead[1:]) if ahead else one


def _wanted(order: Order, start: datetime, end: datetime) -> WantedVisit:
    return WantedVisit(
        start=start,
        end=end,
        service_on=order.service_on,
        day=city_day(order.service_on),
        place=Point(order.lat, order.lng),
        area_id=order.area_id,
        skills=_int_keys(order.skills),
        buffer_before=timedelta(minutes=order.buffer_before_minutes),
        buffer_after=timedelta(minutes=order.buffer_after_minutes),
        owner=order.owner,
    )


def blocked_for(customer_id: int) -> frozenset[int]:
    """Workers who do not meet the customer, whoever of them asked for it."""
    return frozenset(db.session.scalars(_BLOCKED, {"customer": customer_id}))


def needed_documents() -> list[str]:
    """Kinds of documents that must be valid on the day of a visit."""
    kinds: list[str] = parameters.get("workers.documents")
    return kinds


def _int_keys(levels: dict[str, int]) -> dict[int, int]:
    return {int(skill_id): level for skill_id, level in levels.items()}


def _rows(query: sa.Select[Any], ids: list[int], span: Interval | None = None) -> Sequence[Any]:
    times = {"first": span.start, "last": span.end} if span else {}
    return db.session.execute(query, {"ids": ids, **times}).all()


def _skills(ids: list[int]) -> dict[int, dict[int, HeldSkill]]:
    found: dict[int, dict[int, HeldSkill]] = defaultdict(dict)
    for worker_id, skill_id, *held in _rows(_SKILLS, ids):
        found[worker_id][skill_id] = HeldSkill(*held)
    return found


def _areas(ids: list[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for worker_id, area_id in _rows(_AREAS, ids):
        found[worker_id].append(area_id)
    return found


def _documents(ids: list[int]) -> dict[int, dict[str, date]]:
    found: dict[int, dict[str, date]] = defaultdict(dict)
    for worker_id, kind, valid_to in _rows(_DOCUMENTS, ids):
        found[worker_id][kind] = valid_to
    return found


def _shifts(ids: list[int], span: Interval) -> dict[int, list[Interval]]:
    found: dict[int, list[Interval]] = defaultdict(list)
    for worker_id, start, end in _rows(_SHIFTS, ids, span):
        found[worker_id].append(Interval(start, end))
    return found


def _taken(ids: list[int], span: Interval) -> dict[int, list[Taken]]:
    found: dict[int, list[Taken]] = defaultdict(list)
    rows = _rows(_TAKEN, ids, span)
    for worker_id, owner, start, end, visit_start, visit_end, lat, lng, kind in rows:
        place = Point(lat, lng) if lat is not None and lng is not None else None
        what = (kind in ("hold", "visit"), kind == "hold")
        found[worker_id].append(Taken(owner, start, end, visit_start, visit_end, place, *what))
    return found
