"""Which tables are audited, and whose their personal columns are."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask_appbuilder import Model

import app.models  # noqa: F401  # completes the metadata
from app.models.audit import PERSON_KINDS
from app.models.crypto import Encrypted
from app.models.personal import ABOUT, COLUMNS, OWNER, SECRET
from app.services.system.person_links import LINKS

ROOT = Path(__file__).resolve().parents[2]
TABLES = {mapper.local_table.name: mapper for mapper in Model.registry.mappers}
SOUNDS_PERSONAL = re.compile(r"(^|_)(phone|email|contact|holder|home|birth|detail|access_note)")


def test_what_is_left_out_stands_in_the_docs_with_a_reason():
    left_out = {name for name, m in TABLES.items() if not getattr(m.class_, "audited", True)}
    part = (ROOT / "docs/audit.md").read_text().split("## Left out")[1]
    rows = [line for line in part.splitlines() if line.startswith("| `")]
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])} == left_out


@pytest.mark.parametrize("name", sorted(TABLES))
def test_encrypted_columns_have_an_owner_whose_key_seals_them_in_the_log(name):
    table = TABLES[name].local_table
    encrypted = [c.name for c in table.columns if isinstance(c.type, Encrypted)]
    assert not encrypted or name in OWNER, f"say in app/models/personal.py whose {encrypted} are"


def test_owners_and_columns_exist():
    for name, (kind, column) in OWNER.items():
        assert kind in PERSON_KINDS
        assert column in TABLES[name].local_table.columns
    for name, keys in ABOUT.items():
        assert name not in OWNER
        for kind, column in keys:
            assert kind in {*PERSON_KINDS, *LINKS} or kind[1:] in TABLES[name].local_table.columns
            assert column in TABLES[name].local_table.columns
    for name, columns in COLUMNS.items():
        assert name in {*OWNER, *ABOUT, "ab_register_user"}
        assert columns <= set(TABLES[name].local_table.columns.keys())


def test_columns_that_sound_personal_are_declared():
    forgotten = [
        f"{name}.{column.name}"
        for name, mapper in TABLES.items()
        if getattr(mapper.class_, "audited", True)
        for column in mapper.local_table.columns
        if SOUNDS_PERSONAL.search(column.name) and isinstance(column.type, (sa.String, sa.Float))
        if column.name not in COLUMNS.get(name, frozenset()) | SECRET
    ]
    assert forgotten == []


def test_fingerprints_are_secret():
    forgotten = [
        f"{name}.{column.name}"
        for name, mapper in TABLES.items()
        if getattr(mapper.class_, "audited", True)
        for column in mapper.local_table.columns
        if column.name.endswith(("_index", "_hash", "password")) and column.name not in SECRET
    ]
    assert set(forgotten) <= {"period_seal.hash", "settlement_run.lines_hash"}
