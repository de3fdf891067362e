"""The days of a plan, against a walk through the calendar in plain words."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidInput
from app.domain.recurrence import WEEKDAYS, WEEKS, Repeats, days_of, repeats_of, rule_of

weekday = st.sampled_from(WEEKDAYS)
weekdays = st.lists(weekday, min_size=1, max_size=7, unique=True).map(tuple)
week = st.sampled_from(WEEKS)
chosen = st.one_of(
    st.builds(Repeats, st.sampled_from(["weekly", "every_two_weeks"]), weekdays),
    st.builds(lambda day: Repeats("monthly_day", day=day), st.integers(1, 31)),
    st.builds(lambda day, nth: Repeats("monthly_weekday", (day,), (nth,)), weekday, week),
    st.builds(
        lambda days, weeks: Repeats("twice_a_month", days, weeks),
        st.lists(weekday, min_size=1, max_size=2).map(tuple),
        st.lists(week, min_size=2, max_size=2).map(tuple),
    ),
)
days = st.dates(date(2023, 1, 1), date(2033, 12, 31))


def walked(repeats, starts_on, first, last):
    """Day by day: is this one of them?"""
    every = (max(first, starts_on) + timedelta(days=n) for n in range((last - starts_on).days + 1))
    return [day for day in every if day <= last and is_on(repeats, starts_on, day)]


def is_on(repeats, starts_on, day):
    name = WEEKDAYS[day.weekday()]
    if repeats.kind == "weekly":
        return name in repeats.weekdays
    if repeats.kind == "every_two_weeks":
        monday, first_monday = (d - timedelta(days=d.weekday()) for d in (day, starts_on))
        return name in repeats.weekdays and (monday - first_monday).days % 14 == 0
    following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    if repeats.kind == "monthly_day":
        return day.day == min(repeats.day, (following - timedelta(days=1)).day)
    nth = {(day.day + 6) // 7} | ({-1} if day + timedelta(days=7) >= following else set())
    named = repeats.weekdays * (len(repeats.weeks) if len(repeats.weekdays) == 1 else 1)
    return any(name == one and week in nth for week, one in zip(repeats.weeks, named, strict=True))


@given(chosen, days, st.integers(-40, 400), st.integers(0, 200))
def test_the_days_are_those_of_a_walk_through_the_calendar(repeats, starts_on, ahead, span):
    try:
        rule = rule_of(repeats)
    except InvalidInput:
        assert repeats.kind == "twice_a_month"  # twice the same day
        return
    first = starts_on + timedelta(days=ahead)
    last = first + timedelta(days=span)

    assert days_of(rule, starts_on, first, last) == walked(repeats, starts_on, first, last)
    assert rule_of(repeats_of(rule)) == rule


def test_the_31st_is_the_last_day_of_a_shorter_month():
    rule = rule_of(Repeats("monthly_day", day=31))

    assert days_of(rule, date(2028, 1, 5), date(2028, 1, 1), date(2028, 5, 1)) == [
        date(2028, 1, 31), date(2028, 2, 29), date(2028, 3, 31), date(2028, 4, 30),
    ]  # fmt: skip


def test_every_second_week_counts_from_the_week_of_the_first_day():
    rule = rule_of(Repeats("every_two_weeks", ("TH", "MO")))

    assert rule == "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH"
    assert days_of(rule, date(2030, 5, 8), date(2030, 5, 1), date(2030, 5, 31)) == [
        date(2030, 5, 9), date(2030, 5, 20), date(2030, 5, 23),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "repeats",
    [
        Repeats("daily"),
        Repeats("weekly"),
        Repeats("weekly", ("XX",)),
        Repeats("weekly", ("MO",), day=3),
        Repeats("monthly_day"),
        Repeats("monthly_day", day=32),
        Repeats("monthly_day", ("MO",), day=3),
        Repeats("monthly_weekday", ("MO",)),
        Repeats("monthly_weekday", ("MO",), (5,)),
        Repeats("twice_a_month", ("MO",), (1,)),
        Repeats("twice_a_month", ("MO",), (2, 2)),
        Repeats("twice_a_month", ("MO",), (4, -1)),
        Repeats("twice_a_month", ("MO", "TU", "WE"), (1, 2)),
    ],
)
def test_other_ways_of_repeating_are_refused(repeats):
    with pytest.raises(InvalidInput) as refusal:
        rule_of(repeats)

    assert refusal.value.code == "repeat_invalid"


@pytest.mark.parametrize(
    "rule", ["", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=TH,MO", "FREQ=MONTHLY;BYDAY=MO"]
)
def test_a_rule_from_elsewhere_is_refused(rule):
    with pytest.raises(InvalidInput):
        repeats_of(rule)
