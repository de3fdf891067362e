"""How tests read what was written: cells of a sheet, the text of a PDF, the rows behind it."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.extensions import db
from app.reports.settlement.sheet import FIRST, index_of
from tests.kit.binaries import POPPLER

ROW = FIRST + 1  # the first row of a table, as spreadsheets count
TOTALS = 41 + 13 + 14  # at the foot of the sheets, on the cover, and the checks
needs_poppler = pytest.mark.skipif(not POPPLER.path(), reason=POPPLER.why_missing())


def column(sheet: Any, columns: Any, key: str, rows: int) -> list[Any]:
    place = index_of(columns, key) + 1
    return [sheet.cell(ROW + n, place) for n in range(rows)]


def total(sheet: Any, columns: Any, key: str, rows: int) -> Any:
    return sheet.cell(ROW + rows, index_of(columns, key) + 1)


def fen(value: float) -> int:
    assert abs(value * 100 - round(value * 100)) < 1e-6
    return round(value * 100)


def shell(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout.decode()


def text_of(path: Path, *options: str) -> str:
    return shell("pdftotext", *options, str(path), "-")


def first(model: Any, *conditions: Any) -> Any:
    return db.session.scalars(sa.select(model).where(*conditions).order_by(model.id)).first()
