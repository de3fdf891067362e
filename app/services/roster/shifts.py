"""The hours in which workers can be sent; written under the worker's lock, like every claim."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import Conflict, InvalidInput
from app.models import Shift, WorkerBusy
from app.services import clock
from app.services.roster import claims
from app.services.transactions import locked, retrying, transaction

LONGEST = timedelta(hours=24)


@retrying
def add_shift(worker_id: int, starts_at: datetime, ends_at: datetime, *, actor: Actor) -> Shift:
    """Raises InvalidInput for hours that are no shift."""
    _check_hours(starts_at, ends_at)
    with transaction(actor) as session:
        claims.lock_workers([worker_id])
        shift = Shift(worker_id=worker_id)
        _fill(shift, starts_at, ends_at)
        session.add(shift)
        return shift


@retrying
def change_shift(shift_id: int, starts_at: datetime, ends_at: datetime, *, actor: Actor) -> Shift:
    """Raises Conflict when a visit of the worker would lie outside."""
    _check_hours(starts_at, ends_at)
    with transaction(actor) as session:
        shift = _held(session, shift_id)
        _check_visits(session, shift, starts_at, ends_at)
        _fill(shift, starts_at, ends_at)
        return shift


@retrying
def remove_shift(shift_id: int, *, actor: Actor) -> None:
    """Raises Conflict while a visit of the worker lies in it."""
    with transaction(actor) as session:
        shift = _held(session, shift_id)
        _check_visits(session, shift, shift.starts_at, shift.starts_at)
        session.delete(shift)


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
    """Visits that the shift covers now must lie in the new hours."""
    covered = sa.select(WorkerBusy.id).where(
        WorkerBusy.worker_id == shift.worker_id,
        WorkerBusy.kind.in_(("visit", "hold")),
        WorkerBusy.visit_start_at >= shift.starts_at,
        WorkerBusy.visit_end_at <= shift.ends_at,
        sa.or_(WorkerBusy.visit_start_at < starts_at, WorkerBusy.visit_end_at > ends_at),
    )
    if session.scalar(covered.limit(1)) is not None:
        raise Conflict(_l("Visits are planned in these hours; move them first"))
