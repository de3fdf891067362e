"""Distances and travel times between two points (GCJ-02 degrees)."""

import math
from dataclasses import dataclass

EARTH_RADIUS_M = 6_371_000


@dataclass(frozen=True, slots=True)
class Point:
    lat: float
    lng: float


@dataclass(frozen=True, slots=True)
class TravelModel:
    """Great-circle distance times a detour factor, at one average speed."""

    speed_kmh: int
    factor_percent: int
    min_minutes: int

    def seconds(self, start: Point, end: Point) -> int:
        """Whole seconds, rounded up; never less than `min_minutes`, none for one place."""
        if start == end:
            return 0
        metres = distance_m(start, end) * self.factor_percent / 100
        return max(math.ceil(metres * 3.6 / self.speed_kmh), self.min_minutes * 60)


def distance_m(start: Point, end: Point) -> float:
    """Great-circle distance (haversine formula)."""
    lat1, lat2 = math.radians(start.lat), math.radians(end.lat)
    half_lat = (lat2 - lat1) / 2
    half_lng = math.radians(end.lng - start.lng) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(half_lng) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(chord))
