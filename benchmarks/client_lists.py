"""A customer's "my orders" over the API, against stock ModelRestApi over the same rows.

`SCALE=city` (or large) asks a company of that size, which takes minutes to load; without it there
are 20,000 orders. Stock is asked for the same columns, told to filter by the customer.
"""

import statistics
import time
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_appbuilder import AppBuilder, ModelRestApi
from flask_appbuilder.models.sqla.interface import SQLAInterface

from app.extensions import db
from app.models import CustomerAccount, Order
from benchmarks import companies, order_sites
from benchmarks.figures import Figure
from tests.kit import apps, binaries
from tests.kit.clients import PASSWORD, customer_token
from tests.kit.databases import Postgresql

RUNS = 60
MOST_MS, MOST_STATEMENTS = 30, 3
COLUMNS = ["number", "status", "summary", "region_name", "planned_start", "planned_end", "due_fen",
           "lead_worker.name", "items.service_name"]  # fmt: skip


class StockMyOrders(ModelRestApi):
    """As somebody writes it who follows the manual."""

    resource_name = "stockmyorders"
    datamodel = SQLAInterface(Order)
    list_columns = COLUMNS


def run() -> list[Figure]:
    if not binaries.POSTGRESQL.path():
        return []
    stand = companies.stand(Postgresql)
    return _figures(apps.make(stand.folder, stand.url))


def _figures(app: Flask) -> list[Figure]:
    with app.app_context():
        customer_id = db.session.scalar(
            sa.select(Order.customer_id)
            .group_by(Order.customer_id)
            .order_by(sa.func.count().desc(), Order.customer_id)
            .limit(1)
        )
        customer = db.session.get_one(CustomerAccount, customer_id)
        mine = {"Authorization": f"Bearer {customer_token(customer)}"}
        db.session.remove()
    ours = FlaskClient(app)  # a plain one, as outside of the tests
    stock, theirs = _stock(app)
    question = (
        f"/api/v1/stockmyorders/?q=(filters:!((col:customer,opr:rel_o_m,value:{customer_id})),"
        "order_column:number,order_direction:desc,page_size:20)"
    )
    a, b = [], []
    for _ in range(RUNS):
        a.append(_asked(ours, "/api/customer/v1/orders", mine))
        b.append(_asked(stock, question, theirs))
    del a[0], b[0]  # the first of each warms up
    size = f"my orders, {companies.scale() or 'bench'}"
    return [
        Figure(size, _median(a), _median(b), "ms", at_most=MOST_MS),
        Figure(f"{size}: statements", max(n for _, n in a), max(n for _, n in b),
               at_most=MOST_STATEMENTS),
    ]  # fmt: skip


def _stock(product: Flask) -> tuple[Any, dict[str, str]]:
    app = Flask("stock")
    app.config.update({name: product.config[name] for name in order_sites.SHARED_SETTINGS})
    app.extensions["clock"] = product.extensions["clock"]
    db.init_app(app)
    with app.app_context():
        appbuilder = AppBuilder(app, db.session)
        appbuilder.add_api(StockMyOrders)
        order_sites.add_administrator(appbuilder)
    client = app.test_client()
    login = {"username": "stock", "password": PASSWORD, "provider": "db"}
    token = client.post("/api/v1/security/login", json=login).json["access_token"]
    return client, {"Authorization": f"Bearer {token}"}


def _asked(client: Any, url: str, headers: dict[str, str]) -> tuple[float, int]:
    order_sites.statements.clear()
    begun = time.perf_counter()
    answer = client.get(url, headers=headers)
    took = (time.perf_counter() - begun) * 1000
    assert answer.status_code == 200, (url, answer.status, answer.text[:300])
    return took, len(order_sites.statements)


def _median(runs: list[tuple[float, int]]) -> float:
    return statistics.median(took for took, _ in runs)
