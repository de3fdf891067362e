"""Offers: the best first, one winner, and an answer to every why."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import Conflict, NotFound, RuleViolation
from app.domain.states import OfferStatus, OrderStatus
from app.extensions import db
from app.models import Assignment, Candidate, DispatchRun, Offer, Order, OrderEvent, WorkerBusy
from app.services.dispatch import answering, dispatching
from app.services.orders import paying
from app.services.system import timers
from app.services.transactions import locked, transaction
from tests import factories

FAR = (23.19, 113.30)


def waiting_order(company, **more):
    """An order that is paid and waits for a worker."""
    order = factories.order(company, **more)
    if order.status == OrderStatus.PENDING_PAYMENT:
        with transaction() as session:
            paying.order_paid(session, locked(session, Order, order.id), actor=SYSTEM)
    return order


def offers(order):
    rows = db.session.scalars(sa.select(Offer).filter_by(order_id=order.id).order_by(Offer.id))
    return [(row.worker_id, row.status) for row in rows]


def live_offer(order):
    return db.session.scalars(sa.select(Offer).filter_by(order_id=order.id, status="live")).one()


def owners():
    query = sa.select(WorkerBusy.worker_id).order_by(WorkerBusy.worker_id)
    return db.session.scalars(query).all()


def test_the_best_worker_is_asked_and_everybody_has_a_verdict(company):
    far = factories.worker(company, name="远师傅", home=FAR)
    near = factories.worker(company, name="近师傅")
    off = factories.worker(company, name="休师傅", days=0)
    order = waiting_order(company)

    assert dispatching.dispatch_order(order.id, actor=SYSTEM) == 1

    assert offers(order) == [(near.id, "live")]
    assert order.status == OrderStatus.OFFERED
    rows = db.session.scalars(sa.select(Candidate).order_by(Candidate.rank)).all()
    assert [(row.worker_id, row.chosen, row.broken) for row in rows] == [
        (near.id, True, []), (far.id, False, []), (off.id, False, ["off_shift"]),
    ]  # fmt: skip
    assert [row.score for row in rows[:2]] == [sum(row.terms.values()) for row in rows[:2]]
    assert rows[0].score > rows[1].score


def test_accepting_moves_the_claim_to_who_accepted(company):
    claimed = factories.worker(company, name="甲", home=FAR)
    order = waiting_order(company)
    assert owners() == [claimed.id]
    better = factories.worker(company, name="乙")
    dispatching.dispatch_order(order.id, actor=SYSTEM)

    answering.accept_offer(live_offer(order).id, better.id, actor=factories.acting(better))

    assert owners() == [better.id]
    assert (order.status, order.lead_worker_id) == (OrderStatus.ACCEPTED, better.id)
    place = db.session.scalars(sa.select(Assignment)).one()
    assert (place.worker_id, place.role, place.status) == (better.id, "lead", "accepted")


def test_of_two_who_were_asked_at_once_exactly_one_wins(company):
    from app.services.system import parameters

    one, two = factories.worker(company, name="甲"), factories.worker(company, name="乙")
    parameters.set_parameter("dispatch.mode", "broadcast", actor=SYSTEM)
    order = waiting_order(company)
    assert dispatching.dispatch_order(order.id, actor=SYSTEM) == 2
    first, second = db.session.scalars(sa.select(Offer).order_by(Offer.worker_id)).all()

    answering.accept_offer(second.id, two.id, actor=factories.acting(two))
    with pytest.raises(Conflict) as refusal:
        answering.accept_offer(first.id, one.id, actor=factories.acting(one))

    assert refusal.value.code == "offer_over"
    assert (first.status, second.status) == (OfferStatus.LOST, OfferStatus.ACCEPTED)
    assert db.session.scalar(sa.select(sa.func.count(Assignment.id))) == 1
    assert owners() == [two.id]


def test_a_rejection_asks_the_next_and_never_the_same_again(company, queue):
    near = factories.worker(company, name="近")
    far = factories.worker(company, name="远", home=FAR)
    order = waiting_order(company)
    dispatching.dispatch_order(order.id, actor=SYSTEM)

    answering.reject_offer(
        live_offer(order).id, near.id, reason_code="unwell", actor=factories.acting(near)
    )
    queue.run_all()

    assert offers(order) == [(near.id, "rejected"), (far.id, "live")]
    assert owners() == [far.id]
    answering.reject_offer(
        live_offer(order).id, far.id, reason_code="too_far", actor=factories.acting(far)
    )
    queue.run_all()
    assert order.status == OrderStatus.PENDING_DISPATCH
    assert order.unassigned_reason == "rejected_before"
    assert (
        db.session.scalars(
            sa.select(OrderEvent.kind).filter_by(order_id=order.id).order_by(OrderEvent.id.desc())
        ).first()
        == "unassigned"
    )


def test_an_unanswered_offer_expires_and_the_next_is_asked(company, clock, queue):
    near = factories.worker(company, name="近")
    far = factories.worker(company, name="远", home=FAR)
    order = waiting_order(company)
    dispatching.dispatch_order(order.id, actor=SYSTEM)
    late = live_offer(order)

    clock.travel(timedelta(minutes=10))
    timers.fire_due()
    queue.run_all()

    assert offers(order) == [(near.id, "expired"), (far.id, "live")]
    with pytest.raises(Conflict):
        answering.accept_offer(late.id, near.id, actor=factories.acting(near))


def test_somebody_elses_offer_does_not_exist(company):
    factories.worker(company)
    stranger = factories.worker(company, name="外人", status="suspended")
    order = waiting_order(company)
    dispatching.dispatch_order(order.id, actor=SYSTEM)

    with pytest.raises(NotFound):
        answering.accept_offer(live_offer(order).id, stranger.id, actor=SYSTEM)


def test_a_worker_whose_papers_ran_out_meanwhile_cannot_accept(company):
    worker = factories.worker(company)
    order = waiting_order(company)
    dispatching.dispatch_order(order.id, actor=SYSTEM)
    with transaction() as session:
        for document in session.merge(worker).documents:
            document.valid_to = order.service_on - timedelta(days=1)

    with pytest.raises(RuleViolation) as refusal:
        answering.accept_offer(live_offer(order).id, worker.id, actor=factories.acting(worker))

    assert refusal.value.details["broken"] == ["document_invalid"]
    assert order.status == OrderStatus.OFFERED


def test_a_crew_is_complete_only_when_each_place_is_accepted(company):
    factories.change(company.cleaning, crew_size=2)
    one, two = factories.worker(company, name="甲"), factories.worker(company, name="乙")
    order = waiting_order(company)
    dispatching.dispatch_order(order.id, actor=SYSTEM)
    by_worker = {o.worker_id: o for o in db.session.scalars(sa.select(Offer)).all()}

    answering.accept_offer(by_worker[two.id].id, two.id, actor=factories.acting(two))
    assert order.status == OrderStatus.OFFERED
    answering.accept_offer(by_worker[one.id].id, one.id, actor=factories.acting(one))

    assert (order.status, order.lead_worker_id) == (OrderStatus.ACCEPTED, two.id)
    assert owners() == sorted([one.id, two.id])


def test_dispatching_twice_offers_once(company):
    factories.worker(company)
    order = waiting_order(company)

    assert dispatching.dispatch_order(order.id, actor=SYSTEM) == 1
    assert dispatching.dispatch_order(order.id, actor=SYSTEM) == 0

    assert len(offers(order)) == 1
    assert db.session.scalar(sa.select(sa.func.count(DispatchRun.id))) == 1


def test_a_dispatcher_assigns_by_the_same_hard_rules(company):
    factories.worker(company)
    order = waiting_order(company)
    resting = factories.worker(company, name="休", days=0)
    staff = Actor("staff", 1)

    with pytest.raises(RuleViolation) as refusal:
        dispatching.force_assign(order.id, resting.id, reason="老客户", actor=staff)
    assert refusal.value.details["broken"] == ["off_shift"]
    with pytest.raises(RuleViolation) as refusal:
        dispatching.force_assign(order.id, resting.id, reason=" ", actor=staff)
    assert refusal.value.code == "reason_required"

    other = factories.worker(company, name="乙")
    dispatching.force_assign(order.id, other.id, reason="老客户", actor=staff)
    assert (order.status, order.lead_worker_id) == (OrderStatus.ACCEPTED, other.id)
