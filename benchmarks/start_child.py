"""A web process that only starts, and tells what it took as a line of JSON.

`python -m benchmarks.start_child ours FOLDER URL`, or `stock FOLDER URL VIEWS RESOURCES`.
"""

import json
import resource
import sys
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

statements: list[str] = []


def main(which: str, folder: str, url: str, *counts: str) -> None:
    sa.event.listen(sa.Engine, "before_cursor_execute", _count)
    app = ours(folder, url) if which == "ours" else stock(url, *map(int, counts))
    # Later imports must not count: the facts are taken when it could answer.
    used = resource.getrusage(resource.RUSAGE_SELF)
    facts = {
        "statements": len(statements),
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "megabytes": resident_megabytes(),
    }
    print(json.dumps(facts | _views_of(app)), flush=True)


def ours(folder: str, url: str) -> Flask:
    from app import create_app
    from config import load_settings
    from tests.kit.settings import environment

    return create_app(load_settings(environment(Path(folder), url)))


def stock(url: str, views: int, resources: int) -> Flask:
    """Flask-AppBuilder as its documentation starts it, filled up to as many views."""
    from flask_appbuilder import AppBuilder

    from app.extensions import db

    app = Flask("stock")
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SECRET_KEY="s" * 40)
    db.init_app(app)
    with app.app_context():
        appbuilder = AppBuilder(app, db.session)
        made = stock_views()
        for _ in range(resources):
            appbuilder.add_api(next(made)[1])
        while len(appbuilder.baseviews) < views:
            page = next(made)[0]
            appbuilder.add_view(
                page, page.__name__, category=f"Menu {len(appbuilder.baseviews) % 8}"
            )
    return app


def stock_views() -> Iterator[tuple[Any, Any]]:
    """A page and a resource for each of our tables, round and round."""
    from flask_appbuilder import Model, ModelRestApi, ModelView
    from flask_appbuilder.models.sqla.interface import SQLAInterface

    import app.models  # noqa: F401

    mapped = [mapper.class_ for mapper in Model.registry.mappers]
    ours = sorted((m for m in mapped if m.__module__.startswith("app.models")), key=str)
    # A stock view fails on a table that only links two others.
    ours = [model for model in ours if SQLAInterface(model).get_user_columns_list()]
    for number, model in enumerate(cycle(ours)):
        name = f"{model.__name__}{number}"
        # A stock resource fails on a column that is worked out by the database.
        columns = [prop.key for prop in model.__mapper__.column_attrs if is_stored(prop)]
        asked = ("list_columns", "show_columns", "add_columns", "edit_columns")
        lists = dict.fromkeys(asked, columns)
        facts = {"datamodel": SQLAInterface(model), "resource_name": name, **lists}
        yield type(f"{name}View", (ModelView,), facts), type(f"{name}Api", (ModelRestApi,), facts)


def is_stored(prop: Any) -> bool:
    return isinstance(prop.columns[0], sa.Column) and not prop.columns[0].foreign_keys


def _views_of(app: Flask) -> dict[str, int]:
    from flask_appbuilder.api import BaseApi

    views = app.extensions["appbuilder"].baseviews
    resources = sum(isinstance(view, BaseApi) for view in views)
    return {"views": len(views), "resources": resources}


def resident_megabytes() -> float:
    """Asked of the kernel: the largest ever, as resource tells it, is that of the parent too."""
    status = Path("/proc/self/status").read_text().splitlines()
    kilobytes = next(line.split()[1] for line in status if line.startswith("VmRSS"))
    return int(kilobytes) / 1024


def _count(*args: Any) -> None:
    statements.append(args[2])


if __name__ == "__main__":
    main(*sys.argv[1:])
