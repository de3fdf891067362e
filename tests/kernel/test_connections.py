"""A connection that rested is asked whether its server still lives; one just used is not.

On SQLite nobody waits for one.
"""

from contextlib import ExitStack, nullcontext

import pytest
import sqlalchemy as sa

from app import connections
from app.extensions import db
from app.server.web import THREADS
from config import load_settings
from tests.kit.isolation import other_engine

pytestmark = pytest.mark.backends("postgresql")
LEAVE = "SELECT pg_terminate_backend(:pid, 10000)"


@pytest.fixture
def engine(real_app):
    engine = sa.create_engine(db.engine.url, pool_size=1)
    yield engine
    engine.dispose()


def rested_and_ended(engine):
    """The pool's one connection, which its server has closed meanwhile."""
    with engine.connect() as connection:
        pid = connection.scalar(sa.text("SELECT pg_backend_pid()"))
    with db.engine.connect() as other:
        other.execute(sa.text(LEAVE), {"pid": pid})
    return pid


def test_a_dead_one_is_replaced(engine, monkeypatch):
    monkeypatch.setattr(connections, "RESTS_UNASKED", 0)
    ended = rested_and_ended(engine)

    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT pg_backend_pid()")) != ended


def test_one_that_was_used_just_now_is_not_asked(engine, monkeypatch):
    monkeypatch.setattr(connections, "RESTS_UNASKED", 60)
    rested_and_ended(engine)

    with engine.connect() as connection, pytest.raises(sa.exc.OperationalError):
        connection.scalar(sa.text("SELECT 1"))


def test_a_rollback_forgets_no_prepared_statement(engine):
    with engine.connect() as connection:
        for _ in range(6):
            connection.scalar(sa.text("SELECT 20261122"))
            connection.rollback()
        with pytest.raises(sa.exc.ProgrammingError):
            connection.scalar(sa.text("SELECT nothing"))
        connection.rollback()
        kept = "SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT 20261122'"

        assert connection.scalar(sa.text(kept)) == 1


def test_a_rollback_on_a_dead_connection_says_so(engine):
    with engine.connect() as connection, db.engine.connect() as other:
        pid = connection.scalar(sa.text("SELECT pg_backend_pid()"))
        other.execute(sa.text(LEAVE), {"pid": pid})

        with pytest.raises(sa.exc.OperationalError):
            connection.rollback()


@pytest.mark.parametrize("why", ["all are taken", "the server refuses"])
def test_who_gets_none_is_told_to_come_again(
    real_app, customer_client, staff_client, monkeypatch, why
):
    customer, staff = customer_client(), staff_client("operations")
    one = {"pool_size": 1, "max_overflow": 0, "pool_timeout": 0}
    monkeypatch.setitem(real_app.config, "SQLALCHEMY_ENGINE_OPTIONS", one)
    taken = why == "all are taken"
    url = db.engine.url if taken else db.engine.url.set(database="nowhere")
    with other_engine(real_app, url), db.engine.connect() if taken else nullcontext():
        answer, page = customer.get("/api/customer/v1/me"), staff.get("/orders/list/")
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "busy")
    assert page.status_code == 503


@pytest.mark.backends("sqlite")
def test_who_writes_gets_a_second_one_while_all_threads_wait_for_him(tmp_path):
    """He would wait for a connection that they keep, and they for him."""
    options = load_settings({"DATA_DIR": str(tmp_path)})["SQLALCHEMY_ENGINE_OPTIONS"]
    engine = sa.create_engine(f"sqlite:///{tmp_path}/any.db", pool_timeout=0, **options)
    with ExitStack() as kept:
        for _ in range(THREADS + 1):
            kept.enter_context(engine.connect())
    engine.dispose()
