"""An order of several visits: each verb acts on one of them, or on all that remain."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.errors import RuleViolation
from app.extensions import db
from app.models import Accrual
from app.services.orders import (
    choosing,
    confirming,
    move_times,
    moving,
    reassigning,
)
from app.services.orders.move_rules import For
from app.services.roster import blocking
from app.services.system import outbox, timers
from tests.money.support import again, balances, put, wrong
from tests.orders import moves, several
from tests.orders.several import (
    MINUTE,
    begin,
    claims_of,
    crews,
    serve,
    states,
    status,
    take_offer,
    visits,
    withdraw,
)


@pytest.fixture(scope="module")
def booked(once):
    return once(several.booked)


def test_the_order_follows_its_next_visit(case, clock):
    assert crews(case) == [[case.worker.id]] * 3
    serve(case, clock)

    fresh, second = again(case.order), visits(case)[1]
    assert (fresh.status, fresh.planned_start) == ("accepted", second.planned_start)
    assert (fresh.promised_to - fresh.planned_start, fresh.service_on) == (
        timedelta(hours=1), second.service_on,
    )  # fmt: skip
    assert wrong() == {}


def test_a_missed_second_visit_is_noticed(case, clock):
    serve(case, clock)
    clock.instant = visits(case)[1].planned_start + 75 * MINUTE
    timers.fire_due()

    assert (status(case), again(case.order).customer_chooses) == ("pending_dispatch", True)
    assert crews(case) == [[case.worker.id], [], [case.worker.id]]
    assert claims_of(case) == [case.worker.id] * 2, "the third day stays hers"
    assert wrong() == {}


def test_she_gives_one_visit_back_and_another_one_comes_to_it(case, clock):
    withdraw(case, 1)

    assert status(case) == "accepted", "the first visit takes place as it was agreed"
    assert crews(case) == [[case.worker.id], [], [case.worker.id]]
    assert claims_of(case) == [case.worker.id, case.other.id, case.worker.id]
    assert wrong() == {}
    take_offer()
    assert crews(case) == [[case.worker.id], [case.other.id], [case.worker.id]]
    assert (status(case), again(case.order).lead_worker_id) == ("accepted", case.worker.id)
    serve(case, clock)
    assert again(case.order).lead_worker_id == case.other.id
    serve(case, clock, 1, case.other)
    serve(case, clock, 2)
    assert status(case) == "pending_confirm"
    confirming.confirm_order(case.order.customer_id, case.order.id, actor=case.staff)
    earned = db.session.scalars(sa.select(Accrual).order_by(Accrual.base_fen)).all()
    assert [(one.worker_id, one.base_fen) for one in earned] == [
        (case.other.id, 10_000), (case.worker.id, 20_000),
    ]  # fmt: skip
    assert wrong() == {}


def test_the_next_one_that_is_given_back_is_looked_for_first(case):
    withdraw(case, 0)
    assert status(case) == "pending_dispatch"
    take_offer()
    assert (status(case), crews(case)[0]) == ("accepted", [case.other.id])
    assert wrong() == {}


def test_she_gives_all_that_remain_back(case, clock):
    withdraw(case, 1, rest=True)
    assert crews(case) == [[case.worker.id], [], []]
    take_offer()
    assert crews(case) == [[case.worker.id], [case.other.id], [case.other.id]]
    assert claims_of(case) == [case.worker.id, case.other.id, case.other.id]
    assert wrong() == {}


def test_a_later_visit_nobody_takes_stops_nothing_before_its_time(case, clock):
    withdraw(case, 1)
    put(case.other, status="suspended")
    serve(case, clock)

    assert (status(case), again(case.order).customer_chooses) == ("pending_dispatch", False)
    for minutes in (90, 30):
        clock.instant = visits(case)[1].planned_start - minutes * MINUTE
        timers.fire_due()
        outbox.deliver_due()
    assert again(case.order).customer_chooses
    choosing.choose(case.order.id, "refund", actor=case.staff)

    assert (status(case), states(case)) == ("accepted", ["done", "cancelled", "planned"])
    assert (again(case.order).due_fen, balances()["refunds_due"]) == (20_000, 10_000)
    assert crews(case)[2] == [case.worker.id]
    assert wrong() == {}


def test_somebody_else_is_sent_to_one_visit(case):
    reassigning.reassign(
        case.order.id, reason="请假", fault="company", worker_id=case.other.id,
        visit_id=visits(case)[2].id, actor=case.staff,
    )  # fmt: skip
    assert crews(case) == [[case.worker.id], [case.worker.id], [case.other.id]]
    assert claims_of(case) == [case.worker.id, case.worker.id, case.other.id]
    assert status(case) == "accepted"
    assert wrong() == {}


def test_or_to_all_that_remain(case, clock):
    serve(case, clock)
    reassigning.reassign(
        case.order.id, reason="请假", fault="worker", worker_id=case.other.id, actor=case.staff
    )
    assert crews(case) == [[case.worker.id], [case.other.id], [case.other.id]]
    assert (status(case), again(case.order).lead_worker_id) == ("accepted", case.other.id)
    assert wrong() == {}


def test_one_visit_is_moved_and_the_others_stay(case):
    before = [visit.planned_start for visit in visits(case)]
    later = before[1] + timedelta(hours=4)
    row = moving.propose(
        case.order.id, later, side="customer", visit_id=visits(case)[1].id, **moves.customer(case)
    )
    assert row.status == "await_other_side"
    assert len(claims_of(case)) == 4
    assert wrong() == {}
    moving.answer(row.id, agree=True, **moves.worker(case))

    assert [visit.planned_start for visit in visits(case)] == [before[0], later, before[2]]
    assert again(case.order).planned_start == before[0], "the next visit is the first, still"
    assert (status(case), claims_of(case)) == ("accepted", [case.worker.id] * 3)
    assert wrong() == {}


def test_not_onto_another_visit_of_the_same_order(case):
    start = visits(case)[2].planned_start + timedelta(hours=1)
    with pytest.raises(RuleViolation) as refused:
        moving.propose(
            case.order.id, start, side="customer", visit_id=visits(case)[1].id,
            **moves.customer(case),
        )  # fmt: skip
    assert refused.value.code == "own_visit"
    assert claims_of(case) == [case.worker.id] * 3


def test_the_times_of_a_later_visit_are_those_that_can_be_asked_for(case):
    """Not those of another visit of the order, although its own claims stand in nobody's way."""
    second, third = visits(case)[1:]
    put(third, planned_start=third.planned_start - several.DAY,
        planned_end=third.planned_end - several.DAY)  # fmt: skip
    put(second, planned_start=second.planned_start + timedelta(hours=4),
        planned_end=second.planned_end + timedelta(hours=4))  # fmt: skip

    (found,) = move_times.move_times(
        case.order.id, second.service_on, second.service_on, side="staff", visit_id=second.id
    )

    starts = [time.starts_at for time in found.times]
    assert second.planned_start not in starts
    assert starts[0] == third.planned_end, "nobody comes twice at a time"
    put(second, status="cancelled")
    with pytest.raises(RuleViolation) as refused:
        move_times.move_times(
            case.order.id, second.service_on, second.service_on, side="staff", visit_id=second.id
        )
    assert refused.value.code == "no_visit"


def test_a_visit_moved_to_where_she_is_not_free_goes_to_another(case, clock):
    """Its place is empty, the others keep theirs, and the order stays accepted."""
    second = visits(case)[1]
    later = second.planned_start + timedelta(hours=4)
    blocking.block_time(case.worker.id, later, later + timedelta(hours=2), actor=case.staff)
    row = moving.propose(
        case.order.id, later, side="customer", visit_id=second.id, **moves.customer(case)
    )
    assert (row.status, status(case)) == ("agreed", "accepted")
    assert crews(case) == [[case.worker.id], [], [case.worker.id]]
    take_offer()
    assert crews(case) == [[case.worker.id], [case.other.id], [case.worker.id]]
    assert wrong() == {}


def test_while_one_is_served_a_later_one_is_moved(case, clock):
    begin(case, clock)
    third = visits(case)[2]
    row = moving.propose(
        case.order.id, third.planned_start + timedelta(hours=3), side="staff",
        visit_id=third.id, actor=case.staff,
    )  # fmt: skip
    assert wrong() == {}
    moving.answer(
        row.id, agree=True, whose=For(customer_id=case.order.customer_id), actor=case.staff
    )
    assert status(case) == "in_service"
    assert wrong() == {}
