"""Booking for a customer who calls: the same engine and the same refusals as on his client.

A rule of the house (lead time, hours, horizon, rest day) is set aside with a reason; a rule of a
worker (skill, documents, shift, way...) by an approval of operations, who see which. Nobody can
allow what the database refuses: a second visit at the same time.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import Conflict, NotFound, RuleViolation
from app.extensions import db
from app.models import Approval, CustomerAccount, Order, Quote, Worker
from app.services import clock
from app.services.dispatch.overrides import NEVER
from app.services.identity import blocking
from app.services.orders import events, holds, ordering, prices, quotes
from app.services.orders.quotes import ItemWish
from app.services.roster import claims, slots, workforce
from app.services.system import approvals
from app.services.transactions import retrying, transaction

KIND = "booking_override"
SOURCE = "phone"


def quote_for(
    customer_id: int,
    address_id: int,
    wishes: Sequence[ItemWish],
    *,
    days: int = 1,
    coupon: str = "",
    actor: Actor,
) -> Quote:
    """Price what the customer asks for on the phone. Raises as quotes.make_quote."""
    return quotes.make_quote(customer_id, address_id, wishes, days=days, coupon=coupon, actor=actor)


@retrying
def book(
    customer_id: int,
    quote_number: str,
    quote_hash: str,
    starts_at: datetime,
    *,
    worker_id: int | None = None,
    note: str = "",
    reason: str = "",
    actor: Actor,
) -> Order:
    """Order what was quoted, at this time. `quote_hash`: of the price that it has then.

    Raises RuleViolation (reason_required with the rule, quote_changed), and Conflict (slot_taken)
    with the reason and free times around it.
    """
    try:
        with transaction(actor) as session:
            customer_of(customer_id)
            quote = _shown(customer_id, quote_number, quote_hash, starts_at)
            despite = _house_rule(quote, starts_at, reason)
            order = _placed(session, quote, starts_at, note)
            wanted = workforce.wanted_by(order)
            for taken_id in holds.take_crew(order.branch_id, quote, wanted, worker_id):
                claims.claim(taken_id, wanted, "visit")
            _begin(order, despite, reason, actor)
            return order
    except Conflict as refusal:
        raise holds.with_alternatives(
            refusal, customer_id, quote_number, starts_at, worker_id
        ) from None


@retrying
def ask_despite(
    customer_id: int,
    quote_number: str,
    quote_hash: str,
    starts_at: datetime,
    worker_id: int,
    *,
    note: str = "",
    reason: str,
    actor: Actor,
) -> Approval:
    """Ask operations to let this worker take the visit although she breaks hard rules.

    Raises RuleViolation: reason_required, no_rule_broken, never_allowed.
    """
    if not reason.strip():
        raise RuleViolation(_l("Say why"), code="reason_required", field="reason")
    with transaction(actor) as session:
        quote = _shown(customer_id, quote_number, quote_hash, starts_at)
        session.flush()
        claims.lock_workers([worker_id])
        content = _content(quote, starts_at, worker_id, note)
        if not content["broken"]:
            raise RuleViolation(_l("This worker breaks no rule"), code="no_rule_broken")
        summary = f"#{customer_id} {content['services']}"
        return approvals.ask(
            KIND, "quote", quote.id, content, summary,
            reason=reason, branch_id=quotes.branch_of(quote), actor=actor,
        )  # fmt: skip


@approvals.executes(KIND)
def _book_despite(approval: Approval, actor: Actor) -> None:
    """The worker is free of other claims, and breaks no rule but those that were shown."""
    shown, session = approval.payload, db.session()
    quote = session.get_one(Quote, approval.subject_id)
    starts_at, worker_id = datetime.fromisoformat(shown["planned_start"]), shown["worker_id"]
    claims.lock_workers([worker_id])
    approvals.check_as_shown(shown, _content(quote, starts_at, worker_id, shown["note"]))
    order = _placed(session, quote, starts_at, shown["note"])
    claims.claim(worker_id, workforce.wanted_by(order), "visit")
    _begin(order, ", ".join(shown["broken"]), approval.reason, actor)


def _shown(customer_id: int, quote_number: str, quote_hash: str, starts_at: datetime) -> Quote:
    """The quote at the price of that time, whoever books."""
    quote = quotes.at_time(quotes.quote_of(customer_id, quote_number), starts_at)
    if quote.hash != quote_hash:
        raise RuleViolation(
            _l("The price has changed. Please look at it again"),
            code="quote_changed",
            total_fen=quote.total_fen,
        )
    return quote


def _house_rule(quote: Quote, starts_at: datetime, reason: str) -> str:
    """The rule of the house that is set aside, if any; a past time cannot be booked at all."""
    if starts_at <= clock.now():
        raise RuleViolation(_l("This time is over"), code="time_over", field="starts_at")
    broken = holds.why_not_offered(quote, starts_at)
    if broken and not reason.strip():
        raise RuleViolation(
            _l("This time is not offered. To book it nevertheless, say why"),
            code="reason_required",
            field="reason",
            reason=broken,
        )
    return broken


def _placed(session: Session, quote: Quote, starts_at: datetime, note: str) -> Order:
    session.flush()
    return ordering.placed(session, quote, starts_at, note=note, source=SOURCE)


def _begin(order: Order, despite: str, reason: str, actor: Actor) -> None:
    ordering.begun(order, actor=actor)
    if despite:
        events.record(order, "booked_despite", actor=actor, reason=reason, despite=despite)


def _content(quote: Quote, starts_at: datetime, worker_id: int, note: str) -> dict[str, Any]:
    """What is asked for; the worker's row is locked, so that it holds when it is carried out."""
    wanted = slots.wanted_visit(quote, starts_at)
    found = claims.still_free(quotes.branch_of(quote), [worker_id], wanted)
    if starts_at <= clock.now() or worker_id not in found:
        raise RuleViolation(_l("This worker cannot take the visit"), code="never_allowed")
    broken = found[worker_id]
    if never := sorted(NEVER & set(broken)):
        raise RuleViolation(
            _l("Nobody can allow this exception"), code="never_allowed", broken=never
        )
    if quote.content["crew_size"] > 1:
        raise RuleViolation(_l("An exception is for one worker"), code="never_allowed")
    return {
        "quote": quote.number,
        "customer_id": quote.customer_id,
        "services": "、".join(item["name"] for item in quote.content["items"]),
        "planned_start": starts_at.isoformat(),
        "total_fen": quote.total_fen,
        "worker_id": worker_id,
        "worker": db.session.get_one(Worker, worker_id).number,
        "note": note,
        "broken": broken,
    }


def times_of(quote: Quote, first_day: Any, days: int) -> list[slots.Day]:
    """Free times from this day on with their prices, and those that cannot be chosen and why."""
    last = first_day + timedelta(days=days - 1)
    days_found = slots.free_times(quote, quotes.branch_of(quote), first_day, last)
    return prices.with_totals(quote, days_found)


def customer_of(customer_id: int) -> CustomerAccount:
    """Raises NotFound, RuleViolation (account_blocked) for one who cannot book."""
    found = db.session.get(CustomerAccount, customer_id)
    if found is None:
        raise NotFound(_l("This customer does not exist"))
    blocking.check_may_book(found)
    return found
