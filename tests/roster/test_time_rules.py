"""What takes a time away, one by one, and the word that is said for it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import SYSTEM
from app.domain.errors import Conflict, InvalidInput, RuleViolation, TooManyRequests
from app.extensions import db
from app.models import (
    BlockedPair,
    Holiday,
    LocationPing,
    Service,
    Shift,
    SlotHold,
    Visit,
    WorkerBusy,
)
from app.services import clock as clocks
from app.services.orders import holds, ordering, quotes
from app.services.orders.quotes import ItemWish
from app.services.roster import blocking, shifts, slots
from app.services.system import parameters
from app.services.system.checks import CHECKS
from app.services.transactions import transaction
from tests import factories


@pytest.fixture
def company(app):
    return factories.company()


def tomorrow(company, quote=None, worker_id=None):
    day = clocks.today() + timedelta(days=1)
    quote = quote or factories.quote(company)
    return slots.free_times(quote, company.branch.id, day, day, worker_id)[0]


def hours(day):
    return [clocks.city_time(slot.starts_at).strftime("%H:%M") for slot in day.slots]


def reasons(day):
    return {one.reason for one in day.withheld}


def put(key, value):
    parameters.set_parameter(key, value, actor=SYSTEM)


def change(company, **values):
    with transaction() as session:
        service = session.get_one(Service, company.cleaning.id)
        for name, value in values.items():
            setattr(service, name, value)


def test_a_break_takes_its_time_and_moves_with_its_shift(company):
    worker = factories.worker(company, days=0)
    start = factories.tomorrow(8)
    shift = shifts.add_shift(
        worker.id, start, factories.tomorrow(20), breaks=[[720, 780]], actor=SYSTEM
    )

    assert hours(tomorrow(company)) == [
        "08:30", "09:00", "09:30", "13:30", "14:00", "14:30", "15:00", "15:30", "16:00", "16:30",
        "17:00", "17:30",
    ]  # fmt: skip
    assert CHECKS["claims_have_owners"](db.session()).failures == []
    shifts.change_shift(shift.id, start, factories.tomorrow(20), breaks=[], actor=SYSTEM)
    assert len(tomorrow(company).slots) == 19
    with pytest.raises(InvalidInput):
        shifts.change_shift(
            shift.id, start, factories.tomorrow(20), breaks=[[420, 500]], actor=SYSTEM
        )


def test_a_break_after_midnight_belongs_to_the_night_shift(company):
    worker = factories.worker(company, days=0)
    night = (factories.tomorrow(20), factories.tomorrow(20) + timedelta(hours=12))
    shifts.add_shift(worker.id, *night, breaks=[[60, 120]], actor=SYSTEM)

    taken = db.session.scalars(sa.select(WorkerBusy)).one()
    assert taken.start_at == factories.tomorrow(1) + timedelta(days=1)


def test_shifts_of_one_worker_do_not_overlap(company):
    worker = factories.worker(company)

    with pytest.raises(Conflict) as refusal:
        shifts.add_shift(worker.id, factories.tomorrow(19), factories.tomorrow(23), actor=SYSTEM)

    assert refusal.value.code == "shift_overlaps"


def test_a_shift_keeps_the_way_to_a_visit_in_it(company):
    """It is as far as eight minutes from her home: she leaves before the visit begins."""
    worker = factories.worker(company, days=0)
    shift = shifts.add_shift(worker.id, factories.tomorrow(8), factories.tomorrow(20), actor=SYSTEM)
    factories.hold(company, factories.tomorrow(10))  # two hours

    def change(start, end):
        shifts.change_shift(shift.id, start, end, actor=SYSTEM)

    for hours in ((factories.tomorrow(9, 55), factories.tomorrow(20)),
                  (factories.tomorrow(9), factories.tomorrow(12, 5))):  # fmt: skip
        with pytest.raises(Conflict):
            change(*hours)
    change(factories.tomorrow(9, 50), factories.tomorrow(12, 10))
    assert db.session.get_one(Shift, shift.id).starts_at == factories.tomorrow(9, 50)


def test_blocked_hours_are_free_again_when_given_back(company):
    worker = factories.worker(company)
    whole = (factories.tomorrow(8), factories.tomorrow(20))
    blocked = blocking.block_time(worker.id, *whole, kind="training", actor=SYSTEM)

    assert (tomorrow(company).slots, tomorrow(company).reason) == ([], "time_taken")
    with pytest.raises(Conflict):
        blocking.block_time(worker.id, *whole, actor=SYSTEM)
    blocking.unblock_time(blocked.id, actor=SYSTEM)
    assert len(tomorrow(company).slots) == 19


@pytest.mark.parametrize("side", ["customer", "worker", "staff"])
def test_who_does_not_meet_is_not_offered_to_each_other(company, side):
    worker, other = factories.worker(company), factories.worker(company, name="李师傅")
    factories.save(BlockedPair(customer_id=company.customer.id, worker_id=worker.id, asked_by=side))

    assert {slot.workers for slot in tomorrow(company).slots} == {1}
    alone = tomorrow(company, worker_id=worker.id)
    assert (alone.slots, alone.reason) == ([], "no_worker")
    with pytest.raises(Conflict):
        factories.hold(company, worker_id=worker.id)
    assert factories.hold(company).status == "live"
    assert db.session.scalars(sa.select(WorkerBusy.worker_id)).all() == [other.id]


def test_rest_days_and_closed_weekdays_have_no_times_and_worked_weekends_do(company):
    factories.worker(company)
    saturday, sunday = (clocks.today() + timedelta(days=n) for n in (5, 6))
    put("booking.weekdays", ["mon", "tue", "wed", "thu", "fri"])
    factories.save(
        Holiday(day=clocks.today() + timedelta(days=1), name="休"),
        Holiday(day=sunday, kind="working", name="班"),
    )
    quote = factories.quote(company)

    days = slots.free_times(quote, company.branch.id, clocks.today(), sunday)
    told = {day.on: (bool(day.slots), day.reason) for day in days}
    assert told[clocks.today() + timedelta(days=1)] == (False, "closed_day")
    assert (told[saturday], told[sunday]) == ((False, "closed_day"), (True, ""))
    with pytest.raises(RuleViolation) as refusal:
        factories.hold(company)
    assert refusal.value.details["reason"] == "closed_day"
    put("booking.rest_days", True)
    assert tomorrow(company).slots


@pytest.mark.parametrize(
    ("hour", "minute", "ahead", "reason"),
    [(7, 30, 1, "outside_hours"), (18, 30, 1, "outside_hours"), (10, 15, 1, "not_a_start"),
     (9, 30, 0, "too_soon"), (10, 0, 31, "past_horizon")],
)  # fmt: skip
def test_a_time_that_the_house_does_not_offer_is_refused_with_its_rule(
    company, hour, minute, ahead, reason
):
    factories.worker(company)
    start = factories.at(clocks.today() + timedelta(days=ahead), hour, minute)

    with pytest.raises(RuleViolation) as refusal:
        factories.hold(company, start)

    assert (refusal.value.code, refusal.value.details["reason"]) == ("slot_not_offered", reason)


def test_the_documents_that_are_needed_are_a_parameter(company):
    factories.worker(company)
    put("workers.documents", ["id_card", "health", "no_record"])

    assert (tomorrow(company).slots, tomorrow(company).reason) == ([], "document_invalid")


def test_care_of_several_days_claims_each_of_them_and_becomes_as_many_visits(company):
    change(company, days_most=26, price_fen=30000)
    worker = factories.worker(company, days=6)
    factories.worker(company, name="李师傅", days=3)
    wish = [ItemWish(company.cleaning.id)]
    quote = quotes.make_quote(company.customer.id, company.address.id, wish, days=4, actor=SYSTEM)
    assert quote.total_fen == 4 * 30000

    last = clocks.today() + timedelta(days=5)
    days = slots.free_times(quote, company.branch.id, clocks.today() + timedelta(days=1), last)
    assert [bool(day.slots) for day in days] == [True, True, False, False, False]
    assert {slot.workers for slot in days[0].slots} == {1}
    held = holds.hold_slot(company.customer.id, quote.number, factories.tomorrow(9), actor=SYSTEM)
    order = ordering.create_order(company.customer.id, held.number, quote.hash, actor=SYSTEM)

    claims = db.session.scalars(sa.select(WorkerBusy).order_by(WorkerBusy.start_at)).all()
    starts = [factories.tomorrow(9) + timedelta(days=n) for n in range(4)]
    assert [(claim.worker_id, claim.visit_start_at) for claim in claims] == [
        (worker.id, start) for start in starts
    ]
    visits = db.session.scalars(sa.select(Visit).filter_by(order_id=order.id))
    assert [visit.planned_start for visit in visits] == starts
    with pytest.raises(RuleViolation) as refusal:
        quotes.make_quote(company.customer.id, company.address.id, wish, days=27, actor=SYSTEM)
    assert refusal.value.code == "days_out_of_range"


def test_care_of_the_night_crosses_midnight_in_its_own_hours(company):
    change(company, minutes=720, from_minute=1200, to_minute=1920)
    worker = factories.worker(company, days=0)
    night = factories.tomorrow(18), factories.tomorrow(18) + timedelta(hours=16)
    shifts.add_shift(worker.id, *night, actor=SYSTEM)

    day = tomorrow(company)

    assert hours(day) == ["20:00"]
    held = factories.hold(company, day.slots[0].starts_at)
    morning = held.service_on + timedelta(days=1)
    assert clocks.city_date(held.ends_at) == morning
    air = factories.quote(company, company.aircon)
    after = slots.free_times(air, company.branch.id, morning, morning)[0]
    assert hours(after) == ["08:30"]
    assert (after.withheld[0].starts_at, after.withheld[0].reason) == (held.ends_at, "time_held")


def ping(worker, place, minutes_ago=1):
    at = clocks.now() - timedelta(minutes=minutes_ago)
    factories.save(LocationPing(worker_id=worker.id, lat=place[0], lng=place[1], at=at))


def test_now_is_offered_by_idle_workers_from_where_they_are(company, clock):
    clock.travel(timedelta(hours=1))
    near, stale, far, busy = (factories.worker(company, name=f"{n}号") for n in range(4))
    ping(near, factories.NEARBY)
    ping(stale, factories.NEARBY, minutes_ago=16)
    ping(far, (23.30, 113.45))
    ping(busy, factories.NEARBY)
    now = clocks.now()
    blocking.block_time(
        busy.id, now - timedelta(minutes=5), now + timedelta(minutes=5), actor=SYSTEM
    )
    quote = factories.quote(company)

    found = slots.times_for_now(quote, company.branch.id)

    assert {slot.workers for slot in found.slots} == {1}
    # At the same address she needs no way, but the buffer before a visit.
    assert found.slots[0].starts_at == now + timedelta(minutes=10)
    assert found.slots[-1].starts_at == now + timedelta(minutes=60)
    held = factories.hold(company, found.slots[0].starts_at, instant=True)
    assert db.session.scalars(
        sa.select(WorkerBusy.worker_id).filter_by(owner=held.owner)
    ).all() == [near.id]


def test_now_says_why_there_is_nobody_and_can_be_turned_off(company, clock):
    clock.travel(timedelta(hours=1))
    factories.worker(company)
    quote = factories.quote(company)

    assert slots.times_for_now(quote, company.branch.id).reason == "nobody_near"
    with pytest.raises(Conflict) as refusal:
        factories.hold(company, clocks.now() + timedelta(minutes=30), instant=True)
    assert refusal.value.details["reason"] == "nobody_near"
    with pytest.raises(RuleViolation):
        factories.hold(company, clocks.now() + timedelta(minutes=90), instant=True)
    put("booking.instant", False)
    with pytest.raises(RuleViolation) as off:
        slots.times_for_now(quote, company.branch.id)
    assert off.value.code == "instant_off"


def test_now_with_a_chosen_worker_and_a_mate_who_is_near_too(company, clock):
    clock.travel(timedelta(hours=1))
    change(company, crew_size=2)
    chosen, mate, away = (factories.worker(company, name=f"{n}号") for n in range(3))
    quote = factories.quote(company)
    ping(chosen, factories.NEARBY)

    def found(worker):
        return slots.times_for_now(quote, company.branch.id, worker.id)

    assert found(chosen).slots == []
    with pytest.raises(Conflict, match="没有人可以上门") as alone:
        at = clocks.now() + timedelta(minutes=30)
        factories.hold(company, at, instant=True, worker_id=chosen.id)
    assert alone.value.details["reason"] == "no_worker"  # she could; there is no second one
    ping(mate, factories.NEARBY)
    assert (found(away).slots, found(away).reason) == ([], "nobody_near")

    held = factories.hold(
        company, found(chosen).slots[0].starts_at, instant=True, worker_id=chosen.id
    )

    owned = sa.select(WorkerBusy.worker_id).filter_by(owner=held.owner)
    assert set(db.session.scalars(owned)) == {chosen.id, mate.id}


def test_who_comes_too_late_is_told_so_however_many_others_could_never_come(company):
    for worker in [factories.worker(company) for _ in range(3)][:2]:
        with transaction() as session:
            session.execute(sa.delete(Shift).filter_by(worker_id=worker.id))
    factories.order(company, factories.tomorrow(12))
    company.customer = factories.customer("周先生")
    company.address = factories.address(company.customer, company.region)

    assert reasons(tomorrow(company)) == {"off_shift", "time_taken"}
    with pytest.raises(Conflict, match="刚被占用") as refusal:
        factories.hold(company, factories.tomorrow(12))
    assert refusal.value.details["reason"] == "time_taken"


def test_what_somebody_is_ordering_is_shown_as_held_until_it_ends(company, clock):
    factories.worker(company)
    factories.hold(company, factories.tomorrow(12))
    company.customer = factories.customer("周先生")
    company.address = factories.address(company.customer, company.region)

    assert reasons(tomorrow(company)) == {"off_shift", "time_held"}
    with pytest.raises(Conflict) as refusal:
        factories.hold(company, factories.tomorrow(12))
    told = refusal.value.details
    assert (told["reason"], len(told["alternatives"])) == ("time_held", 6)
    assert {one["total_fen"] for one in told["alternatives"]} == {19_900}
    clock.travel(timedelta(minutes=15))
    assert reasons(tomorrow(company)) == {"off_shift"}


def test_ones_own_hold_stands_in_nobodys_way_and_one_lives_for_each_service(company):
    factories.worker(company)
    first = factories.hold(company, factories.tomorrow(12))
    second = factories.hold(company, factories.tomorrow(12, 30))
    air = factories.quote(company, company.aircon)
    third = holds.hold_slot(
        company.customer.id, air.number, factories.tomorrow(9),
        actor=factories.acting(company.customer),
    )  # fmt: skip

    assert [one.status for one in (first, second, third)] == ["released", "live", "live"]
    both = factories.quote(company, company.cleaning, company.aircon)
    holds.hold_slot(
        company.customer.id, both.number, factories.tomorrow(9),
        actor=factories.acting(company.customer),
    )  # fmt: skip
    assert db.session.scalar(sa.select(sa.func.count(SlotHold.id)).filter_by(status="live")) == 1


def test_nobody_sweeps_the_calendar(company):
    for n in range(3):
        factories.worker(company, name=f"{n}号")
    put("booking.holds_per_hour", 4)
    put("booking.holds_most", 1)
    factories.hold(company)
    air = factories.quote(company, company.aircon)
    with pytest.raises(RuleViolation) as most:
        holds.hold_slot(
            company.customer.id, air.number, factories.tomorrow(12),
            actor=factories.acting(company.customer),
        )  # fmt: skip
    assert most.value.code == "holds_most"
    for n in range(3):
        factories.hold(company, factories.tomorrow(10 + n))
    with pytest.raises(TooManyRequests) as often:
        factories.hold(company)
    assert often.value.details["retry_after_seconds"] == 3600


def test_unpaid_orders_stop_further_holds(company):
    for n in range(3):
        factories.worker(company, name=f"{n}号")
    put("booking.unpaid_most", 1)
    factories.order(company)

    with pytest.raises(RuleViolation) as refusal:
        factories.hold(company, factories.tomorrow(14))

    assert refusal.value.code == "unpaid_orders"
