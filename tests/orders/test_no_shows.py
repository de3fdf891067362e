"""Nobody comes: the worker, noticed by the clock; the customer, waited for and called."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.domain.errors import Conflict, InvalidInput, NotFound, RuleViolation
from app.domain.geo import Point
from app.extensions import db
from app.models import Adjustment, Assignment, Cancellation, Incident, LocationPing, Notification
from app.services.dispatch import dispatching
from app.services.orders import choosing, deadlines, lateness, moving
from app.services.system import incidents, outbox, timers
from app.services.transactions import transaction
from app.services.visits import absence, checking
from tests import factories
from tests.money.support import again, balances, put, wrong
from tests.orders import moves

DOOR, AWAY = Point(*factories.NEARBY), Point(23.20, 113.30)
MINUTE = timedelta(minutes=1)


def late(case, clock, more=0):
    """The promised window and the grace are over."""
    clock.instant = case.order.promised_to + (15 + more) * MINUTE
    timers.fire_due()


def choose(case, choice, **more):
    key = case.order.customer_id
    return choosing.choose(
        case.order.id, choice, customer_id=key, actor=Actor("customer", key), **more
    )


def incident(kind) -> Incident:
    return db.session.scalars(sa.select(Incident).filter_by(kind=kind)).one()


def at_the_door(case, verb=absence.arrive, position=DOOR, **more):
    who = factories.acting(case.worker)
    return verb(moves.visit_of(case).id, case.worker.id, position, actor=who, **more)


def waited(case, clock, minutes=20):
    """She came at the promised time and has waited since; the calls that she made."""
    clock.instant = case.order.promised_from
    at_the_door(case)
    clock.travel(minutes * MINUTE)
    return [clock.now() - 10 * MINUTE, clock.now() - 5 * MINUTE]


# The worker.


def test_the_clock_notices_that_she_did_not_come(case, clock):
    late(case, clock, more=-1)
    assert again(case.order).status == "accepted"
    late(case, clock)

    fresh = again(case.order)
    assert (fresh.status, fresh.urgent, fresh.customer_chooses) == ("pending_dispatch", True, True)
    assert moves.claimed(case) == []
    places = db.session.execute(sa.select(Assignment.status, Assignment.fault)).all()
    assert places == [("ended", "worker")]
    assert incident("worker_no_show").details["workers"] == [case.worker.id]
    assert wrong() == {}
    assert dispatching.dispatch_order(case.order.id, actor=case.staff) == 0, "first she chooses"
    assert again(case.order).status == "pending_dispatch"


@pytest.mark.parametrize("sign", ["arrived", "position"])
def test_who_is_near_gets_a_little_longer(case, clock, sign):
    clock.instant = case.order.promised_to + 14 * MINUTE
    if sign == "arrived":
        at_the_door(case)
    else:
        where = {"worker_id": case.worker.id, "lat": DOOR.lat, "lng": DOOR.lng}
        factories.save(LocationPing(**where, at=clock.now()))
    late(case, clock)
    assert again(case.order).status == "accepted"


def test_whoever_is_on_the_way_and_never_comes(case, clock):
    clock.instant = case.order.planned_start - 30 * MINUTE
    who = factories.acting(case.worker)
    checking.depart(moves.visit_of(case).id, case.worker.id, checking.Presence(), actor=who)
    late(case, clock)
    assert (again(case.order).status, moves.visit_of(case).status) == (
        "pending_dispatch", "planned",
    )  # fmt: skip


def test_a_moved_visit_is_watched_at_its_new_time(case, clock):
    old = case.order.promised_to
    moving.answer(moves.ask(case).id, agree=True, **moves.worker(case))
    clock.instant = old + 16 * MINUTE
    timers.fire_due()
    assert again(case.order).status == "accepted"
    late(case, clock)
    assert again(case.order).status == "pending_dispatch"


def test_the_customer_wants_somebody_else_as_soon_as_possible(case, clock):
    late(case, clock)
    choose(case, "other_worker")

    fresh = again(case.order)
    assert fresh.customer_chooses is False
    assert fresh.planned_start - clock.now() == timedelta(minutes=65)
    assert moves.claimed(case) == [(case.other.id, fresh.planned_start)]
    outbox.deliver_due()
    assert again(case.order).status == "offered"
    assert wrong() == {}


def test_the_customer_wants_another_time(case, clock):
    late(case, clock)
    start = factories.at(case.order.service_on + timedelta(days=1), 14)
    choose(case, "new_time", starts_at=start)

    assert moves.claimed(case) == [(case.other.id, start)]
    assert moves.visit_of(case).planned_start == start
    assert wrong() == {}


def test_the_customer_wants_her_money_back(case, clock):
    late(case, clock)
    choose(case, "refund")

    assert again(case.order).status == "cancelled"
    done = db.session.scalars(sa.select(Cancellation)).one()
    assert (done.party, done.fee_fen, done.refund_fen) == ("platform", 0, 19_900)
    assert wrong() == {}


def test_after_a_no_show_nothing_is_given_up_before_she_chooses(case, clock):
    late(case, clock)
    outbox.deliver_due()
    assert again(case.order).customer_chooses
    data = db.session.scalars(
        sa.select(Notification.data).filter_by(kind="worker_no_show", recipient_kind="customer")
    ).one()
    assert data["alternatives"], "she is told when somebody else is free"
    clock.travel(timedelta(days=3))
    timers.fire_due()
    assert deadlines.set_lost_timers() == 0
    assert (again(case.order).status, again(case.order).customer_chooses) == (
        "pending_dispatch", True,
    )  # fmt: skip


def test_what_cannot_be_chosen(case, clock):
    with pytest.raises(RuleViolation) as early:
        choose(case, "refund")
    assert early.value.code == "nothing_to_choose"
    late(case, clock)
    put(case.other, status="suspended")
    with pytest.raises(Conflict) as taken:
        choose(case, "other_worker")
    assert taken.value.code == "slot_taken"
    for choice in ("new_time", "tea"):
        with pytest.raises(InvalidInput) as refused:
            choose(case, choice)
        assert refused.value.code == "choice_unknown"
    with pytest.raises(NotFound):
        choosing.choose(case.order.id, "refund", customer_id=0, actor=case.staff)
    assert choose(case, "refund").status == "cancelled"


def test_a_lost_watch_is_set_again(case):
    with transaction():
        timers.cancel_timer(lateness.TIMER, case.order.id)
    assert deadlines.set_lost_timers() == 1
    assert deadlines.set_lost_timers() == 0


# The customer.


def test_she_waited_and_called_and_service_believes_it(case, clock):
    calls = waited(case, clock)
    row = at_the_door(case, absence.report, calls=calls, note="无人应门")
    assert again(case.order).status == "accepted"

    absence.decide(row.id, confirm=True, note="电话核实", actor=case.staff)

    fresh = again(case.order)
    assert (fresh.status, moves.visit_of(case).status) == ("no_show", "missed")
    assert (fresh.due_fen, fresh.captured_fen) == (9_950, 19_900)
    assert balances() == {
        "clearing_wechat": 19_900, "refunds_due": 9_950, "cancellation_fees": 9_950,
        "worker_frozen": 7_960, "compensation": 7_960,
    }  # fmt: skip
    (paid,) = db.session.scalars(sa.select(Adjustment)).all()
    assert (paid.kind, paid.worker_id, paid.amount_fen) == ("compensation", case.worker.id, 7_960)
    assert (again(row).status, again(row).details["confirmed"]) == ("solved", True)
    assert moves.claimed(case) == []
    assert wrong() == {}
    with pytest.raises(Conflict):
        absence.decide(row.id, confirm=True, note="x", actor=case.staff)


def test_service_does_not_believe_it_and_the_visit_goes_on(case, clock):
    row = at_the_door(case, absence.report, calls=waited(case, clock))
    absence.decide(row.id, confirm=False, note="客户在家", actor=case.staff)

    assert again(case.order).status == "accepted"
    there, who = checking.Presence(DOOR), factories.acting(case.worker)
    checking.check_in(moves.visit_of(case).id, case.worker.id, there, actor=who)
    assert again(case.order).status == "in_service"


def test_what_a_report_needs(case, clock):
    calls = waited(case, clock, minutes=19)
    for position, noted, code in (
        (AWAY, calls, "outside_geofence"),
        (DOOR, calls, "wait_longer"),
    ):
        with pytest.raises(RuleViolation) as refused:
            at_the_door(case, absence.report, position, calls=noted)
        assert refused.value.code == code
    clock.travel(MINUTE)
    early = case.order.promised_from - MINUTE
    for noted in ([], calls[:1], [calls[0], calls[0]], [calls[0], early]):
        with pytest.raises(RuleViolation) as refused:
            at_the_door(case, absence.report, calls=noted)
        assert refused.value.code == "calls_missing"
    at_the_door(case, absence.report, calls=calls)
    with pytest.raises(Conflict) as twice:
        at_the_door(case, absence.report, calls=calls)
    assert twice.value.code == "already_reported"


def test_who_was_never_there_reports_nothing(case, clock):
    clock.instant = case.order.promised_from + 30 * MINUTE
    with pytest.raises(RuleViolation) as refused:
        at_the_door(case, absence.report, calls=[clock.now(), clock.now() - MINUTE])
    assert refused.value.code == "not_arrived"
    with pytest.raises(RuleViolation) as refused:
        at_the_door(case, absence.arrive, AWAY)
    assert refused.value.code == "outside_geofence"


def test_waiting_counts_from_the_promised_time(case, clock):
    clock.instant = case.order.promised_from - 30 * MINUTE
    at_the_door(case)
    clock.travel(45 * MINUTE)
    calls = [clock.now(), clock.now() - MINUTE]
    with pytest.raises(RuleViolation) as refused:
        at_the_door(case, absence.report, calls=calls)
    assert refused.value.code == "wait_longer"


def test_it_is_decided_not_just_solved(case, clock):
    row = at_the_door(case, absence.report, calls=waited(case, clock))
    with pytest.raises(RuleViolation) as refused:
        incidents.solve(row.id, "好的", actor=case.staff)
    assert refused.value.code == "to_be_decided"
