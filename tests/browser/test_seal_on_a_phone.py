"""The totals of a month, on a screen that is narrow."""

from datetime import date

import pytest

from app.domain.actors import SYSTEM
from app.domain.ledger import Line
from app.services.money import ledger
from tests.browser.conftest import enter, faults, overhang
from tests.kit.clients import PASSWORD, add_staff

pytestmark = pytest.mark.backends("sqlite")
MUCH = 12_345_678_90


def test_no_column_is_cut_off(real_app, context_of) -> None:
    add_staff("finance", "money")
    lines = [Line("clearing_wechat", MUCH), Line("suspense", -MUCH)]
    ledger.post(
        "test:1", "manual", lines, source_kind="manual_journal", source_id=1,
        booked_on=date(2030, 4, 30), actor=SYSTEM,
    )  # fmt: skip
    page = context_of(390, 844).new_page()
    enter(page, "money", PASSWORD)
    page.goto("/periodsealview/seal")

    assert (faults(page), overhang(page)) == ([], 0)
    cells = page.locator(".books td.num")
    assert [text.count("12,345,678.90") for text in cells.all_inner_texts()] == [1, 0, 0, 1, 1, 1]
    inside = page.locator(".card-body").first.bounding_box()
    right = inside["x"] + inside["width"]
    boxes = [box.bounding_box() for box in cells.all()]
    assert max(box["x"] + box["width"] for box in boxes) <= right
