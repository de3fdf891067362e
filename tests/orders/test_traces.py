"""Whatever happens to an order leaves an event of its story and a row of the audit log."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.geo import Point
from app.domain.states import OrderStatus
from app.extensions import db
from app.models import AuditLog, OrderEvent
from app.services.orders import (
    add_ons,
    calling_off,
    cancelling,
    choosing,
    confirming,
    exceptions,
    leaving,
    moving,
    reassigning,
    reworking,
)
from app.services.quality import complaints, disputing
from app.services.system import timers
from app.services.visits import absence, stopping
from tests import factories
from tests.money.support import put
from tests.orders import moves, several

# Rules that no database decides: on PostgreSQL `make crawl` tries them.
pytestmark = pytest.mark.crawler(backend="postgresql")

DOOR = Point(*factories.NEARBY)
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def booked(once):
    return once(several.booked)


def visit(case):
    return several.visits(case)[0]


def worker(case) -> Actor:
    return factories.acting(case.worker)


def customer(case) -> Actor:
    return Actor("customer", case.order.customer_id)


def ask(case, side="customer"):
    return moves.ask(case, visit(case).planned_start + timedelta(hours=4), side=side)


def late(case, clock):
    clock.instant = case.order.promised_to + 15 * MINUTE
    timers.fire_due()


def wait(case, clock):
    clock.instant = case.order.planned_start
    absence.arrive(visit(case).id, case.worker.id, DOOR, actor=worker(case))
    clock.travel(20 * MINUTE)
    calls = [clock.now() - 10 * MINUTE, clock.now() - 5 * MINUTE]
    who = worker(case)
    return absence.report(visit(case).id, case.worker.id, DOOR, calls=calls, actor=who)


def report(case):
    exceptions.report(
        case.order.id, reason="水管爆了", worker_id=case.worker.id, actor=worker(case)
    )


def stop(case, clock):
    several.begin(case, clock)
    stopping.stop(case.order.id, reason="停水", actor=case.staff)


def dispute(case, clock):
    stop(case, clock)
    key = case.order.customer_id
    return disputing.dispute(key, case.order.id, text="没做完", actor=customer(case))


def add_on(case, clock):
    several.begin(case, clock)
    return add_ons.propose(
        visit(case).id, case.worker.id, kind="time", name="加时", amount_fen=100, minutes=30,
        actor=worker(case),
    )  # fmt: skip


def looked_at(case, approve):
    row = ask(case, side="worker")
    return moving.review(row.id, approve=approve, actor=case.staff)


def decided(case, clock, confirm):
    absence.decide(wait(case, clock).id, confirm=confirm, note="敲门", actor=case.staff)


def agreed(case):
    moving.answer(ask(case).id, agree=True, **moves.worker(case))


def declined(case):
    moving.answer(ask(case).id, agree=False, **moves.worker(case))


def expired(case, clock):
    ask(case)
    clock.travel(timedelta(hours=6))
    timers.fire_due()


def resolved(case):
    report(case)
    exceptions.resolve(case.order.id, OrderStatus.ACCEPTED, reason="好了", actor=case.staff)


def chosen(case, clock):
    late(case, clock)
    choosing.choose(case.order.id, "other_worker", actor=customer(case))


def called_off(case):
    shown = calling_off.preview(db.session(), case.order, "customer", visit(case).id)
    calling_off.call_off(case.order.id, shown.hash, visit_id=visit(case).id, actor=customer(case))


def cancelled(case):
    shown = cancelling.preview(db.session(), case.order, "customer")
    cancelling.cancel_order(case.order.id, shown.hash, actor=customer(case))


def dispute_ended(case, clock):
    complaint = dispute(case, clock)
    put(complaint, status="proposed")
    complaints.resolve(complaint.id, "已补做", cause_id=None, actor=case.staff)


def refused_to_pay(case, clock):
    row, key = add_on(case, clock), case.order.customer_id
    add_ons.answer(key, case.order.id, row.id, agree=True, actor=customer(case))
    add_ons.refuse_to_pay(key, case.order.id, row.id, text="没做", actor=customer(case))


def answered(case, clock):
    row, key = add_on(case, clock), case.order.customer_id
    add_ons.answer(key, case.order.id, row.id, agree=False, actor=customer(case))


def withdrawn(case):
    leaving.withdraw(visit(case).id, case.worker.id, reason_code="unwell", actor=worker(case))


def escalated(case, clock):
    withdrawn(case)
    clock.instant = visit(case).planned_start - 90 * MINUTE
    timers.fire_due()


def given_up(case, clock):
    escalated(case, clock)
    clock.instant = visit(case).planned_start - 30 * MINUTE
    timers.fire_due()


def reworked(case, clock):
    stop(case, clock)
    confirming.confirm_order(case.order.customer_id, case.order.id, actor=customer(case))
    start = factories.at(clock.now().date() + timedelta(days=1), 15)
    reworking.rework(case.order.id, start, reason="没擦净", actor=case.staff)


# name: (what is done, event of the story, action in the audit log, who did it)
VERBS = {
    "a move is asked for": (lambda c, t: ask(c), "move.proposed", "move", "customer"),
    "a worker asks for one": (lambda c, t: ask(c, "worker"), "move.asked", "move", "worker"),
    "it is passed on": (lambda c, t: looked_at(c, True), "move.proposed", "move_review", "staff"),
    "it is turned down": (
        lambda c, t: looked_at(c, False), "move.not_passed_on", "move_end", "staff",
    ),
    "it is agreed": (lambda c, t: agreed(c), "moved", "move_end", "worker"),
    "it is declined": (lambda c, t: declined(c), "move.declined", "move_end", "worker"),
    "it is taken back": (
        lambda c, t: moving.withdraw(ask(c).id, **moves.customer(c)),
        "move.withdrawn", "move_end", "customer",
    ),
    "nobody answers it": (expired, "move.expired", "move_end", "system"),
    "a visit is given back": (lambda c, t: withdrawn(c), "worker_withdrew", "withdraw", "worker"),
    "somebody else is sent": (
        lambda c, t: reassigning.reassign(c.order.id, reason="x", fault="company", actor=c.staff),
        "reassigned", "reassign", "staff",
    ),
    "the worker did not come": (late, "worker_no_show", "worker_no_show", "system"),
    "the customer chooses": (chosen, "chosen", "choose", "customer"),
    "nobody opens": (wait, "absence.reported", "absence", "worker"),
    "that is believed": (
        lambda c, t: decided(c, t, True), "visit_missed", "absence_decided", "staff",
    ),
    "that is not believed": (
        lambda c, t: decided(c, t, False), "absence.refused", "absence_decided", "staff",
    ),
    "an exception": (lambda c, t: report(c), "exception", "exception", "worker"),
    "its end": (lambda c, t: resolved(c), "resolved", "resolve", "staff"),
    "a stop": (stop, "stopped", "stop", "staff"),
    "a dispute": (dispute, "disputed", "dispute", "customer"),
    "the end of it": (dispute_ended, "dispute.ended", "dispute_end", "staff"),
    "an addition": (add_on, "add_on.proposed", "propose_add_on", "worker"),
    "its answer": (answered, "add_on.refused", "add_on", "customer"),
    "not paying it": (refused_to_pay, "disputed", "refuse_to_pay", "customer"),
    "one visit called off": (
        lambda c, t: called_off(c), "visits_cancelled", "call_off", "customer",
    ),
    "the order cancelled": (lambda c, t: cancelled(c), "cancelled", "cancel", "customer"),
    "nobody takes it": (escalated, "escalated", "escalate", "system"),
    "it is given up": (given_up, "nobody_found", "give_up", "system"),
    "it is done again": (reworked, "rework", "rework", "staff"),
}  # fmt: skip


@pytest.mark.parametrize("name", VERBS)
def test_it_is_told_and_audited(case, clock, name):
    verb, event, action, who = VERBS[name]
    verb(case, clock)

    told = sa.select(OrderEvent.actor_kind).filter_by(order_id=case.order.id, kind=event)
    assert set(db.session.scalars(told)) == {who}
    audited = sa.select(AuditLog.actor_kind).filter_by(
        entity="customer_order", entity_id=str(case.order.id), action=action
    )
    assert who in db.session.scalars(audited).all()
