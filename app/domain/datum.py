"""WGS-84 (satellites, browsers) and GCJ-02 (maps in mainland China, our tables).

GCJ-02 was never published. The formula is the one that all open implementations share, first
given by the project "eviltransform" (github.com/googollee/eviltransform): a perturbation on the
Krasovsky 1940 ellipsoid, of 100 to 800 m. Outside China both are the same.
"""

import math
from typing import Literal

from app.domain.geo import Point

Datum = Literal["gcj02", "wgs84"]
SEMI_MAJOR_M = 6_378_245.0
ECCENTRICITY_SQUARED = 0.00669342162296594323
CHINA_LAT = (0.8293, 55.8271)
CHINA_LNG = (72.004, 137.8347)
CLOSE_ENOUGH = 1e-9  # degrees: a tenth of a millimetre
MOST_STEPS = 20


def to_gcj02(point: Point, datum: Datum) -> Point:
    """The point in our datum."""
    return wgs84_to_gcj02(point) if datum == "wgs84" else point


def wgs84_to_gcj02(point: Point) -> Point:
    if not _in_china(point):
        return point
    lat_shift, lng_shift = _shift(point)
    return Point(point.lat + lat_shift, point.lng + lng_shift)


def gcj02_to_wgs84(point: Point) -> Point:
    """The inverse has no formula: start at the point and take off what is too much."""
    guess = point
    for _step in range(MOST_STEPS):
        there = wgs84_to_gcj02(guess)
        lat_off, lng_off = there.lat - point.lat, there.lng - point.lng
        if max(abs(lat_off), abs(lng_off)) < CLOSE_ENOUGH:
            break
        guess = Point(guess.lat - lat_off, guess.lng - lng_off)
    return guess


def _in_china(point: Point) -> bool:
    """A box around the country, as in all implementations."""
    return CHINA_LAT[0] <= point.lat <= CHINA_LAT[1] and CHINA_LNG[0] <= point.lng <= CHINA_LNG[1]


def _shift(point: Point) -> tuple[float, float]:
    """Degrees to add to latitude and longitude."""
    x, y = point.lng - 105.0, point.lat - 35.0
    radians = math.radians(point.lat)
    magic = 1 - ECCENTRICITY_SQUARED * math.sin(radians) ** 2
    root = math.sqrt(magic)
    meridian_m = SEMI_MAJOR_M * (1 - ECCENTRICITY_SQUARED) / (magic * root)
    parallel_m = SEMI_MAJOR_M / root * math.cos(radians)
    return math.degrees(_north_m(x, y) / meridian_m), math.degrees(_east_m(x, y) / parallel_m)


def _north_m(x: float, y: float) -> float:
    metres = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    across = _waves(x, (20, 6), (20, 2))
    return metres + across + _waves(y, (20, 1), (40, 1 / 3), (160, 1 / 12), (320, 1 / 30))


def _east_m(x: float, y: float) -> float:
    metres = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    return metres + _waves(x, (20, 6), (20, 2), (20, 1), (40, 1 / 3), (150, 1 / 12), (300, 1 / 30))


def _waves(value: float, *terms: tuple[float, float]) -> float:
    """Two thirds of the sum of amplitude * sin(pi * value * frequency), in metres."""
    return sum(a * math.sin(math.pi * value * f) for a, f in terms) * 2 / 3
