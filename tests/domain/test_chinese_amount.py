"""Amounts in words, against a reader that was written the other way round."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.chinese_amount import DIGITS, LIMIT_FEN, chinese_amount

UNITS = {"拾": 10, "佰": 100, "仟": 1_000}
SIZES = {"亿": 10**8, "万": 10**4, "元": 1}


def read(words: str) -> int:
    """The fen that the words say; independent of how they were made."""
    words = words.removeprefix("人民币")
    sign = -1 if words.startswith("负") else 1
    fen, group, digit = 0, 0, 0
    for letter in words.removeprefix("负").removesuffix("整"):
        if letter in DIGITS:
            digit = DIGITS.index(letter)
        elif letter in UNITS:
            group, digit = group + digit * UNITS[letter], 0
        elif letter in SIZES:
            fen, group, digit = fen + (group + digit) * SIZES[letter] * 100, 0, 0
        else:
            fen, digit = fen + digit * {"角": 10, "分": 1}[letter], 0
    return sign * fen


@given(st.integers(-LIMIT_FEN + 1, LIMIT_FEN - 1))
def test_the_words_say_the_amount(fen):
    assert read(chinese_amount(fen)) == fen


@given(st.integers(-LIMIT_FEN + 1, LIMIT_FEN - 1))
def test_the_words_are_well_formed(fen):
    words = chinese_amount(fen)

    assert "零零" not in words
    assert not any(f"零{unit}" in words for unit in "拾佰仟万亿角分")
    assert words.endswith("分") != words.endswith("整")
    assert words.startswith("人民币负") == (fen < 0)


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (10, "壹角整"),
        (100, "壹元整"),
        (101, "壹元零壹分"),
        (1_000, "壹拾元整"),
        (140_950, "壹仟肆佰零玖元伍角整"),
        (600_714, "陆仟零柒元壹角肆分"),
        (168_032, "壹仟陆佰捌拾元叁角贰分"),
        (10_700_053, "壹拾万零柒仟元伍角叁分"),
        (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
        (32_504, "叁佰贰拾伍元零肆分"),
        (10_000_000_000, "壹亿元整"),
        (10_000_000_100, "壹亿零壹元整"),
        (-123_456, "负壹仟贰佰叁拾肆元伍角陆分"),
    ],
)
def test_examples_of_the_rules(fen, words):
    assert chinese_amount(fen) == f"人民币{words}"


@pytest.mark.parametrize("fen", [LIMIT_FEN, -LIMIT_FEN])
def test_too_much_is_refused(fen):
    with pytest.raises(ValueError, match="too large"):
        chinese_amount(fen)
