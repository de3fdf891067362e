"""Moving a visit: both times are kept until the other side agrees; no booking is ever lost."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import Conflict, NotFound, RuleViolation
from app.extensions import db
from app.models import Assignment, Notification, OrderEvent, Timer, Visit
from app.services.orders import deadlines, moving
from app.services.orders.move_rules import For
from app.services.roster import blocking
from app.services.system import outbox, parameters, timers
from app.services.transactions import transaction
from app.services.visits import checking
from tests import factories
from tests.money.support import again, put, wrong
from tests.orders import moves
from tests.orders.moves import ask, claimed
from tests.orders.test_cancelling import cancel

# Rules that no database decides: on PostgreSQL `make crawl` tries them.
pytestmark = pytest.mark.crawler(backend="postgresql")


@pytest.fixture(scope="module")
def case_made(once):
    return once(moves.booked)


@pytest.fixture
def case(app, case_made):
    return case_made()


def times(case, *starts):
    return sorted((case.worker.id, start) for start in starts)


def kinds(case) -> list[str]:
    query = sa.select(OrderEvent.kind).filter_by(order_id=case.order.id)
    return list(db.session.scalars(query.order_by(OrderEvent.id)))


def told(kind: str) -> list[str]:
    return list(db.session.scalars(sa.select(Notification.recipient_kind).filter_by(kind=kind)))


def block(worker, start, hours=2):
    blocking.block_time(worker.id, start, start + timedelta(hours=hours), actor=SYSTEM)


def test_both_times_are_kept_until_the_worker_agrees(case):
    old = case.order.planned_start
    row = ask(case, reason="下午才在家")

    assert (row.status, claimed(case)) == ("await_other_side", times(case, old, case.later))
    assert (again(case.order).status, again(case.order).planned_start) == ("accepted", old)
    assert told("move.proposed") == ["worker"]
    assert wrong() == {}

    later = case.later
    moving.answer(row.id, agree=True, **moves.worker(case))

    fresh, visit = again(case.order), moves.visit_of(case)
    assert (again(row).status, fresh.status) == ("agreed", "accepted")
    assert claimed(case) == times(case, later)
    assert {fresh.planned_start, fresh.promised_from, visit.planned_start} == {later}
    assert fresh.planned_end - later == visit.planned_end - later == timedelta(hours=2)
    assert fresh.promised_to == later + timedelta(hours=1)
    assert (kinds(case)[-2:], told("move.agreed")) == (["move.proposed", "moved"], ["customer"])
    assert wrong() == {}


def test_the_day_follows_the_time(case):
    start = case.later + timedelta(days=2)
    row = ask(case, start)
    moving.answer(row.id, agree=True, **moves.worker(case))

    day = start.date()
    assert (again(case.order).service_on, moves.visit_of(case).service_on) == (day, day)


@pytest.mark.parametrize("end", ["declined", "withdrawn", "expired"])
def test_any_other_end_leaves_the_booking_as_it_was(case, clock, end):
    old = case.order.planned_start
    row = ask(case)
    if end == "declined":
        moving.answer(row.id, agree=False, note="那天不行", **moves.worker(case))
    elif end == "withdrawn":
        moving.withdraw(row.id, **moves.customer(case))
    else:
        clock.travel(timedelta(hours=6))
        timers.fire_due()

    fresh = again(case.order)
    assert (again(row).status, fresh.status, fresh.planned_start) == (end, "accepted", old)
    assert claimed(case) == times(case, old)
    assert db.session.scalars(sa.select(Assignment.status)).all() == ["accepted"]
    waiting = sa.select(Timer.id).filter_by(kind="move.expire", status="waiting")
    assert db.session.scalars(waiting).all() == []
    assert kinds(case)[-1] == f"move.{end}"
    assert wrong() == {}


def test_what_a_worker_asks_for_goes_through_operations(case):
    row = ask(case, side="worker", reason="孩子家长会")
    assert row.status == "ops_review"
    assert told("move.review") == ["staff"]
    with pytest.raises(RuleViolation) as refused:
        moving.answer(row.id, agree=True, **moves.customer(case))
    assert refused.value.code == "not_yours_to_answer"

    moving.review(row.id, approve=True, actor=Actor("staff", 1))
    assert again(row).status == "await_other_side"
    assert (told("move.proposed"), told("move.passed_on")) == (["customer"], ["worker"])
    moving.answer(row.id, agree=True, **moves.customer(case))

    assert claimed(case) == times(case, again(case.order).planned_start)
    assert again(row).status == "agreed"
    with pytest.raises(Conflict) as over:
        moving.review(row.id, approve=False, actor=Actor("staff", 1))
    assert over.value.code == "move_over"


def test_operations_may_decline_it(case):
    row = ask(case, side="worker")
    moving.review(row.id, approve=False, note="当天缺人", actor=Actor("staff", 1))

    assert (again(row).status, again(row).answer_note) == ("declined", "当天缺人")
    assert told("move.not_passed_on") == ["worker"]
    assert claimed(case) == times(case, again(case.order).planned_start)
    with pytest.raises(RuleViolation) as refused:
        moving.review(ask(case).id, approve=True, actor=Actor("staff", 1))
    assert refused.value.code == "not_in_review"


def test_the_company_proposes_and_the_customer_answers(case):
    row = ask(case, side="staff")
    with pytest.raises(RuleViolation):
        moving.answer(row.id, agree=True, **moves.worker(case))
    moving.answer(row.id, agree=True, **moves.customer(case))
    assert again(row).status == "agreed"


def test_staff_answer_for_a_side_that_was_called(case):
    row = ask(case)
    moving.answer(row.id, agree=True, note="电话同意", actor=Actor("staff", 1))
    assert (again(row).status, again(row).answer_note) == ("agreed", "电话同意")


def test_who_has_asked_does_not_agree_for_the_other(case):
    row = ask(case)
    with pytest.raises(RuleViolation) as refused:
        moving.answer(row.id, agree=True, **moves.customer(case))
    assert refused.value.code == "not_yours_to_answer"
    with pytest.raises(RuleViolation) as refused:
        moving.withdraw(row.id, **moves.worker(case))
    assert refused.value.code == "not_yours"


def test_a_worker_who_is_not_free_then_is_replaced_by_one_who_is(case):
    later = case.later
    block(case.worker, later)

    with pytest.raises(Conflict) as refused:
        ask(case, same_worker=True)
    assert refused.value.code == "worker_not_free"
    row = ask(case)

    fresh = again(case.order)
    assert (row.status, fresh.status, fresh.lead_worker_id) == ("agreed", "pending_dispatch", None)
    assert claimed(case) == [(case.other.id, later)]
    places = db.session.execute(sa.select(Assignment.status, Assignment.ended_reason)).all()
    assert places == [("ended", "moved")]
    assert told("move.agreed") == ["worker"]
    assert wrong() == {}
    outbox.deliver_due()
    assert again(case.order).status == "offered"


def test_who_became_unable_meanwhile_is_replaced_when_it_is_agreed(case):
    later = case.later
    row = ask(case)
    put(case.worker, status="suspended")

    moving.answer(row.id, agree=True, note="电话", actor=Actor("staff", 1))

    assert again(case.order).status == "pending_dispatch"
    assert claimed(case) == [(case.other.id, later)]
    assert wrong() == {}


def test_when_nobody_can_come_any_more_the_move_stays_open(case):
    row = ask(case)
    before = claimed(case)
    for worker in (case.worker, case.other):
        put(worker, status="suspended")

    with pytest.raises(Conflict) as refused:
        moving.answer(row.id, agree=True, **moves.worker(case))

    assert refused.value.code == "slot_taken"
    assert (again(row).status, claimed(case)) == ("await_other_side", before)


def test_before_acceptance_nobody_has_to_agree(case):
    factories.change(case.company.cleaning, pay_mode="after")
    order = factories.order(case.company, factories.tomorrow() + timedelta(days=2))
    outbox.deliver_due()
    assert again(order).status == "offered"
    case = moves.Booked(case.company, order, case.worker, case.other, case.staff)
    later = case.later

    row = ask(case)

    assert (row.status, again(order).status) == ("agreed", "pending_dispatch")
    assert [start for _worker, start in claimed(case)] == [later]
    outbox.deliver_due()
    assert again(order).status == "offered"
    assert wrong() == {}


def test_its_own_claims_are_no_obstacle(case):
    """Half an hour later overlaps the time that it has."""
    start = case.order.planned_start + timedelta(minutes=30)
    row = ask(case, start)
    assert claimed(case) == times(case, again(case.order).planned_start, start)
    moving.answer(row.id, agree=True, **moves.worker(case))
    assert claimed(case) == times(case, start)


def test_to_others_both_times_are_taken(case):
    put(case.other, status="suspended")
    later = case.later
    ask(case)
    rival = factories.customer()
    case.company.customer = rival
    case.company.address = factories.address(rival, case.company.region)
    with pytest.raises(Conflict) as refused:
        factories.hold(case.company, later)
    assert refused.value.code == "slot_taken"


def test_three_times_at_most(case):
    later = case.later
    for hours in range(3):
        row = ask(case, later + timedelta(hours=hours))
        moving.answer(row.id, agree=True, **moves.worker(case))
    for side in ("customer", "staff"):
        with pytest.raises(RuleViolation) as refused:
            ask(case, later - timedelta(hours=1), side=side)
        assert (refused.value.code, refused.value.details["most"]) == ("moves_used_up", 3)


def test_a_declined_move_does_not_count(case):
    parameters.set_parameter("move.most", 1, actor=SYSTEM)
    moving.answer(ask(case).id, agree=False, **moves.worker(case))
    assert ask(case).status == "await_other_side"


@pytest.mark.parametrize("side", ["customer", "worker"])
def test_too_late_for_both_sides_but_not_for_the_office(case, clock, side):
    clock.instant = case.order.planned_start - timedelta(hours=12)
    moving.withdraw(ask(case).id, **moves.customer(case))
    clock.travel(timedelta(seconds=1))

    with pytest.raises(RuleViolation) as refused:
        ask(case, side=side)
    assert refused.value.code == "move_too_late"
    assert ask(case, side="staff").status == "await_other_side"


def test_the_time_to_answer_ends_when_the_visit_begins(case, clock):
    clock.instant = case.order.planned_start - timedelta(hours=2)
    assert ask(case, side="staff").answer_by == case.order.planned_start


def test_a_time_that_is_not_offered_is_refused(case):
    for start, code in (
        (case.order.planned_start, "same_time"),
        (factories.at(case.order.service_on, 3), "slot_not_offered"),
        (case.later + timedelta(days=60), "slot_not_offered"),
        (case.later + timedelta(minutes=7), "slot_not_offered"),
    ):
        with pytest.raises(RuleViolation) as refused:
            ask(case, start)
        assert refused.value.code == code
    block(case.worker, case.later)
    block(case.other, case.later)
    with pytest.raises(Conflict) as taken:
        ask(case)
    assert taken.value.code == "slot_taken"
    assert claimed(case) == times(case, again(case.order).planned_start)


def test_one_at_a_time(case):
    ask(case)
    with pytest.raises(Conflict) as refused:
        ask(case, case.later + timedelta(hours=2))
    assert refused.value.code == "move_open"


def test_only_those_whom_it_concerns(case):
    stranger = factories.customer()
    whose = {"whose": For(customer_id=stranger.id), "actor": Actor("customer", stranger.id)}
    with pytest.raises(NotFound):
        ask(case, **whose)
    row = ask(case)
    for other in (whose, {"whose": For(worker_id=case.other.id), "actor": SYSTEM}):
        with pytest.raises(NotFound):
            moving.answer(row.id, agree=True, **other)


@pytest.mark.parametrize("event", ["cancel", "depart", "check_in"])
def test_what_happens_to_the_order_ends_its_move(case, clock, event):
    clock.instant = case.order.planned_start - timedelta(minutes=25)
    old = case.order.planned_start
    row = ask(case, side="staff")
    visit, who = moves.visit_of(case), Actor("worker", case.worker.id)
    there = checking.Presence(checking.Point(*factories.NEARBY))
    if event == "cancel":
        cancel(case.order)
    else:
        getattr(checking, event)(visit.id, case.worker.id, there, actor=who)

    assert again(row).status == "withdrawn"
    assert claimed(case) == ([] if event == "cancel" else times(case, old))
    assert wrong() == {}


@pytest.mark.parametrize("status", ["in_service", "completed", "cancelled", "exception"])
def test_what_has_begun_or_ended_is_not_moved(case, status):
    put(case.order, status=status)
    with pytest.raises(RuleViolation) as refused:
        ask(case)
    assert refused.value.code == "not_movable"


def test_without_a_visit_to_come_there_is_nothing_to_move(case):
    put(db.session.scalars(sa.select(Visit)).one(), status="done")
    with pytest.raises(RuleViolation) as refused:
        ask(case)
    assert refused.value.code == "no_visit"


def test_a_lost_timer_is_set_again(case):
    ask(case)
    with transaction(SYSTEM) as session:
        session.execute(sa.delete(Timer).filter_by(kind="move.expire"))
    assert deadlines.set_lost_timers() == 1
    assert deadlines.set_lost_timers() == 0
