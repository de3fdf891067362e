"""Hours in which a worker can be sent, with the breaks in them."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import Conflict, InvalidInput
from app.domain.geo import Point
from app.models import Shift, Worker, WorkerBusy
from app.services import clock
from app.services.roster import blocking, claims, workforce
from app.services.transactions import locked, retrying, transaction

DAY = LONGEST = timedelta(hours=24)
# From and to, in minutes after midnight of the day on which the shift begins.
Breaks = Sequence[Sequence[int]]


@retrying
def add_shift(
    worker_id: int,
    starts_at: datetime,
    ends_at: datetime,
    *,
    breaks: Breaks = (),
    actor: Actor,
) -> Shift:
    """Raises InvalidInput for hours that are no shift, Conflict when she has one then."""
    _check_hours(starts_at, ends_at)
    with transaction(actor) as session:
        claims.lock_workers([worker_id])
        shift = Shift(worker_id=worker_id)
        _fill(shift, starts_at, ends_at)
        _check_alone(session, shift)
        session.add(shift)
        session.flush()
        _set_breaks(session, shift, breaks)
        return shift


@retrying
def change_shift(
    shift_id: int,
    starts_at: datetime,
    ends_at: datetime,
    *,
    breaks: Breaks | None = None,
    actor: Actor,
) -> Shift:
    """New hours, and new breaks unless None. Raises Conflict when a visit would lie outside."""
    _check_hours(starts_at, ends_at)
    with transaction(actor) as session:
        shift = _held(session, shift_id)
        _check_visits(session, shift, starts_at, ends_at)
        _fill(shift, starts_at, ends_at)
        _check_alone(session, shift)
        _set_breaks(session, shift, shift.breaks if breaks is None else breaks)
        return shift


@retrying
def remove_shift(shift_id: int, *, actor: Actor) -> None:
    """Raises Conflict while a visit of the worker lies in it."""
    with transaction(actor) as session:
        shift = _held(session, shift_id)
        _check_visits(session, shift, shift.starts_at, shift.starts_at)
        claims.release(shift.owner)
        session.delete(shift)


def _set_breaks(session: Session, shift: Shift, breaks: Breaks) -> None:
    """Claim the time of the breaks instead of the earlier ones."""
    claims.release(shift.owner)
    for start, end in (_span(shift, *one) for one in breaks):
        if not shift.starts_at <= start < end <= shift.ends_at:
            raise InvalidInput(_l("A break lies within its shift"), field="breaks")
        blocking.check_nothing_planned(session, shift.worker_id, start, end)
        claims.block(shift.worker_id, start, end, kind="blocked", owner=shift.owner)
    shift.breaks = [list(one) for one in breaks]


def _span(shift: Shift, first: int, last: int) -> tuple[datetime, datetime]:
    midnight = datetime.combine(shift.service_on, time.min, clock.city_zone())
    start, end = (midnight + timedelta(minutes=n) for n in (first, last))
    # Past midnight, in a shift that goes through the night.
    late = DAY if start < shift.starts_at else timedelta()
    return (start + late).astimezone(UTC), (end + late).astimezone(UTC)


def _check_alone(session: Session, shift: Shift) -> None:
    others = sa.select(Shift.id).where(
        Shift.worker_id == shift.worker_id,
        Shift.id.is_distinct_from(shift.id),
        Shift.starts_at < shift.ends_at,
        Shift.ends_at > shift.starts_at,
    )
    with session.no_autoflush:
        if session.scalar(others.limit(1)) is not None:
            raise Conflict(_l("The worker has another shift in these hours"), code="shift_overlaps")


def _held(session: Session, shift_id: int) -> Shift:
    found = session.get(Shift, shift_id)
    if found is not None:
        claims.lock_workers([found.worker_id])
    return locked(session, Shift, shift_id)


def _fill(shift: Shift, starts_at: datetime, ends_at: datetime) -> None:
    shift.starts_at, shift.ends_at = starts_at, ends_at
    shift.service_on = clock.city_date(starts_at)


def _check_hours(starts_at: datetime, ends_at: datetime) -> None:
    if starts_at >= ends_at:
        raise InvalidInput(_l("The end must come after the start"), field="ends_at")
    if ends_at - starts_at > LONGEST:
        raise InvalidInput(_l("A shift lasts 24 hours at most"), field="ends_at")


def _check_visits(session: Session, shift: Shift, starts_at: datetime, ends_at: datetime) -> None:
    """Visits that the shift covers now must lie in the new hours, with the way from and to home."""
    covered = sa.select(WorkerBusy).where(
        WorkerBusy.worker_id == shift.worker_id,
        WorkerBusy.kind.in_(("visit", "hold")),
        WorkerBusy.visit_start_at >= shift.starts_at,
        WorkerBusy.visit_end_at <= shift.ends_at,
        ~workforce.EXPIRED_HOLD,
    )
    home, travel = _home(session, shift.worker_id), workforce.travel_model()
    for claim in session.scalars(covered):
        place = Point(claim.lat, claim.lng) if claim.lat and claim.lng else home
        way = timedelta(seconds=travel.seconds(home, place))
        # What was allowed to break this rule before goes on breaking it.
        left = min(claim.visit_start_at, max(claim.visit_start_at - way, shift.starts_at))
        back = max(claim.visit_end_at, min(claim.visit_end_at + way, shift.ends_at))
        if left < starts_at or back > ends_at:
            raise Conflict(_l("Visits are planned in these hours; move them first"))


def _home(session: Session, worker_id: int) -> Point:
    worker = session.get_one(Worker, worker_id)
    return Point(worker.home_lat, worker.home_lng)
