"""Satellites' positions and ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.datum import gcj02_to_wgs84, to_gcj02, wgs84_to_gcj02
from app.domain.geo import Point, distance_m

pytestmark = pytest.mark.backends("sqlite")

IN_CHINA = st.builds(Point, st.floats(18.0, 53.5), st.floats(73.7, 135.0))
ABROAD = st.builds(Point, st.floats(-90, 0.8), st.floats(-180, 72.0))


# From the tests of eviltransform (github.com/googollee/eviltransform).
@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),  # Shanghai
        ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),  # Shenzhen
        ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),  # Beijing
    ],
)
def test_known_places(wgs84, gcj02):
    found = wgs84_to_gcj02(Point(*wgs84))
    assert (found.lat, found.lng) == pytest.approx(gcj02, abs=1e-9)


@given(IN_CHINA)
def test_there_and_back(point):
    assert distance_m(gcj02_to_wgs84(wgs84_to_gcj02(point)), point) < 0.01


@given(IN_CHINA)
def test_the_shift_is_larger_than_a_pavement_and_smaller_than_a_village(point):
    assert 20 < distance_m(point, wgs84_to_gcj02(point)) < 1500


@given(ABROAD)
def test_abroad_both_are_the_same(point):
    assert wgs84_to_gcj02(point) == point == gcj02_to_wgs84(point)


def test_what_is_ours_already_is_not_touched():
    point = Point(23.1, 113.2)
    assert to_gcj02(point, "gcj02") is point
    assert to_gcj02(point, "wgs84") == wgs84_to_gcj02(point)
