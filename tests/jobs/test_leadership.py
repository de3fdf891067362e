import pytest
import sqlalchemy as sa

from app.extensions import db
from app.jobs import leadership
from app.jobs.leadership import PostgresqlLeadership, RedisLeadership, SoleLeadership


def test_one_scheduler_leads_through_redis(redis_url):
    first, second = RedisLeadership(redis_url), RedisLeadership(redis_url)

    assert [first.hold(), second.hold(), first.hold()] == [True, False, True]
    first.release()
    assert second.hold()
    second.release()


def test_a_lost_lease_is_noticed(redis_url, monkeypatch):
    first, second = RedisLeadership(redis_url), RedisLeadership(redis_url)
    first.hold()
    first._lock.redis.delete(leadership.LOCK_NAME)  # as when it runs out

    assert second.hold()
    assert not first.hold()
    second.release()


@pytest.mark.backends("postgresql")
def test_one_scheduler_leads_through_postgresql(real_app):
    first, second = PostgresqlLeadership(real_app), PostgresqlLeadership(real_app)

    assert [first.hold(), second.hold(), first.hold()] == [True, False, True]
    first.release()
    assert second.hold()
    second.release()


@pytest.mark.backends("postgresql")
def test_another_takes_over_when_the_leaders_connection_dies(real_app):
    first, second = PostgresqlLeadership(real_app), PostgresqlLeadership(real_app)
    first.hold()
    with db.engine.connect() as connection:
        connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_locks "
                "WHERE locktype = 'advisory' AND pid <> pg_backend_pid() AND database = "
                "(SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        )

    assert second.hold()
    assert not first.hold()
    second.release()
    first.release()


@pytest.mark.backends("sqlite")
def test_sqlite_has_one_server_anyway(real_app):
    assert isinstance(leadership.build(real_app), SoleLeadership)
    assert SoleLeadership().hold()
