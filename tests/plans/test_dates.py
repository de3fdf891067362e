"""One date of a plan: left out, put back, at another time; and dates that are cancelled."""

from datetime import date, timedelta

import pytest

from app.domain.errors import Conflict, NotFound, RuleViolation
from app.extensions import db
from app.services.orders import paying
from app.services.plans import ahead, ending
from app.services.plans import dates as verbs
from app.services.transactions import transaction
from tests import factories
from tests.money.support import put
from tests.plans.support import THURSDAY, at, dates, occurrence, orders, plan, story

# Rules that no database decides: on PostgreSQL `make crawl` tries them.
pytestmark = pytest.mark.crawler(backend="postgresql")

NEXT = date(2030, 5, 16)


@pytest.fixture
def scene(app):
    company = factories.company()
    factories.worker(company, days=40)
    row = plan(company)
    return company, row, {"actor": factories.acting(company.customer)}


def shown(row, scope, on=None):
    return ending.preview_end(db.session(), row, scope, on)


def end(row, scope, on=None, **more):
    return ending.end_dates(row.id, scope, shown(row, scope, on).hash, on=on, **more)


def test_a_date_is_left_out_and_put_back(scene):
    _company, row, by = scene

    verbs.skip_date(row.id, THURSDAY, reason="出差", **by)
    assert dates(row)[0] == ("05-09", "skipped", "出差")
    ahead.run()
    assert orders() == []
    verbs.put_back(row.id, THURSDAY, **by)

    assert dates(row)[0] == ("05-09", "planned", "")
    assert ahead.run() == 1
    assert story(row) == ["created", "date.skipped", "date.put_back", "date.ordered"]


def test_a_date_is_put_back_only_where_somebody_is_free(scene):
    company, row, by = scene
    verbs.skip_date(row.id, THURSDAY, **by)
    factories.hold(company, at(THURSDAY, 14))

    with pytest.raises(Conflict) as refusal:
        verbs.put_back(row.id, THURSDAY, **by)

    assert refusal.value.code == "slot_taken"
    verbs.put_back(row.id, THURSDAY, starts_at=at(THURSDAY, 9), **by)
    assert occurrence(row).starts_at == at(THURSDAY, 9)


def test_what_was_not_left_out_cannot_be_put_back(scene):
    _company, row, by = scene

    with pytest.raises(RuleViolation) as refusal:
        verbs.put_back(row.id, THURSDAY, **by)

    assert refusal.value.code == "not_skipped"


def test_one_date_is_shifted_to_another_day_and_the_plan_stays(scene):
    _company, row, by = scene
    friday = at(date(2030, 5, 10), 9)

    verbs.shift_date(row.id, THURSDAY, friday, **by)
    ahead.run()

    [order] = orders()
    assert order.planned_start == friday
    assert occurrence(row, NEXT).starts_at == at(NEXT, 14)
    assert occurrence(row).planned_on == THURSDAY


def test_an_impossible_date_becomes_possible_at_another_time(scene):
    company, row, by = scene
    factories.order(company, at(THURSDAY, 14))
    ahead.run()
    assert dates(row)[0][1] == "impossible"

    verbs.shift_date(row.id, THURSDAY, at(THURSDAY, 9), **by)

    assert dates(row)[0] == ("05-09", "planned", "")
    assert ahead.run() == 1


def test_a_date_with_an_order_is_changed_by_its_order(scene):
    _company, row, by = scene
    ahead.run()

    for act in (
        lambda: verbs.skip_date(row.id, THURSDAY, **by),
        lambda: verbs.shift_date(row.id, THURSDAY, at(THURSDAY, 9), **by),
    ):
        with pytest.raises(RuleViolation) as refusal:
            act()
        assert (refusal.value.code, refusal.value.details["order"]) == (
            "order_made", orders()[0].number,
        )  # fmt: skip
    assert dates(row)[0][1] == "ordered"


def test_two_dates_cannot_be_shifted_onto_each_other(scene):
    _company, row, by = scene

    with pytest.raises(RuleViolation) as refusal:
        verbs.shift_date(row.id, THURSDAY, at(NEXT, 15), **by)

    assert refusal.value.code == "dates_overlap"


def test_somebody_elses_plan_does_not_exist(scene):
    _company, row, by = scene
    other = factories.customer("别人")

    for act in (verbs.skip_date, verbs.put_back):
        with pytest.raises(NotFound):
            act(row.id, THURSDAY, customer_id=other.id, **by)
    assert dates(row)[0][1] == "planned"


def test_one_date_is_cancelled_for_nothing_before_it_is_ordered(scene):
    _company, row, by = scene

    end(row, "this", THURSDAY, **by)

    assert dates(row)[:2] == [("05-09", "cancelled", ""), ("05-16", "planned", "")]
    assert row.status == "active"


def test_an_order_is_cancelled_by_its_own_fee_ladder_as_it_was_shown(scene, clock):
    _company, row, by = scene
    ahead.run()
    [order] = orders()
    with transaction() as session:
        paying.order_paid(session, order, actor=by["actor"])

    preview = shown(row, "all")
    assert (preview.dates[0].order, preview.dates[0].fee_fen) == (order.number, 0)
    end(row, "all", reason="搬家", **by)

    assert (order.status, row.status) == ("cancelled", "ended")
    assert {status for _day, status, _reason in dates(row)} == {"cancelled"}
    assert ahead.run() == 0


def test_this_and_later_ends_the_plan_at_the_day_before(scene):
    _company, row, by = scene

    end(row, "later", NEXT, **by)

    assert [status for _day, status, _reason in dates(row)] == [
        "planned", "cancelled", "cancelled", "cancelled",
    ]  # fmt: skip
    assert (row.status, row.ends_on) == ("active", date(2030, 5, 15))
    assert story(row)[-1] == "shortened"


def test_nothing_is_cancelled_that_was_not_shown(scene):
    _company, row, by = scene
    seen = shown(row, "all").hash
    ahead.run()

    with pytest.raises(RuleViolation) as refusal:
        ending.end_dates(row.id, "all", seen, **by)

    assert refusal.value.code == "changed_since_shown"
    assert row.status == "active"
    assert orders()[0].status == "pending_payment"


def test_an_order_that_is_being_served_stays(scene, clock):
    _company, row, by = scene
    ahead.run()
    [order] = orders()
    clock.instant = order.planned_start - timedelta(minutes=1)
    with transaction() as session:
        session.execute(db.update(type(order)).values(status="in_service"))

    assert shown(row, "all").stays == [order.number]
    end(row, "all", **by)

    assert dates(row)[0][1] == "ordered"
    assert db.session.get_one(type(order), order.id).status == "in_service"


def test_a_plan_that_has_ended_changes_no_more(scene):
    _company, row, by = scene
    end(row, "all", **by)

    for act in (
        lambda: verbs.put_back(row.id, THURSDAY, **by),
        lambda: shown(row, "all"),
    ):
        with pytest.raises(RuleViolation) as refusal:
            act()
        assert refusal.value.code == "plan_ended"


def test_a_date_that_was_cancelled_or_never_paid_can_be_put_back_and_is_ordered_anew(scene, clock):
    _company, row, by = scene
    end(row, "this", NEXT, **by)
    ahead.run()
    [unpaid] = orders()
    put(unpaid, pay_by_at=clock.now())
    paying.close_unpaid_order(unpaid.id)

    verbs.put_back(row.id, THURSDAY, **by)
    verbs.put_back(row.id, NEXT, starts_at=at(NEXT, 9), **by)
    ahead.run()

    first, second = orders()
    assert (first.status, second.status) == ("closed", "pending_payment")
    assert occurrence(row).order_id == second.id
    assert (occurrence(row, NEXT).status, occurrence(row, NEXT).starts_at) == (
        "planned", at(NEXT, 9),
    )  # fmt: skip


def test_what_was_ordered_is_not_left_out_or_shifted_but_its_order_is_named(scene):
    _company, row, by = scene
    ahead.run()
    [order] = orders()

    for change in (
        lambda: verbs.skip_date(row.id, THURSDAY, **by),
        lambda: verbs.shift_date(row.id, THURSDAY, at(THURSDAY, 9), **by),
    ):
        with pytest.raises(RuleViolation) as refusal:
            change()
        assert (refusal.value.code, refusal.value.details["order"]) == ("order_made", order.number)
        assert order.number in str(refusal.value)


def test_an_order_that_ended_does_not_stay_when_the_plan_ends(scene, clock):
    _company, row, by = scene
    ahead.run()
    [unpaid] = orders()
    put(unpaid, pay_by_at=clock.now())
    paying.close_unpaid_order(unpaid.id)

    assert (shown(row, "all").stays, shown(row, "all").dates[0].order) == ([], None)
    end(row, "all", **by)

    assert {status for _day, status, _reason in dates(row)} == {"cancelled"}
