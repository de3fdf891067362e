"""Many want the same hour, the same offer, the same hold, at the same moment: one gets it."""

import functools

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM, Actor
from app.extensions import db
from app.models import Assignment, Offer, Order, SlotHold, WorkerBusy
from app.services.dispatch import answering, dispatching
from app.services.orders import holds, ordering
from app.services.roster import claims
from app.services.system import parameters
from tests import factories
from tests.kit.rivals import at_once


def rival_bookings(company, n):
    """Calls of n customers who all want tomorrow at nine."""
    calls = []
    for _ in range(n):
        rival = factories.customer()
        company.customer, company.address = rival, factories.address(rival, company.region)
        number, start = factories.quote(company).number, factories.tomorrow()
        calls.append(
            lambda id_=rival.id, number=number, start=start: holds.hold_slot(
                id_, number, start, actor=Actor("customer", id_)
            )
        )
    return calls


@pytest.mark.parametrize("workers", [1, 3])
def test_an_hour_goes_to_as_many_customers_as_there_are_workers(real_app, workers):
    with real_app.app_context():
        company = factories.company()
        for _ in range(workers):
            factories.worker(company)
        calls = rival_bookings(company, 8)

    outcomes = at_once(real_app, calls)

    assert outcomes == {"ok": workers, "slot_taken": 8 - workers}
    with real_app.app_context():
        taken = db.session.scalars(sa.select(WorkerBusy.worker_id)).all()
        assert len(taken) == len(set(taken)) == workers
        assert db.session.scalar(sa.select(sa.func.count(SlotHold.id))) == workers


def test_without_the_lock_the_constraint_still_refuses(real_app, monkeypatch):
    monkeypatch.setattr(claims, "lock_workers", lambda ids: None)
    with real_app.app_context():
        company = factories.company()
        factories.worker(company)
        calls = rival_bookings(company, 6)

    outcomes = at_once(real_app, calls)

    assert outcomes["ok"] == 1
    with real_app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(WorkerBusy.id))) == 1


def test_a_hold_becomes_one_order_however_often_it_is_sent(real_app):
    with real_app.app_context():
        company = factories.company()
        factories.worker(company)
        held = factories.hold(company)
        who, number, print_ = company.customer.id, held.number, held.quote.hash
        actor = factories.acting(company.customer)

    outcomes = at_once(
        real_app, [lambda: ordering.create_order(who, number, print_, actor=actor)] * 4
    )

    assert outcomes == {"ok": 1, "hold_over": 3}
    with real_app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Order.id))) == 1


def test_of_all_who_accept_at_once_one_gets_the_order(real_app):
    with real_app.app_context():
        company = factories.company(pay_mode="after")
        for _ in range(4):
            factories.worker(company)
        parameters.set_parameter("dispatch.mode", "broadcast", actor=SYSTEM)
        parameters.set_parameter("dispatch.batch", 4, actor=SYSTEM)
        order_id = factories.order(company).id
        dispatching.dispatch_order(order_id, actor=SYSTEM)
        pairs = db.session.execute(sa.select(Offer.id, Offer.worker_id)).all()

    outcomes = at_once(
        real_app,
        [
            functools.partial(answering.accept_offer, offer, worker, actor=Actor("worker", worker))
            for offer, worker in pairs
        ],
    )

    assert outcomes == {"ok": 1, "offer_over": 3}
    with real_app.app_context():
        winner = db.session.scalars(sa.select(Assignment.worker_id)).one()
        assert db.session.scalars(sa.select(WorkerBusy.worker_id)).all() == [winner]
        statuses = db.session.scalars(sa.select(Offer.status).order_by(Offer.status)).all()
        assert statuses == ["accepted", "lost", "lost", "lost"]
