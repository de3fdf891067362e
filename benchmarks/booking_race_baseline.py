"""Stock booking as it is often written: look whether the worker is free, then insert.

No lock, no constraint, no transaction around both. Answers as the product does, so that the same
clients race for it. Served by gunicorn; DATABASE_URL and RACE (JSON: workers, days of starts).
"""

import json
import os
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask, jsonify, request

TABLE = sa.Table(
    "stock_booking",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("worker", sa.Integer, index=True),
    sa.Column("starts_at", sa.DateTime(timezone=True)),
    sa.Column("ends_at", sa.DateTime(timezone=True)),
)
HOUR = timedelta(hours=1)


def make() -> Flask:
    app, race = Flask(__name__), json.loads(os.environ["RACE"])
    engine = sa.create_engine(os.environ["DATABASE_URL"], pool_size=40, max_overflow=-1)

    @app.get("/healthz")
    def alive() -> Any:
        return {"status": "ok"}

    @app.post("/api/customer/v1/holds")
    def book() -> Any:
        start = datetime.fromisoformat(request.get_json()["starts_at"])
        for worker in range(race["workers"]):
            if _is_free(engine, worker, start):
                _take(engine, worker, start)
                return jsonify(number="H", quote_hash="", starts_at=start.isoformat()), 201
        free = [at for at in race["starts"] if _anybody(engine, race["workers"], at)]
        told = [{"starts_at": at} for at in free]
        return jsonify(error={"code": "slot_taken", "details": {"alternatives": told}}), 409

    @app.post("/api/customer/v1/orders")
    def order() -> Any:
        return jsonify(number="D"), 201

    return app


def _is_free(engine: sa.Engine, worker: int, start: datetime) -> bool:
    column = TABLE.c
    taken = sa.select(column.id).where(
        column.worker == worker, column.starts_at < start + HOUR, column.ends_at > start
    )
    with engine.connect() as connection:
        return connection.scalar(taken.limit(1)) is None


def _take(engine: sa.Engine, worker: int, start: datetime) -> None:
    row = {"worker": worker, "starts_at": start, "ends_at": start + HOUR}
    with engine.begin() as connection:
        connection.execute(sa.insert(TABLE), [row])


def _anybody(engine: sa.Engine, workers: int, start: str) -> bool:
    at = datetime.fromisoformat(start)
    return any(_is_free(engine, worker, at) for worker in range(workers))
