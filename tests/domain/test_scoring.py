from hypothesis import given
from hypothesis import strategies as st

from app.domain.parameters import BY_KEY
from app.domain.scoring import Merits, bayesian_rating, terms

WEIGHTS = BY_KEY["dispatch.weights"].default
BEST = Merits(0, 12000, 0, 5000, 1000, 0, 6, True)


def test_the_terms_of_the_best_are_the_weights():
    assert terms(BEST, {**WEIGHTS, "rating": 0}) == {
        "travel": 400, "skill_fit": 200, "rating": 0, "load": 200, "continuity": 200,
    }  # fmt: skip


merits = st.builds(
    Merits,
    distance_m=st.floats(0, 30000),
    radius_m=st.just(12000.0),
    surplus_levels=st.integers(0, 4),
    rating_sum=st.just(40),
    rating_count=st.just(10),
    visits_on_day=st.integers(0, 9),
    daily_cap=st.just(6),
    served_before=st.booleans(),
)


@given(merits)
def test_terms_are_never_negative_and_never_pass_their_weight(one):
    found = terms(one, WEIGHTS)

    assert set(found) == set(WEIGHTS)
    for name, value in found.items():
        assert 0 <= value <= round(1000 * WEIGHTS[name] / sum(WEIGHTS.values()))


def test_few_reviews_weigh_little():
    assert bayesian_rating(0, 0) == 4.6
    assert bayesian_rating(1, 1) == (1 + 92) / 21
    assert 4.99 < bayesian_rating(50_000, 10_000) < 5
