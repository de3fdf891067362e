"""Two web applications over one database, called in-process by somebody who is signed in.

`ours` is the product as it is served, used by somebody of operations who dispatches too. `stock` is
Flask-AppBuilder with its own views over the same models, used by its administrator:

/stockorders   the columns of our list and page, everything else as Flask-AppBuilder has it: each
               relation of an order stands in the search form and in the edit form
/tunedorders   the same by somebody who has met that fault: told which columns to search and edit
/stockareas    a service area, to compare like with like: our form has the same fields
"""

import gc
import re
import time
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import Flask
from flask_appbuilder import AppBuilder, ModelView
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.sqla.models import Role

from app import create_app
from app.extensions import db
from app.models import Area, Order
from app.services.transactions import transaction
from config import load_settings
from tests.kit.clients import PASSWORD, add_staff
from tests.kit.settings import environment

SHARED_SETTINGS = ("SECRET_KEY", "DATA_KEY", "INDEX_KEY", "SQLALCHEMY_DATABASE_URI")
statements: list[str] = []


class Answer(NamedTuple):
    milliseconds: float
    statements: int


class Site:
    """One application with a signed-in browser."""

    def __init__(self, app: Flask, username: str) -> None:
        self.app = app
        self._client = app.test_client()
        token = re.search(
            r'name="csrf_token"[^>]*value="([^"]+)"', self._client.get("/login/").text
        )
        form = {"username": username, "password": PASSWORD, "csrf_token": token and token[1]}
        answer = self._client.post("/login/", data=form)
        assert answer.status_code == 302, answer.text

    def get(self, url: str) -> Answer:
        # What an earlier page left behind is not this page's to clear away.
        gc.collect()
        statements.clear()
        begun = time.perf_counter()
        answer = self._client.get(url)
        took = (time.perf_counter() - begun) * 1000
        assert answer.status_code == 200, (url, answer.status)
        return Answer(took, len(statements))


def ours(folder: Path, url: str) -> Site:
    app = create_app(load_settings(environment(folder, url)))
    with app.app_context():
        if app.extensions["appbuilder"].sm.find_user("measured") is None:
            user = add_staff("operations", username="measured")
            with transaction() as session:
                dispatcher = session.scalars(sa.select(Role).filter_by(name="dispatcher")).one()
                session.merge(user).roles.append(dispatcher)
    return Site(app, "measured")


def stock(product: Flask) -> Site:
    """Of the product's application only the models and what they need are taken over."""
    app = Flask("stock")
    app.config.update({name: product.config[name] for name in SHARED_SETTINGS})
    app.extensions["clock"] = product.extensions["clock"]
    db.init_app(app)
    with app.app_context():
        appbuilder = AppBuilder(app, db.session)
        for view in _views():
            appbuilder.add_view(view, view.__name__)
        add_administrator(appbuilder)
    return Site(app, "stock")


def add_administrator(appbuilder: AppBuilder) -> None:
    """Stock's own; another benchmark on the same database may have been there before."""
    if appbuilder.sm.find_user("stock") is None:
        role = appbuilder.sm.find_role("Admin")
        appbuilder.sm.add_user("stock", "Stock", "User", "stock@example.com", role, PASSWORD)


def _views() -> list[type[ModelView]]:
    # Our views name the columns; importing them needs the application's package to be complete.
    from app.views.areas import AreaView
    from app.views.orders import OrderView

    class StockOrders(ModelView):
        datamodel = SQLAInterface(Order)
        list_columns = OrderView.list_columns
        show_columns = OrderView.show_columns
        base_order = OrderView.base_order
        page_size = OrderView.page_size

    class TunedOrders(StockOrders):
        datamodel = SQLAInterface(Order)
        search_columns = ["number", "status", "service_on", "source"]
        edit_columns = ["note", "lead_worker"]

    class StockAreas(ModelView):
        datamodel = SQLAInterface(Area)
        list_columns = AreaView.list_columns
        show_columns = AreaView.show_columns
        edit_columns = AreaView.edit_columns

    return [StockOrders, TunedOrders, StockAreas]


@sa.event.listens_for(sa.Engine, "before_cursor_execute")
def _count(*args: Any) -> None:
    statements.append(args[2])
