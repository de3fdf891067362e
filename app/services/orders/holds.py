"""Keeping a time for a customer while he orders: a real claim on real workers."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload

from app.domain.actors import SYSTEM, Actor
from app.domain.eligibility import BUSY, DAILY_CAP, HELD, TRAVEL, WantedVisit
from app.domain.errors import Conflict, NotFound, RuleViolation
from app.domain.geo import Point
from app.domain.states import HoldStatus
from app.extensions import db
from app.models import Address, CustomerAccount, Quote, SlotHold
from app.services import clock
from app.services.identity import blocking
from app.services.numbers import new_number
from app.services.orders import hold_limits, prices, quotes
from app.services.roster import claims, crews, live, slots
from app.services.roster.house import NOT_A_START, house
from app.services.system import parameters, timers
from app.services.transactions import in_block, locked, retrying, transaction

# More candidates than needed are locked at once, so that one lost race needs no second try.
SPARE_CANDIDATES = 5
TRIES = 3
TAKEN = "slot_taken"
MOST_ALTERNATIVES = 6
DAYS_AROUND = 3
_LOCKED = (
    sa.select(SlotHold)
    .where(
        SlotHold.number == sa.bindparam("number"),
        SlotHold.customer_id == sa.bindparam("customer"),
    )
    .options(
        joinedload(SlotHold.quote).options(
            joinedload(Quote.address).joinedload(Address.region), joinedload(Quote.area)
        )
    )
    .with_for_update(of=SlotHold)
    .execution_options(populate_existing=True)
)


@retrying
def hold_slot(
    customer_id: int,
    quote_number: str,
    starts_at: datetime,
    *,
    worker_id: int | None = None,
    instant: bool = False,
    actor: Actor,
) -> SlotHold:
    """Keep a time; what the customer keeps for the same services ends.

    `instant`: for now, of workers who are idle and near. Raises RuleViolation for a time that is
    not offered or too many kept times, TooManyRequests, and Conflict (slot_taken) when it is no
    longer free, with the reason and free times around it.
    """
    try:
        with transaction(actor):
            return _hold(customer_id, quote_number, starts_at, worker_id, instant, actor)
    except Conflict as refusal:
        if in_block():  # the caller's transaction has failed too
            raise
        raise with_alternatives(refusal, customer_id, quote_number, starts_at, worker_id) from None


def _hold(
    customer_id: int,
    quote_number: str,
    starts_at: datetime,
    worker_id: int | None,
    instant: bool,
    actor: Actor,
) -> SlotHold:
    session = db.session()
    blocking.check_may_book(locked(session, CustomerAccount, customer_id))
    quote = quotes.quote_of(customer_id, quote_number)
    branch_id = quotes.branch_of(quote)
    check_offered(quote, starts_at, instant=instant)
    his = hold_limits.of_customer(customer_id)
    for hold in hold_limits.replaced_by(quote, his):
        over = hold.expires_at <= clock.now()
        claims.end_hold(hold.id, HoldStatus.EXPIRED if over else HoldStatus.RELEASED)
        timers.cancel_timer("hold.expire", hold.id)
    if actor.kind == "customer":
        hold_limits.check(customer_id, his)
    quote = quotes.at_time(quote, starts_at)
    session.flush()
    hold = _new_hold(quote, starts_at, worker_id, instant)
    session.add(hold)
    session.flush()
    wanted = slots.wanted_visit(quote, starts_at, hold.owner)
    near = live.idle(branch_id) if instant else None
    for taken_id in take_crew(branch_id, quote, wanted, worker_id, near=near):
        claims.claim(taken_id, wanted, "hold")
    timers.set_first_timer("hold.expire", hold.id, hold.expires_at)
    return hold


def release_hold(customer_id: int, number: str, *, actor: Actor) -> None:
    """Give a held time back. Raises NotFound."""
    with transaction(actor):
        hold = hold_of(customer_id, number)
        claims.end_hold(hold.id, HoldStatus.RELEASED)


def hold_of(customer_id: int, number: str) -> SlotHold:
    hold = db.session.scalar(sa.select(SlotHold).filter_by(number=number, customer_id=customer_id))
    if hold is None:
        raise _no_hold()
    return hold


def _no_hold() -> NotFound:
    return NotFound(_l("This held time does not exist"), field="hold_number")


def locked_hold(customer_id: int, number: str) -> SlotHold:
    """Under its lock, with all that an order copies of it, in one statement. Raises NotFound."""
    hold = db.session.scalar(_LOCKED, {"number": number, "customer": customer_id})
    if hold is None:
        raise _no_hold()
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


def check_offered(quote: Quote, starts_at: datetime, *, instant: bool = False) -> None:
    """Raise RuleViolation unless the company offers this start; `reason` tells what forbids it."""
    reason = why_not_offered(quote, starts_at, instant=instant)
    if reason:
        raise RuleViolation(
            _l("This time is not offered"),
            code="slot_not_offered",
            field="starts_at",
            reason=reason,
        )


def why_not_offered(quote: Quote, starts_at: datetime, *, instant: bool = False) -> str:
    """The rule of the house that forbids this start, whoever is free; empty when none does."""
    day = clock.city_date(starts_at)
    rules, hours = house(day - timedelta(days=1), day), slots.hours_of(quote)
    if not instant:
        return rules.why_not(starts_at, quote.minutes, hours)
    slots.check_instant(quote)
    return "" if starts_at in rules.instant_starts(quote.minutes, hours) else NOT_A_START


def take_crew(
    branch_id: int,
    quote: Quote,
    wanted: WantedVisit,
    worker_id: int | None,
    *,
    prefer: Collection[int] = (),
    near: Mapping[int, Point] | None = None,
) -> Sequence[int]:
    """Lock likely workers and return a crew that is free for certain. Raises Conflict.

    `worker_id` must be in it; those in `prefer` come first where they are free. `near`: only
    these, who come from where they are.
    """
    first = {worker_id} if worker_id is not None else set(prefer)
    crew_size: int = quote.content["crew_size"]
    for _try in range(TRIES):
        likely = crews.likely(branch_id, wanted, near=near)
        free = sorted((one.id for one in likely), key=lambda key: key not in first)
        if not _is_crew(free, crew_size, worker_id):
            break
        chosen = free[: crew_size + SPARE_CANDIDATES]
        claims.lock_workers(chosen)
        verdicts = claims.still_free(branch_id, chosen, wanted, near=near)
        free = [candidate for candidate in chosen if not verdicts.get(candidate, ["gone"])]
        if _is_crew(free, crew_size, worker_id):
            return free[:crew_size]
    reason = slots.why_not(quote, branch_id, wanted, worker_id, near=near) or BUSY
    raise not_free(reason) if worker_id in (None, *free) else _she_is_not_free(reason)


def _is_crew(free: Sequence[int], crew_size: int, worker_id: int | None) -> bool:
    return len(free) >= crew_size and worker_id in (None, *free)


def with_alternatives(
    refusal: Conflict,
    customer_id: int,
    quote_number: str,
    starts_at: datetime,
    worker_id: int | None,
) -> Conflict:
    """The refusal of who came too late, with free times around the one he wanted."""
    if refusal.code not in (TAKEN, "conflict", "hold_over"):
        return refusal
    quote = quotes.quote_of(customer_id, quote_number)
    told = not_free(BUSY) if refusal.code == "conflict" else refusal
    told.details["alternatives"] = alternatives(quote, starts_at, worker_id)
    return told


def alternatives(
    quote: Quote, starts_at: datetime, worker_id: int | None = None
) -> list[dict[str, Any]]:
    """Free times nearest to this one, in the order of time, each with what it costs."""
    around = timedelta(days=DAYS_AROUND)
    first = max(clock.city_date(starts_at - around), clock.today())
    last = max(clock.city_date(starts_at + around), first)
    own = frozenset(hold.owner for hold in hold_limits.replaced_by(quote))
    days = slots.free_times(quote, quotes.branch_of(quote), first, last, worker_id, own=own)
    free = [slot for day in days for slot in day.slots if slot.starts_at != starts_at]
    nearest = sorted(free, key=lambda slot: abs(slot.starts_at - starts_at))[:MOST_ALTERNATIVES]
    totals = prices.totals_at(quote, (slot.starts_at for slot in nearest))
    return [
        {
            "starts_at": slot.starts_at,
            "ends_at": slot.ends_at,
            "total_fen": totals[slot.starts_at],
        }
        for slot in sorted(nearest, key=lambda slot: slot.starts_at)
    ]


def _new_hold(quote: Quote, starts_at: datetime, worker_id: int | None, instant: bool) -> SlotHold:
    minutes = parameters.get("booking.hold_minutes")
    return SlotHold(
        number=new_number("H"),
        customer_id=quote.customer_id,
        quote_id=quote.id,
        service_key=hold_limits.service_key(quote),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=quote.minutes),
        service_on=clock.city_date(starts_at),
        wished_worker_id=worker_id,
        instant=instant,
        expires_at=clock.now() + timedelta(minutes=minutes),
    )


def _she_is_not_free(reason: str) -> Conflict:
    text = _l("The worker you asked for cannot come then. Please choose another time or worker")
    return Conflict(text, code=TAKEN, reason=reason, wished=True)


def not_free(reason: str, **details: Any) -> Conflict:
    text = _l("Nobody can come at this time. Please choose another")
    if reason in (BUSY, TRAVEL, DAILY_CAP):
        text = _l("This time was just taken. Please choose another")
    if reason == HELD:
        text = _l("Somebody is just ordering this time. Please choose another")
    return Conflict(text, code=TAKEN, reason=reason, **details)
