"""What finance gets: typed cells, formulas with values, and totals that are the database's."""

from datetime import datetime

import pytest
import sqlalchemy as sa
from flask_babel import force_locale
from openpyxl.utils import get_column_letter

from app.domain.errors import NotFound
from app.domain.money import share
from app.extensions import db
from app.models import SettlementRun, Statement, StatementLine, Worker
from app.reports.settlement import books_sheets, orders_sheet, people_sheet
from app.reports.settlement.sheet import SHEETS, index_of
from app.reports.settlement_workbook import write_settlement_workbook
from tests.reports.reading import ROW, column, fen, total
from tests.reports.runs import HALVES, SPECIAL

# What is read from PostgreSQL is tried in test_long_runs and test_adjusted_run.
pytestmark = pytest.mark.backends("sqlite")
MONEY = "#,##0.00;[Red]-#,##0.00"


def number_of_lines(run_id: int) -> int:
    query = (
        sa.select(sa.func.count())
        .select_from(StatementLine)
        .join(Statement)
        .where(Statement.run_id == run_id)
    )
    return db.session.scalar(query) or 0


def test_every_sheet_stands_in_its_place_under_a_title(run_id, workbook):
    book = workbook(run_id, locale="en")

    with force_locale("en"):
        titles = [str(title) for _key, title in SHEETS]
    assert book.names == titles
    assert len(titles) == 11
    for (key, _title), title in zip(SHEETS[1:], titles[1:], strict=True):
        assert book.values(key)["A1"].value == title


def test_the_sheets_are_named_in_the_readers_language(run_id, workbook):
    names = workbook(run_id, locale="zh").names

    assert len(set(names)) == 11
    assert names[0] == "封面汇总"
    assert not [name for name in names if name.isascii()]


def test_totals_and_their_cached_values_are_the_databases(run_id, workbook):
    book = workbook(run_id)
    run = db.session.get(SettlementRun, run_id)
    rows = number_of_lines(run_id)
    sheet, formulas = book.values("orders"), book.formulas("orders")

    for key, expected in (
        ("base_fen", run.base_fen),
        ("commission_fen", run.commission_fen),
        ("worker_fen", run.payable_fen),
        ("paid_fen", sum(item.paid_fen for item in [*HALVES, *SPECIAL])),
        ("discount_fen", 5_000 + 100),
        ("refunded_fen", 1_234 + 33 + 5_000),
        ("add_on_fen", 3_333),
        ("other_fen", -5_000),
    ):
        letter = get_column_letter(index_of(orders_sheet.COLUMNS, key) + 1)
        assert fen(total(sheet, orders_sheet.COLUMNS, key, rows).value) == expected, key
        assert (
            total(formulas, orders_sheet.COLUMNS, key, rows).value
            == f"=SUM({letter}{ROW}:{letter}{ROW + rows - 1})"
        )


def test_each_commission_is_rounded_half_up_as_the_database_rounds(run_id, workbook):
    book = workbook(run_id)
    rows = number_of_lines(run_id)
    sheet = book.values("orders")

    bases, rates, commissions, shares = (
        [cell.value for cell in column(sheet, orders_sheet.COLUMNS, key, rows)]
        for key in ("base_fen", "rate_bp", "commission_fen", "worker_fen")
    )

    for base, rate, commission, left in zip(bases, rates, commissions, shares, strict=True):
        assert fen(commission) == share(fen(base), round(rate * 10_000))
        assert fen(base) - fen(commission) == fen(left)
    assert {item.base_fen * item.rate_bp % 10_000 for item in HALVES} == {5_000}


def test_base_commission_and_share_are_formulas_of_their_row(run_id, workbook):
    formulas = workbook(run_id).formulas("orders")

    assert formulas[f"K{ROW}"].value == f"=ROUND(H{ROW}+G{ROW}-I{ROW}-J{ROW},2)"
    assert formulas[f"M{ROW}"].value == (
        f"=ROUND(ROUND(K{ROW}*100,0)*ROUND(L{ROW}*10000,0)/10000,0)/100"
    )
    assert formulas[f"O{ROW}"].value == f"=ROUND(K{ROW}-M{ROW},2)"


def test_people_are_added_up_from_the_orders(run_id, workbook):
    book = workbook(run_id)
    statements = db.session.scalars(
        sa.select(Statement).join(Worker).where(Statement.run_id == run_id).order_by(Worker.number)
    ).all()
    sheet, formulas = book.values("people"), book.formulas("people")

    payable = column(sheet, people_sheet.COLUMNS, "payable_fen", len(statements))
    assert [fen(cell.value) for cell in payable] == [row.payable_fen for row in statements]
    last, name = ROW + number_of_lines(run_id) - 1, book.names[2]
    text = column(formulas, people_sheet.COLUMNS, "base_fen", 1)[0].value
    assert text.replace("'", "") == (
        f"=ROUND(SUMIFS({name}!$K$5:$K${last},{name}!$Q$5:$Q${last},A5),2)"
    )


def test_cells_are_typed(run_id, workbook):
    book = workbook(run_id)
    sheet = book.values("orders")
    row = {c.key: cell for c, cell in zip(orders_sheet.COLUMNS, sheet[ROW], strict=True)}

    assert isinstance(row["order_number"].value, str)
    assert row["order_number"].number_format == "@"
    assert isinstance(row["service_on"].value, datetime)
    assert row["service_on"].number_format == "yyyy-mm-dd"
    assert row["rate_bp"].number_format == "0.00%"
    for key in ("list_fen", "paid_fen", "base_fen", "commission_fen", "worker_fen"):
        assert row[key].number_format == MONEY
        assert row[key].data_type == "n"


def test_a_code_with_leading_zeros_stays_text_and_counts(run_id, workbook):
    book = workbook(run_id)
    row = [cell.value for cell in book.values("partners")[ROW]]

    assert row[:3] == ["007", "-安心家政", 2]
    statements = db.session.scalars(
        sa.select(Statement).join(Worker).where(Worker.kind == "partner")
    ).all()
    assert fen(row[-1]) == sum(statement.payable_fen for statement in statements)


def test_what_people_typed_is_inert_and_clean(run_id, workbook):
    book = workbook(run_id)
    rows = number_of_lines(run_id)
    services = column(book.formulas("orders"), orders_sheet.COLUMNS, "service", rows)
    workers = column(book.formulas("orders"), orders_sheet.COLUMNS, "worker", rows)
    cells = [*services, *workers]

    assert not [cell.value for cell in cells if cell.data_type == "f"]
    dangerous = [cell for cell in cells if str(cell.value).startswith(("=", "@", "+", "-"))]
    assert len(dangerous) >= 3
    assert all(cell.quotePrefix for cell in dangerous)
    texts = {cell.value for cell in services}
    assert " <r><t>x</t></r>" in texts  # raw XML in XlsxWriter otherwise
    assert not [text for text in texts if "\x07" in text or "\u202e" in text]
    assert not [cell for cell in cells if cell.hyperlink]


def test_the_pages_print_on_a4_landscape_under_their_header(run_id, workbook):
    book = workbook(run_id)

    for key, _title in SHEETS:
        sheet = book.values(key)
        assert sheet.page_setup.paperSize == 9
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.fitToWidth in {None, 1}  # 1 is what stands for nothing
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
    for key, _title in SHEETS[1:]:
        sheet = book.values(key)
        assert sheet.page_setup.fitToHeight == 0
        assert sheet.print_title_rows == "$4:$4"
        assert str(sheet.freeze_panes).endswith("5")
    assert book.values("orders").auto_filter.ref == f"A4:Q{ROW + number_of_lines(run_id) - 1}"


def test_all_checks_hold_and_the_cover_shows_it(run_id, workbook):
    book = workbook(run_id)

    results = [row[5].value for row in book.values("checks").iter_rows(min_row=ROW)]
    assert results == [True] * 14
    lamps = [book.values("cover").cell(9 + n, 6).value for n in range(14)]
    assert {str(lamp)[0] for lamp in lamps} == {"✔"}


def test_a_run_that_disagrees_with_its_lines_shows_false(run_id, workbook):
    db.session.execute(sa.update(SettlementRun).values(payable_fen=SettlementRun.payable_fen + 1))

    book = workbook(run_id)

    results = [row[5].value for row in book.values("checks").iter_rows(min_row=ROW)]
    assert [number for number, held in enumerate(results, start=1) if not held] == [4]
    assert book.values("cover").cell(9 + 3, 6).value[0] == "✘"


def test_the_cover_names_who_signed(run_id, workbook):
    cells = [cell.value for row in workbook(run_id).values("cover").iter_rows() for cell in row]

    assert cells.count("吴小芳") == 2
    assert "Ann Zhou" in cells
    assert "2030-05-02 10:00" in cells
    assert any(str(cell).startswith("人民币") for cell in cells)


def test_a_refund_after_the_settlement_is_listed_as_a_difference(run_id, workbook):
    sheet = workbook(run_id).values("differences")
    row = {c.key: cell.value for c, cell in zip(books_sheets.DIFFERENCES, sheet[ROW], strict=True)}

    assert (fen(row["expected_fen"]), fen(row["settled_fen"])) == (15_000, 20_000)
    assert fen(row["difference_fen"]) == -5_000


def test_payments_count_by_the_citys_days(run_id, workbook):
    """Paid at 00:30 in the city on the first day of the period, the day before in UTC."""
    sheet = workbook(run_id).values("channels")

    assert [sheet.cell(ROW + n, 2).value for n in (0, 3)] == [19, 1]


def test_no_such_run(app, tmp_path):
    with pytest.raises(NotFound):
        write_settlement_workbook(404, tmp_path / "x.xlsx")
    assert not (tmp_path / "x.xlsx").exists()
