"""A run without an order."""

import pytest

from app.reports.base import ReportError
from app.reports.settlement_workbook import verify_settlement_workbook
from tests.reports.reading import TOTALS
from tests.reports.runs import HALVES, empty_run, make_run


def test_an_empty_run_has_headers_zero_totals_and_sentences(app, workbook):
    book = workbook(empty_run(), locale="en")

    for key in ("people", "orders", "adjustments", "tax", "partners", "differences", "ledger"):
        sheet = book.values(key)
        assert sheet["A5"].value.endswith("."), key
        assert sheet["A6"].value == "Total", key
        numbers = [cell.value for cell in sheet[6] if cell.data_type == "n" and cell.value]
        assert not numbers, key
        assert 0 in [cell.value for cell in sheet[6]], key
    assert book.values("cover")["C6"].value != 1


def test_an_empty_run_agrees_too(app, workbook):
    run_id = empty_run()

    assert verify_settlement_workbook(workbook(run_id).path, run_id) == TOTALS


def test_what_is_no_workbook_is_refused(app, tmp_path):
    run_id = make_run(HALVES[:1])
    (tmp_path / "x.xlsx").write_bytes(b"not a zip")

    with pytest.raises(ReportError):
        verify_settlement_workbook(tmp_path / "x.xlsx", run_id)
