"""Faults are kept once a kind and place, without data."""

import logging
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.domain.actors import Actor
from app.extensions import db
from app.jobs.context import job
from app.models import ApplicationError, AuditLog
from app.services.system import app_errors
from app.services.transactions import after_commit, transaction
from app.views.catalog import SkillView
from tests import factories

SECRET = "12810004321"


def errors():
    return db.session.scalars(sa.select(ApplicationError).order_by(ApplicationError.id)).all()


def fail():
    raise KeyError(f"林女士 {SECRET} token=abcdef0123456789abcdef")


def keep_one():
    try:
        fail()
    except KeyError as exc:
        app_errors.keep(exc, "job x")


def test_the_same_fault_is_counted(app, clock):
    keep_one()
    clock.travel(timedelta(hours=1))
    keep_one()
    one = errors()[0]
    assert (len(errors()), one.count, one.last_at, one.last_path) == (1, 2, clock.now(), "job x")
    assert (one.kind, one.solved_at) == ("KeyError", None)


def test_nothing_of_the_data_is_kept(app):
    keep_one()
    one = errors()[0]
    said = " ".join((one.kind, one.place, one.message, one.trace, one.last_path))
    assert SECRET not in said
    assert "林" not in said
    assert "abcdef0123" not in said
    assert one.trace.splitlines()[-1] == "KeyError"
    assert "test_app_errors.py" in one.trace
    assert " fail" in one.trace


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("invalid literal for int(): 'x y'", "invalid literal for int(): '…'"),
        ("Key (phone)=(12810004321) exists", "Key (phone)=(…) exists"),
        ("call 13812345678 or a.b@example.com", "call … or …@…"),
        ("Bearer eyJhbGciOiJIUzI1NiJ9.e30.x", "Bearer ….e30.x"),
        ("客户 not found in row 12", "… not found in row 12"),
    ],
)
def test_what_may_be_data_is_scrubbed(text, left):
    assert app_errors.scrubbed(text) == left


def test_what_the_database_says_loses_its_values(app):
    factories.customer(phone=SECRET)
    try:
        db.session.execute(sa.text("SELECT * FROM nowhere WHERE x = :x"), {"x": SECRET})
    except sa.exc.DBAPIError as exc:
        app_errors.keep(exc)
    one = errors()[0]
    assert SECRET not in f"{one.message} {one.trace}"
    assert "nowhere" in one.message or "…" in one.message


def test_a_fault_of_a_page_names_its_address_without_its_keys(app, staff_client, monkeypatch):
    def broken(*_args, **_more):
        raise ZeroDivisionError

    monkeypatch.setattr(SkillView, "row_or_404", broken)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    client = staff_client("operations")
    for _ in range(2):
        assert client.get("/skillview/show/77").status_code == 500
    one = errors()[0]
    assert (len(errors()), one.count, one.last_path) == (1, 2, "GET /skillview/show/<pk>")


def test_a_fault_of_rest_is_kept_once(app, client, monkeypatch):
    def broken(*_args, **_more):
        raise ZeroDivisionError

    monkeypatch.setattr("app.services.identity.otp.send_code", broken)
    answer = client.post("/api/customer/v1/auth/code", json={"phone": "13812345678"})
    assert answer.status_code == 500
    assert [(one.kind, one.count) for one in errors()] == [("ZeroDivisionError", 1)]


def test_a_fault_of_a_job_is_kept_once_although_the_worker_logs_it_too(app):
    @job
    def run():
        fail()

    with pytest.raises(KeyError) as caught:
        run()
    logging.getLogger("app.jobs.embedded").error("failed", exc_info=caught.value)
    assert [(one.count, one.last_path.split()[0]) for one in errors()] == [(1, "job")]


def test_a_fault_that_is_caught_and_logged_is_kept(app):
    with transaction():
        after_commit(fail)
    assert [one.kind for one in errors()] == ["KeyError"]


def test_a_fault_inside_a_change_does_not_disturb_it(app):
    with transaction():
        keep_one()
    assert errors() == []


def test_a_database_that_is_away_does_not_hide_the_fault(app, monkeypatch, caplog):
    def away(*_args):
        raise OSError("away")

    monkeypatch.setattr(app_errors, "_count", away)
    keep_one()
    assert "A fault could not be kept" in caplog.text


def test_what_was_solved_and_comes_again_is_open_again(app):
    keep_one()
    key = errors()[0].id
    assert app_errors.solve(key, actor=Actor("staff", 1)).solved_at is not None
    app_errors.solve(key, actor=Actor("staff", 1))
    rows = db.session.scalars(sa.select(AuditLog).filter_by(action="solve")).all()
    assert [row.entity_id for row in rows] == [str(key)]
    keep_one()
    assert (errors()[0].solved_at, errors()[0].count) == (None, 2)


def test_two_processes_meet_the_same_new_fault(app, monkeypatch):
    """The rival inserts between the update that finds nothing and the insert."""
    add = db.session().add

    def after_a_rival(row):
        monkeypatch.undo()
        values = {column: getattr(row, column) for column in ("fingerprint", "kind", "place")}
        row_of_rival = ApplicationError(**values, last_at=row.last_at)
        add(row_of_rival)
        db.session.flush()
        add(row)

    monkeypatch.setattr(db.session(), "add", after_a_rival)
    keep_one()
    assert len(errors()) == 1
