"""A file that is off by one fen, or by one formula, is never offered."""

import re
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.extensions import db
from app.models import SettlementRun, Statement, StatementLine
from app.reports.base import ReportError
from app.reports.settlement.sheet import SHEETS
from app.reports.settlement_workbook import verify_settlement_workbook
from tests import factories
from tests.reports.reading import TOTALS
from tests.reports.runs import HALVES, SPECIAL

pytestmark = pytest.mark.backends("sqlite")
PLACE = {key: number for number, (key, _title) in enumerate(SHEETS, start=1)}


def altered(path: Path, key: str, pattern: str, replacement: str) -> Path:
    """A copy of the file with one place of one sheet's XML changed."""
    target = path.with_name(f"altered-{path.name}")
    name, changed = f"xl/worksheets/sheet{PLACE[key]}.xml", 0
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for item in old.namelist():
            data = old.read(item)
            if item == name:
                text, changed = re.subn(pattern, replacement, data.decode(), count=1)
                data = text.encode()
            new.writestr(item, data)
    assert changed == 1
    return target


def test_a_fresh_workbook_agrees_figure_by_figure(run_id, workbook):
    path = workbook(run_id).path
    lines = len(HALVES) + len(SPECIAL) + 3  # a crew of three and one of two

    assert verify_settlement_workbook(path, run_id) == lines * 17 + TOTALS


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_the_language_does_not_matter(run_id, workbook, locale):
    assert verify_settlement_workbook(workbook(run_id, locale=locale).path, run_id)


@pytest.mark.parametrize(
    ("key", "pattern", "replacement", "place"),
    [
        # a typed amount, one fen more
        ("orders", r'(<c r="H5"[^>]*><v>)115\.05', r"\g<1>115.06", "paid_fen"),
        # a cached value beside an untouched formula
        ("orders", r'(<c r="M5"[^>]*><f>[^<]*</f><v>)11\.51', r"\g<1>11.5", "commission_fen"),
        # part of a fen
        ("orders", r'(<c r="H5"[^>]*><v>)115\.05', r"\g<1>115.054", None),
        # a total over one row less
        ("orders", r"SUM\(K5:K\d+\)", "SUM(K6:K20)", "orders.base_fen: formula"),
        # a total that is a number
        ("people", r"<f>SUM\(N5:N11\)</f>", "", "people.payable_fen: formula"),
        ("cover", r'(<c r="C21"[^>]*><f>[^<]*</f><v>)\d+', r"\g<1>1", "cover: people.payable_fen"),
        ("checks", r'(<c r="F7" [^>]*><f>[^<]*</f><v>)1', r"\g<1>0", None),
        # a formula without a value
        ("cover", r'(<c r="C21"[^>]*><f>[^<]*</f>)<v>[^<]*</v>', r"\g<1>", None),
    ],
)  # fmt: skip
def test_a_file_that_differs_in_one_place_is_refused(
    run_id, workbook, key, pattern, replacement, place
):
    path = altered(workbook(run_id).path, key, pattern, replacement)

    with pytest.raises(ReportError) as refusal:
        verify_settlement_workbook(path, run_id)

    if place:
        assert str(refusal.value.details["place"]).endswith(place)


def test_a_database_that_moved_on_is_noticed(run_id, workbook):
    path = workbook(run_id).path
    line = sa.select(StatementLine.id).join(Statement).where(StatementLine.worker_fen > 0).limit(1)
    db.session.execute(
        sa.update(StatementLine)
        .where(StatementLine.id == line.scalar_subquery())
        .values(base_fen=StatementLine.base_fen + 1, worker_fen=StatementLine.worker_fen + 1)
    )

    with pytest.raises(ReportError):
        verify_settlement_workbook(path, run_id)


def test_another_runs_workbook_is_refused(run_id, workbook):
    path = workbook(run_id).path
    run = db.session.get(SettlementRun, run_id)
    other = SettlementRun(
        number="J2", branch_id=run.branch_id, period_from=run.period_to, period_to=run.period_to,
        made_by_id=run.made_by_id,
    )  # fmt: skip
    factories.save(other)

    with pytest.raises(ReportError):
        verify_settlement_workbook(path, other.id)
