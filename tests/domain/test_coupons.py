"""What a coupon takes off a price, to the fen."""

import pytest

from app.domain import coupons

TERMS = {
    "code": "K1", "name": "券", "name_en": "", "amount_fen": 2000, "rate_bp": 0, "from_fen": 10_000,
    "most_fen": None, "service_codes": [],
}  # fmt: skip
CONTENT = {
    "lines": [{"kind": "base", "amount_fen": 9_999}, {"kind": "travel", "amount_fen": 1}],
    "items": [{"code": "clean", "amount_fen": 6_000}, {"code": "window", "amount_fen": 3_999}],
}


@pytest.mark.parametrize(
    ("terms", "off"),
    [
        ({}, 2000),
        ({"from_fen": 10_001}, 0),
        ({"amount_fen": 50_000}, 10_000),
        ({"amount_fen": 0, "rate_bp": 1250}, 1250),
        ({"amount_fen": 0, "rate_bp": 1250, "most_fen": 1000}, 1000),
        ({"service_codes": ["window"], "amount_fen": 5000}, 3_999),
        ({"service_codes": ["garden"]}, 0),
    ],
)
def test_a_coupon_takes_off_what_its_terms_say_and_never_more_than_there_is(terms, off):
    assert coupons.off_fen({**TERMS, **terms}, CONTENT) == off


def test_its_line_says_which_it_is():
    priced = coupons.added({**CONTENT, "coupon": TERMS})

    assert priced["total_fen"] == 8_000
    assert priced["lines"][-1] == {
        "kind": "coupon", "label": "券 K1", "label_en": "券 K1", "quantity": 1,
        "unit_fen": -2000, "amount_fen": -2000,
    }  # fmt: skip
