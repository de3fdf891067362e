"""Crews, and runs of many lines."""

import pytest

from app.extensions import db
from app.models import Statement
from app.reports.settlement import orders_sheet
from app.reports.statement_pdf import write_statement_pdf
from tests.reports.reading import column, fen, first, needs_poppler, text_of
from tests.reports.runs import SPECIAL, hundreds, make_run


def test_parts_of_a_crew_add_up_to_their_order(app, workbook):
    item = SPECIAL[3]
    run_id = make_run([item])

    sheet = workbook(run_id).values("orders")

    for key, expected in (
        ("paid_fen", item.paid_fen), ("refunded_fen", item.refunded_fen),
        ("discount_fen", item.coupon_fen), ("base_fen", item.base_fen), ("other_fen", 0),
    ):  # fmt: skip
        cells = column(sheet, orders_sheet.COLUMNS, key, 2)
        assert sum(fen(cell.value) for cell in cells) == expected, key


@pytest.mark.parametrize("lines", [1, 40])
def test_the_number_of_statements_does_not_grow_with_the_lines(app, workbook, count_queries, lines):
    run_id = make_run(hundreds(lines), approved=False)
    db.session.expire_all()

    with count_queries() as statements:
        workbook(run_id)

    assert len(statements) == 22


@needs_poppler
@pytest.mark.backends("sqlite")
def test_every_page_has_its_number_and_the_header_again(app, tmp_path):
    make_run(hundreds(400))
    path = tmp_path / "long.pdf"

    write_statement_pdf(first(Statement).id, path, locale="en")

    pages = text_of(path).split("\f")[:-1]
    assert len(pages) >= 3
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
    assert all("Order number" in page for page in pages[:-1])
    assert "人民币" in pages[-1]  # nobody signs a page without the amount
