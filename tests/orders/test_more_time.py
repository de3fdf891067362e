"""More time at the door: not where the crew is awaited elsewhere; and not paying for it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.errors import Conflict, NotFound, RuleViolation
from app.domain.geo import Point
from app.extensions import db
from app.models import AddOn, Complaint, Notification, OrderEvent, OrderLine, WorkerBusy
from app.services.orders import add_ons, confirming, deadlines
from app.services.quality import complaints
from app.services.roster import blocking
from app.services.system import timers
from app.services.visits import checking
from tests import factories
from tests.money.support import again, pay, put, wrong
from tests.orders import moves

DOOR = Point(*factories.NEARBY)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def case(app, booked, clock):
    """The worker is at work since 09:00, until 11:00."""
    made = booked()
    put(made.order, rules={**made.order.rules, "visit.photos_after": 0, "visit.photos_before": 0})
    clock.instant = made.order.planned_start
    presence, who = checking.Presence(position=DOOR), factories.acting(made.worker)
    checking.check_in(moves.visit_of(made).id, made.worker.id, presence, actor=who)
    return made


def propose(case, minutes: int = 30, **more) -> AddOn:
    values = {"kind": "time", "name": "加时", "amount_fen": 5_000, "minutes": minutes, **more}
    who = factories.acting(case.worker)
    return add_ons.propose(moves.visit_of(case).id, case.worker.id, **values, actor=who)


def customer(case) -> dict:
    return {"actor": Actor("customer", case.order.customer_id)}


def agree(case, add_on) -> AddOn:
    key = case.order.customer_id
    return add_ons.answer(key, case.order.id, add_on.id, agree=True, **customer(case))


def refuse_to_pay(case, add_on, who: int | None = None) -> Complaint:
    key = who or case.order.customer_id
    text = "没有做这么久"
    return add_ons.refuse_to_pay(key, case.order.id, add_on.id, text=text, **customer(case))


def awaited_at(case, hour: int, minute: int = 0) -> None:
    start = factories.at(case.order.service_on, hour, minute)
    blocking.block_time(case.worker.id, start, start + timedelta(hours=2), actor=case.staff)


def claim_ends(case):
    return db.session.scalars(sa.select(WorkerBusy.end_at).filter_by(owner=case.order.owner)).one()


def finish(case) -> None:
    who = factories.acting(case.worker)
    checking.check_out(moves.visit_of(case).id, case.worker.id, checking.Presence(), actor=who)


def test_the_time_is_claimed_when_she_agrees(case):
    add_on = propose(case)
    assert claim_ends(case) == factories.at(case.order.service_on, 11, 10)
    agree(case, add_on)

    half_past = factories.at(case.order.service_on, 11, 30)
    assert (moves.visit_of(case).planned_end, again(case.order).planned_end) == (half_past,) * 2
    assert claim_ends(case) == half_past + 10 * MINUTE
    line = db.session.scalars(sa.select(OrderLine).filter_by(kind="overtime")).one()
    assert (line.amount_fen, again(case.order).unpaid_fen) == (5_000, 5_000)
    assert wrong() == {}
    assert pay(case.order).amount_fen == 5_000


def test_more_than_there_is_before_her_next_visit_is_not_even_proposed(case):
    awaited_at(case, 12)
    with pytest.raises(Conflict) as refused:
        propose(case, 60)
    assert (refused.value.code, refused.value.details["minutes_free"]) == ("next_visit", 50)
    assert db.session.scalars(sa.select(AddOn.id)).all() == []
    assert propose(case, 50).status == "proposed"


def test_what_came_in_between_is_told_and_nothing_is_charged(case):
    """Somebody booked her for twelve while the customer was thinking."""
    add_on = propose(case, 60)
    awaited_at(case, 12)
    with pytest.raises(Conflict) as refused:
        agree(case, add_on)
    assert refused.value.details["minutes_free"] == 50

    assert (again(add_on).status, again(case.order).due_fen) == ("proposed", 19_900)
    assert claim_ends(case) == factories.at(case.order.service_on, 11, 10)
    assert wrong() == {}


def test_after_her_shift_is_hers_to_offer(case):
    add_on = propose(case, 600)
    agree(case, add_on)
    assert moves.visit_of(case).planned_end == factories.at(case.order.service_on, 21)


def test_work_without_time_asks_nobody(case):
    awaited_at(case, 11, 10)
    add_on = propose(case, 0, kind="material", name="清洁剂")
    assert agree(case, add_on).status == "approved"
    with pytest.raises(Exception) as refused:
        propose(case, 0)
    assert refused.value.code == "add_on_incomplete"


def test_when_the_work_is_over_no_time_is_claimed(case):
    add_on = propose(case, 30)
    finish(case)
    awaited_at(case, 11, 15)
    agree(case, add_on)
    assert claim_ends(case) == factories.at(case.order.service_on, 11, 10)
    assert wrong() == {}


def test_who_does_not_pay_disputes_it_and_nothing_waits(case, clock):
    add_on = propose(case)
    agree(case, add_on)
    complaint = refuse_to_pay(case, add_on)

    assert (complaint.category, complaint.order_id) == ("price", case.order.id)
    assert again(case.order).disputed_at is not None
    finish(case)
    assert again(case.order).status == "pending_confirm", "the work went on"
    clock.travel(timedelta(days=9))
    timers.fire_due()
    assert (deadlines.set_lost_timers(), again(case.order).status) == (0, "pending_confirm")
    with pytest.raises(Conflict) as twice:
        refuse_to_pay(case, add_on)
    assert twice.value.code == "disputed"

    put(complaint, status="proposed")
    complaints.resolve(complaint.id, "已说明", cause_id=None, actor=case.staff)
    clock.travel(timedelta(hours=48))
    timers.fire_due()
    assert again(case.order).status == "completed", "it does not block for ever"
    assert again(case.order).unpaid_fen == 5_000
    assert wrong() == {}


def test_nobody_is_reminded_of_what_is_being_looked_into(case, clock):
    add_on = propose(case)
    agree(case, add_on)
    finish(case)
    confirming.confirm_order(case.order.customer_id, case.order.id, **customer(case))
    refuse_to_pay(case, add_on)
    clock.travel(timedelta(days=8))
    timers.fire_due()
    owed = sa.select(sa.func.count(Notification.id)).filter_by(kind="order.owed")
    assert db.session.scalar(owed) == 1, "the one when it ended"


def test_only_hers_only_agreed_and_only_unpaid(case):
    add_on = propose(case)
    with pytest.raises(RuleViolation) as early:
        refuse_to_pay(case, add_on)
    assert early.value.code == "nothing_to_pay"
    agree(case, add_on)
    with pytest.raises(NotFound):
        refuse_to_pay(case, add_on, factories.customer().id)
    pay(case.order)
    with pytest.raises(RuleViolation):
        refuse_to_pay(case, add_on)
    assert db.session.scalars(sa.select(Complaint.id)).all() == []


def test_what_nobody_answered_is_over_with_the_order(case):
    add_on = propose(case)
    finish(case)
    confirming.confirm_order(case.order.customer_id, case.order.id, **customer(case))
    assert again(add_on).status == "expired"
    assert "add_on.expired" in db.session.scalars(sa.select(OrderEvent.kind)).all()
    assert wrong() == {}
