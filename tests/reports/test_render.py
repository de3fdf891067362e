"""One report, four forms, the same numbers; and nothing a spreadsheet would run."""

import csv
import io
import json
from datetime import UTC, date, datetime, time

import openpyxl
import pytest
from marshmallow import Schema, fields

from app.domain.actors import SYSTEM, Actor
from app.domain.errors import InvalidInput, NotFound
from app.reports import REPORTS, report_named
from app.reports.base import Column, Report, Table
from app.reports.render import csv_chunks, json_chunks, page_rows
from app.reports.text import clean, inert, masked_name, masked_phone
from app.reports.xlsx import sheet_name, write_table

pytestmark = pytest.mark.backends("sqlite")
COLUMNS = (
    Column("name", "Name"),
    Column("number", "Number", "id"),
    Column("income_fen", "Income", "money_fen", total=True),
    Column("visits", "Visits", "integer", total=True),
    Column("rate_bp", "Rate", "percent_bp"),
    Column("day", "Day", "date"),
    Column("at", "At", "instant"),
)
AT = datetime(2030, 5, 6, 16, 30, tzinfo=UTC)  # already 7 May in the city
ROWS = [
    ("=1+1", "007", 123_456, 1_234, 1_250, date(2030, 5, 6), AT),
    ("王\x07小明", "12345678901234567890", -5, 0, 0, date(2030, 5, 7), None),
    (None, None, None, None, None, None, None),
]


def table() -> Table:
    return Table("sample", "Sample", COLUMNS, iter(ROWS))


def parsed_csv() -> list[list[str]]:
    content = b"".join(csv_chunks(table()))
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_page_shows_what_people_read(app):
    assert page_rows(table()) == [
        ["=1+1", "007", "1,234.56", "1,234", "12.50%", "2030-05-06", "2030-05-07 00:30"],
        ["王小明", "12345678901234567890", "-0.05", "0", "0.00%", "2030-05-07", ""],
        [""] * 7,
    ]


def test_a_page_is_bounded(app):
    many = Table("many", "Many", COLUMNS[:1], ((str(n),) for n in range(10_000)))

    assert len(page_rows(many, first=3, limit=9_999)) == 500


def test_json_keeps_fen_basis_points_and_utc(app):
    answer = json.loads("".join(json_chunks(table())))

    assert [column["kind"] for column in answer["columns"]] == [c.kind for c in COLUMNS]
    assert answer["rows"][0] == [
        "=1+1", "007", 123_456, 1_234, 1_250, "2030-05-06", "2030-05-06T16:30:00+00:00",
    ]  # fmt: skip


def test_csv_is_inert_and_has_plain_numbers(app):
    _head, first, second, third = parsed_csv()

    assert first == ["'=1+1", "007", "1234.56", "1234", "12.50%", "2030-05-06", "2030-05-07 00:30"]
    assert second[:4] == ["王小明", "12345678901234567890", "-0.05", "0"]
    assert third == [""] * 7


def test_a_workbook_has_types_and_totals(app, tmp_path):
    write_table(table(), tmp_path / "x.xlsx", company="A & B", subtitle="all")

    values = openpyxl.load_workbook(tmp_path / "x.xlsx", data_only=True).active
    formulas = openpyxl.load_workbook(tmp_path / "x.xlsx").active
    assert [cell.value for cell in values[5]] == [
        "=1+1", "007", 1_234.56, 1_234, 0.125,
        datetime.combine(date(2030, 5, 6), time()),
        datetime.combine(date(2030, 5, 7), time(0, 30)),  # the city's wall clock
    ]  # fmt: skip
    assert formulas["A5"].data_type == "s"
    assert formulas["A5"].quotePrefix
    assert (values["C8"].value, formulas["C8"].value) == (1_234.51, "=SUM(C5:C7)")
    assert (values["D8"].value, formulas["D8"].value) == (1_234, "=SUM(D5:D7)")


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@x", "＝1", "＋1", "－1", "＠x", "\t=1", " =1", "\n=1"]
)
def test_what_starts_like_a_formula_is_quoted(text):
    assert inert(text).startswith("'")


@pytest.mark.parametrize(("text", "expected"), [("a=b", "a=b"), ("王", "王"), ("", "")])
def test_other_text_is_left_alone(text, expected):
    assert inert(text) == expected


def test_text_is_cleaned_of_what_nobody_sees():
    assert clean("a\x00b\u202ec\ud800d\ufffe") == "abcd"
    assert clean("e\u0301") == "é"
    assert len(clean("x" * 40_000)) == 32_767


def test_personal_data_is_masked():
    names = ("王小明", "欧阳娜娜", "李", "")
    assert [masked_name(name) for name in names] == ["王**", "欧**", "李", ""]
    assert masked_phone("1234") == "*******1234"
    assert masked_phone("") == ""


def test_a_sheet_name_that_excel_refuses_is_mended():
    assert sheet_name("a/b:c[d]*?'" + "x" * 40) == "a-b-c-d---'" + "x" * 20
    assert sheet_name("") == "-"


def test_a_second_report_of_one_name_is_refused():
    with pytest.raises(ValueError, match="settlement-lines"):
        type("Again", (Report,), {"name": "settlement-lines"})


def test_parameters_are_checked(app):
    class Params(Schema):
        day = fields.Date(required=True)

    report = type(
        "Sample", (Report,),
        {
            "name": "sample-of-a-test", "title": "Sample", "params": Params,
            "columns": COLUMNS[:1], "rows": lambda self, *, actor, day: iter([(str(day),)]),
        },
    )  # fmt: skip
    del REPORTS["sample-of-a-test"]

    with pytest.raises(InvalidInput) as refusal:
        report().table({"day": "yesterday", "more": "1"}, actor=SYSTEM)
    assert set(refusal.value.details["fields"]) == {"day", "more"}
    assert page_rows(report().table({"day": "2030-05-06"}, actor=SYSTEM)) == [["2030-05-06"]]


def test_an_unknown_report_is_not_found(app):
    with pytest.raises(NotFound):
        report_named("nothing")


def test_the_lines_report_equals_the_workbook(run_id, workbook):
    lines = list(report_named("settlement-lines").table({"run_id": run_id}, actor=SYSTEM).rows)
    sheet = workbook(run_id).values("orders")

    for number, line in enumerate(lines):
        assert sheet.cell(5 + number, 1).value == line[0]
        assert round(sheet.cell(5 + number, 13).value * 100) == line[12]
    assert sheet.cell(5 + len(lines), 2).value is None


def test_a_run_outside_the_scope_looks_like_none(run_id):
    for actor in (Actor("customer", 1), Actor("worker", 1)):
        with pytest.raises(NotFound):
            report_named("settlement-lines").table({"run_id": run_id}, actor=actor)
