"""What it costs at a time: shown when the time is held, frozen by the order."""

from datetime import date

import pytest

from app.domain.actors import SYSTEM
from app.domain.errors import RuleViolation
from app.domain.states import OrderStatus
from app.models import Holiday, PriceRule
from app.services import clock as time
from app.services.orders import editing, manual, ordering, quotes
from app.services.orders.quotes import ItemWish
from app.services.plans import ahead
from app.services.system import parameters
from tests import factories
from tests.plans.support import THURSDAY, at, look, orders, plan

SINCE = date(2020, 1, 1)


@pytest.fixture
def company(app):
    company = factories.company(travel_fee_fen=1000)
    factories.worker(company, days=40)
    return company


def rule(**more):
    values = {"name": "加价", "name_en": "More", "valid_from": SINCE, **more}
    return factories.save(PriceRule(**values))


def told(content):
    return [(line["kind"], line["label"], line["amount_fen"]) for line in content["lines"]]


def test_rules_that_ask_for_no_time_are_in_the_first_quote(company):
    rule(name="远郊", area_id=company.area.id, amount_fen=2000)
    rule(name="别的服务", service_id=company.aircon.id, amount_fen=999)
    rule(name="停用", amount_fen=1, active=False)

    quote = factories.quote(company)

    assert told(quote.content) == [
        ("base", "全屋保洁", 19900), ("travel", "上门费", 1000), ("area", "远郊", 2000),
    ]  # fmt: skip
    assert quote.total_fen == 22900


def test_a_held_time_has_the_price_of_that_time_and_the_order_freezes_it(company):
    afternoon = rule(name="下午", from_minute=12 * 60, to_minute=18 * 60, rate_bp=1000)
    quote = factories.quote(company)
    assert quote.total_fen == 20900

    held = factories.hold(company, factories.tomorrow(14))
    assert (held.quote.total_fen, told(held.quote.content)[-1]) == (
        22890, ("peak", "下午 +10%", 1990),
    )  # fmt: skip
    by = factories.acting(company.customer)
    with pytest.raises(RuleViolation) as refusal:
        ordering.create_order(company.customer.id, held.number, quote.hash, actor=by)
    assert refusal.value.code == "quote_changed"
    order = ordering.create_order(company.customer.id, held.number, held.quote.hash, actor=by)
    factories.save(afternoon)
    afternoon.active = False

    assert (order.total_fen, order.lines[-1].label) == (22890, "下午 +10%")


def test_each_rule_that_holds_is_a_line_of_its_own_kind(company):
    tomorrow = factories.tomorrow(14)
    parameters.set_parameter("booking.rest_days", True, actor=SYSTEM)
    factories.save(Holiday(day=tomorrow.date(), name="劳动节"))
    for kind, more in [
        ("area", {"area_id": company.area.id}), ("weekday", {"weekdays": 127}), ("season", {}),
        ("peak", {"from_minute": 720, "to_minute": 1080}), ("holiday", {}), ("other", {}),
    ]:  # fmt: skip
        rule(kind=kind, name=kind, amount_fen=100, **more)

    held = factories.hold(company, tomorrow)
    order = ordering.create_order(
        company.customer.id, held.number, held.quote.hash, actor=factories.acting(company.customer)
    )

    kinds = ["base", "travel", "area", "weekday", "season", "peak", "holiday", "other"]
    assert [line.kind for line in order.lines] == kinds
    assert order.total_fen == 20900 + 600


def test_free_times_tell_what_each_of_them_costs(company):
    rule(from_minute=12 * 60, to_minute=18 * 60, rate_bp=1000)
    tomorrow = factories.tomorrow(9).date()

    [day] = manual.times_of(factories.quote(company), tomorrow, 1)

    hours = {factories.tomorrow(hour): 22890 if 12 <= hour < 18 else 20900 for hour in range(9, 17)}
    assert {s.starts_at: s.total_fen for s in day.slots if s.starts_at in hours} == hours


def test_a_time_without_a_rule_keeps_the_quote_as_it_is(company):
    rule(from_minute=18 * 60, to_minute=20 * 60, rate_bp=1000)

    held = factories.hold(company, factories.tomorrow(9))

    assert held.quote.total_fen == 20900


def test_an_order_is_changed_at_the_price_of_its_time(company):
    rule(from_minute=12 * 60, to_minute=18 * 60, rate_bp=1000)
    order = factories.order(company, factories.tomorrow(14))
    by = factories.acting(company.customer)
    wishes = [ItemWish(company.aircon.id)]
    who, where = company.customer.id, company.address.id
    plain = quotes.make_quote(who, where, wishes, actor=by)
    timed = quotes.make_quote(who, where, wishes, starts_at=order.planned_start, actor=by)

    with pytest.raises(RuleViolation) as refusal:
        editing.edit_order(who, order.id, plain.number, plain.hash, actor=by)
    assert (refusal.value.code, refusal.value.details["total_fen"]) == ("quote_changed", 14200)
    editing.edit_order(who, order.id, timed.number, timed.hash, actor=by)

    assert (order.total_fen, order.status) == (14200, OrderStatus.PENDING_PAYMENT)


def test_each_date_of_a_plan_and_each_time_near_it_tells_what_it_costs(company):
    rule(weekdays=0b0001000, rate_bp=2000)  # Thursdays
    factories.hold(company, at(THURSDAY, 14))

    first, second, *_later = look(company).dates

    assert (first.state, first.total_fen, second.total_fen) == ("other_time", 24880, 24880)
    weekdays = [time.city_date(near).weekday() for near in first.alternatives]
    assert first.near_fen == [24880 if day == 3 else 20900 for day in weekdays]


def test_each_order_of_a_plan_has_the_price_of_its_own_time(company):
    rule(weekdays=0b0001000, rate_bp=2000)  # Thursdays
    plan(company)

    ahead.run()

    assert [order.total_fen for order in orders()] == [20900 + 3980]
