"""What a payment, or its absence, does to an order."""

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import RuleViolation
from app.domain.states import OrderStatus, VisitStatus, move
from app.models import Order, Outbox, Visit
from app.services import clock
from app.services.dispatch import finding
from app.services.money import refunds
from app.services.money.sums import WITHOUT_DEBT
from app.services.orders import coupons, editing, events, searching
from app.services.roster import claims, workforce
from app.services.system import outbox, parameters, timers
from app.services.transactions import locked, retrying, transaction

# A price that grew, work that is paid for afterwards, a fee that is still owed.
PAYABLE = frozenset(OrderStatus) - {OrderStatus.CLOSED, OrderStatus.EXCEPTION}
PAYABLE_AFTERWARDS = frozenset(
    {
        OrderStatus.PENDING_CONFIRM, OrderStatus.COMPLETED, OrderStatus.CANCELLED,
        OrderStatus.NO_SHOW,
    }
)  # fmt: skip


def order_paid(session: Session, order: Order, *, actor: Actor) -> None:
    """The order is fully paid: it waits for a worker. The order's row is locked."""
    timers.cancel_timers(order.id, "order.pay_timeout", "order.pay_reminder")
    if order.supplement_fen:
        editing.apply_paid(session, order, actor=actor)
    if order.status == OrderStatus.PENDING_PAYMENT:
        events.change_status(order, OrderStatus.PENDING_DISPATCH, "paid", actor=actor)
        searching.begin(order)


@outbox.delivers("order.nothing_owed")
def _nothing_owed(message: Outbox) -> None:
    """A compensation has settled the rest: it is as if it had been paid."""
    assert message.subject_id is not None  # noqa: S101  # whoever puts it names the order
    order_settled(message.subject_id)


@retrying
def order_settled(order_id: int) -> None:
    """Let an order go on that owes nothing any more; twice does no harm."""
    with transaction(SYSTEM) as session:
        order = locked(session, Order, order_id)
        if not order.unpaid_fen and order.status not in WITHOUT_DEBT:
            order_paid(session, order, actor=SYSTEM)


def wait_until(order: Order, until: datetime) -> None:
    """Slow money is on its way: keep the order, at most until its visit. The row is locked."""
    until = min(until, order.planned_start)
    if order.status != OrderStatus.PENDING_PAYMENT or order.pay_by_at is None:
        return
    if until > order.pay_by_at:
        order.pay_by_at = until
        timers.set_timer("order.pay_timeout", order.id, until)


def pay_on_site(order: Order, *, actor: Actor) -> None:
    """The customer pays the worker in cash: a worker may be looked for. The row is locked."""
    if order.status != OrderStatus.PENDING_PAYMENT:
        return
    timers.cancel_timer("order.pay_timeout", order.id)
    order.pay_mode = "after"
    events.change_status(order, OrderStatus.PENDING_DISPATCH, "pay_on_site", actor=actor)
    searching.begin(order)


def revive(session: Session, order: Order) -> bool:
    """A closed order was paid late: claim its time again if somebody is still free for it, and its
    coupon was not used for another one.

    The order's row is locked. Returns False when the money has to go back.
    """
    in_time = order.planned_start > clock.now()
    if parameters.get("payment.late_payment") != "revive" or not in_time:
        return False
    visits = _visits(session, order, VisitStatus.CANCELLED)
    wanted = workforce.wanted_by(order, visits)
    if not coupons.can_keep(session, order):
        return False
    crew = finding.lock_free_crew(order, order.crew_size, visits=visits)
    if crew is None:
        return False
    _turn(session, order, VisitStatus.CANCELLED, VisitStatus.PLANNED)
    for worker_id in crew:
        claims.claim(worker_id, wanted, "visit")
    coupons.keep(session, order, order.quote)
    events.change_status(order, OrderStatus.PENDING_DISPATCH, "late_payment", actor=SYSTEM)
    searching.begin(order)
    return True


@retrying
def close_unpaid_order(order_id: int) -> None:
    """Close an order whose time to pay is over and free its claim; a paid one is left alone.

    What was paid of it goes back.
    """
    with transaction(SYSTEM) as session:
        order = locked(session, Order, order_id)
        if order.status != OrderStatus.PENDING_PAYMENT or order.pay_by_at is None:
            return
        if order.pay_by_at > clock.now():
            timers.set_timer("order.pay_timeout", order.id, order.pay_by_at)
            return
        claims.release(order.owner)
        coupons.keep(session, order)
        _turn(session, order, VisitStatus.PLANNED, VisitStatus.CANCELLED)
        events.change_status(order, OrderStatus.CLOSED, "pay_timeout", actor=SYSTEM)
        # The price of a part of it was paid: before a change made it dearer.
        refunds.refund_surplus(session, order, reason="paid_in_part", actor=SYSTEM)


def _visits(session: Session, order: Order, status: VisitStatus) -> list[Visit]:
    visits = sa.select(Visit).filter_by(order_id=order.id, status=status.value)
    return list(session.scalars(visits.order_by(Visit.planned_start)))


def _turn(session: Session, order: Order, old: VisitStatus, new: VisitStatus) -> None:
    """A closed order's visits do not take place, unless a late payment brings them back."""
    for visit in _visits(session, order, old):
        move(visit, new)


def check_payable(order: Order) -> None:
    """Raise RuleViolation unless the order waits for money now."""
    prepaying = order.status == OrderStatus.PENDING_PAYMENT
    if prepaying and order.pay_by_at and order.pay_by_at <= clock.now():
        raise RuleViolation(_l("The time to pay is over. Please order again"), code="pay_too_late")
    payable = PAYABLE_AFTERWARDS if order.pay_mode == "after" else PAYABLE
    if order.status not in payable or order.unpaid_fen == 0:
        raise RuleViolation(_l("There is nothing to pay on this order"), code="nothing_to_pay")
