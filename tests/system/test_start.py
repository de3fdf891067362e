"""What a start costs, and what a health check answers."""

import pytest
import sqlalchemy as sa

from app import create_app
from app.extensions import db
from app.services.system import schema
from tests.kit.settings import settings_for


def test_a_start_asks_the_database_nothing(real_app, tmp_path, count_queries):
    with count_queries() as statements:
        create_app(settings_for(tmp_path, real_app.config["SQLALCHEMY_DATABASE_URI"]))

    assert len(statements) <= 20
    assert statements == []


def test_alive_asks_nobody(client, count_queries):
    with count_queries() as statements:
        answer = client.get("/healthz")

    assert (answer.status_code, answer.json, statements) == (200, {"status": "ok"}, [])


def test_ready_only_with_the_schema_of_this_code(client, db, monkeypatch):
    before = client.get("/readyz")
    db.session.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
    db.session.execute(
        sa.text("INSERT INTO alembic_version VALUES (:head)"), {"head": schema.head()}
    )
    db.session.commit()
    after = client.get("/readyz")

    assert (before.status_code, before.json["status"]) == (503, "not ready")
    assert before.json["database"].startswith("schema is not current")
    assert (after.status_code, after.json) == (
        200,
        {"status": "ok", "database": "ok", "redis": "not used"},
    )


def test_not_ready_without_its_redis(client, app, monkeypatch):
    from app.services.queue import RedisQueue

    monkeypatch.setitem(app.config, "REDIS_URL", "unix:///nowhere.sock")
    monkeypatch.setitem(app.extensions, "job_queue", RedisQueue("unix:///nowhere.sock"))

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json["redis"]) == (503, "does not answer")


@pytest.mark.backends("sqlite")
def test_not_ready_without_its_database(client, monkeypatch):
    def away():
        raise sa.exc.OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(schema, "is_current", away)

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json["database"]) == (503, "does not answer")
    assert "gone" not in answer.text
    assert db.engine is not None
