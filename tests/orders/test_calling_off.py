"""Visits that do not take place: what was served stays charged, the rest as the ladder says."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.errors import RuleViolation
from app.domain.states import OrderStatus
from app.extensions import db
from app.models import Accrual, Cancellation, Incident
from app.services.orders import (
    calling_off,
    cancelling,
    charging,
    confirming,
    exceptions,
)
from app.services.visits import absence, stopping
from tests import factories
from tests.money.support import again, balances, wrong
from tests.orders import several
from tests.orders.several import (
    DOOR,
    MINUTE,
    begin,
    claims_of,
    serve,
    states,
    status,
    visits,
)


@pytest.fixture(scope="module")
def booked(once):
    return once(several.booked)


def nth(case, n) -> int | None:
    return visits(case)[n - 1].id if n else None


def preview(case, n=None):
    return calling_off.preview(db.session(), again(case.order), "customer", nth(case, n))


def call_off(case, n=None):
    shown = preview(case, n)
    key = case.order.customer_id
    calling_off.call_off(
        case.order.id,
        shown.hash,
        visit_id=nth(case, n),
        customer_id=key,
        actor=Actor("customer", key),
    )
    return shown


def test_one_visit_is_called_off_in_time_and_its_part_comes_back(case):
    shown = call_off(case, 2)

    assert (shown.step, shown.price_fen, shown.refund_fen, shown.kept_fen) == (
        "in_time", 10_000, 10_000, 20_000,
    )  # fmt: skip
    assert (status(case), states(case)) == ("accepted", ["planned", "cancelled", "planned"])
    assert (again(case.order).due_fen, balances()["refunds_due"]) == (20_000, 10_000)
    assert claims_of(case) == [case.worker.id] * 2
    assert wrong() == {}


def test_what_remains_is_called_off_for_the_fee_of_the_ladder(case, clock):
    serve(case, clock)
    clock.instant = visits(case)[1].planned_start - timedelta(hours=2)
    with pytest.raises(RuleViolation) as refused:
        cancelling.preview(db.session(), again(case.order), "customer")
    assert refused.value.code == "already_served"
    shown = call_off(case)

    assert (shown.step, shown.fee_fen, shown.refund_fen) == ("late", 6_000, 14_000)
    assert (status(case), states(case)) == ("pending_confirm", ["done", "cancelled", "cancelled"])
    assert again(case.order).due_fen == 16_000
    assert claims_of(case) == [case.worker.id], "what was served stays in the calendar"
    assert wrong() == {}
    confirming.confirm_order(case.order.customer_id, case.order.id, actor=case.staff)
    assert wrong() == {}


def test_the_fee_of_a_day_is_its_crews_not_of_who_served_another(case, clock):
    several.withdraw(case, 1)
    several.take_offer()
    serve(case, clock)
    clock.instant = visits(case)[1].planned_start - timedelta(hours=2)
    call_off(case)
    confirming.confirm_order(case.order.customer_id, case.order.id, actor=case.staff)

    bases = dict(db.session.execute(sa.select(Accrual.worker_id, Accrual.base_fen)).all())
    assert bases == {case.worker.id: 10_000 + 3_000, case.other.id: 3_000}
    assert wrong() == {}


def test_exactly_what_was_shown(case, clock):
    shown = preview(case, 2)
    clock.instant = visits(case)[1].planned_start - timedelta(hours=2)
    with pytest.raises(RuleViolation) as refused:
        calling_off.call_off(case.order.id, shown.hash, visit_id=nth(case, 2), actor=case.staff)
    assert refused.value.code == "changed_since_shown"
    assert states(case) == ["planned"] * 3


def test_an_order_of_which_nothing_was_served_is_cancelled_as_a_whole(case):
    with pytest.raises(RuleViolation) as refused:
        preview(case)
    assert refused.value.code == "last_visit"
    call_off(case, 1)
    call_off(case, 2)
    with pytest.raises(RuleViolation):
        preview(case, 3)
    shown = cancelling.preview(db.session(), again(case.order), "customer")
    cancelling.cancel_order(case.order.id, shown.hash, actor=case.staff)
    assert (status(case), balances()["refunds_due"]) == ("cancelled", 30_000)
    assert db.session.scalars(sa.select(Cancellation.fee_fen)).all() == [0]
    assert wrong() == {}


def absent(case, clock, n: int):
    visit, who = visits(case)[n], factories.acting(case.worker)
    clock.instant = visit.planned_start
    absence.arrive(visit.id, case.worker.id, DOOR, actor=who)
    clock.travel(20 * MINUTE)
    calls = [clock.now() - 10 * MINUTE, clock.now() - 5 * MINUTE]
    row = absence.report(visit.id, case.worker.id, DOOR, calls=calls, actor=who)
    absence.decide(row.id, confirm=True, note="敲门无人", actor=case.staff)


def test_nobody_at_home_on_one_day_costs_a_part_of_that_day(case, clock):
    absent(case, clock, 0)

    assert (status(case), states(case)) == ("accepted", ["missed", "planned", "planned"])
    assert (again(case.order).due_fen, balances()["refunds_due"]) == (25_000, 5_000)
    assert wrong() == {}
    serve(case, clock, 1)
    serve(case, clock, 2)
    assert charging.values(again(case.order)) == dict(
        zip([visit.id for visit in visits(case)], [5_000, 10_000, 10_000], strict=True)
    )
    confirming.confirm_order(case.order.customer_id, case.order.id, actor=case.staff)
    assert wrong() == {}


def test_cancelling_after_a_missed_day_keeps_its_fee(case, clock):
    absent(case, clock, 0)
    shown = cancelling.preview(db.session(), again(case.order), "customer")
    assert (shown.kept_fen, shown.price_fen) == (5_000, 20_000)
    cancelling.cancel_order(case.order.id, shown.hash, actor=case.staff)
    assert (status(case), again(case.order).due_fen) == ("cancelled", 5_000 + shown.fee_fen)
    assert wrong() == {}


def test_stopping_on_the_second_day_charges_the_first_and_half_of_it(case, clock):
    serve(case, clock)
    begin(case, clock, 1)
    clock.travel(timedelta(hours=1))
    stopping.stop(case.order.id, reason="停水", actor=case.staff)

    assert (status(case), states(case)) == ("pending_confirm", ["done", "done", "cancelled"])
    assert again(case.order).due_fen == 15_000
    assert wrong() == {}


def test_an_exception_on_one_day_ends_that_day_only(case, clock):
    begin(case, clock)
    exceptions.report(case.order.id, reason="水管爆了", actor=case.staff)
    exceptions.resolve(
        case.order.id, OrderStatus.PENDING_CONFIRM, reason="已修好", actor=case.staff
    )
    assert (status(case), states(case)) == ("accepted", ["done", "planned", "planned"])
    assert db.session.scalars(sa.select(Incident.status)).all() == ["solved"]
    assert wrong() == {}
