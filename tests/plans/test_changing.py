"""This and later dates in another way: nothing is lost at the seam, nothing is there twice."""

from datetime import date, timedelta

import hypothesis
import pytest
from hypothesis import strategies as st

from app.domain import recurrence
from app.domain.errors import InvalidInput, RuleViolation
from app.domain.recurrence import WEEKDAYS, Repeats
from app.extensions import db
from app.models import PlanOccurrence
from app.services.orders.quotes import ItemWish
from app.services.plans import ahead, changing
from app.services.plans.changing import Change
from tests import factories
from tests.plans.support import THURSDAY, at, dates, orders, plan, story, wish

NEXT = date(2030, 5, 16)
FRIDAYS = wish(repeats=Repeats("weekly", ("FR",)), start_minute=9 * 60)
LAST = date(2030, 6, 5)  # of the horizon


def changed(row, change, **more):
    shown = changing.preview_change(row.id, change)
    return changing.change_plan(row.id, change, shown.hash, **more)


@pytest.fixture
def company(app):
    company = factories.company()
    factories.worker(company, days=40)
    return company


def test_later_dates_follow_another_rule_and_earlier_ones_stay(company):
    row = plan(company, note="带鞋套")
    by = factories.acting(company.customer)

    new = changed(row, Change(NEXT, FRIDAYS), actor=by)

    assert [(day, status) for day, status, _reason in dates(row)][:2] == [
        ("05-09", "planned"), ("05-16", "cancelled"),
    ]  # fmt: skip
    assert [day for day, *_rest in dates(new)] == ["05-17", "05-24", "05-31"]
    assert (new.follows_id, new.note, new.starts_on) == (row.id, "带鞋套", NEXT)
    assert (row.status, row.ends_on) == ("active", date(2030, 5, 15))
    assert story(row)[-1] == "changed"


def test_a_change_of_all_can_use_the_time_that_the_old_orders_give_up(company):
    row = plan(company)
    ahead.run()
    [before] = orders()

    change = Change(THURSDAY, wish(start_minute=14 * 60 + 30), [ItemWish(company.aircon.id)])
    shown = changing.preview_change(row.id, change)
    assert (shown.made.dates[0].state, shown.ended.dates[0].order) == ("free", before.number)
    assert before.status == "pending_payment"  # nothing was done yet
    new = changed(row, change, actor=factories.acting(company.customer))
    ahead.run()

    first, second = orders()
    assert (first.status, second.status) == ("cancelled", "pending_payment")
    assert second.planned_start == at(THURSDAY, 14) + timedelta(minutes=30)
    assert second.summary == company.aircon.name
    assert (row.status, new.status) == ("ended", "active")


def test_what_changed_since_it_was_shown_is_not_done(company):
    row = plan(company)
    shown = changing.preview_change(row.id, Change(NEXT, FRIDAYS))
    factories.hold(company, at(date(2030, 5, 17), 9))

    with pytest.raises(RuleViolation) as refusal:
        changing.change_plan(
            row.id, Change(NEXT, FRIDAYS), shown.hash, actor=factories.acting(company.customer)
        )

    assert refusal.value.code == "changed_since_shown"
    assert row.ends_on is None
    assert {status for _day, status, _reason in dates(row)} == {"planned"}


def test_the_past_cannot_be_changed(company):
    row = plan(company)

    with pytest.raises(InvalidInput) as refusal:
        changing.preview_change(row.id, Change(date(2030, 5, 5), FRIDAYS))

    assert refusal.value.code == "day_past"


weekdays = st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=4, unique=True).map(tuple)
rules = st.one_of(
    st.builds(Repeats, st.sampled_from(["weekly", "every_two_weeks"]), weekdays),
    st.builds(lambda day: Repeats("monthly_day", day=day), st.integers(1, 31)),
)


@hypothesis.settings(
    max_examples=8, deadline=None, derandomize=True, database=None,
    phases=[hypothesis.Phase.generate],  # shrinking would take minutes
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)  # fmt: skip
@hypothesis.given(rules, rules, st.integers(0, 29), st.booleans())
def test_the_dates_are_the_old_rules_before_the_change_and_the_new_rules_after_it(
    company, old, new, ahead_days, ordered
):
    """Whatever is there already: whoever is free has no say in which dates a plan has."""
    first, second = wish(repeats=old), wish(repeats=new, start_minute=15 * 60)
    on = THURSDAY - timedelta(days=3) + timedelta(days=ahead_days)
    days = recurrence.days_of(recurrence.rule_of(old), first.starts_on, first.starts_on, LAST)
    later = recurrence.days_of(recurrence.rule_of(new), on, on, LAST)
    hypothesis.assume(days and later)
    customer = factories.customer()
    company.customer, company.address = customer, factories.address(customer, company.region)
    row = plan(company, first)
    if ordered:
        ahead.run(row.id)

    following = changed(row, Change(on, second), actor=factories.acting(customer))

    assert live(row) == [day for day in days if day < on]
    assert live(following) == later
    made = [one for one in orders() if one.customer_id == customer.id]
    assert {one.service_on for one in made if one.status != "cancelled"} <= set(live(row))


def live(row):
    query = db.select(PlanOccurrence.planned_on).where(
        PlanOccurrence.plan_id == row.id, PlanOccurrence.status != "cancelled"
    )
    return list(db.session.scalars(query.order_by(PlanOccurrence.planned_on)))
