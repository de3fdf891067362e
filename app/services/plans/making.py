"""A plan from what was looked at, date by date."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import Conflict, InvalidInput, RuleViolation
from app.domain.states import OccurrenceStatus, PlanStatus
from app.models import CustomerAccount, PlanOccurrence, Quote, ServicePlan
from app.services.identity import blocking
from app.services.numbers import new_number
from app.services.orders import prices, quotes
from app.services.plans import looking, openings, story
from app.services.plans.looking import Preview, Seen, Wish
from app.services.plans.openings import FreeTimes
from app.services.system import outbox, parameters
from app.services.transactions import locked, retrying, transaction

SKIP, KEEP = "skip", "keep"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the customer decided of one date: leave it out, keep it, or come at another time."""

    on: date
    action: str = KEEP
    starts_at: datetime | None = None


@retrying
def create_plan(
    customer_id: int,
    quote_number: str,
    wish: Wish,
    shown_hash: str,
    *,
    choices: Sequence[Choice] = (),
    note: str = "",
    actor: Actor,
) -> ServicePlan:
    """Repeat what was quoted, as the preview with this hash showed and the customer chose.

    Orders are made when their dates come near (app.services.plans.ahead). Raises NotFound,
    RuleViolation (quote_expired, changed_since_shown, plans_limit), InvalidInput, Conflict
    (slot_taken, with alternatives).
    """
    with transaction(actor) as session:
        blocking.check_may_book(locked(session, CustomerAccount, customer_id))
        _check_number(session, customer_id)
        quote = quotes.quote_of(customer_id, quote_number)
        shown = looking.preview(quote, wish)
        if shown.hash != shown_hash:
            raise RuleViolation(
                _l("This has changed since it was shown. Please look at it again"),
                code="changed_since_shown",
            )
        return added(session, shown, wish, choices, note=note, actor=actor)


def added(
    session: Session,
    shown: Preview,
    wish: Wish,
    choices: Sequence[Choice],
    *,
    note: str = "",
    follows: ServicePlan | None = None,
    actor: Actor,
) -> ServicePlan:
    """The plan and its dates within the horizon. The customer's row is locked."""
    plan = _plan(shown, wish, note, follows)
    session.add(plan)
    session.flush()
    total_fen = shown.quote.total_fen
    story.record(plan, "created", actor=actor, rule=shown.rule, total_fen=total_fen)
    rows = [_row(plan, shown, seen, chosen) for seen, chosen in _decided(shown, choices)]
    check_apart((row.starts_at for row in rows if is_on(row)), shown.quote.minutes)
    session.add_all(rows)
    outbox.put("plan.order_ahead", plan.id)
    return plan


def _check_number(session: Session, customer_id: int) -> None:
    living = sa.select(sa.func.count(ServicePlan.id)).where(
        ServicePlan.customer_id == customer_id, ServicePlan.status != PlanStatus.ENDED.value
    )
    most = parameters.get("plan.most")
    if (session.scalar(living) or 0) >= most:
        raise RuleViolation(
            _l("You have %(most)s plans already. Please end one first", most=most),
            code="plans_limit",
            most=most,
        )


def _plan(shown: Preview, wish: Wish, note: str, follows: ServicePlan | None) -> ServicePlan:
    quote = shown.quote
    return ServicePlan(
        number=new_number("L"),
        branch_id=quotes.branch_of(quote),
        customer_id=quote.customer_id,
        address_id=quote.address_id,
        request=quote.request,
        rrule=shown.rule,
        starts_on=wish.starts_on,
        ends_on=wish.ends_on,
        start_minute=wish.start_minute,
        preferred_worker_id=wish.worker_id,
        on_holidays=wish.on_holidays,
        follows_id=follows.id if follows else None,
        note=note,
    )


def _is_near(seen: Seen) -> bool:
    return seen.on <= openings.horizon()


def _decided(shown: Preview, choices: Sequence[Choice]) -> list[tuple[Seen, Choice | None]]:
    """Each date within the horizon with what was chosen for it."""
    by_day: Mapping[date, Choice] = {choice.on: choice for choice in choices}
    near = [seen for seen in shown.dates if _is_near(seen)]
    unknown = by_day.keys() - {seen.on for seen in near}
    if unknown or len(by_day) < len(choices):
        raise InvalidInput(
            _l("Choose once for each date that is shown"),
            code="choice_unknown",
            on=sorted(str(day) for day in unknown),
        )
    return [(seen, by_day.get(seen.on)) for seen in near]


def _row(plan: ServicePlan, shown: Preview, seen: Seen, chosen: Choice | None) -> PlanOccurrence:
    """One date as it was decided; one that nobody can serve says so from the start."""
    start, status, reason = seen.starts_at, OccurrenceStatus.PLANNED, ""
    if chosen and chosen.action == SKIP:
        status, reason = OccurrenceStatus.SKIPPED, "by_customer"
    elif chosen and chosen.starts_at:
        start = chosen.starts_at
        check_free(shown.free, start, shown.quote)
    elif seen.state == openings.HOLIDAY and chosen is None:
        status, reason = OccurrenceStatus.SKIPPED, "holiday"
    elif (seen.otherwise or seen.state) not in (*openings.SERVED, openings.TOO_FAR):
        status, reason = OccurrenceStatus.IMPOSSIBLE, seen.reason or "time_taken"
    return PlanOccurrence(
        plan_id=plan.id, planned_on=seen.on, starts_at=start, status=status.value, reason=reason
    )


def check_free(free: FreeTimes, start: datetime, quote: Quote) -> None:
    """Raise Conflict, with other times and their prices, unless somebody could come then."""
    state, _reason, near = free.state_of(start)
    if state not in openings.SERVED:
        length, totals = timedelta(minutes=quote.minutes), prices.totals_at(quote, near)
        raise Conflict(
            _l("Nobody is free at this time. Please choose another"),
            code="slot_taken",
            starts_at=start,
            alternatives=[
                {"starts_at": other, "ends_at": other + length, "total_fen": totals[other]}
                for other in near
            ],
        )


def is_on(row: PlanOccurrence) -> bool:
    """Whether somebody will come on this date, as things are."""
    coming = row.status in (OccurrenceStatus.PLANNED, OccurrenceStatus.ORDERED)
    return coming and not row.may_come_back


def check_apart(starts: Iterable[datetime], minutes: int) -> None:
    """Raise RuleViolation when two dates of the plan would be at the same time."""
    for earlier, later in pairwise(sorted(starts)):
        if later - earlier < timedelta(minutes=minutes):
            raise RuleViolation(
                _l("Another date of the plan is at this time already"),
                code="dates_overlap",
                starts_at=later,
            )
