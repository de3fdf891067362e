"""A settlement run in the database and its workbook, written and read once more."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from app.reports.settlement.sheet import SHEETS
from app.reports.settlement_workbook import write_settlement_workbook
from tests.reports.runs import HALVES, SPECIAL, make_run

PLACES = {key: place for place, (key, _title) in enumerate(SHEETS)}


class Opened:
    """A workbook by the keys of its sheets: cached values, or what stands in the cells."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._values = openpyxl.load_workbook(path, data_only=True)
        self._formulas = openpyxl.load_workbook(path)

    def values(self, key: str) -> Any:
        return self._values.worksheets[PLACES[key]]

    def formulas(self, key: str) -> Any:
        return self._formulas.worksheets[PLACES[key]]

    @property
    def names(self) -> list[str]:
        names: list[str] = self._values.sheetnames
        return names


@pytest.fixture(scope="module")
def kept_run(once: Any) -> Any:
    return once(lambda: make_run([*HALVES, *SPECIAL]))


@pytest.fixture
def run_id(app: Any, kept_run: Any) -> int:
    """A small run with every awkward case."""
    run: int = kept_run()
    return run


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Opened]:
    def write(run: int, *, locale: str = "zh") -> Opened:
        path = tmp_path / f"{locale}-{run}.xlsx"
        write_settlement_workbook(run, path, locale=locale)
        return Opened(path)

    return write
