"""`flask ...` as somebody types it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.exc import ProgrammingError

from app.server import installation, locks
from app.services.system import audit_seals, checks, schema
from app.services.system.findings import Finding

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def flask(real_app):
    return lambda *words: real_app.test_cli_runner().invoke(args=words)


def test_check_prints_every_invariant(flask):
    done = flask("check")

    assert done.exit_code == 0, done.output
    assert len(done.output.splitlines()) >= len(checks.CHECKS)
    assert all(line.startswith("ok  ") for line in done.output.splitlines())


def test_a_broken_invariant_is_an_exit_status(flask, monkeypatch):
    broken = Finding(ok=False, figures={"wrong": 1}, failures=["journal 7 is off by 3"])
    monkeypatch.setattr(checks, "run_all", lambda names: {"journals_balance": broken})

    done = flask("check")

    assert done.exit_code == 1
    assert "FAIL  journals_balance" in done.output
    assert "journal 7 is off by 3" in done.output


def test_a_job_runs_by_its_name(flask):
    assert flask("run-job", "relay_outbox").output == "relay_outbox: 0\n"
    assert flask("run-job", "os").output.startswith("Error: There is no job 'os'")


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(
    "words",
    ["check", "audit-head", "run-job prune", "seed-demo", "demo-order", "add-administrator eve"],
)
def test_an_empty_database_is_told_in_one_sentence(real_app, flask, monkeypatch, words):
    monkeypatch.setitem(real_app.config, "DEMO", True)
    monkeypatch.setattr(schema, "has_tables", lambda: False)

    done = flask(*words.split())

    assert done.exit_code == 1
    assert done.output == (
        "Error: The database is empty or not of this version; `flask init` first.\n"
    )


@pytest.mark.backends("sqlite")
def test_a_database_that_refuses_is_told_in_one_sentence(flask, monkeypatch):
    def refuse(app):
        reason = 'permission denied to create extension "btree_gist"\nHINT: ask somebody'
        raise ProgrammingError("CREATE EXTENSION", {}, Exception(reason))

    monkeypatch.setattr(installation, "install", refuse)

    done = flask("init")

    assert done.exit_code == 1
    assert done.output == (
        "Error: The database lacks the extension btree_gist (permission denied to create "
        'extension "btree_gist"); have its administrator run CREATE EXTENSION btree_gist.\n'
    )


@pytest.mark.backends("sqlite")
@pytest.mark.usefixtures("demo")
def test_an_unknown_scale_leaves_no_mark(flask):
    assert (
        "There is no scale 'huge'; choose tiny, small, city, large."
        in flask("seed-demo", "--scale", "huge").output
    )


def test_keys_can_be_made_before_a_company_has_any():
    env = {"PATH": os.environ["PATH"], "DATABASE_URL": "postgresql://db/office"}
    keys = {
        subprocess.run(
            [sys.executable, "config.py"], cwd=ROOT, env=env, capture_output=True, text=True
        ).stdout.strip()
        for _ in range(2)
    }

    assert len(keys) == 2
    assert all(len(key) == 44 for key in keys)


@pytest.mark.parametrize("command", [["seed-demo"], ["demo-order"], ["demo-reset", "--yes"]])
def test_the_demo_needs_its_setting(flask, command):
    done = flask(*command)

    assert done.exit_code != 0
    assert "DEMO=1 is not set" in done.output


@pytest.mark.backends("sqlite")
@pytest.mark.usefixtures("demo")
def test_a_reset_asks_first_and_spares_a_running_server(flask, tmp_path, real_app, monkeypatch):
    monkeypatch.setitem(real_app.config, "DATA_DIR", str(tmp_path))
    (tmp_path / "files").mkdir()
    (tmp_path / "keys").mkdir()

    assert flask("demo-reset").exit_code == 1
    with locks.data_folder(tmp_path):
        assert "already serving" in flask("demo-reset", "--yes").output
    assert (tmp_path / "files").exists()

    assert flask("demo-reset", "--yes").exit_code == 0
    assert not (tmp_path / "files").exists()
    assert (tmp_path / "keys").exists()


def test_one_check_can_be_named(flask):
    done = flask("check", "audit")
    assert (done.exit_code, len(done.output.splitlines())) == (0, 1)
    assert done.output.startswith("ok    audit ")


def test_a_check_that_does_not_exist_is_refused(flask):
    done = flask("check", "audi")
    assert (done.exit_code, "no check 'audi'" in done.output) == (1, True)


def test_the_printed_head_is_found_again(flask):
    assert "Nothing is sealed yet" in flask("audit-head").output
    audit_seals.seal_new()
    head = flask("audit-head").output.strip()
    assert head == str(audit_seals.head())
    assert flask("check", "audit", "--head", head).exit_code == 0
    refused = flask("check", "audit", "--head", f"1:{'0' * 64}")
    assert (refused.exit_code, "not in the audit chain" in refused.output) == (1, True)
    assert "A head is a number" in flask("check", "audit", "--head", "nonsense").output
