"""Positions at the edge: clients say their datum, inside there is only GCJ-02."""

from typing import Any

from app.domain.datum import to_gcj02
from app.domain.geo import Point


def point_of(position: dict[str, Any]) -> Point:
    """The point of a PositionRequest, in GCJ-02."""
    return to_gcj02(Point(position["lat"], position["lng"]), position["datum"])
