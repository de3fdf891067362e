"""Seeds, distances and other measures that the tests of the demo's data share."""

import math
import random
from collections import Counter
from collections.abc import Iterable
from datetime import date

TODAY = date(2026, 3, 2)
SEEDS = [1, 7, 2026]

# Kilometres from a district's centre that still lie inside it.
DISTRICT_REACH_KM = {
    "440103": 6,
    "440104": 5,
    "440105": 12,
    "440106": 8,
    "440111": 19,
    "440112": 11,
    "440113": 14,
    "440114": 11,
    "440115": 16,
    "440117": 16,
    "440118": 30,
}


def seeded(seed: int) -> random.Random:
    return random.Random(seed)


def kilometres(lat_a: float, lng_a: float, lat_b: float, lng_b: float) -> float:
    a, b = math.radians(lat_a), math.radians(lat_b)
    half_lat, half_lng = (b - a) / 2, math.radians(lng_b - lng_a) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(a) * math.cos(b) * math.sin(half_lng) ** 2
    return 2 * 6371 * math.asin(math.sqrt(chord))


def doubles(values: Iterable[str]) -> list[str]:
    return [value for value, times in Counter(values).items() if times > 1]
