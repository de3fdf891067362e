"""A worker gives a visit back, or a dispatcher sends somebody else."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import NotFound, RuleViolation
from app.extensions import db
from app.models import Adjustment, Assignment, Incident, Notification, Offer, OrderEvent
from app.services.orders import leaving, moving, reassigning
from app.services.system import outbox, parameters
from app.services.visits import checking
from tests import factories
from tests.money.support import again, put, wrong
from tests.orders import moves

# Rules that no database decides: on PostgreSQL `make crawl` tries them.
pytestmark = pytest.mark.crawler(backend="postgresql")

STAFF = Actor("staff", 1)


def withdraw(case, worker=None, reason="unwell"):
    worker = worker or case.worker
    return leaving.withdraw(
        moves.visit_of(case).id, worker.id, reason_code=reason, actor=factories.acting(worker)
    )


def reassign(case, **more):
    more = {"reason": "师傅生病", "fault": "worker", "actor": STAFF, **more}
    return reassigning.reassign(case.order.id, **more)


def places() -> list[tuple]:
    query = sa.select(Assignment.worker_id, Assignment.status, Assignment.fault)
    return [tuple(row) for row in db.session.execute(query.order_by(Assignment.id))]


def test_she_gives_it_back_and_another_one_is_claimed_and_asked(case):
    start = case.order.planned_start
    withdraw(case)

    fresh = again(case.order)
    assert (fresh.status, fresh.lead_worker_id) == ("pending_dispatch", None)
    assert places() == [(case.worker.id, "ended", "worker")]
    assert moves.claimed(case) == [(case.other.id, start)]
    assert wrong() == {}
    outbox.deliver_due()
    live = db.session.scalars(sa.select(Offer.worker_id).filter_by(status="live")).all()
    assert live == [case.other.id], "she is not asked again"


def test_when_nobody_else_is_free_people_are_told(case):
    put(case.other, status="suspended")
    withdraw(case)

    assert moves.claimed(case) == []
    kinds = set(db.session.scalars(sa.select(OrderEvent.kind)))
    assert {"worker_withdrew", "capacity_lost"} <= kinds
    assert wrong() == {}


def test_it_ends_an_open_move(case):
    row = moves.ask(case)
    withdraw(case)
    assert again(row).status == "withdrawn"
    assert [start for _worker, start in moves.claimed(case)] == [again(case.order).planned_start]


def test_too_late_by_herself(case, clock):
    clock.instant = case.order.planned_start - timedelta(hours=6)
    clock.travel(timedelta(seconds=1))
    with pytest.raises(RuleViolation) as refused:
        withdraw(case)
    assert refused.value.code == "withdraw_too_late"
    clock.travel(timedelta(seconds=-1))
    assert withdraw(case).status == "pending_dispatch"


def test_only_what_is_hers_and_accepted(case):
    with pytest.raises(NotFound):
        withdraw(case, case.other)
    put(case.order, status="exception")
    with pytest.raises(RuleViolation) as refused:
        withdraw(case)
    assert refused.value.code == "not_accepted"


def test_the_third_in_thirty_days_costs(case):
    for _ in range(2):
        factories.save(Incident(kind=leaving.WITHDREW, worker_id=case.worker.id))
    withdraw(case)

    (fine,) = db.session.scalars(sa.select(Adjustment)).all()
    assert (fine.kind, fine.amount_fen, fine.status) == ("penalty", -2_000, "approved")
    assert wrong() == {}


def test_the_first_two_cost_nothing(case):
    withdraw(case)
    assert db.session.scalars(sa.select(Adjustment)).all() == []


def test_a_dispatcher_sends_somebody_else(case):
    start = case.order.planned_start
    reassign(case, worker_id=case.other.id)

    fresh = again(case.order)
    assert (fresh.status, fresh.lead_worker_id) == ("accepted", case.other.id)
    assert places() == [(case.worker.id, "ended", "worker"), (case.other.id, "accepted", "")]
    assert moves.claimed(case) == [(case.other.id, start)]
    told = sa.select(Notification.recipient_kind).filter_by(kind="order.reassigned")
    assert sorted(db.session.scalars(told)) == ["customer", "worker"]
    assert wrong() == {}


def test_or_asks_whoever_is_free(case):
    reassign(case, fault="company")
    assert again(case.order).status == "pending_dispatch"
    assert moves.claimed(case) == [(case.other.id, again(case.order).planned_start)]
    assert wrong() == {}


def test_who_breaks_a_rule_is_not_sent(case):
    put(case.other, status="suspended")
    before = moves.claimed(case)
    with pytest.raises(RuleViolation) as refused:
        reassign(case, worker_id=case.other.id)
    assert (refused.value.code, refused.value.details["broken"]) == ("rules_broken", ["not_active"])
    assert (again(case.order).status, moves.claimed(case)) == ("accepted", before)


def test_whoever_had_set_out_turns_round(case, clock):
    clock.instant = case.order.planned_start - timedelta(minutes=30)
    who = factories.acting(case.worker)
    checking.depart(moves.visit_of(case).id, case.worker.id, checking.Presence(), actor=who)

    reassign(case, worker_id=case.other.id)

    assert (again(case.order).status, moves.visit_of(case).status) == ("accepted", "planned")


def test_after_the_window_has_begun_the_customer_agrees_to_a_new_time(case, clock):
    clock.instant = case.order.promised_from
    with pytest.raises(RuleViolation) as refused:
        reassign(case, worker_id=case.other.id)
    assert refused.value.code == "window_begun"
    later = clock.now() + timedelta(hours=2)

    reassign(case, worker_id=case.other.id, starts_at=later)

    assert (again(case.order).planned_start, moves.visit_of(case).planned_start) == (later, later)
    assert moves.claimed(case) == [(case.other.id, later)]
    assert wrong() == {}


def test_it_ends_an_open_move_too(case):
    row = moves.ask(case)
    reassign(case, worker_id=case.other.id)
    assert again(row).status == "withdrawn"


@pytest.mark.parametrize("status", ["pending_payment", "in_service", "completed", "cancelled"])
def test_not_in_every_state(case, status):
    put(case.order, status=status)
    with pytest.raises(RuleViolation) as refused:
        reassign(case, worker_id=case.other.id)
    assert refused.value.code == "not_reassignable"


def test_a_reason_and_whose_fault(case):
    for more, code in (({"reason": " "}, "reason_required"), ({"fault": "me"}, "fault_unknown")):
        with pytest.raises(Exception) as refused:  # two kinds
            reassign(case, **more)
        assert refused.value.code == code


def test_the_penalty_can_be_switched_off(case):
    parameters.set_parameter("move.withdraw_penalty_fen", 0, actor=SYSTEM)
    for _ in range(5):
        factories.save(Incident(kind=leaving.WITHDREW, worker_id=case.worker.id))
    withdraw(case)
    assert db.session.scalars(sa.select(Adjustment)).all() == []


def test_a_withdrawn_move_does_not_come_back(case):
    row = moves.ask(case)
    withdraw(case)
    with pytest.raises(Exception) as refused:
        moving.answer(row.id, agree=True, actor=STAFF)
    assert refused.value.code == "move_over"
