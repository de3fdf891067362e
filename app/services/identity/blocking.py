"""Keeping a customer or a worker out, and letting them in again.

A blocked account is out at once: its sessions end, it cannot log in, nothing is booked for it and
nobody offers it work. What was ordered or accepted before stands until staff decide about it.
"""

from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.errors import InvalidInput, RuleViolation
from app.domain.states import (
    AccountStatus,
    AssignmentStatus,
    HoldStatus,
    OfferStatus,
    OrderStatus,
    WorkerStatus,
    move,
)
from app.extensions import db
from app.models import Assignment, CustomerAccount, Offer, Order, SlotHold, Worker, WorkerAccount
from app.services import access, audit, clock
from app.services.dispatch import crew
from app.services.identity import tokens
from app.services.identity.otp import Realm
from app.services.roster import claims
from app.services.system import timers
from app.services.transactions import locked, retrying, transaction

OVER = (
    OrderStatus.COMPLETED.value, OrderStatus.CANCELLED.value, OrderStatus.CLOSED.value,
    OrderStatus.NO_SHOW.value,
)  # fmt: skip
UNFINISHED = (
    AssignmentStatus.PLANNED.value, AssignmentStatus.ACCEPTED.value, AssignmentStatus.WORKING.value,
)  # fmt: skip
MOST_NAMED = 10


@dataclass(frozen=True)
class OpenOrders:
    """Numbers of those that the actor may see, the next visit first; how many others there are."""

    numbers: list[str]
    elsewhere: int


@retrying
def block_customer(customer_id: int, reason: str, *, actor: Actor) -> CustomerAccount:
    """End the customer's sessions and give back the times he holds; his orders stand.

    Raises InvalidInput without a reason, IllegalTransition for an account that is not active.
    """
    with transaction(actor) as session:
        account = locked(session, CustomerAccount, customer_id)
        _end("customer", account, reason, actor)
        held = sa.select(SlotHold.id).filter_by(
            customer_id=customer_id, status=HoldStatus.LIVE.value
        )
        for hold_id in session.scalars(held.order_by(SlotHold.id)).all():
            claims.end_hold(hold_id, HoldStatus.RELEASED)
            timers.cancel_timer("hold.expire", hold_id)
        return account


@retrying
def unblock_customer(customer_id: int, reason: str, *, actor: Actor) -> CustomerAccount:
    """Let the customer log in and book again."""
    with transaction(actor) as session:
        account = locked(session, CustomerAccount, customer_id)
        _let_in(account, reason, actor)
        return account


@retrying
def block_worker(worker_id: int, reason: str, *, actor: Actor) -> WorkerAccount:
    """End the worker's sessions; one who is approved is suspended, too, and gets no more offers.

    Offers that wait for the answer go to others at once; accepted visits stand until a dispatcher
    sends somebody else. Raises as block_customer.
    """
    with transaction(actor) as session:
        account = _locked_account(session, worker_id)
        _end("worker", account, reason, actor)
        claims.lock_workers([worker_id])
        worker = locked(session, Worker, worker_id)
        if worker.status == WorkerStatus.APPROVED:
            move(worker, WorkerStatus.SUSPENDED)
        end_offers_of(session, worker_id)
        return account


@retrying
def unblock_worker(worker_id: int, reason: str, *, actor: Actor) -> WorkerAccount:
    """Let the worker log in again. Whether work is offered again is HR's next step: reinstate."""
    with transaction(actor) as session:
        account = _locked_account(session, worker_id)
        _let_in(account, reason, actor)
        return account


def end_offers_of(session: Session, worker_id: int) -> None:
    """Offers that wait for her answer go to others at once."""
    asked = sa.select(Offer.id).filter_by(worker_id=worker_id, status=OfferStatus.LIVE.value)
    for offer_id in session.scalars(asked.order_by(Offer.id)).all():
        timers.set_timer("offer.expire", offer_id, clock.now())


def check_may_book(account: CustomerAccount) -> None:
    """Raise RuleViolation (account_blocked) for an account that is not active."""
    if account.status != AccountStatus.ACTIVE:
        raise RuleViolation(_l("This account is blocked. Please call us"), code="account_blocked")


def check_lets_in(account: WorkerAccount) -> None:
    """Raise RuleViolation (account_blocked): nobody is sent who cannot see the order."""
    if account.status != AccountStatus.ACTIVE:
        raise RuleViolation(
            _l("The worker's log-in is blocked. Unblock it first"), code="account_blocked"
        )


def check_not_erased(account: WorkerAccount) -> None:
    """Raise RuleViolation (erased): nothing new is written down about somebody who is gone."""
    if account.status == AccountStatus.ERASED:
        raise RuleViolation(_l("This worker is erased already"), code="erased")


def open_orders_of_customer(customer_id: int, actor: Actor) -> OpenOrders:
    """The orders that would stand."""
    return _open_orders(Order.customer_id == customer_id, actor)


def open_orders_of_worker(worker_id: int, actor: Actor) -> OpenOrders:
    """The orders that the worker has accepted or is serving."""
    coming = sa.select(Assignment.order_id).where(Assignment.worker_id == worker_id, crew.NOT_ENDED)
    return _open_orders(Order.id.in_(coming), actor)


def open_visits_of(worker_id: int) -> list[str]:
    """Numbers of orders with a visit that she has not finished, the next ones first."""
    rows = (
        sa.select(Order.number)
        .join(Assignment, Assignment.order_id == Order.id)
        .where(Assignment.worker_id == worker_id, Assignment.status.in_(UNFINISHED))
        .where(Order.status.not_in(OVER))
        .group_by(Order.id)
        .order_by(Order.planned_start, Order.id)
    )
    return list(db.session.scalars(rows.limit(MOST_NAMED)))


def _open_orders(whose: sa.ColumnElement[bool], actor: Actor) -> OpenOrders:
    is_open = sa.and_(whose, Order.status.not_in(OVER))
    seen = access.condition(Order, actor)
    numbers = sa.select(Order.number).where(is_open, seen).order_by(Order.planned_start)
    others = sa.select(sa.func.count()).select_from(Order).where(is_open, ~seen)
    return OpenOrders(
        list(db.session.scalars(numbers.limit(MOST_NAMED))), db.session.scalar(others) or 0
    )


def _locked_account(session: Session, worker_id: int) -> WorkerAccount:
    worker = session.get_one(Worker, worker_id)
    return locked(session, WorkerAccount, worker.account_id)


def _end(realm: Realm, account: CustomerAccount | WorkerAccount, reason: str, actor: Actor) -> None:
    move(account, AccountStatus.BLOCKED)
    tokens.revoke(realm, account)
    _tell("block", account, reason, actor)


def _let_in(account: CustomerAccount | WorkerAccount, reason: str, actor: Actor) -> None:
    move(account, AccountStatus.ACTIVE)
    _tell("unblock", account, reason, actor)


def _tell(verb: str, account: CustomerAccount | WorkerAccount, reason: str, actor: Actor) -> None:
    if not reason.strip():
        raise InvalidInput(_l("Please give a reason"), code="reason_missing")
    kind = "customer" if isinstance(account, CustomerAccount) else "worker_account"
    told = {"reason": reason.strip()}
    about = (kind, account.id)
    audit.record(verb, account.__tablename__, account.id, told, about=about, actor=actor)
