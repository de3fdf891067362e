"""A crew of two: what one of them does leaves the other where she is."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.errors import RuleViolation
from app.domain.geo import Point
from app.domain.states import OrderStatus
from app.extensions import db
from app.models import Accrual, Assignment, Notification, Offer
from app.services.dispatch import answering
from app.services.orders import choosing, confirming, exceptions, leaving, moving, reassigning
from app.services.roster import blocking
from app.services.system import outbox, timers
from app.services.visits import absence, checking
from tests import factories
from tests.money.support import again, put, wrong
from tests.orders import moves

DOOR = Point(*factories.NEARBY)
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def booked(once):
    """Accepted by two of three; `worker` leads, `other` is free."""

    def make():
        case = moves.booked(crew_size=2)
        outbox.deliver_due()
        for offer in db.session.scalars(sa.select(Offer).filter_by(status="live")).all():
            take(offer)
        return case

    return once(make)


@pytest.fixture
def case(app, booked):
    made = booked()
    lead = again(made.order).lead_worker_id
    workers = {one.worker_id: one.worker for one in db.session.scalars(sa.select(Assignment))}
    made.worker = workers.pop(lead)
    (made.mate,) = workers.values()
    query = sa.select(type(made.worker)).where(
        type(made.worker).id.not_in([made.worker.id, made.mate.id])
    )
    made.other = db.session.scalars(query).one()
    return made


def take(offer):
    answering.accept_offer(offer.id, offer.worker_id, actor=Actor("worker", offer.worker_id))


def places(status="accepted") -> dict[int, str]:
    rows = db.session.scalars(sa.select(Assignment).filter_by(status=status))
    return {row.worker_id: row.role for row in rows}


def claimants(case) -> set[int]:
    return {worker for worker, _start in moves.claimed(case)}


def withdraw(case, worker):
    leaving.withdraw(
        moves.visit_of(case).id, worker.id, reason_code="unwell", actor=factories.acting(worker)
    )


def test_both_stand_in_the_crew(case):
    assert again(case.order).status == "accepted"
    assert places() == {case.worker.id: "lead", case.mate.id: "member"}
    assert claimants(case) == {case.worker.id, case.mate.id}


def test_the_lead_gives_it_back_and_the_other_leads(case):
    withdraw(case, case.worker)

    assert again(case.order).status == "pending_dispatch"
    assert places() == {case.mate.id: "lead"}
    assert claimants(case) == {case.mate.id, case.other.id}
    assert wrong() == {}
    outbox.deliver_due()
    (offer,) = db.session.scalars(sa.select(Offer).filter_by(status="live")).all()
    assert offer.worker_id == case.other.id
    take(offer)
    assert (again(case.order).status, places()) == (
        "accepted", {case.mate.id: "lead", case.other.id: "member"},
    )  # fmt: skip
    assert wrong() == {}


def test_then_the_other_one_gives_it_back_too(case):
    withdraw(case, case.worker)
    withdraw(case, case.mate)

    assert (again(case.order).status, places()) == ("pending_dispatch", {})
    assert case.worker.id not in claimants(case)
    assert wrong() == {}


@pytest.mark.parametrize("whom", ["worker", "mate"])
def test_one_of_them_is_replaced(case, whom):
    gone, stays = getattr(case, whom), case.mate if whom == "worker" else case.worker
    reassigning.reassign(
        case.order.id, reason="请假", fault="worker", worker_id=case.other.id, instead_of=gone.id,
        actor=case.staff,
    )  # fmt: skip
    assert (again(case.order).status, set(places())) == ("accepted", {stays.id, case.other.id})
    assert places()[stays.id] == "lead"
    assert claimants(case) == {stays.id, case.other.id}
    assert wrong() == {}


def test_both_are_moved_and_the_lead_answers(case):
    later = case.later
    row = moves.ask(case)
    assert len(moves.claimed(case)) == 4
    with pytest.raises(RuleViolation) as refused:
        moving.answer(
            row.id, agree=True, whose=moves.For(worker_id=case.mate.id),
            actor=factories.acting(case.mate),
        )  # fmt: skip
    assert refused.value.code == "not_yours_to_answer"
    moving.answer(row.id, agree=True, **moves.worker(case))

    assert moves.claimed(case) == sorted([(case.worker.id, later), (case.mate.id, later)])
    assert (again(case.order).status, len(places())) == ("accepted", 2)
    assert wrong() == {}


def test_moved_to_where_one_of_them_is_not_free(case):
    later = case.later
    blocking.block_time(case.mate.id, later, later + timedelta(hours=2), actor=case.staff)
    row = moves.ask(case)
    moving.answer(row.id, agree=True, **moves.worker(case))

    assert (again(case.order).status, places()) == ("pending_dispatch", {case.worker.id: "lead"})
    assert claimants(case) == {case.worker.id, case.other.id}
    assert wrong() == {}
    outbox.deliver_due()
    take(db.session.scalars(sa.select(Offer).filter_by(status="live")).one())
    assert again(case.order).status == "accepted"
    assert wrong() == {}


def test_nobody_of_them_came(case, clock):
    clock.instant = case.order.promised_to + 15 * MINUTE
    timers.fire_due()

    assert (again(case.order).customer_chooses, places(), moves.claimed(case)) == (True, {}, [])
    told = sa.select(Notification.recipient_id).filter_by(kind="order.missed")
    assert sorted(db.session.scalars(told)) == sorted([case.worker.id, case.mate.id])
    with pytest.raises(Exception) as refused:
        choosing.choose(case.order.id, "other_worker", actor=case.staff)
    assert refused.value.code == "slot_taken", "one is left, and it takes two"
    assert wrong() == {}


def test_who_waits_for_the_customer_speaks_for_both(case, clock):
    clock.instant = case.order.promised_from
    visit, who = moves.visit_of(case).id, factories.acting(case.mate)
    absence.arrive(visit, case.mate.id, DOOR, actor=who)
    clock.travel(20 * MINUTE)
    calls = [clock.now() - 10 * MINUTE, clock.now() - 5 * MINUTE]
    row = absence.report(visit, case.mate.id, DOOR, calls=calls, actor=who)
    absence.decide(row.id, confirm=True, note="敲门无人", actor=case.staff)

    assert (again(case.order).status, places("ended")) == (
        "no_show", {case.worker.id: "lead", case.mate.id: "member"},
    )  # fmt: skip
    told = sa.select(Notification.recipient_id).filter_by(kind="absence.confirmed")
    assert sorted(db.session.scalars(told)) == sorted([case.worker.id, case.mate.id])
    assert wrong() == {}


def test_an_exception_lets_both_go_or_both_go_on(case):
    exceptions.report(case.order.id, reason="车坏了", actor=case.staff)
    exceptions.resolve(case.order.id, OrderStatus.ACCEPTED, reason="已修好", actor=case.staff)
    assert (again(case.order).status, len(places())) == ("accepted", 2)
    exceptions.report(case.order.id, reason="车又坏了", actor=case.staff)
    exceptions.resolve(case.order.id, OrderStatus.PENDING_DISPATCH, reason="换人", actor=case.staff)

    assert (again(case.order).status, places()) == ("pending_dispatch", {})
    assert wrong() == {}


def test_each_earns_her_half(case, clock):
    put(case.order, rules={**case.order.rules, "visit.photos_after": 0, "visit.photos_before": 0})
    clock.instant = case.order.planned_start
    visit, who = moves.visit_of(case).id, factories.acting(case.worker)
    checking.check_in(visit, case.worker.id, checking.Presence(position=DOOR), actor=who)
    checking.check_out(visit, case.worker.id, checking.Presence(), actor=who)
    confirming.confirm_order(case.order.customer_id, case.order.id, actor=case.staff)

    earned = db.session.scalars(sa.select(Accrual.base_fen)).all()
    assert sorted(earned) == [9_950, 9_950]
    assert wrong() == {}
