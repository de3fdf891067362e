"""Which price rules hold when, and what they add."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.price_rules import Rule, days_held, lines

TODAY = date(2030, 5, 6)  # a Monday
SATURDAY = datetime(2030, 5, 11, 18, 0, tzinfo=UTC)
PLAIN = Rule("other", "加价", "More", None, None, 0, None, None, 1000, 0, date(2020, 1, 1), None)
WEEKEND = replace(PLAIN, weekdays=0b1100000)
EVENING = replace(PLAIN, from_minute=1080, to_minute=1200)


@pytest.mark.parametrize(
    ("rule", "start", "holds"),
    [
        (WEEKEND, SATURDAY, True),
        (WEEKEND, SATURDAY - timedelta(days=1), False),
        (EVENING, SATURDAY, True),
        (EVENING, SATURDAY - timedelta(minutes=1), False),
        (EVENING, SATURDAY + timedelta(hours=2), False),
        (replace(PLAIN, valid_from=date(2030, 5, 12)), SATURDAY, False),
        (replace(PLAIN, valid_to=date(2030, 5, 11)), SATURDAY, True),
        (replace(PLAIN, valid_to=date(2030, 5, 10)), SATURDAY, False),
    ],
)
def test_a_rule_holds_on_its_weekdays_at_its_hours_between_its_days(rule, start, holds):
    assert rule.holds_at(start) is holds


def test_without_a_time_only_rules_that_ask_for_none_are_known():
    assert [days_held(rule, None, TODAY, 1) for rule in (PLAIN, WEEKEND, EVENING)] == [1, 0, 0]


def test_each_line_says_its_rule_and_its_rate():
    found = lines(
        [WEEKEND, replace(PLAIN, rate_bp=-250, amount_fen=-100)], {7: 19_900}, SATURDAY, TODAY
    )

    assert found == [
        {"kind": "weekday", "label": "加价 +10%", "label_en": "More +10%", "quantity": 1,
         "unit_fen": 1990, "amount_fen": 1990},
        {"kind": "other", "label": "加价 -2.5%", "label_en": "More -2.5%", "quantity": 1,
         "unit_fen": -598, "amount_fen": -598},
    ]  # fmt: skip


def test_a_holiday_rule_holds_on_days_off_and_a_worked_weekend_is_no_weekend():
    holiday = replace(PLAIN, kind="holiday")
    found = [
        [days_held(rule, SATURDAY, TODAY, 1, calendar) for rule in (holiday, WEEKEND, PLAIN)]
        for calendar in ({}, {SATURDAY.date(): "rest"}, {SATURDAY.date(): "working"})
    ]

    assert found == [[0, 1, 1], [1, 1, 1], [0, 0, 1]]
    assert days_held(holiday, None, TODAY, 1) == 0


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        (EVENING, "peak"), (WEEKEND, "weekday"), (replace(PLAIN, area_id=3), "area"),
        (PLAIN, "other"), (replace(EVENING, kind="season"), "season"),
    ],
)  # fmt: skip
def test_a_line_is_of_its_rules_kind_or_of_what_the_rule_asks_for(rule, kind):
    assert rule.line_kind == kind


def test_a_rule_of_one_service_adds_to_that_one():
    of_seven = replace(PLAIN, service_id=7)

    assert [line["amount_fen"] for line in lines([of_seven], {7: 10_000, 8: 500}, None, TODAY)] == [
        1000
    ]
    assert lines([of_seven], {8: 500}, None, TODAY) == []


def test_of_several_days_each_is_judged_for_itself():
    friday = SATURDAY - timedelta(days=1)

    [line] = lines([WEEKEND], {7: 10_000}, friday, TODAY, days=4)

    assert (line["quantity"], line["amount_fen"]) == (2, 2000)


rules = st.builds(
    Rule,
    kind=st.just("other"), name=st.just("规则"), name_en=st.just(""), area_id=st.none(),
    service_id=st.sampled_from([None, 1, 2, 3]), weekdays=st.integers(0, 127),
    from_minute=st.none(), to_minute=st.none(), rate_bp=st.integers(-10_000, 20_000),
    amount_fen=st.integers(-50_000, 50_000), valid_from=st.just(TODAY), valid_to=st.none(),
)  # fmt: skip


@given(
    st.lists(rules, max_size=6),
    st.dictionaries(st.sampled_from([1, 2]), st.integers(1, 10**7), min_size=1),
    st.integers(1, 5),
)
def test_rules_never_make_less_than_nothing_and_lines_add_up(rules, base, days):
    found = lines(rules, base, SATURDAY, TODAY, days)

    assert sum(base.values()) * days + sum(line["amount_fen"] for line in found) >= 0
    assert all(line["quantity"] * line["unit_fen"] == line["amount_fen"] for line in found)
