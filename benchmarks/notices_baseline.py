"""A stock Flask application that stores a notice as it came, and does nothing else with it."""

import os

import sqlalchemy as sa
from flask import Flask, request

TABLE = sa.Table(
    "raw_notice",
    sa.MetaData(),
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("headers", sa.JSON, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)


def make() -> Flask:
    app = Flask("stock")
    engine = sa.create_engine(os.environ["DATABASE_URL"], pool_size=20)

    @app.post("/notice")
    def keep() -> str:
        values = {"headers": dict(request.headers), "body": request.get_data(as_text=True)}
        with engine.begin() as connection:
            connection.execute(TABLE.insert().values(**values))
        return "success"

    return app
