"""The columns say what the rules say, worker by worker and hour by hour."""

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import free_time, obstacles
from app.domain.eligibility import (
    HOURLY_RULES,
    Interval,
    Taken,
    WantedVisit,
    WorkerFacts,
    time_rules,
)
from app.domain.geo import Point, TravelModel

MIDNIGHT = datetime(2030, 5, 6, 16, tzinfo=UTC)
DAYS = [(MIDNIGHT + timedelta(days=n), MIDNIGHT + timedelta(days=n + 1)) for n in range(3)]
TRAVEL = TravelModel(speed_kmh=18, factor_percent=140, min_minutes=8)
SHORTEST = timedelta(minutes=60) // free_time.TICK

places = st.builds(Point, st.floats(23.05, 23.25), st.floats(113.2, 113.4))
home = Point(23.13, 113.27)
minutes = st.integers(0, 3 * 24 * 60)


@st.composite
def spans(draw, longest):
    start = MIDNIGHT + timedelta(minutes=draw(minutes))
    return start, start + timedelta(minutes=draw(st.integers(15, longest)))


@st.composite
def claims(draw):
    start, end = draw(spans(240))
    place = draw(st.none() | places | st.just(home))
    pad = timedelta(minutes=draw(st.integers(0, 30)))
    owner = f"order:{draw(st.integers(1, 4))}"
    kind = draw(st.sampled_from(["visit", "hold", "leave"]))
    is_visit, is_hold = kind != "leave", kind == "hold"
    return Taken(owner, start - pad, end + pad, start, end, place, is_visit, is_hold)


@st.composite
def workers(draw):
    shifts = draw(st.lists(spans(14 * 60), max_size=4))
    return WorkerFacts(
        id=1, active=True, home=draw(places | st.just(home)), radius_km=50,
        daily_cap=draw(st.integers(1, 3)), rating_sum=0, rating_count=0, skills={},
        areas=frozenset(), documents={}, shifts=[Interval(*shift) for shift in shifts],
        taken=draw(st.lists(claims(), max_size=6)),
    )  # fmt: skip


def wanted(start, length, place, pad):
    day = max((bounds for bounds in DAYS if bounds[0] <= start), default=DAYS[0])
    return WantedVisit(
        start=start, end=start + length, service_on=start.date(), day=Interval(*day), place=place,
        area_id=1, skills={}, buffer_before=pad, buffer_after=pad, owner="order:1",
    )  # fmt: skip


def openings(calendar, request, shut=None):
    taken = free_time.obstacles_of(calendar, request, TRAVEL)
    return free_time.openings(calendar, request, taken, shut)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(
    crew=st.lists(workers(), min_size=1, max_size=4),
    place=places | st.just(home),
    length=st.integers(15, 600).map(lambda n: timedelta(minutes=n)),
    pad=st.sampled_from([0, 10, 45]).map(lambda n: timedelta(minutes=n)),
    step=st.sampled_from([15, 30, 47]),
)
def test_every_worker_and_hour_is_judged_as_by_the_rules(crew, place, length, pad, step):
    starts = [MIDNIGHT + timedelta(minutes=n) for n in range(0, 3 * 24 * 60, step)]
    first = wanted(starts[0], length, place, pad)
    calendar = free_time.calendar_of(crew, ignoring={"order:1"})
    request = free_time.request_of(first, DAYS, starts)

    taken = free_time.obstacles_of(calendar, request, TRAVEL)
    free = free_time.openings(calendar, request, taken)
    able, cost = free_time.grid(free, request, len(crew), SHORTEST)
    broken = obstacles.first_broken(calendar, request, taken)
    count, least = free_time.counted(free, request, SHORTEST)

    for row, worker in enumerate(crew):
        for column, start in enumerate(starts):
            rules = time_rules(worker, wanted(start, length, place, pad), TRAVEL)
            expected = HOURLY_RULES.index(rules[0]) if rules else obstacles.FREE
            assert broken[row, column] == expected, (worker, start)
            assert able[row, column] == (not rules), (worker, start)
    assert count.tolist() == able.sum(axis=0).tolist()
    some = count > 0
    assert (
        least[some].tolist() == np.where(able, cost, free_time.FAR_AHEAD).min(axis=0)[some].tolist()
    )


def test_a_day_on_which_a_worker_may_not_come_has_no_openings():
    whole = Interval(MIDNIGHT, MIDNIGHT + timedelta(days=3))
    crew = [
        WorkerFacts(n, True, home, 50, 6, 0, 0, {}, frozenset(), {}, [whole], []) for n in (1, 2)
    ]
    starts = [MIDNIGHT + timedelta(hours=n) for n in range(72)]
    request = free_time.request_of(
        wanted(starts[0], timedelta(hours=1), home, timedelta()), DAYS, starts
    )
    shut = np.array([[False, False], [True, False], [False, True]])

    found = openings(free_time.calendar_of(crew), request, shut)

    able, _cost = free_time.grid(found, request, 2, SHORTEST)
    assert able[0].tolist() == [True] * 24 + [False] * 24 + [True] * 24
    assert able[1].tolist() == [True] * 48 + [False] * 24


def test_what_a_visit_costs_is_the_way_and_the_gaps_that_nobody_can_sell():
    shift = Interval(MIDNIGHT + timedelta(hours=8), MIDNIGHT + timedelta(hours=18))
    noon = MIDNIGHT + timedelta(hours=12)
    visit = Taken("order:2", noon, noon + timedelta(hours=1), noon, noon + timedelta(hours=1),
                  home, True)  # fmt: skip
    worker = WorkerFacts(1, True, home, 50, 6, 0, 0, {}, frozenset(), {}, [shift], [visit])
    starts = [MIDNIGHT + timedelta(minutes=n) for n in (8 * 60, 510, 600, 13 * 60, 13 * 60 + 30)]
    first = wanted(starts[0], timedelta(hours=2), home, timedelta())
    request = free_time.request_of(first, DAYS, starts)

    found = openings(free_time.calendar_of([worker]), request)
    count, least = free_time.counted(found, request, SHORTEST)

    assert count.tolist() == [1] * 5
    # From 8:00 the visit is followed by two hours that can be sold; from 8:30 the half hour before
    # it is lost; from 10:00 it ends where the other begins; from 13:30 half an hour lies between.
    assert (least // (60 * free_time.SECOND)).tolist() == [0, 30, 0, 0, 30]


def test_the_ways_to_the_neighbours_and_from_home_are_part_of_the_cost():
    shift = Interval(MIDNIGHT + timedelta(hours=6), MIDNIGHT + timedelta(hours=20))
    noon, hour = MIDNIGHT + timedelta(hours=12), timedelta(hours=1)
    there, address = Point(23.15, 113.30), Point(23.10, 113.25)
    visit = Taken("order:2", noon, noon + hour, noon, noon + hour, there, True)
    worker = WorkerFacts(1, True, home, 50, 6, 0, 0, {}, frozenset(), {}, [shift], [visit])
    starts = [MIDNIGHT + timedelta(hours=n) for n in (8, 15)]
    request = free_time.request_of(wanted(starts[0], hour, address, timedelta()), DAYS, starts)

    found = openings(free_time.calendar_of([worker]), request)
    _count, least = free_time.counted(found, request, 0)

    way = TRAVEL.seconds(home, address) + TRAVEL.seconds(there, address)
    assert (least // free_time.SECOND).tolist() == [way, way]


def test_nobody_and_nothing_are_no_trouble():
    first = wanted(MIDNIGHT, timedelta(hours=1), home, timedelta())
    nobody = free_time.calendar_of([])
    request = free_time.request_of(first, DAYS, [MIDNIGHT])

    taken = free_time.obstacles_of(nobody, request, TRAVEL)
    count, _least = free_time.counted(openings(nobody, request), request, SHORTEST)

    assert count.tolist() == [0]
    assert obstacles.first_broken(nobody, request, taken).shape == (0, 1)
