"""Where workers are now, and who of them is idle: for visits that begin within the hour."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.domain.eligibility import Taken, WorkerFacts
from app.domain.geo import Point
from app.extensions import db
from app.models import LocationPing, Worker, WorkerBusy
from app.services import clock
from app.services.roster import workforce
from app.services.system import parameters

OWNER = "position"
MOMENT = timedelta(microseconds=1)
STEP_MINUTES = 5


def idle(branch_id: int) -> dict[int, Point]:
    """The branch's workers whose time is not taken now, with their latest fresh position."""
    since = clock.now() - timedelta(minutes=parameters.get("booking.position_minutes"))
    latest = (
        sa.select(sa.func.max(LocationPing.id))
        .where(LocationPing.at >= since, LocationPing.at <= clock.now())
        .group_by(LocationPing.worker_id)
    )
    occupied = sa.select(WorkerBusy.id).where(
        WorkerBusy.worker_id == LocationPing.worker_id,
        WorkerBusy.start_at <= clock.now(),
        WorkerBusy.end_at > clock.now(),
        ~workforce.EXPIRED_HOLD,
    )
    query = (
        sa.select(LocationPing.worker_id, LocationPing.lat, LocationPing.lng)
        .join(Worker, Worker.id == LocationPing.worker_id)
        .where(LocationPing.id.in_(latest), Worker.branch_id == branch_id, ~occupied.exists())
    )
    return {worker_id: Point(lat, lng) for worker_id, lat, lng in db.session.execute(query)}


def starts(opens: datetime, closes: datetime, minutes: int) -> list[datetime]:
    """When a visit of this length for now could begin, within the hours of today."""
    now = clock.now()
    last = now + timedelta(minutes=parameters.get("booking.instant_minutes"))
    last = min(last, closes - timedelta(minutes=minutes))
    step = timedelta(minutes=STEP_MINUTES)
    first = max(now, opens)
    at = first + (clock.start_of(clock.today()) - first) % step
    found = []
    while at <= last:
        found.append(at)
        at += step
    return found


def from_where_they_are(
    facts: Sequence[WorkerFacts], near: Mapping[int, Point]
) -> list[WorkerFacts]:
    """The same workers, who come from where they are now; those who are not near are left out."""
    return [
        replace(worker, taken=[*worker.taken, _here(near[worker.id])])
        for worker in facts
        if worker.id in near
    ]


def only_ids(only: int | None, near: Mapping[int, Point] | None) -> Collection[int] | None:
    """Of whom the engine shall know at all; None for everybody."""
    if near is None:
        return None if only is None else [only]
    return sorted(near) if only is None else [only] if only in near else []


def is_missing(near: Mapping[int, Point], only: int | None) -> bool:
    """Nobody is near, or not the one who is asked for."""
    return not near if only is None else only not in near


def _here(place: Point) -> Taken:
    """She cannot be elsewhere before she has gone there: as if she had a visit here until now."""
    now = clock.now()
    return Taken(OWNER, now - MOMENT, now, now - MOMENT, now, place, is_visit=False)
