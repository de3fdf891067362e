"""The times to which an order can be moved are those that can then be asked for."""

from datetime import timedelta

import pytest

from app.domain.actors import SYSTEM
from app.domain.errors import Conflict, RuleViolation
from app.services import clock
from app.services.orders import move_times, moving
from app.services.roster import claims, shifts
from app.services.transactions import transaction
from tests import factories
from tests.money.support import pay
from tests.orders.moves import booked, customer


@pytest.fixture(scope="module")
def case_made(once):
    return once(booked)


@pytest.fixture
def case(app, case_made):
    return case_made()


def times(case, side="customer"):
    day = case.order.service_on
    (found,) = move_times.move_times(case.order.id, day, day, side=side)
    return {time.starts_at: time.same_worker for time in found.times}


def block(worker, start, hours):
    with transaction(SYSTEM):
        end = start + timedelta(hours=hours)
        claims.block(worker.id, start, end, kind="blocked", owner=f"blocked:{worker.id}")


def at(case, hour, minute=0):
    return factories.at(case.order.service_on, hour, minute)


def test_its_own_claim_does_not_stand_in_the_way(case):
    block(case.other, at(case, 8), 12)

    found = times(case)

    assert at(case, 9) not in found
    assert found[at(case, 9, 30)]
    assert found[at(case, 10)]
    assert all(found.values())


def test_each_time_says_whether_who_has_accepted_could_come(case):
    block(case.worker, at(case, 13), 6)

    found = times(case)

    assert (found[at(case, 10)], found[at(case, 14)]) == (True, False)


def test_a_time_that_is_told_can_be_asked_for_and_another_cannot(case):
    block(case.worker, at(case, 13), 6)
    block(case.other, at(case, 13), 6)

    assert at(case, 14) not in times(case)
    with pytest.raises(Conflict):
        moving.propose(case.order.id, at(case, 14), side="customer", **customer(case))
    start = max(times(case))
    row = moving.propose(case.order.id, start, side="customer", **customer(case))
    assert row.new_start == start


def test_a_day_without_a_time_says_why(case):
    day = case.order.service_on + timedelta(days=1)
    block(case.worker, factories.at(day, 8), 12)
    block(case.other, factories.at(day, 8), 12)
    far = day + timedelta(days=27)

    found = move_times.move_times(case.order.id, day, far, side="customer")

    told = {one.on: (one.times, one.reason) for one in found}
    assert told[day] == ([], "time_taken")
    assert told[far] == ([], "off_shift")


def test_what_cannot_be_moved_is_told_at_once(case, clock):
    clock.travel(timedelta(hours=45))

    with pytest.raises(RuleViolation) as refusal:
        times(case)

    assert refusal.value.code == "move_too_late"
    assert times(case, side="staff")


def test_a_night_can_begin_after_midnight(case):
    company = case.company
    factories.change(company.cleaning, minutes=300, from_minute=1200, to_minute=1920)
    keeper, day = factories.worker(company, days=0), clock.today() + timedelta(days=2)
    for n in (0, 1):
        begins = factories.at(day + timedelta(days=n), 18)
        shifts.add_shift(keeper.id, begins, begins + timedelta(hours=16), actor=SYSTEM)
    order = factories.order(company, factories.at(day, 22))
    pay(order)
    late = factories.at(day + timedelta(days=1), 1)

    (told,) = move_times.move_times(order.id, day, day, side="customer")
    moved = moving.propose(order.id, late, side="customer", actor=SYSTEM)

    assert late in [time.starts_at for time in told.times]
    assert (moved.status, moved.new_start) == ("agreed", late)
