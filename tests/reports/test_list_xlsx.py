"""The rows that we write ourselves, read back by others."""

import zipfile
from datetime import UTC, date, datetime

import openpyxl
import pytest

from app.reports.base import Column
from app.reports.list_xlsx import SHEET, write_list

pytestmark = pytest.mark.backends("sqlite")
COLUMNS = (
    Column("number", "编号"),
    Column("money", "金额", "money_fen"),
    Column("at", "时间", "instant"),
    Column("on", "日期", "date"),
    Column("count", "数量", "integer"),
    Column("rate", "比例", "percent_bp"),
    Column("lat", "纬度", "decimal"),
)
NOTHING = [None] * len(COLUMNS)
WORDS = {"title": "订单", "subtitle": "x", "company": "公司"}
FIRST = 5


@pytest.fixture
def written(app, tmp_path):
    def write(*rows):
        path = tmp_path / "list.xlsx"
        whole = [[*row, *NOTHING[len(row) :]] for row in rows]
        assert write_list(path, COLUMNS, whole, **WORDS) == len(rows)
        return path

    return write


def cells(path, row=FIRST):
    return [cell.value for cell in openpyxl.load_workbook(path).active[row]]


def test_each_kind_is_a_value_of_its_type(written):
    at = datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC)
    path = written(["D1", -123_456_789_012_345, at, date(2026, 2, 28), 1_000, 1250, 23.129163])

    number, money, told_at, on, *rest = cells(path)
    assert (number, money) == ("D1", -1_234_567_890_123.45)
    assert (told_at.isoformat(), on.isoformat()) == ("2026-11-23T07:59:59", "2026-02-28T00:00:00")
    assert rest == [1_000, 0.125, 23.129163]


@pytest.mark.parametrize("fen", [0, 1, -1, 99, -100, 10, 2**53])
def test_yuan_are_exact_to_the_fen(written, fen):
    assert round(cells(written(["x", fen]))[1] * 100) == fen


def test_nothing_is_an_empty_cell_with_its_look(written):
    sheet = openpyxl.load_workbook(written([], ["after"])).active

    assert [cell.value for cell in sheet[FIRST]] == NOTHING
    assert sheet.cell(FIRST, 2).number_format.startswith("#,##0.00")
    assert sheet.cell(FIRST + 1, 1).value == "after"


@pytest.mark.parametrize("text", ["=1+1", "+86", "-x", "@a", "＝1", "\t=1", " =1"])
def test_what_looks_like_a_formula_is_inert(written, text):
    cell = openpyxl.load_workbook(written([text])).active.cell(FIRST, 1)

    assert cell.data_type == "s"
    assert cell.quotePrefix
    assert cell.value.strip() == text.strip()


def test_signs_that_xml_or_excel_cannot_hold_do_no_harm(written):
    path = written(["a\x00\x0b<b>&amp;\u202e\ud800 'c' \"d\"\n二行 _x0041_ " + "长" * 40_000])

    text = cells(path)[0]
    assert text.startswith("a<b>&amp; 'c' \"d\"\n二行 ")
    assert len(text) <= 32_767
    with zipfile.ZipFile(path) as file:
        assert b"_x005F_x0041_" in file.read(SHEET)


def test_the_filter_and_the_header_fit_the_rows(written):
    book = openpyxl.load_workbook(written(["a"], ["b"], ["c"]))
    sheet = book.active

    assert sheet.auto_filter.ref == "A4:G7"
    assert [cell.value for cell in sheet[4]][:2] == ["编号", "金额"]
    assert sheet.freeze_panes == "A5"
    assert sheet.max_row == 7


def test_an_empty_list_is_a_whole_book(written):
    sheet = openpyxl.load_workbook(written()).active

    assert sheet.max_row == 4
    assert sheet["A1"].value == "订单"
