"""The job of the plans: orders made ahead, once each, by the same rules as every booking."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.domain.recurrence import Repeats
from app.domain.states import OrderStatus
from app.extensions import db
from app.jobs import order_plans
from app.models import Notification, Order, WorkerBusy
from app.services.dispatch import finding
from app.services.orders import paying
from app.services.plans import ahead, pausing, telling
from app.services.system import timers
from app.services.transactions import transaction
from tests import factories
from tests.plans.support import (
    THURSDAY,
    at,
    dates,
    occurrence,
    orders,
    plan,
    story,
    wish,
)  # fmt: skip


def told(kind):
    query = sa.select(Notification.data).filter_by(kind=kind, recipient_kind="customer")
    return list(db.session.scalars(query.order_by(Notification.id)))


def test_orders_are_made_seven_days_ahead_and_wait_for_their_own_payment(app, clock):
    company = factories.company()
    someone = factories.worker(company, days=40)
    row = plan(company, wish(worker_id=someone.id))

    assert order_plans.run() == 1

    assert dates(row)[:2] == [("05-09", "ordered", ""), ("05-16", "planned", "")]
    [order] = orders()
    assert (order.source, order.status) == ("plan", "pending_payment")
    assert order.planned_start == at(THURSDAY, 14)
    assert order.pay_by_at == clock.now() + timedelta(hours=48)
    assert occurrence(row).order_id == order.id
    assert told("plan.ordered")[0]["amount_fen"] == 19900
    claims = db.session.scalars(sa.select(WorkerBusy)).all()
    assert [(one.worker_id, one.owner, one.kind) for one in claims] == [
        (someone.id, order.owner, "visit")
    ]
    clock.travel(timedelta(days=3))
    assert order_plans.run() == 1
    assert [one.planned_start for one in orders()][1:] == [at(date(2030, 5, 16), 14)]


def test_running_twice_makes_nothing_twice(app):
    company = factories.company()
    factories.worker(company, days=40)
    row = plan(company)

    assert [order_plans.run(), order_plans.run()] == [1, 0]
    assert ahead.make_order(occurrence(row).id) is None
    assert len(orders()) == 1


def test_the_first_orders_of_a_new_plan_do_not_wait_for_the_hour(app, queue):
    company = factories.company()
    factories.worker(company, days=40)

    row = plan(company)
    queue.run_all()

    assert dates(row)[0] == ("05-09", "ordered", "")


def test_payment_that_does_not_come_is_asked_for_once_more_and_then_closes_the_order(app, clock):
    company = factories.company()
    factories.worker(company, days=40)
    plan(company)
    order_plans.run()
    [order] = orders()

    clock.travel(timedelta(hours=24))
    timers.fire_due()
    assert told("order.pay_soon")[0]["order_id"] == order.id
    clock.travel(timedelta(hours=24))
    paying.close_unpaid_order(order.id)

    assert db.session.get_one(Order, order.id).status == OrderStatus.CLOSED
    assert db.session.scalars(sa.select(WorkerBusy)).all() == []


def test_a_near_date_must_be_paid_before_it_is_too_late_to_book(app, clock):
    company = factories.company()
    factories.worker(company, days=40)
    plan(company, wish(repeats=Repeats("weekly", ("TU",))))

    order_plans.run()

    [order] = orders()
    assert order.pay_by_at == order.planned_start - timedelta(minutes=120)


def test_another_worker_comes_when_the_wished_one_is_taken_and_that_is_told(app):
    company = factories.company()
    wished, other = factories.worker(company, days=40), factories.worker(company, days=40)
    row = plan(company, wish(worker_id=wished.id))
    factories.hold(company, at(THURSDAY, 14), worker_id=wished.id)

    order_plans.run()

    assert occurrence(row).worker_id == other.id
    assert story(row) == ["created", "date.ordered", "date.other_worker"]
    assert len(told("plan.other_worker")) == 1


def test_a_date_that_nobody_can_serve_is_told_once_with_other_times(app, queue):
    company = factories.company()
    factories.worker(company, days=40)
    row = plan(company)
    factories.order(company, at(THURSDAY, 14))

    assert order_plans.run() == 0
    queue.run_all()
    telling.tell_impossible(occurrence(row).id)

    assert dates(row)[0] == ("05-09", "impossible", "time_taken")
    [message] = told("plan.date_impossible")
    assert (message["on"], message["reason"]) == ("2030-05-09", "time_taken")
    assert message["alternatives"][0] == (at(THURSDAY, 14) - timedelta(minutes=150)).isoformat()
    assert len(orders()) == 1
    assert story(row)[-2:] == ["date.impossible", "date.told"]


def test_a_time_that_somebody_is_just_ordering_is_looked_at_again(app, clock):
    company = factories.company()
    factories.worker(company, days=40)
    row = plan(company)
    factories.hold(company, at(THURSDAY, 14))

    assert (order_plans.run(), dates(row)[0][1]) == (0, "planned")
    clock.travel(timedelta(hours=1))

    assert (order_plans.run(), dates(row)[0][1]) == (1, "ordered")


def test_a_service_that_is_no_longer_offered_makes_the_date_impossible(app, queue):
    company = factories.company()
    factories.worker(company, days=40)
    row = plan(company)
    with transaction():
        company.cleaning.published = False

    order_plans.run()
    queue.run_all()

    assert dates(row)[0] == ("05-09", "impossible", "not_found")
    assert told("plan.date_impossible")[0]["alternatives"] == []


def test_a_date_that_the_job_missed_is_impossible_and_not_ordered(app, clock):
    company = factories.company()
    factories.worker(company, days=40)
    row = plan(company)
    clock.travel(timedelta(days=4))

    order_plans.run()

    assert dates(row)[:2] == [("05-09", "impossible", "too_late"), ("05-16", "ordered", "")]


def test_a_plan_grows_new_dates_as_time_goes_by_and_ends_when_it_is_over(app, clock):
    company = factories.company()
    someone = factories.worker(company, days=60)
    row = plan(company, wish(ends_on=date(2030, 6, 13)))
    clock.travel(timedelta(days=10))

    order_plans.run()
    assert [day for day, *_rest in dates(row)] == [
        "05-09", "05-16", "05-23", "05-30", "06-06", "06-13",
    ]  # fmt: skip

    clock.travel(timedelta(days=30))
    order_plans.run()
    assert (row.status, story(row)[-1]) == ("ended", "ended")
    assert someone.id


def test_a_paused_plan_orders_nothing_until_its_pause_is_over(app, clock):
    company = factories.company()
    factories.worker(company, days=60)
    row = plan(company)
    actor = factories.acting(company.customer)
    pausing.pause_plan(row.id, until=date(2030, 5, 17), actor=actor)

    assert order_plans.run() == 0
    clock.travel(timedelta(days=11))  # 17 May
    assert order_plans.run() == 1

    assert dates(row)[:3] == [
        ("05-09", "skipped", "paused"), ("05-16", "skipped", "paused"), ("05-23", "ordered", ""),
    ]  # fmt: skip
    assert (row.status, row.paused_until) == ("active", None)
    assert len(told("plan.resumed")) == 1


def test_a_date_after_the_pause_is_ordered_ahead_while_the_plan_still_rests(app, clock):
    company = factories.company()
    factories.worker(company, days=60)
    row = plan(company)
    pausing.pause_plan(row.id, until=date(2030, 5, 16), actor=factories.acting(company.customer))
    clock.travel(timedelta(days=3))  # Thursday, 9 May

    assert order_plans.run() == 1

    assert (row.status, dates(row)[1]) == ("paused", ("05-16", "ordered", ""))
    clock.travel(timedelta(days=7))
    order_plans.run()
    assert (row.status, dates(row)[:2]) == (
        "active", [("05-09", "skipped", "paused"), ("05-16", "ordered", "")],
    )  # fmt: skip


def test_one_plan_that_fails_does_not_stop_the_others(app, monkeypatch):
    company = factories.company()
    factories.worker(company, days=40)
    factories.worker(company, days=40)
    first, second = plan(company), plan(company)
    usual, calls = ahead.holds.check_offered, []

    def fails_the_first_time(quote, start):
        calls.append(start)
        if len(calls) == 1:
            raise RuntimeError("a fault")
        usual(quote, start)

    monkeypatch.setattr(ahead.holds, "check_offered", fails_the_first_time)

    assert ahead.run() == 1
    assert (dates(first)[0][1], dates(second)[0][1]) == ("planned", "ordered")


def test_the_same_worker_comes_again_without_having_been_wished_for(app, clock):
    company = factories.company()
    usual = factories.worker(company, days=40)
    row = plan(company)
    ahead.run()
    nearer = factories.worker(company, days=40, home=factories.NEARBY)
    clock.travel(timedelta(days=3))

    ahead.run()

    assert occurrence(row, date(2030, 5, 16)).worker_id == usual.id != nearer.id
    [_first, second] = orders()
    assert finding.judge(second)[0].worker.id == usual.id


def test_two_jobs_at_once_make_each_order_once(real_app):
    company = factories.company()
    factories.worker(company, days=40)
    factories.worker(company, days=40)
    plan(company, wish(repeats=Repeats("weekly", ("TU", "WE", "TH", "FR"))))
    at_once = threading.Barrier(2)

    def work(_number):
        with real_app.app_context():
            at_once.wait()
            return ahead.run()

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(work, range(2)))

    assert sum(made) == len(orders()) == 4
    assert db.session.scalar(sa.select(sa.func.count(WorkerBusy.id))) == 4


def test_a_job_that_is_killed_in_the_middle_leaves_nothing_half_done(app, monkeypatch):
    company = factories.company()
    factories.worker(company, days=40)
    row = plan(company)

    def killed(*_args, **_more):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(ahead.telling, "tell_ordered", killed)
        ahead.run()

    assert orders() == []
    assert dates(row)[0] == ("05-09", "planned", "")
    assert db.session.scalars(sa.select(WorkerBusy)).all() == []
    assert ahead.run() == 1
