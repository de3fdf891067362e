"""Which of the workers who may come should be asked first. Terms are thousandths and add up."""

from collections.abc import Mapping
from dataclasses import dataclass

PRIOR_RATING_TENTHS = 46  # a newcomer counts as 4.6 stars
PRIOR_COUNT = 20


@dataclass(frozen=True, slots=True)
class Merits:
    """What is known of a worker for one visit."""

    distance_m: float
    radius_m: float
    surplus_levels: int
    rating_sum: int
    rating_count: int
    visits_on_day: int
    daily_cap: int
    served_before: bool


def terms(merits: Merits, weights: Mapping[str, int]) -> dict[str, int]:
    """Each term is weight x value (0 to 1) in thousandths of all weights; they sum to the score."""
    total = sum(weights.values()) or 1
    values = {
        "travel": 1 - min(merits.distance_m / merits.radius_m, 1.0),
        # An exact fit keeps the more skilled free for harder work.
        "skill_fit": 1 / (1 + merits.surplus_levels),
        "rating": (bayesian_rating(merits.rating_sum, merits.rating_count) - 1) / 4,
        "load": 1 - min(merits.visits_on_day / merits.daily_cap, 1.0),
        "continuity": 1.0 if merits.served_before else 0.0,
    }
    return {name: round(1000 * weights[name] * values[name] / total) for name in weights}


def bayesian_rating(rating_sum: int, rating_count: int) -> float:
    """Mean stars, drawn to the prior while reviews are few."""
    prior = PRIOR_RATING_TENTHS * PRIOR_COUNT / 10
    return (rating_sum + prior) / (rating_count + PRIOR_COUNT)
