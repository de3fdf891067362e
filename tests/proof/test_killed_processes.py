"""A process may die at any moment: what it began is then done exactly once, by whoever comes next.

Each verb runs in a child that is killed before its first statement or commit, then before its
second, and so on, until it lives to its end. The parent does what production does: the jobs run
again when the leases are over, a client repeats its request, the channel is asked.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import current_app

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import DomainError
from app.extensions import db
from app.models import (
    Accrual,
    Assignment,
    Journal,
    Offer,
    Order,
    OrderEvent,
    Outbox,
    PaymentAttempt,
    Refund,
    Timer,
    WorkerBusy,
)
from app.services import clock
from app.services.dispatch import answering
from app.services.money import payments, refunds
from app.services.orders import confirming
from app.services.system import checks, outbox, timers
from app.services.transactions import transaction
from tests import factories
from tests.factories import Company
from tests.money import support
from tests.proof.killing import was_killed

pytestmark = pytest.mark.proof
MOST_POINTS = 120  # a verb with more statements than this is a finding of its own
HOURS = (9, 12, 15)
PAST_A_LEASE = outbox.LEASE + timedelta(seconds=1)


@dataclass
class World:
    company: Company
    starts: Iterator[Any]


@dataclass(frozen=True)
class Verb:
    """`prepare` saves a subject; `call` is what dies; `go_on` brings it to its end; `once` asserts.

    `tidy` ends the subject, so that it does not disturb the next one.
    """

    prepare: Callable[[World], int]
    call: Callable[[int], object]
    once: Callable[[int], None]
    go_on: Callable[[int], object] = lambda _id: None
    tidy: Callable[[int], object] = lambda _id: None


def rows(model: Any, **values: Any) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model).filter_by(**values)) or 0


def order_of(order_id: int) -> Order:
    return db.session.get_one(Order, order_id, populate_existing=True)


def told(order_id: int, kind: str) -> int:
    return rows(OrderEvent, order_id=order_id, kind=kind)


def travel(by: timedelta) -> None:
    frozen: Any = current_app.extensions["clock"]
    frozen.travel(by)


def sweep() -> None:
    """What the timetable does, when every lease is over, until nothing is left."""
    for _ in range(20):
        travel(PAST_A_LEASE)
        if timers.fire_due() + outbox.deliver_due() == 0:
            return
    raise AssertionError("The sweep does not come to its end")


# Subjects.


def prepaid(world: World) -> int:
    return factories.order(world.company, next(world.starts)).id


def waiting(world: World) -> int:
    """An order that is paid; its message waits in the outbox."""
    order_id = prepaid(world)
    support.pay(order_of(order_id))
    return order_id


def offered(world: World) -> int:
    order_id = waiting(world)
    outbox.deliver_due()
    assert order_of(order_id).status == "offered"
    return order_id


def pay_time_over(world: World) -> int:
    order_id = prepaid(world)
    travel(timedelta(minutes=16))
    return order_id


def closing(world: World) -> int:
    order_id = pay_time_over(world)
    timers.fire_due()
    return order_id


def offer_time_over(world: World) -> int:
    order_id = offered(world)
    next(world.starts)  # at this hour the other worker stays free for the second round
    travel(timedelta(minutes=11))
    return order_id


def attempted(world: World) -> int:
    """The customer has paid at the channel; we have not heard of it."""
    order_id = prepaid(world)
    attempt = support.start(order_of(order_id))
    support.gateway().pay(attempt.out_trade_no)
    return order_id


def paid_twice(world: World) -> int:
    """A surplus whose refund waits in the outbox; its first payment was served."""
    order_id = served(world)
    order = order_of(order_id)
    second = support.another_attempt(order, order.due_fen)
    payments.apply_payment("wechat", support.gateway().pay(second.out_trade_no))
    return order_id


def served(world: World) -> int:
    """An order that is paid and done; the customer has not confirmed."""
    order = support.order(world.company)
    support.pay(order)
    outbox.deliver_due()
    for offer in db.session.scalars(sa.select(Offer).filter_by(order_id=order.id)).all():
        with transaction(SYSTEM):
            timers.cancel_timer("offer.expire", offer.id)
        support.put(offer, status="withdrawn")
    support.serve(order, WORKERS[0])
    with transaction(SYSTEM):
        timers.set_timer("order.confirm", order.id, clock.now() + timedelta(hours=48))
    return int(order.id)


def confirm_time_over(world: World) -> int:
    order_id = served(world)
    travel(timedelta(hours=49))
    return order_id


WORKERS: list[Any] = []
COMPANY: list[Company] = []


# What dies.


def accept(order_id: int) -> None:
    offer = db.session.scalars(
        sa.select(Offer).filter_by(order_id=order_id).order_by(Offer.id.desc()).limit(1)
    ).one()
    who = offer.worker_id
    answering.accept_offer(offer.id, who, actor=Actor("worker", who))


def apply(order_id: int) -> None:
    number = db.session.scalars(
        sa.select(PaymentAttempt.out_trade_no).filter_by(order_id=order_id)
    ).one()
    payments.apply_payment("wechat", support.gateway().query(number))


def confirm(order_id: int) -> None:
    customer = order_of(order_id).customer_id
    confirming.confirm_order(customer, order_id, actor=Actor("customer", customer))


def relay(_order_id: int) -> None:
    outbox.deliver_due()


def fire(_order_id: int) -> None:
    timers.fire_due()


def again(call: Callable[[int], object]) -> Callable[[int], object]:
    """The client repeats its request; that it was done already is a fine answer."""

    def repeat(order_id: int) -> None:
        with suppress(DomainError):
            call(order_id)

    return repeat


# Exactly once.


def offered_once(order_id: int) -> None:
    order = order_of(order_id)
    assert (order.status, order.dispatch_round) == ("offered", 1)
    assert (rows(Offer, order_id=order_id), told(order_id, "offered")) == (1, 1)


def offered_anew_once(order_id: int) -> None:
    order = order_of(order_id)
    assert (order.status, order.dispatch_round) == ("offered", 2)
    statuses = db.session.scalars(
        sa.select(Offer.status).filter_by(order_id=order_id).order_by(Offer.id)
    ).all()
    assert statuses == ["expired", "live"]
    # One event is the offer's, one the order's change of status.
    assert (told(order_id, "offer_expired"), told(order_id, "offered")) == (1, 2)


def closed_once(order_id: int) -> None:
    order = order_of(order_id)
    assert (order.status, told(order_id, "pay_timeout")) == ("closed", 1)
    assert rows(WorkerBusy, owner=order.owner) == 0


def paid_once(order_id: int) -> None:
    order = order_of(order_id)
    attempt = db.session.scalars(sa.select(PaymentAttempt).filter_by(order_id=order_id)).one()
    assert (attempt.status, order.captured_fen) == ("succeeded", order.due_fen)
    assert rows(Journal, key=f"payment:{attempt.id}") == 1
    assert (told(order_id, "payment.succeeded"), told(order_id, "paid")) == (1, 1)
    offered_once(order_id)


def refunded_once(order_id: int) -> None:
    refund = db.session.scalars(sa.select(Refund).filter_by(order_id=order_id)).one()
    db.session.refresh(refund)
    assert refund.status == "succeeded"
    assert refund.number in support.gateway().refunds
    assert order_of(order_id).refunded_fen == refund.amount_fen


def completed_once(order_id: int) -> None:
    assert order_of(order_id).status == "completed"
    assert rows(Accrual, order_id=order_id) == 1
    assert told(order_id, "confirmed") + told(order_id, "confirmed_by_clock") == 1
    keys = db.session.scalars(sa.select(Journal.key).filter_by(order_id=order_id)).all()
    assert len(keys) == len(set(keys)) == 2, keys


def accepted_once(order_id: int) -> None:
    order = order_of(order_id)
    winner = db.session.scalars(sa.select(Assignment.worker_id).filter_by(order_id=order_id)).one()
    assert (order.status, order.lead_worker_id) == ("accepted", winner)
    assert (told(order_id, "accepted"), told(order_id, "offer_accepted")) == (1, 1)
    assert rows(WorkerBusy, owner=order.owner, worker_id=winner) == 1


def ask_channel(_order_id: int) -> None:
    travel(timedelta(minutes=1))
    payments.query_open_payments()


def finish_refunds(_order_id: int) -> None:
    sweep()
    travel(timedelta(hours=1))
    refunds.refresh_open()  # the channel forgot what the child had asked: it is asked again
    support.deliver_refunds()


VERBS = {
    "relay: dispatch": Verb(waiting, relay, offered_once, tidy=accept),
    "relay: close unpaid": Verb(closing, relay, closed_once),
    "relay: refund": Verb(paid_twice, relay, refunded_once, go_on=finish_refunds),
    "timer: time to pay": Verb(pay_time_over, fire, closed_once),
    "timer: offer expires": Verb(offer_time_over, fire, offered_anew_once, tidy=accept),
    "timer: confirm": Verb(confirm_time_over, fire, completed_once),
    "apply payment": Verb(attempted, apply, paid_once, go_on=ask_channel, tidy=accept),
    "confirm order": Verb(served, confirm, completed_once, go_on=again(confirm)),
    "accept offer": Verb(offered, accept, accepted_once, go_on=again(accept)),
}


@pytest.fixture
def world(real_app):
    company = factories.company()
    COMPANY[:] = [company]
    WORKERS[:] = [factories.worker(company, days=32) for _ in range(2)]
    today = clock.today()
    starts = (
        factories.at(today + timedelta(days=day), hour)
        for day, hour in itertools.product(range(3, 29), HOURS)
        for _ in WORKERS
    )
    return World(company, starts)


@pytest.mark.parametrize("name", VERBS)
def test_wherever_the_process_dies_it_is_done_once(world, name, capsys):
    kill_everywhere(world, name, VERBS[name], capsys)


def kill_everywhere(world: World, name: str, verb: Verb, capsys: Any) -> None:
    """Before each point in turn, until it lives to its end; the number of kills is printed."""
    began, kills = time.monotonic(), 0
    for n in range(1, MOST_POINTS + 1):
        subject = verb.prepare(world)
        killed = was_killed(lambda: verb.call(subject), n)  # noqa: B023  # ends in this round
        kills += killed
        verb.go_on(subject)
        sweep()
        prove(verb, subject, f"{name}, killed at {n}")
        verb.tidy(subject)
        if not killed:
            break
    else:
        raise AssertionError(f"{name} did not end within {MOST_POINTS} points")
    with capsys.disabled():
        backend = db.engine.dialect.name
        print(f"\n{name} on {backend}: {kills} kills, {time.monotonic() - began:.0f} s")
    assert kills >= 2


def prove(verb: Verb, subject: int, where: str) -> None:
    db.session.rollback()
    verb.once(subject)
    assert rows(Outbox, delivered_at=None) == 0, where
    assert rows(Timer, status="failed") == 0, where
    wrong = {name: found.failures for name, found in checks.run_all().items() if not found.ok}
    assert wrong == {}, where
