"""For load balancers: is the process alive, and can it serve?"""

from typing import Any

from flask import Blueprint, current_app
from sqlalchemy.exc import SQLAlchemyError

from app.services.system import schema

health = Blueprint("health", __name__)


@health.get("/healthz")
def alive() -> Any:
    """200 as long as the process answers; asks nobody."""
    return {"status": "ok"}


@health.get("/readyz")
def ready() -> Any:
    """200 when database, schema and Redis are there; otherwise 503 that names what is missing."""
    findings = {"database": _database(), "redis": _redis()}
    ok = all(finding in {"ok", "not used"} for finding in findings.values())
    return {"status": "ok" if ok else "not ready", **findings}, 200 if ok else 503


def _database() -> str:
    try:
        return "ok" if schema.is_current() else "schema is not current: run `flask init`"
    except SQLAlchemyError:
        current_app.logger.exception("The database does not answer")
        return "does not answer"


def _redis() -> str:
    if not current_app.config["REDIS_URL"]:
        return "not used"
    # Imported here: the embedded mode does not need it.
    import redis

    try:
        current_app.extensions["job_queue"].rq.connection.ping()
    except redis.RedisError:
        current_app.logger.exception("Redis does not answer")
        return "does not answer"
    return "ok"
