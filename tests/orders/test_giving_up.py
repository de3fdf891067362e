"""Nobody takes an order: people are told in time, then the customer chooses, then it ends."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.errors import RuleViolation
from app.extensions import db
from app.models import (
    Assignment,
    AuditLog,
    Cancellation,
    Incident,
    Notification,
    Offer,
    OrderEvent,
    Timer,
)
from app.services.dispatch import answering
from app.services.orders import (
    choosing,
    deadlines,
    editing,
    giving_up,
    moving,
    new_times,
    searching,
)
from app.services.system import outbox, timers
from app.services.transactions import transaction
from tests import factories
from tests.money.support import again, balances, pay, put, wrong
from tests.orders import moves

MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def waiting(once):
    """Paid for 09:00 in two days; nobody has accepted yet."""

    def make():
        company = factories.company()
        workers = [factories.worker(company, name=name) for name in ("甲", "乙")]
        row = factories.order(company, factories.tomorrow() + timedelta(days=1))
        pay(row)
        return moves.Booked(company, row, workers[0], workers[1], Actor("staff", 1))

    return once(make)


@pytest.fixture
def case(app, waiting):
    return waiting()


def at(case, clock, minutes: int) -> None:
    """So many minutes before the visit; what is due is done."""
    clock.instant = case.order.planned_start - minutes * MINUTE
    timers.fire_due()
    outbox.deliver_due()


def told(kind: str) -> list[str]:
    return list(db.session.scalars(sa.select(Notification.recipient_kind).filter_by(kind=kind)))


def incident() -> Incident:
    return db.session.scalars(sa.select(Incident).filter_by(kind="nobody_found")).one()


def choose(case, choice, **more):
    key = case.order.customer_id
    return choosing.choose(
        case.order.id, choice, customer_id=key, actor=Actor("customer", key), **more
    )


def given_up(case, clock):
    at(case, clock, 90)
    at(case, clock, 30)


def test_people_are_told_when_the_visit_is_near(case, clock):
    at(case, clock, 91)
    assert (again(case.order).urgent, told("order.escalated")) == (False, [])
    at(case, clock, 90)

    fresh = again(case.order)
    assert (fresh.urgent, fresh.customer_chooses) == (True, False)
    assert told("order.escalated") == ["staff"]
    assert (incident().severity, incident().status) == ("normal", "open")
    kinds = db.session.scalars(sa.select(OrderEvent.kind).filter_by(order_id=fresh.id)).all()
    assert kinds.count("escalated") == 1
    assert fresh.status in ("pending_dispatch", "offered"), "the search goes on"


def test_whoever_accepts_then_ends_it(case, clock):
    at(case, clock, 90)
    offer = db.session.scalars(sa.select(Offer).filter_by(status="live")).one()
    answering.accept_offer(offer.id, offer.worker_id, actor=Actor("worker", offer.worker_id))

    assert (again(case.order).status, again(case.order).urgent) == ("accepted", False)
    assert incident().status == "solved"
    at(case, clock, 30)
    assert (again(case.order).status, told("order.nobody_found")) == ("accepted", [])
    kinds = set(db.session.scalars(sa.select(Timer.kind).filter_by(status="waiting")))
    assert not kinds & set(searching.TIMERS)


def test_the_search_ends_and_the_customer_chooses(case, clock):
    given_up(case, clock)

    fresh = again(case.order)
    assert (fresh.status, fresh.customer_chooses) == ("pending_dispatch", True)
    assert moves.claimed(case) == []
    assert "live" not in db.session.scalars(sa.select(Offer.status)).all()
    assert sorted(told("order.nobody_found")) == ["customer", "staff"]
    assert incident().severity == "high"
    assert "give_up" in db.session.scalars(sa.select(AuditLog.action)).all()
    assert balances()["customer_prepayments"] == 19_900, "nothing comes back before she says so"
    assert wrong() == {}


def test_she_is_told_when_somebody_is_free(case, clock):
    given_up(case, clock)

    data = db.session.scalars(
        sa.select(Notification.data).filter_by(kind="order.nobody_found", recipient_kind="customer")
    ).one()
    near = [datetime.fromisoformat(one) for one in data["alternatives"]]
    assert near == sorted(near)
    assert len(near) == 6
    assert datetime.fromisoformat(data["choose_by"]) == case.order.promised_to
    choose(case, "new_time", starts_at=near[-1])
    assert moves.claimed(case)[0][1] == near[-1]
    fresh = again(case.order)
    assert (fresh.planned_start, fresh.urgent, incident().status) == (near[-1], False, "solved")
    outbox.deliver_due()
    assert again(case.order).status == "offered"
    assert wrong() == {}


def test_she_is_told_once(case, clock):
    given_up(case, clock)
    db.session.execute(sa.text("UPDATE outbox SET delivered_at = NULL WHERE topic='order.choose'"))
    db.session.commit()
    outbox.deliver_due()
    assert sorted(told("order.nobody_found")) == ["customer", "staff"]


def test_who_refused_the_old_time_is_asked_about_the_new_one(case, clock):
    for _ in range(2):
        outbox.deliver_due()
        offer = db.session.scalars(sa.select(Offer).filter_by(status="live")).one()
        who = Actor("worker", offer.worker_id)
        answering.reject_offer(offer.id, offer.worker_id, reason_code="unwell", actor=who)
    outbox.deliver_due()
    assert again(case.order).unassigned_reason == "rejected_before"
    given_up(case, clock)

    choose(case, "new_time", starts_at=factories.at(case.order.service_on + 2 * timedelta(1), 9))
    outbox.deliver_due()
    assert again(case.order).status == "offered"


def test_somebody_else_as_soon_as_possible_is_urgent_again(case, clock):
    given_up(case, clock)
    choose(case, "other_worker")
    timers.fire_due()

    fresh = again(case.order)
    assert (fresh.customer_chooses, fresh.urgent) == (False, True)
    assert fresh.planned_start == clock.now() + 65 * MINUTE
    outbox.deliver_due()
    assert again(case.order).status == "offered"


def test_her_money_comes_back_when_she_wants_it(case, clock):
    given_up(case, clock)
    choose(case, "refund")
    assert again(case.order).status == "cancelled"
    assert balances()["refunds_due"] == 19_900
    assert incident().status == "solved"


def test_or_by_itself_when_she_says_nothing(case, clock):
    given_up(case, clock)
    at(case, clock, -59)
    assert again(case.order).status == "pending_dispatch"
    at(case, clock, -60)

    assert again(case.order).status == "cancelled"
    done = db.session.scalars(sa.select(Cancellation)).one()
    assert (done.party, done.reason_code, done.fee_fen, done.refund_fen) == (
        "clock", "nobody_found", 0, 19_900,
    )  # fmt: skip
    assert told("order.cancelled") == ["customer"]
    assert wrong() == {}


def test_whoever_has_chosen_is_not_cancelled_by_the_clock(case, clock):
    given_up(case, clock)
    over = case.order.promised_to
    choose(case, "new_time", starts_at=factories.at(case.order.service_on + 2 * timedelta(1), 9))
    clock.instant = over
    timers.fire_due()
    with transaction():
        giving_up.choice_over(case.order.id)
    assert again(case.order).status != "cancelled"


def test_a_moved_order_is_looked_after_at_its_new_time(case, clock):
    old = case.order.planned_start
    moving.propose(
        case.order.id, old + timedelta(days=1), side="customer", **moves.customer(case)
    )  # fmt: skip
    clock.instant = old
    timers.fire_due()
    assert (again(case.order).urgent, told("order.escalated")) == (False, [])
    at(case, clock, 90)
    assert again(case.order).urgent


def test_whoever_orders_for_soon_is_offered_all_the_same(case, clock):
    """Escalated at once, and looked for as long as one worker may think about it."""
    with transaction():
        order = again(case.order)
        new_times.write(order, moves.visit_of(case), clock.now() + 25 * MINUTE)
        searching.begin(order)
    timers.fire_due()
    assert (again(case.order).urgent, again(case.order).customer_chooses) == (True, False)

    outbox.deliver_due()
    offer = db.session.scalars(sa.select(Offer).filter_by(status="live")).one()
    assert offer.expires_at == clock.now() + 2 * MINUTE
    clock.travel(2 * MINUTE)
    timers.fire_due()
    assert again(case.order).customer_chooses


def test_a_crew_that_is_not_complete_is_let_go(case, clock):
    put(case.order, crew_size=2)
    outbox.deliver_due()
    offer = db.session.scalars(sa.select(Offer).order_by(Offer.id)).first()
    answering.accept_offer(offer.id, offer.worker_id, actor=Actor("worker", offer.worker_id))
    given_up(case, clock)

    assert again(case.order).customer_chooses
    (place,) = db.session.scalars(sa.select(Assignment)).all()
    assert (place.status, place.fault) == ("ended", "company")
    assert told("order.called_off") == ["worker"]
    assert moves.claimed(case) == []
    assert wrong() == {}


def test_a_change_that_waits_for_its_payment_is_given_up_too(case, clock):
    quote = factories.quote(case.company, case.company.cleaning, case.company.aircon)
    editing.edit_order(
        case.order.customer_id, case.order.id, quote.number, quote.hash,
        actor=Actor("customer", case.order.customer_id),
    )  # fmt: skip
    assert again(case.order).supplement_fen > 0
    clock.instant = case.order.planned_start - 30 * MINUTE
    with transaction():
        giving_up.give_up(case.order.id)

    assert (again(case.order).supplement_fen, moves.claimed(case)) == (0, [])
    assert wrong() == {}


def test_a_lost_timer_is_set_again(case, clock):
    timers.cancel_timers(case.order.id, *searching.TIMERS)
    db.session.commit()
    assert deadlines.set_lost_timers() == 1
    at(case, clock, 90)
    assert again(case.order).urgent


def test_who_is_asked_to_choose_cannot_be_given_away_meanwhile(case, clock):
    from app.services.dispatch import dispatching

    given_up(case, clock)
    with pytest.raises(RuleViolation) as refused:
        dispatching.force_assign(case.order.id, case.worker.id, reason="x", actor=Actor("staff", 1))
    assert refused.value.code == "customer_chooses"
