"""Changing an order before anybody has accepted it: the difference is paid or given back.

Cheaper, equal or not yet paid: it holds at once. Dearer and paid already: it holds when the
difference is paid; until then the order claims both times, and nobody is asked to come.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import SYSTEM, Actor
from app.domain.eligibility import WantedVisit
from app.domain.errors import Conflict, NotFound, RuleViolation
from app.domain.states import EditStatus, OfferStatus, OrderStatus, PaymentStatus, move
from app.models import Order, OrderEdit, OrderItem, OrderLine, PaymentAttempt, Quote, Visit
from app.services import audit, clock
from app.services.dispatch import crew, dispatching
from app.services.money import refunds, subsidies, sums
from app.services.orders import coupons, events, holds, ordering, quotes, searching
from app.services.roster import claims, slots, workforce
from app.services.system import notifications, outbox, parameters, timers
from app.services.transactions import locked, retrying, transaction

EDITABLE = (OrderStatus.PENDING_PAYMENT, OrderStatus.PENDING_DISPATCH, OrderStatus.OFFERED)
OPEN_ATTEMPTS = (
    PaymentStatus.CREATED.value, PaymentStatus.PENDING.value, PaymentStatus.UNKNOWN.value,
)  # fmt: skip


@retrying
def edit_order(
    customer_id: int,
    order_id: int,
    quote_number: str,
    quote_hash: str,
    *,
    starts_at: datetime | None = None,
    note: str | None = None,
    actor: Actor,
) -> Order:
    """Let the order be what was quoted, at its own time or another one. A `note` holds at once.

    Raises NotFound, Conflict (slot_taken, edit_open), RuleViolation (not_editable, quote_changed,
    other_area, order_apart, slot_not_offered).
    """
    with transaction(actor) as session:
        order = locked(session, Order, order_id)
        if order.customer_id != customer_id:
            raise NotFound(_l("This order does not exist"), order_id=order_id)
        check_editable(order)
        quote = _quoted(order, customer_id, quote_number, quote_hash)
        start = starts_at or order.planned_start
        quote = _at_time(quote, start)
        visit = wanted(order, quote, start)
        old = claims.claimed_workers(order.owner)
        chosen = holds.take_crew(order.branch_id, quote, visit, None, prefer=old)
        if order.status == OrderStatus.OFFERED:
            dispatching.end_offers(order, OfferStatus.WITHDRAWN)
            events.change_status(order, OrderStatus.PENDING_DISPATCH, "looking_again", actor=actor)
        order.note = order.note if note is None else note
        if due_after(order, quote) > order.due_fen and _is_paid(order):
            _wait_for_payment(session, order, quote, start, visit, chosen, old, actor)
        else:
            _apply(session, order, quote, start, chosen, actor)
        return order


def write_note(order: Order, note: str, *, actor: Actor) -> None:
    """Only what the customer wishes besides. The order's row is locked, and can be changed."""
    if note != order.note:
        order.note = note
        events.record(order, "note.changed", actor=actor)
        audit.record("edit", "customer_order", order.id, {}, actor=actor)


def apply_paid(session: Session, order: Order, *, actor: Actor) -> None:
    """The difference is paid: the order is what was asked for. Its row is locked."""
    edit = open_edit(session, order.id)
    if edit is None:
        return
    _end(order, edit, EditStatus.APPLIED)
    claims.lock_workers([*edit.workers, *edit.old_workers])
    _apply(session, order, edit.quote, edit.starts_at, edit.workers, actor)


@retrying
def drop_unpaid(order_id: int) -> None:
    """Nobody paid the difference in time: the order stays what it was, its time kept all along."""
    with transaction(SYSTEM) as session:
        order = locked(session, Order, order_id)
        edit = open_edit(session, order.id)
        if edit is None:
            return
        if edit.expires_at > clock.now():
            timers.set_timer("order.edit_expire", order.id, edit.expires_at)
            return
        give_up_open(session, order, actor=SYSTEM)
        claims.lock_workers([*edit.workers, *edit.old_workers])
        _claim(order, edit.old_workers, workforce.wanted_by(order))
        refunds.refund_surplus(session, order, reason="overpaid", actor=SYSTEM)
        searching.begin(order)


def give_up_open(session: Session, order: Order, *, actor: Actor) -> None:
    """The open change is none any more. Whoever calls frees or moves the claims."""
    edit = open_edit(session, order.id)
    if edit is not None:
        _end(order, edit, EditStatus.DROPPED)
        coupons.keep(session, order, order.quote)
        events.record(order, "edit.dropped", actor=actor)


def open_edit(session: Session, order_id: int) -> OrderEdit | None:
    return session.scalar(
        sa.select(OrderEdit).filter_by(order_id=order_id, status=EditStatus.PENDING.value)
    )


@timers.handles("order.edit_expire")
def edit_expires(order_id: int) -> None:
    """Ask the channel first, outside this transaction: the customer may just have paid."""
    outbox.put("order.close_edit", order_id)


def can_be_edited(order: Order) -> bool:
    """Whether it makes sense to offer it; `edit_order` decides."""
    waits = order.supplement_fen or order.customer_chooses or order.parent_id
    return order.status in EDITABLE and order.visit_count == 1 and not waits


def check_editable(order: Order) -> None:
    """Raises RuleViolation, Conflict when nothing of it can be changed now."""
    if order.parent_id is not None:
        raise RuleViolation(
            _l("Work that is done again stays what it is. Please move it, or order apart"),
            code="not_editable",
            status=order.status,
        )
    if order.status not in EDITABLE or crew.members(order.id) or len(order.visits) != 1:
        raise RuleViolation(
            _l("This order can be changed only until a worker has accepted it"),
            code="not_editable",
            status=order.status,
        )
    if order.customer_chooses:
        raise RuleViolation(_l("Please choose first how it goes on"), code="customer_chooses")
    if order.supplement_fen:
        raise Conflict(_l("An earlier change waits for its payment"), code="edit_open")


def _quoted(order: Order, customer_id: int, number: str, shown_hash: str) -> Quote:
    quote = quotes.quote_of(customer_id, number)
    if quote.hash != shown_hash:
        raise RuleViolation(
            _l("The price has changed. Please look at it again"), code="quote_changed"
        )
    check_fits(order, quote)
    return quote


def check_fits(order: Order, quote: Quote) -> None:
    """Raises RuleViolation (other_area, order_apart) when the order cannot become this."""
    if quote.area_id != order.area_id:
        raise RuleViolation(_l("Please order apart for another area"), code="other_area")
    if quote.content["pay_mode"] != order.pay_mode or slots.days_of(quote) != order.visit_count:
        raise RuleViolation(
            _l("These services cannot be one order. Please order them apart"), code="order_apart"
        )


def _at_time(quote: Quote, start: datetime) -> Quote:
    """Raises RuleViolation when coming then costs something else than was quoted."""
    timed = quotes.at_time(quote, start)
    if timed is not quote:
        raise RuleViolation(
            _l("At this time it costs another price. Please look at it again"),
            code="quote_changed",
            total_fen=timed.total_fen,
        )
    return quote


def wanted(order: Order, quote: Quote, start: datetime) -> WantedVisit:
    """The time it would take; a new or longer one must be one that is offered."""
    if start != order.planned_start or quote.minutes > order.minutes:
        holds.check_offered(quote, start)
    return slots.wanted_visit(quote, start, order.owner)


def due_after(order: Order, quote: Quote) -> int:
    """The new price, less what was conceded on the old one."""
    return max(quote.total_fen - (order.total_fen - order.due_fen), 0)


def _is_paid(order: Order) -> bool:
    return order.status != OrderStatus.PENDING_PAYMENT and order.pay_mode == "prepaid"


def _wait_for_payment(
    session: Session,
    order: Order,
    quote: Quote,
    start: datetime,
    visit: WantedVisit,
    chosen: Sequence[int],
    old: list[int],
    actor: Actor,
) -> None:
    """The new claim beside the old one, and the difference as what is owed."""
    order.supplement_fen = due_after(order, quote) - order.due_fen
    minutes = parameters.get("payment.pay_within_minutes")
    expires_at = clock.now() + timedelta(minutes=minutes)
    session.add(
        OrderEdit(
            order_id=order.id,
            quote_id=quote.id,
            starts_at=start,
            difference_fen=order.supplement_fen,
            workers=list(chosen),
            old_workers=old,
            expires_at=expires_at,
        )
    )
    for worker_id in chosen:
        claims.claim(worker_id, visit, "visit")
    coupons.keep(session, order, order.quote, quote)
    timers.set_timer("order.edit_expire", order.id, expires_at)
    events.record(order, "edit.asked", actor=actor, difference_fen=order.supplement_fen)
    _tell_customer(order, "order.supplement", amount_fen=order.supplement_fen)


def _end(order: Order, edit: OrderEdit, status: EditStatus) -> None:
    move(edit, status)
    edit.ended_at = clock.now()
    order.supplement_fen = 0
    timers.cancel_timer("order.edit_expire", order.id)


def _apply(
    session: Session,
    order: Order,
    quote: Quote,
    start: datetime,
    chosen: Sequence[int],
    actor: Actor,
) -> None:
    """The order is what the quote says; the crew's rows are locked."""
    _claim(order, chosen, slots.wanted_visit(quote, start, order.owner))
    before = {"total_fen": order.total_fen, "planned_start": order.planned_start.isoformat()}
    _write(session, order, quote, start, actor)
    after = {"total_fen": order.total_fen, "planned_start": order.planned_start.isoformat()}
    events.record(order, "edited", actor=actor, before=before, after=after)
    audit.record("edit", "customer_order", order.id, {"to": after}, actor=actor)
    refunds.refund_surplus(session, order, reason="cheaper", actor=actor)
    _go_on(session, order, actor)
    _tell_customer(order, "order.edited", total_fen=order.total_fen)


def _claim(order: Order, workers: Sequence[int], visit: WantedVisit) -> None:
    claims.release(order.owner)
    for worker_id in workers:
        claims.claim(worker_id, visit, "visit")


def _write(session: Session, order: Order, quote: Quote, start: datetime, actor: Actor) -> None:
    """A compensation above the new price is one no more: the company bears no more than that."""
    due = due_after(order, quote)
    given_back = order.total_fen - order.due_fen - sums.compensated_of(session, order.id)
    price = max(quote.total_fen - given_back, 0)
    refunds.fold_compensation(session, order, price, actor=actor)
    order.due_fen, order.subsidy_fen = due, subsidies.of_quote(quote, price)
    for name, value in ordering.content_copy(quote, start).items():
        setattr(order, name, value)
    order.dispatch_round, order.unassigned_reason = 0, ""
    for part in (OrderItem, OrderLine):
        session.execute(sa.delete(part).where(part.order_id == order.id))
    session.flush()
    ordering.add_parts(order, quote)
    visit = session.scalars(sa.select(Visit).filter_by(order_id=order.id)).one()
    visit.service_on = order.service_on
    visit.planned_start, visit.planned_end = order.planned_start, order.planned_end
    coupons.keep(session, order, quote)
    session.flush()
    session.expire(order, ["items", "lines"])


def _go_on(session: Session, order: Order, actor: Actor) -> None:
    """An unpaid order waits for its new price; attempts at the old one are closed."""
    if order.status == OrderStatus.PENDING_PAYMENT and order.unpaid_fen:
        stale = sa.select(PaymentAttempt.id).where(
            PaymentAttempt.order_id == order.id,
            PaymentAttempt.status.in_(OPEN_ATTEMPTS),
            PaymentAttempt.amount_fen != order.unpaid_fen,
        )
        attempts = list(session.scalars(stale.order_by(PaymentAttempt.id)))
        if attempts:
            outbox.put("order.close_attempts", order.id, attempts=attempts)
        return
    if order.status == OrderStatus.PENDING_PAYMENT:
        timers.cancel_timer("order.pay_timeout", order.id)
        events.change_status(order, OrderStatus.PENDING_DISPATCH, "paid", actor=actor)
    if order.status == OrderStatus.PENDING_DISPATCH:
        searching.begin(order)


def _tell_customer(order: Order, kind: str, **told: int) -> None:
    notifications.notify("customer", order.customer_id, kind, order_id=order.id, **told)
