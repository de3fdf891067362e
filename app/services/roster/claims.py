"""Taking and freeing workers' time. The only writer of `worker_busy`.

The constraint refuses overlaps; travel, caps and shifts are checked again here, under the lock
of the workers' rows, which are always taken in id order (docs/locking.md).
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa

from app.domain.eligibility import WantedVisit, broken_rules
from app.domain.geo import Point
from app.domain.states import HoldStatus, move
from app.extensions import db
from app.models import SlotHold, Worker, WorkerBusy
from app.services.roster import live, workforce
from app.services.transactions import locked

_LOCK = (
    sa.select(Worker.id).where(Worker.id.in_(workforce.IDS)).order_by(Worker.id).with_for_update()
)
_EXPIRED_IN_THE_WAY = (
    sa.select(WorkerBusy.owner)
    .where(
        WorkerBusy.worker_id == sa.bindparam("worker"),
        WorkerBusy.start_at < workforce.LAST,
        WorkerBusy.end_at > workforce.FIRST,
        workforce.EXPIRED_HOLD,
    )
    .distinct()
)


def lock_workers(worker_ids: Iterable[int]) -> None:
    """Keep everybody else from claiming these workers' time until the transaction ends."""
    ids = sorted(set(worker_ids))
    db.session.execute(_LOCK, {"ids": ids}).all()


def still_free(
    branch_id: int,
    worker_ids: Iterable[int],
    wanted: WantedVisit,
    *,
    near: Mapping[int, Point] | None = None,
) -> dict[int, list[str]]:
    """The rules that each locked worker breaks now; an empty list means she can be claimed.

    `near`: where workers are now, for a visit to which they come from there.
    """
    facts = workforce.workers_of(branch_id, wanted.service_on, wanted.last_on, only=worker_ids)
    if near is not None:
        facts = live.from_where_they_are(facts, near)
    travel = workforce.travel_model()
    return {worker.id: broken_rules(worker, wanted, travel) for worker in facts}


def claim(worker_id: int, wanted: WantedVisit, kind: str) -> None:
    """Write a claim for each visit. The worker is locked and was found free in this transaction."""
    for visit in wanted.visits:
        _remove_expired_holds(worker_id, visit.claim.start, visit.claim.end)
    _write(worker_id, wanted, kind)


def _write(worker_id: int, wanted: WantedVisit, kind: str) -> None:
    for visit in wanted.visits:
        db.session.add(
            WorkerBusy(
                worker_id=worker_id,
                kind=kind,
                owner=visit.owner,
                start_at=visit.claim.start,
                end_at=visit.claim.end,
                visit_start_at=visit.start,
                visit_end_at=visit.end,
                lat=visit.place.lat,
                lng=visit.place.lng,
            )
        )
    db.session.flush()


def block(worker_id: int, start: datetime, end: datetime, *, kind: str, owner: str) -> None:
    """Take time that is no visit: leave, or blocked by the office. The worker is locked."""
    _remove_expired_holds(worker_id, start, end)
    db.session.add(
        WorkerBusy(
            worker_id=worker_id,
            kind=kind,
            owner=owner,
            start_at=start,
            end_at=end,
            visit_start_at=start,
            visit_end_at=end,
        )
    )
    db.session.flush()


def release(
    owner: str,
    worker_id: int | None = None,
    *,
    visit_starts: Collection[datetime] | None = None,
) -> list[int]:
    """Free the owner's claims: all, or those of one worker, or of the visits that start then.

    Returns whose time it was.
    """
    where = [WorkerBusy.owner == owner]
    if worker_id is not None:
        where.append(WorkerBusy.worker_id == worker_id)
    if visit_starts is not None:
        where.append(WorkerBusy.visit_start_at.in_(visit_starts))
    query = sa.delete(WorkerBusy).where(*where).returning(WorkerBusy.worker_id)
    return sorted(set(db.session.scalars(query).all()))


def hand_over(from_owner: str, wanted: WantedVisit) -> list[int]:
    """Move claims to another owner by delete, then insert; returns the workers.

    The time stays the same: nothing else can lie in it.
    """
    worker_ids = release(from_owner)
    for worker_id in worker_ids:
        _write(worker_id, wanted, "visit")
    return worker_ids


def claimed_workers(owner: str, *, visit_starts: Collection[datetime] | None = None) -> list[int]:
    """Whose time the owner has, at all or for the visits that start then."""
    query = sa.select(WorkerBusy.worker_id).filter_by(owner=owner).distinct()
    if visit_starts is not None:
        query = query.where(WorkerBusy.visit_start_at.in_(visit_starts))
    return sorted(db.session.scalars(query))


def _remove_expired_holds(worker_id: int, start: datetime, end: datetime) -> None:
    """A hold whose time is over gives way to whoever wants its time; no sweep need come first."""
    wanted = {"worker": worker_id, "first": start, "last": end}
    for owner in db.session.scalars(_EXPIRED_IN_THE_WAY, wanted).all():
        end_hold(int(owner.removeprefix("hold:")), HoldStatus.EXPIRED)


def end_hold(hold_id: int, status: HoldStatus) -> None:
    """End a live hold and free its time; one that ended meanwhile is left alone."""
    hold = locked(db.session(), SlotHold, hold_id)
    if hold.status == HoldStatus.LIVE:
        move(hold, status)
        release(hold.owner)
        db.session.flush()
