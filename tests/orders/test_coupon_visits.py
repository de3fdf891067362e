"""What a coupon bears of an order's visits, when some do not take place or end early."""

from datetime import timedelta

import pytest

from app.services.visits import stopping
from tests.money.support import again, balances, complete, wrong
from tests.money.test_subsidies import bases
from tests.orders import several
from tests.orders.test_calling_off import absent, call_off


@pytest.fixture(scope="module")
def booked(once):
    """Three days of 100 yuan each, 30 of all by a coupon, accepted."""

    return once(lambda: several.booked(coupon_fen=3_000))


def test_a_day_that_is_called_off_is_borne_by_the_coupon_no_more(case, clock):
    call_off(case, 2)
    absent(case, clock, 0)
    several.serve(case, clock, 2)

    complete(case.order)

    charged = [(visit.charged_fen, visit.charged_subsidy_fen) for visit in several.visits(case)]
    assert charged == [(4_500, 500), (0, 0), (None, None)]
    assert (again(case.order).due_fen, bases(case.order)) == (13_500, [15_000])
    assert balances()["coupons"] == 1_500
    assert wrong() == {}


def test_work_that_is_stopped_half_way_costs_half_the_coupon(case, clock):
    several.begin(case, clock)
    clock.travel(timedelta(hours=1))
    stopping.stop(case.order.id, reason="停水", actor=case.staff)

    complete(case.order)

    assert (again(case.order).due_fen, bases(case.order)) == (4_500, [5_000])
    assert balances()["coupons"] == 500
    assert wrong() == {}


def test_of_the_fee_for_a_closed_door_she_gets_what_the_price_before_the_coupon_gives(case, clock):
    call_off(case, 2)
    call_off(case, 3)

    absent(case, clock, 0)

    fresh = again(case.order)
    assert (fresh.status, fresh.due_fen, fresh.subsidy_fen) == ("no_show", 4_500, 0)
    assert balances()["worker_frozen"] == 4_000
    assert "coupons" not in balances()
    assert wrong() == {}
