"""The hard rules, each broken alone."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import eligibility as rules
from app.domain.eligibility import HeldSkill, Interval, Taken, WantedVisit, WorkerFacts
from app.domain.geo import Point, TravelModel, distance_m

DAY = date(2030, 5, 6)
MIDNIGHT = datetime(2030, 5, 5, 16, tzinfo=UTC)  # 00:00 in the city
HOME, ADDRESS = Point(23.129, 113.264), Point(23.133, 113.268)
TRAVEL = TravelModel(speed_kmh=18, factor_percent=140, min_minutes=8)


def hour(n: float) -> datetime:
    return MIDNIGHT + timedelta(hours=n)


WANTED = WantedVisit(
    start=hour(10),
    end=hour(12),
    service_on=DAY,
    day=Interval(MIDNIGHT, MIDNIGHT + timedelta(days=1)),
    place=ADDRESS,
    area_id=1,
    skills={7: 2},
    buffer_before=timedelta(minutes=10),
    buffer_after=timedelta(minutes=10),
    owner="order:1",
)
WORKER = WorkerFacts(
    id=1,
    active=True,
    home=HOME,
    radius_km=12,
    daily_cap=2,
    rating_sum=0,
    rating_count=0,
    skills={7: HeldSkill(2, date(2029, 1, 1), DAY)},
    areas=frozenset({1}),
    documents={"id_card": DAY, "health": DAY},
    shifts=[Interval(hour(8), hour(20))],
    taken=[],
)


def taken(start: float, end: float, place: Point | None = ADDRESS, owner: str = "order:2") -> Taken:
    buffer = timedelta(minutes=10)
    return Taken(
        owner, hour(start) - buffer, hour(end) + buffer, hour(start), hour(end), place, True
    )


def test_a_fit_worker_breaks_no_rule():
    assert rules.broken_rules(WORKER, WANTED, TRAVEL) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"active": False}, rules.NOT_ACTIVE),
        ({"areas": frozenset({2})}, rules.AREA),
        ({"home": Point(23.5, 113.264), "shifts": [Interval(hour(-9), hour(33))]}, rules.RADIUS),
        ({"skills": {}}, rules.SKILL),
        ({"skills": {7: HeldSkill(9, date(2029, 1, 1), date(2030, 5, 5))}}, rules.SKILL),
        ({"skills": {7: HeldSkill(9, date(2030, 5, 7), None)}}, rules.SKILL),
        ({"skills": {7: HeldSkill(1, date(2029, 1, 1), None)}}, rules.LEVEL),
        ({"documents": {"id_card": DAY}}, rules.DOCUMENT),
        ({"documents": {"id_card": DAY, "health": date(2030, 5, 5)}}, rules.DOCUMENT),
        ({"shifts": [Interval(hour(10), hour(20))]}, rules.OFF_SHIFT),
        ({"shifts": [Interval(hour(8), hour(12))]}, rules.OFF_SHIFT),
        ({"shifts": []}, rules.OFF_SHIFT),
        ({"taken": [taken(11, 13)]}, rules.BUSY),
        ({"taken": [taken(12.25, 13)]}, rules.BUSY),
        ({"taken": [taken(12.5, 13, Point(23.20, 113.30))]}, rules.TRAVEL),
        ({"taken": [taken(8, 9.6, Point(23.20, 113.30))]}, rules.TRAVEL),
        ({"taken": [taken(14, 15), taken(17, 18, owner="order:3")]}, rules.DAILY_CAP),
    ],
)
def test_each_rule_alone_is_named(change, code):
    assert rules.broken_rules(replace(WORKER, **change), WANTED, TRAVEL) == [code]


def test_who_rejected_the_order_is_not_asked_again():
    assert rules.broken_rules(WORKER, WANTED, TRAVEL, rejected_by={1}) == [rules.REJECTED]


def test_the_orders_own_claims_are_no_obstacle_to_it():
    own = replace(WORKER, daily_cap=1, taken=[taken(10, 12, owner="order:1")])

    assert rules.broken_rules(own, WANTED, TRAVEL) == []


def test_visits_of_one_order_count_once_and_other_days_do_not_count():
    both = [taken(14, 15), taken(17, 18), taken(34, 35, owner="order:9")]

    assert rules.broken_rules(replace(WORKER, taken=both), WANTED, TRAVEL) == []


@given(st.floats(-60, 60), st.floats(-170, 170), st.floats(-60, 60), st.floats(-170, 170))
def test_distances_are_symmetric_and_travel_is_whole_seconds(lat1, lng1, lat2, lng2):
    a, b = Point(lat1, lng1), Point(lat2, lng2)

    assert distance_m(a, b) == pytest.approx(distance_m(b, a))
    assert TRAVEL.seconds(a, b) >= 480 or a == b
    assert isinstance(TRAVEL.seconds(a, b), int)


def test_a_known_distance():
    """Guangzhou to Shenzhen, about 104 km."""
    assert distance_m(Point(23.1291, 113.2644), Point(22.5431, 114.0579)) == pytest.approx(
        104_100, rel=0.01
    )
