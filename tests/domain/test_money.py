import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import fen, share, split, yuan

amounts = st.integers(0, 10**12)
weights = st.lists(st.integers(0, 1000), min_size=1, max_size=20).filter(any)


@given(amounts, weights)
def test_no_fen_is_lost_or_invented_and_no_part_is_off_by_one(amount, weights):
    parts = split(amount, weights)

    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert amount * weight // sum(weights) <= part <= amount * weight // sum(weights) + 1


@pytest.mark.parametrize(
    ("amount", "rate", "expected"),
    [(19900, 2000, 3980), (1, 5000, 1), (-1, 5000, -1), (3, 5000, 2), (25, 200, 1), (24, 200, 0)],
)
def test_a_share_is_rounded_half_away_from_zero(amount, rate, expected):
    assert share(amount, rate) == expected


@given(st.integers(-(10**12), 10**12))
def test_what_is_shown_can_be_typed_again(amount):
    assert fen(yuan(amount)) == amount


@pytest.mark.parametrize(
    "text",
    [
        "", "abc", "1.234", "NaN", "Infinity", "1e99", "--1", "1e3", "1_0", "1,5", "10,00", ".",
        "99999999999999", "1 000",
    ],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError, match="amount"):
        fen(text)


@pytest.mark.parametrize("text", ["1,234.5", "¥1234.50", "１２３４．５", " ￥1，234.5 ", "+1234.5"])
def test_amounts_are_typed_as_people_do(text):
    assert fen(text) == 123_450


def test_amounts_are_shown_with_two_decimals_and_groups():
    assert [yuan(n) for n in (0, 5, 123456, -123456789, None)] == [
        "0.00", "0.05", "1,234.56", "-1,234,567.89", "",
    ]  # fmt: skip
