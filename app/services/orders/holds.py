"""Keeping a time for a customer while he orders: a real claim on real workers."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.domain import eligibility
from app.domain.actors import SYSTEM, Actor
from app.domain.eligibility import WantedVisit, WorkerFacts
from app.domain.errors import Conflict, NotFound, RuleViolation
from app.domain.geo import distance_m
from app.domain.states import HoldStatus
from app.extensions import db
from app.models import CustomerAccount, Quote, SlotHold
from app.services import clock
from app.services.numbers import new_number
from app.services.orders import quotes
from app.services.roster import claims, slots, workforce
from app.services.system import parameters, timers
from app.services.transactions import locked, retrying, transaction

# More candidates than needed are locked at once, so that one lost race needs no second try.
SPARE_CANDIDATES = 5


@retrying
def hold_slot(
    customer_id: int,
    quote_number: str,
    starts_at: datetime,
    *,
    worker_id: int | None = None,
    actor: Actor,
) -> SlotHold:
    """Keep a time; an earlier live hold of the customer ends.

    Raises RuleViolation for a time that is not offered, Conflict when it is no longer free.
    """
    with transaction(actor) as session:
        locked(session, CustomerAccount, customer_id)
        quote = quotes.quote_of(customer_id, quote_number)
        check_offered(quote, starts_at)
        _end_earlier(customer_id)
        hold = _new_hold(quote, starts_at, worker_id)
        session.add(hold)
        session.flush()
        wanted = slots.wanted_visit(quote, starts_at, hold.owner)
        crew = take_crew(quotes.branch_of(quote), quote, wanted, worker_id)
        for taken_id in crew:
            claims.claim(taken_id, wanted, "hold")
        timers.set_timer("hold.expire", hold.id, hold.expires_at)
        return hold


def release_hold(customer_id: int, number: str, *, actor: Actor) -> None:
    """Give a held time back. Raises NotFound."""
    with transaction(actor):
        hold = hold_of(customer_id, number)
        claims.end_hold(hold.id, HoldStatus.RELEASED)


def hold_of(customer_id: int, number: str) -> SlotHold:
    hold = db.session.scalar(sa.select(SlotHold).filter_by(number=number, customer_id=customer_id))
    if hold is None:
        raise NotFound(_l("This held time does not exist"), field="hold_number")
    return hold


@timers.handles("hold.expire")
def expire_hold(hold_id: int) -> None:
    claims.end_hold(hold_id, HoldStatus.EXPIRED)


def sweep_expired(limit: int = 500) -> int:
    """End holds whose timer was lost; returns how many."""
    overdue = sa.select(SlotHold.id).where(
        SlotHold.status == HoldStatus.LIVE.value, SlotHold.expires_at <= clock.now()
    )
    ids = db.session.scalars(overdue.order_by(SlotHold.id).limit(limit)).all()
    for hold_id in ids:
        with transaction(SYSTEM):
            claims.end_hold(hold_id, HoldStatus.EXPIRED)
    return len(ids)


def check_offered(quote: Quote, starts_at: datetime) -> None:
    """Raise RuleViolation unless the company offers this start on that day."""
    day = clock.city_date(starts_at)
    horizon = clock.today() + timedelta(days=parameters.get("booking.horizon_days"))
    if day > horizon or starts_at not in slots.start_times(day, quote.minutes):
        raise RuleViolation(
            _l("This time is not offered"), code="slot_not_offered", field="starts_at"
        )


def _end_earlier(customer_id: int) -> None:
    live = sa.select(SlotHold.id).filter_by(customer_id=customer_id, status=HoldStatus.LIVE.value)
    for hold_id in db.session.scalars(live).all():
        claims.end_hold(hold_id, HoldStatus.RELEASED)
        timers.cancel_timer("hold.expire", hold_id)


def _new_hold(quote: Quote, starts_at: datetime, worker_id: int | None) -> SlotHold:
    minutes = parameters.get("booking.hold_minutes")
    return SlotHold(
        number=new_number("H"),
        customer_id=quote.customer_id,
        quote_id=quote.id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=quote.minutes),
        service_on=clock.city_date(starts_at),
        wished_worker_id=worker_id,
        expires_at=clock.now() + timedelta(minutes=minutes),
    )


def take_crew(
    branch_id: int,
    quote: Quote,
    wanted: WantedVisit,
    worker_id: int | None,
    *,
    prefer: Collection[int] = (),
) -> Sequence[int]:
    """Lock likely workers and return a crew that is free for certain. Raises Conflict.

    `worker_id` must be in it; those in `prefer` come first where they are free.
    """
    first = {worker_id} if worker_id is not None else set(prefer)
    crew_size: int = quote.content["crew_size"]
    day = wanted.service_on
    travel = workforce.travel_model()
    likely = [
        worker
        for worker in workforce.workers_of(branch_id, day, day)
        if not eligibility.broken_rules(worker, wanted, travel)
    ]
    ranked = sorted(likely, key=lambda worker: _preference(worker, wanted, first))
    if worker_id is not None and (not ranked or ranked[0].id != worker_id):
        raise _not_free(worker_id=worker_id)
    chosen = [worker.id for worker in ranked[: crew_size + SPARE_CANDIDATES]]
    claims.lock_workers(chosen)
    verdicts = claims.still_free(branch_id, chosen, wanted)
    free = [candidate for candidate in chosen if not verdicts.get(candidate, ["gone"])]
    if len(free) < crew_size or (worker_id is not None and worker_id not in free):
        raise _not_free()
    return free[:crew_size]


def _preference(
    worker: WorkerFacts, wanted: WantedVisit, wished: Collection[int | None]
) -> tuple[bool, int, float, int]:
    """The wished one first; then who has least to do that day, then who lives nearest."""
    busy = sum(wanted.day.start <= t.visit_start < wanted.day.end for t in worker.taken)
    return worker.id not in wished, busy, distance_m(worker.home, wanted.place), worker.id


def _not_free(**details: Any) -> Conflict:
    return Conflict(
        _l("This time was just taken. Please choose another"), code="slot_taken", **details
    )
