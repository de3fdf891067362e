"""Cancelling one date, this and later ones, or all: shown first, then exactly that is done.

What is not ordered yet costs nothing. An order that was made is cancelled by its own fee ladder;
one that cannot be cancelled any more stays.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain import cancelling as ladder
from app.domain.actors import Actor
from app.domain.errors import InvalidInput, RuleViolation
from app.domain.pricing import content_hash
from app.domain.states import OccurrenceStatus, PlanStatus, move
from app.models import Order, PlanOccurrence, ServicePlan
from app.services import clock
from app.services.orders import cancelling
from app.services.plans import openings, story
from app.services.transactions import retrying, transaction

THIS, LATER, ALL = "this", "later", "all"
SCOPES = (THIS, LATER, ALL)
NOT_PLANNED = (OccurrenceStatus.IMPOSSIBLE, OccurrenceStatus.SKIPPED)


@dataclass(frozen=True, slots=True)
class Ended:
    """One date that would end; `order` and amounts where an order was made for it."""

    on: date
    order: str | None = None
    fee_fen: int = 0
    refund_fen: int = 0


@dataclass(frozen=True, slots=True)
class EndPreview:
    """`stays`: orders that cannot be cancelled any more, and go on."""

    scope: str
    on: date | None
    dates: Sequence[Ended]
    stays: Sequence[str]
    hash: str

    @property
    def fee_fen(self) -> int:
        return sum(one.fee_fen for one in self.dates)

    @property
    def refund_fen(self) -> int:
        return sum(one.refund_fen for one in self.dates)


def preview_end(
    session: Session, plan: ServicePlan, scope: str, on: date | None = None, party: str = "customer"
) -> EndPreview:
    """What cancelling would end and cost now. `on`: the date (this), or the first one (later).

    Raises NotFound, InvalidInput (scope_invalid), RuleViolation (plan_ended, date_over).
    """
    story.living(plan)
    if scope not in SCOPES or (on is None) != (scope == ALL):
        raise InvalidInput(_l("Say which dates are meant"), code="scope_invalid", field="scope")
    dates, stays = [], []
    for row in _rows(session, plan, scope, on):
        shown = _cancellation(session, row, party)
        if row.order and shown is None and not row.may_come_back:
            stays.append(row.order.number)
        else:
            dates.append(_ended(row, shown))
    if scope == THIS and not dates:
        raise RuleViolation(_l("This date is not planned any more"), code="date_over")
    content = {
        "scope": scope, "on": str(on), "party": party, "stays": stays,
        "dates": [{**asdict(one), "on": str(one.on)} for one in dates],
    }  # fmt: skip
    return EndPreview(scope, on, dates, stays, content_hash(content))


@retrying
def end_dates(
    plan_id: int,
    scope: str,
    shown_hash: str,
    *,
    on: date | None = None,
    party: str = "customer",
    reason: str = "",
    customer_id: int | None = None,
    actor: Actor,
) -> ServicePlan:
    """Cancel what the preview with this hash showed.

    Raises NotFound, RuleViolation (changed_since_shown, plan_ended, date_over), InvalidInput.
    """
    with transaction(actor) as session:
        plan = story.locked_plan(session, plan_id, customer_id)
        shown = preview_end(session, plan, scope, on, party)
        if shown.hash != shown_hash:
            raise RuleViolation(
                _l("This has changed since it was shown. Please look at it again"),
                code="changed_since_shown",
            )
        end(session, plan, shown, party=party, reason=reason, actor=actor)
        return plan


def end(
    session: Session,
    plan: ServicePlan,
    shown: EndPreview,
    *,
    party: str,
    reason: str,
    actor: Actor,
) -> None:
    """Carry it out. The plan's row is locked."""
    ended = {one.on: one for one in shown.dates}
    for row in _rows(session, plan, shown.scope, shown.on):
        if row.planned_on in ended:
            _cancel(session, plan, row, party, reason, actor)
    if shown.scope == THIS:
        return
    kind = "ended"
    if shown.on is not None and shown.on > plan.starts_on:
        plan.ends_on = min(plan.ends_on or date.max, shown.on - timedelta(days=1))
    if shown.on is not None and _goes_on(session, plan, shown.on):
        kind = "shortened"
    else:
        plan.paused_until = None
        move(plan, PlanStatus.ENDED)
    story.record(
        plan, kind, actor=actor, on=shown.on, reason=reason,
        fee_fen=shown.fee_fen, refund_fen=shown.refund_fen,
    )  # fmt: skip


def _rows(
    session: Session, plan: ServicePlan, scope: str, on: date | None
) -> Sequence[PlanOccurrence]:
    """The dates that are meant and not over, in order."""
    if scope == THIS and on is not None:
        rows = [story.date_of(session, plan, on)]
    else:
        rows = story.dates_of(session, plan, on)
    return [row for row in rows if _is_to_come(row) or row.status in NOT_PLANNED]


def _cancellation(session: Session, row: PlanOccurrence, party: str) -> ladder.Preview | None:
    """By the order's own rules; None where it has none, or cannot be cancelled any more."""
    if row.order is None or row.may_come_back:
        return None
    try:
        return cancelling.preview(session, row.order, party)
    except RuleViolation:
        return None


def _ended(row: PlanOccurrence, shown: ladder.Preview | None) -> Ended:
    if row.order is None or shown is None:
        return Ended(row.planned_on)
    return Ended(row.planned_on, row.order.number, shown.fee_fen, shown.refund_fen)


def _cancel(
    session: Session, plan: ServicePlan, row: PlanOccurrence, party: str, reason: str, actor: Actor
) -> None:
    if row.order_id is not None and not row.may_come_back:
        order = session.get_one(Order, row.order_id)
        shown = cancelling.preview(session, order, party)
        cancelling.cancel_order(
            order.id, shown.hash, party=party, reason_code="changed_mind", reason=reason,
            actor=actor,
        )  # fmt: skip
    story.change_date(
        plan, row, OccurrenceStatus.CANCELLED, "date.cancelled", actor=actor, reason=reason
    )


def _goes_on(session: Session, plan: ServicePlan, on: date) -> bool:
    """Whether anything is still to come before that day."""
    before = (row for row in story.dates_of(session, plan) if row.planned_on < on)
    return on > openings.horizon() or any(_is_to_come(row) for row in before)


def _is_to_come(row: PlanOccurrence) -> bool:
    to_be_served = row.status == OccurrenceStatus.ORDERED and row.starts_at > clock.now()
    return to_be_served or row.status == OccurrenceStatus.PLANNED
