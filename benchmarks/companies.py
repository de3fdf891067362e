"""A database with a company in it, for whoever measures: 20,000 orders, a city's or a million."""

import os
from pathlib import Path

from flask import Flask

from app.demo import loader
from app.demo.bulk import tidy
from app.extensions import db
from benchmarks.order_rows import fill
from tests.kit import apps
from tests.kit.databases import Backend, Postgresql, Sqlite
from tests.kit.servers import Servers


def scale() -> str:
    """What SCALE says: "" for the benchmarks' own 20,000 orders, or a scale of the demo."""
    return os.environ.get("SCALE", "")


def stand(folder: Path, kind: type[Postgresql] | type[Sqlite], name: str = "company") -> Flask:
    """An application on a new database with the company that SCALE asks for."""

    def build(url: str) -> None:
        apps.fill(apps.make(folder, url))

    backend: Backend = kind(Servers(folder), build)
    app = apps.make(folder, backend.fresh(name))
    with app.app_context():
        if scale():
            app.config["DEMO"] = True
            loader.load(scale())
        else:
            with db.engine.begin() as connection:
                fill(connection)
            tidy()
        db.session.remove()
    return app
