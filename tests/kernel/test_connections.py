"""A connection that rested is asked whether its server still lives; one just used is not."""

import pytest
import sqlalchemy as sa

from app import connections
from app.extensions import db

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
