"""The columns say what the rules say, worker by worker and hour by hour."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import free_time
from app.domain.eligibility import Interval, Taken, WantedVisit, WorkerFacts, time_rules
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
    return Taken(owner, start - pad, end + pad, start, end, place, draw(st.booleans()))


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
    calendar = free_time.calendar_of(crew, ignoring="order:1")

    found = free_time.verdict(calendar, free_time.request_of(first, DAYS, starts), TRAVEL, SHORTEST)

    for row, worker in enumerate(crew):
        for column, start in enumerate(starts):
            said = [rule for rule in free_time.HOURLY_RULES if found.broken[rule][row, column]]
            rules = time_rules(worker, wanted(start, length, place, pad), TRAVEL)
            assert said == rules, (worker, start)
            assert bool(found.free[row, column]) == (not rules)


def test_what_a_visit_costs_is_the_way_and_the_gaps_that_nobody_can_sell():
    shift = Interval(MIDNIGHT + timedelta(hours=8), MIDNIGHT + timedelta(hours=18))
    noon = MIDNIGHT + timedelta(hours=12)
    visit = Taken("order:2", noon, noon + timedelta(hours=1), noon, noon + timedelta(hours=1),
                  home, True)  # fmt: skip
    worker = WorkerFacts(1, True, home, 50, 6, 0, 0, {}, frozenset(), {}, [shift], [visit])
    starts = [MIDNIGHT + timedelta(minutes=n) for n in (8 * 60, 510, 600, 13 * 60, 13 * 60 + 30)]
    calendar = free_time.calendar_of([worker])
    first = wanted(starts[0], timedelta(hours=2), home, timedelta())

    found = free_time.verdict(calendar, free_time.request_of(first, DAYS, starts), TRAVEL, SHORTEST)

    assert found.free.tolist() == [[True] * 5]
    # From 8:00 the visit is followed by two hours that can be sold; from 8:30 the half hour before
    # it is lost; from 10:00 it ends where the other begins; from 13:30 half an hour lies between.
    minutes_lost = (found.lost // (60 * free_time.SECOND)).tolist()
    assert minutes_lost == [[0, 30, 0, 0, 30]]
    assert found.way.tolist() == [[0] * 5]


def test_nobody_and_nothing_are_no_trouble():
    first = wanted(MIDNIGHT, timedelta(hours=1), home, timedelta())
    nobody = free_time.calendar_of([])
    request = free_time.request_of(first, DAYS, [MIDNIGHT])

    assert free_time.verdict(nobody, request, TRAVEL, SHORTEST).free.shape == (0, 1)
