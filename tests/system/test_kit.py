"""The promises of the test kit itself."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.models import Branch
from app.services import clock as product_clock
from app.services.transactions import transaction
from tests.conftest import NOW


def _save(code):
    with transaction() as session:
        session.add(Branch(code=code, name=code, city_code="440100"))


def _save_and_fail(code):
    with transaction() as session:
        session.add(Branch(code=code, name=code, city_code="440100"))
        session.flush()
        _ = 1 / 0


@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_test_commits_is_gone_for_the_next(db, turn):
    _save("second")
    db.session.rollback()

    assert db.session.scalar(sa.select(sa.func.count()).select_from(Branch)) == 2


def test_a_refused_change_leaves_the_earlier_ones(db):
    _save("second")
    with pytest.raises(ZeroDivisionError):
        _save_and_fail("third")

    assert db.session.scalars(sa.select(Branch.code).order_by(Branch.id)).all() == [
        "main",
        "second",
    ]


def test_real_changes_reach_other_connections(real_app):
    _save("second")

    engine = sa.create_engine(real_app.config["SQLALCHEMY_DATABASE_URI"])
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM branch")) == 2
    engine.dispose()


def test_the_clock_stands_still_until_it_travels(app, clock):
    assert product_clock.now() == NOW

    clock.travel(timedelta(days=7))

    assert product_clock.now() == NOW + timedelta(days=7)


def test_append_only_tables_refuse_changes(db):
    _save("second")

    with pytest.raises(DBAPIError, match="append_only"), transaction() as session:
        session.execute(sa.text("DELETE FROM audit_log"))


@pytest.mark.backends("postgresql")
def test_deferred_constraints_are_asked_at_each_commit(db):
    with pytest.raises(DBAPIError, match="journal_unbalanced"), transaction() as session:
        _insert_half_a_journal(session)


def _insert_half_a_journal(session):
    from app.models import Journal, LedgerAccount, Posting

    account = LedgerAccount(code="half", normal="debit")
    journal = Journal(
        key="half",
        kind="test",
        payload_hash="x",
        posted_at=NOW,
        posted_on=NOW.date(),
        source_kind="test",
        source_id=1,
        actor_kind="system",
    )
    session.add_all([account, journal])
    session.flush()
    session.add(Posting(journal_id=journal.id, account_id=account.id, amount_fen=5))


@pytest.mark.backends("sqlite")
def test_queries_are_counted(db, count_queries):
    with count_queries() as statements:
        db.session.scalars(sa.select(Branch)).all()

    assert len(statements) == 1
