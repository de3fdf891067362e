"""LibreOffice calculates the whole workbook again: every figure stays what it was."""

import subprocess
from pathlib import Path

import openpyxl
import pytest

from app.reports.settlement.sheet import SHEETS
from app.reports.settlement_workbook import verify_settlement_workbook
from tests.kit.binaries import LIBREOFFICE
from tests.reports.runs import HALVES, SPECIAL, hundreds, make_run

pytestmark = [
    pytest.mark.backends("sqlite"),
    pytest.mark.skipif(not LIBREOFFICE.path(), reason=LIBREOFFICE.why_missing()),
]
# The cached values are removed, so that nothing but a calculation can bring them back.
WITHOUT_VALUES = "without-values.xlsx"


def recalculated(path: Path, folder: Path) -> Path:
    book = openpyxl.load_workbook(path)
    book.save(folder / WITHOUT_VALUES)  # openpyxl writes formulas without values
    profile = folder.parent / "office-profile"  # making one takes longer than the calculation
    command = [
        str(LIBREOFFICE.path()), "--headless", f"-env:UserInstallation=file://{profile}",
        "--convert-to", "xlsx", "--outdir", str(folder / "out"), str(folder / WITHOUT_VALUES),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder / "out" / WITHOUT_VALUES


def test_libreoffice_finds_the_same_five_hundred_lines_and_totals(app, workbook, tmp_path):
    run_id = make_run([*HALVES, *SPECIAL, *hundreds(480)])
    book = workbook(run_id)

    after = openpyxl.load_workbook(recalculated(book.path, tmp_path), data_only=True)

    compared = 0
    for place, (key, _title) in enumerate(SHEETS):
        for row in book.formulas(key).iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    was = book.values(key)[cell.coordinate].value
                    now = after.worksheets[place][cell.coordinate].value
                    assert type(now) is type(was) or isinstance(now, float | int), cell
                    equal = now == was if isinstance(was, str | bool) else abs(now - was) < 1e-6
                    assert equal, (key, cell.coordinate, cell.value, was, now)
                    compared += 1
    assert compared > 1_600


def test_a_workbook_saved_by_libreoffice_still_agrees(app, workbook, tmp_path):
    """Finance opens the file, looks, and saves it: the archive must still pass."""
    run_id = make_run([*HALVES, *SPECIAL[:-1]])  # LibreOffice reads "_x0041_" as "A"

    assert verify_settlement_workbook(recalculated(workbook(run_id).path, tmp_path), run_id)


def test_a_changed_cell_turns_a_lamp_red(run_id, workbook, tmp_path):
    path = workbook(run_id).path
    book = openpyxl.load_workbook(path)
    book.worksheets[2]["H5"] = 999.99
    book.save(path)

    after = openpyxl.load_workbook(recalculated(path, tmp_path), data_only=True)

    lamps = [after.worksheets[0].cell(9 + n, 6).value[0] for n in range(14)]
    assert lamps[:4] == ["✘"] * 4
