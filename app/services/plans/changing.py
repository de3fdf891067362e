"""This and later dates in another way: the plan ends there, and another one follows it.

What would happen is shown by doing it and taking it back; so the dates that the old plan gives up
are free for the new one, in the preview as later in truth.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import InvalidInput, NotFound, RuleViolation
from app.domain.pricing import content_hash
from app.extensions import db
from app.models import CustomerAccount, ServicePlan
from app.services import clock
from app.services.identity import blocking
from app.services.orders import quotes
from app.services.orders.quotes import ItemWish
from app.services.plans import ending, looking, making, story
from app.services.plans.ending import EndPreview
from app.services.plans.looking import Preview, Wish
from app.services.plans.making import Choice
from app.services.transactions import locked, retrying, transaction


@dataclass(frozen=True, slots=True)
class Change:
    """From `on`, the first day that changes. Without `items` and `address_id` they stay."""

    on: date
    wish: Wish
    items: Sequence[ItemWish] = ()
    address_id: int | None = None


@dataclass(frozen=True, slots=True)
class ChangePreview:
    """What ends and what it costs, and every date of the plan that follows."""

    ended: EndPreview
    made: Preview
    hash: str


class _OnlyShown(Exception):
    """Takes the transaction back that was only to be seen."""


@retrying
def preview_change(plan_id: int, change: Change, *, party: str = "customer") -> ChangePreview:
    """What the change would do now. Nothing is saved.

    Raises NotFound, InvalidInput, RuleViolation (plan_ended).
    """
    shown: list[ChangePreview] = []
    try:
        with transaction() as session:
            plan = _locked(session, plan_id, None)
            shown.append(_half_done(session, plan, change, party, "", Actor("system")))
            raise _OnlyShown
    except _OnlyShown:
        return shown[0]


@retrying
def change_plan(
    plan_id: int,
    change: Change,
    shown_hash: str,
    *,
    choices: Sequence[Choice] = (),
    party: str = "customer",
    reason: str = "",
    customer_id: int | None = None,
    actor: Actor,
) -> ServicePlan:
    """Do what the preview with this hash showed; returns the plan that follows.

    Raises NotFound, InvalidInput, RuleViolation (plan_ended, changed_since_shown), Conflict
    (slot_taken).
    """
    with transaction(actor) as session:
        plan = _locked(session, plan_id, customer_id)
        shown = _half_done(session, plan, change, party, reason, actor)
        if shown.hash != shown_hash:
            raise RuleViolation(
                _l("This has changed since it was shown. Please look at it again"),
                code="changed_since_shown",
            )
        wish = _from(change)
        new = making.added(
            session, shown.made, wish, choices, note=plan.note, follows=plan, actor=actor
        )
        story.record(plan, "changed", actor=actor, on=change.on, reason=reason, next=new.number)
        return new


def _locked(session: Session, plan_id: int, customer_id: int | None) -> ServicePlan:
    """The plan, its customer's row first (docs/locking.md)."""
    known = db.session.get(ServicePlan, plan_id)
    if known is None:
        raise NotFound(_l("This plan does not exist"))
    blocking.check_may_book(locked(session, CustomerAccount, known.customer_id))
    return story.living(story.locked_plan(session, plan_id, customer_id))


def _half_done(
    session: Session, plan: ServicePlan, change: Change, party: str, reason: str, actor: Actor
) -> ChangePreview:
    """The old plan has ended, the new one is only looked at."""
    if change.on < clock.today():
        raise InvalidInput(_l("Choose a day to come"), code="day_past", field="on")
    ended = ending.preview_end(session, plan, ending.LATER, change.on, party)
    ending.end(session, plan, ended, party=party, reason=reason, actor=actor)
    session.flush()
    quote = quotes.make_quote(
        plan.customer_id,
        change.address_id or plan.address_id,
        change.items or quotes.wishes_of(plan.request),
        actor=actor,
    )
    session.flush()
    made = looking.preview(quote, _from(change))
    return ChangePreview(ended, made, content_hash({"ended": ended.hash, "made": made.hash}))


def _from(change: Change) -> Wish:
    return replace(change.wish, starts_on=max(change.on, change.wish.starts_on))
