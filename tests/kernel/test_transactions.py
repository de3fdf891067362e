"""The one block that commits: all or nothing, no stale reads, clear refusals."""

import threading

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError

from app.domain.actors import Actor
from app.domain.errors import Busy, Conflict
from app.extensions import db
from app.models import AuditLog, Branch, Parameter, Skill
from app.services import transactions
from app.services.transactions import after_commit, locked, retrying, transaction


def names():
    return db.session.scalars(sa.select(Skill.name).order_by(Skill.id)).all()


def test_an_error_takes_everything_back_and_runs_no_callback(app):
    ran = []

    with pytest.raises(ZeroDivisionError), transaction() as session:
        session.add(Skill(code="a", name="a"))
        session.flush()
        after_commit(lambda: ran.append(1))
        raise ZeroDivisionError

    assert names() == []
    assert ran == []


def test_an_inner_block_joins_the_outer_one(app):
    with pytest.raises(ZeroDivisionError), transaction() as outer:
        with transaction() as inner:
            inner.add(Skill(code="a", name="a"))
        assert inner is outer
        raise ZeroDivisionError

    assert names() == []


def test_a_callback_that_fails_does_not_fail_the_change(app, caplog):
    ran = []
    with transaction() as session:
        session.add(Skill(code="a", name="a"))
        after_commit(lambda: 1 / 0)
        after_commit(lambda: ran.append(1))

    assert names() == ["a"]
    assert ran == [1]
    assert "callback after commit failed" in caplog.text


def test_a_callback_without_a_block_is_a_mistake(app):
    with pytest.raises(RuntimeError):
        after_commit(lambda: None)


def test_what_was_changed_outside_a_block_is_never_saved_by_the_next(app):
    with transaction() as session:
        session.add(Skill(code="a", name="a"))
    db.session.scalars(sa.select(Skill)).one().name = "forgotten"

    with pytest.raises(RuntimeError, match="outside"), transaction():
        pass
    db.session.rollback()

    assert names() == ["a"]


def test_a_unique_violation_is_a_conflict_without_sql(app):
    with transaction() as session:
        session.add(Skill(code="a", name="a"))

    with pytest.raises(Conflict) as refusal, transaction() as session:
        session.add(Skill(code="a", name="b"))

    assert "INSERT" not in str(refusal.value)
    assert "code" in refusal.value.details["constraint"]


def test_a_missing_value_is_our_mistake_and_no_conflict(app):
    with pytest.raises(IntegrityError), transaction() as session:
        session.add(Skill(code="a", name=None))


def test_two_editors_of_one_version_do_not_both_win(app):
    with transaction() as session:
        session.add(Skill(code="a", name="a"))
    skill = db.session.scalars(sa.select(Skill)).one()

    with pytest.raises(Conflict), transaction() as session:
        row = locked(session, Skill, skill.id)
        session.execute(sa.text("UPDATE skill SET version = version + 1"))
        row.name = "mine"

    assert names() == ["a"]


def test_a_locked_row_is_as_it_is_now_and_not_as_it_was_loaded(app):
    with transaction() as session:
        session.add(Skill(code="a", name="old"))
    with transaction() as session:
        seen = session.scalars(sa.select(Skill)).one()
        assert seen.name == "old"
        session.execute(sa.text("UPDATE skill SET name = 'new', version = version + 1"))
        assert seen.name == "old"

        assert locked(session, Skill, seen.id).name == "new"


class Deadlock(Exception):
    sqlstate = "40P01"


def test_a_deadlock_runs_the_whole_function_again_but_not_for_ever(app, monkeypatch):
    monkeypatch.setattr(transactions.time, "sleep", lambda _s: None)
    runs = []

    @retrying
    def service(failures):
        runs.append(1)
        if len(runs) <= failures:
            raise OperationalError("", {}, Deadlock())
        return "done"

    assert service(3) == "done"
    assert len(runs) == 4
    runs.clear()
    with pytest.raises(Busy):
        service(99)
    assert len(runs) == 4


def test_inside_a_block_a_deadlock_is_left_to_the_outermost(app):
    runs = []

    @retrying
    def inner():
        runs.append(1)
        raise OperationalError("", {}, Deadlock())

    with pytest.raises(OperationalError), transaction():
        inner()
    assert len(runs) == 1


def test_the_actor_of_the_block_stands_in_the_audit(app):
    with transaction(Actor("staff", 7)) as session:
        session.add(Skill(code="a", name="甲"))
    with transaction(Actor("staff", 8)) as session:
        session.scalars(sa.select(Skill)).one().name = "乙"
    with transaction() as session:
        session.delete(session.scalars(sa.select(Skill)).one())

    rows = db.session.scalars(
        sa.select(AuditLog).filter_by(entity="skill").order_by(AuditLog.id)
    ).all()
    assert [(r.action, r.actor_kind, r.actor_id) for r in rows] == [
        ("insert", "staff", 7), ("update", "staff", 8), ("delete", "system", None),
    ]  # fmt: skip
    assert rows[1].changes == {"name": ["甲", "乙"]}
    assert rows[0].changes["name"] == [None, "甲"]
    assert rows[2].changes["name"] == ["乙", None]


def test_a_writer_that_read_first_does_not_fail_when_another_wrote_meanwhile(real_app):
    """On SQLite a read that turns into a write would fail at once, whatever the time-out."""

    def rival():
        with real_app.app_context(), transaction() as session:
            session.add(Skill(code="rival", name="rival"))

    with real_app.app_context():
        db.session.scalars(sa.select(Branch)).all()  # a read transaction is open
        thread = threading.Thread(target=rival)
        thread.start()
        thread.join()
        with transaction() as session:
            session.add(Skill(code="mine", name="mine"))

        assert sorted(names()) == ["mine", "rival"]


def test_parallel_increments_are_all_counted(real_app):
    def increment():
        with real_app.app_context():
            for _ in range(10):
                with transaction() as session:
                    row = session.scalars(
                        sa.select(Parameter).with_for_update().filter_by(key="count")
                    ).one()
                    session.refresh(row, with_for_update=True)
                    row.value += 1

    with real_app.app_context(), transaction() as session:
        session.add(Parameter(key="count", value=0))
    threads = [threading.Thread(target=increment) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with real_app.app_context():
        assert db.session.scalars(sa.select(Parameter.value)).one() == 40
