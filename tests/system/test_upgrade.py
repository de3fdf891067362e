"""A company that was set up with an older release loses nothing when it updates.

`released/<revision>.json.xz` holds all rows of a small demo company as that revision kept them in
SQLite, at NOW of the test kit.
"""

import json
import lzma
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from app.extensions import db
from app.models import guards
from app.server import permissions
from app.services.system import checks, schema
from tests.kit.isolation import other_engine

RELEASED = Path(__file__).with_name("released")
REVISIONS = sorted(path.name.split(".")[0] for path in RELEASED.glob("*.json.xz"))
# Rows that an update writes anew from the code.
FROM_CODE = {"ab_permission", "ab_permission_view", "ab_permission_view_role", "ab_view_menu"}


# From the first one in every run, from the others in the proofs.
@pytest.fixture(
    params=[REVISIONS[0], *(pytest.param(one, marks=pytest.mark.proof) for one in REVISIONS[1:])]
)
def released(request, app, empty_database) -> Iterator[dict[str, Any]]:
    """The database as that release left it, rows and all."""
    tables = json.loads(lzma.decompress((RELEASED / f"{request.param}.json.xz").read_bytes()))
    with other_engine(app, empty_database):
        command.upgrade(schema.config(), request.param)
        with db.engine.begin() as connection:
            fill(connection, tables)
        yield tables
        db.session.remove()


def fill(connection: sa.Connection, tables: dict[str, Any]) -> None:
    """Put the rows back as they were: no trigger and no key looks at them."""
    unguarded = {
        "sqlite": "PRAGMA defer_foreign_keys = ON",
        "postgresql": "SET LOCAL session_replication_role = replica",
    }
    connection.exec_driver_sql(unguarded[connection.dialect.name])
    reflected = sa.MetaData()
    reflected.reflect(connection, only=list(tables))
    for name, kept in tables.items():
        table = reflected.tables[name]
        stored = [c for c in kept["columns"] if table.c[c].computed is None]
        rows = [
            {c: read(table.c[c].type, row[kept["columns"].index(c)]) for c in stored}
            for row in kept["rows"]
        ]
        connection.execute(table.delete())  # what the migration itself wrote
        connection.execute(table.insert(), rows)
    if connection.dialect.name == "sqlite":
        return
    for sequence in sa.inspect(connection).get_sequence_names():
        name = sequence.removesuffix("_id_seq")
        if name in tables:
            connection.exec_driver_sql(f"SELECT setval('{sequence}', max(id)) FROM {name}")


def read(kind: sa.types.TypeEngine[Any], value: Any) -> Any:
    """The value of a column of that kind, from what SQLite keeps."""
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"])
    if isinstance(kind, sa.Boolean) and value is not None:
        return bool(value)
    if isinstance(kind, sa.JSON) and value is not None:
        return json.loads(value)
    if isinstance(kind, sa.DateTime) and value is not None:
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    parsers = {sa.Date: date.fromisoformat, sa.Time: time.fromisoformat}
    parser = next((parsers[known] for known in parsers if isinstance(kind, known)), None)
    return parser(value) if parser and isinstance(value, str) else value


def counts(names: set[str]) -> dict[str, int]:
    with db.engine.connect() as connection:
        return {
            name: connection.scalar(sa.select(sa.func.count()).select_from(sa.table(name))) or 0
            for name in names
        }


def test_an_update_keeps_every_row_and_every_guard(released, app):
    due = schema.is_due()
    assert schema.upgrade() is due
    permissions.sync(app.extensions["appbuilder"])

    wanted = {name: len(kept["rows"]) for name, kept in released.items()}
    found = counts(set(wanted) - FROM_CODE)

    assert {name: found[name] for name in found if found[name] < wanted[name]} == {}
    assert {key: one.failures for key, one in checks.run_all().items() if not one.ok} == {}
    with db.engine.connect() as connection:
        assert guards.installed(connection) >= guards.expected(connection.dialect.name)


@pytest.mark.parametrize("released", REVISIONS[:1], indirect=True)
def test_lines_that_price_rules_added_are_called_what_their_rules_are(released, app):
    command.upgrade(schema.config(), "0009")
    since = {"valid_from": date(2030, 1, 1), "created_at": datetime(2030, 1, 1, tzinfo=UTC)}
    more = {"name_en": "", "rate_bp": 1000, "amount_fen": 0, "active": True, "version": 1, **since}
    rules = [
        {"name": "周末", "kind": "weekday", "weekdays": 96, "from_minute": None, "to_minute": None},
        {"name": "傍晚", "kind": "other", "weekdays": 0, "from_minute": 1080, "to_minute": 1200},
        {"name": "远", "kind": "area", "weekdays": 0, "from_minute": None, "to_minute": None},
    ]
    labels = ["周末 +10%", "傍晚 +10%", "远", "远方的服务 +10%"]
    with db.engine.begin() as connection:
        tables = sa.MetaData()
        tables.reflect(connection, only=["price_rule", "order_line"])
        rule, line = tables.tables["price_rule"], tables.tables["order_line"]
        connection.execute(rule.insert(), [{**one, **more} for one in rules])
        ids = connection.scalars(sa.select(line.c.id).order_by(line.c.id).limit(len(labels))).all()
        for key, label in zip(ids, labels, strict=True):
            connection.execute(line.update().filter_by(id=key).values(kind="peak", label=label))

    command.upgrade(schema.config(), "0010")

    kept = sa.select(line.c.label, line.c.kind).where(line.c.id.in_(ids)).order_by(line.c.id)
    with db.engine.connect() as connection:
        found = connection.execute(kept).tuples().all()
    assert found == list(zip(labels, ["weekday", "peak", "area", "peak"], strict=True))


@pytest.mark.parametrize("released", REVISIONS[:1], indirect=True)
def test_coupons_of_orders_that_have_not_ended_are_borne_by_the_company(released, app):
    command.upgrade(schema.config(), "0015")
    tables = sa.MetaData()
    with db.engine.begin() as connection:
        tables.reflect(connection, only=["customer_order", "order_line", "visit"])
        order, line = tables.tables["customer_order"], tables.tables["order_line"]
        first = sa.select(order.c.status, sa.func.min(order.c.id)).group_by(order.c.status)
        orders = dict(connection.execute(first).tuples().all())
        off = {"position": 99, "kind": "coupon", "label": "x", "label_en": "", "quantity": 1}
        rows = [
            {**off, "order_id": key, "unit_fen": -7, "amount_fen": -7} for key in orders.values()
        ]
        connection.execute(line.insert(), rows)

    command.upgrade(schema.config(), "0016")

    with db.engine.connect() as connection:
        borne = sa.text("SELECT status, subsidy_fen FROM customer_order WHERE subsidy_fen > 0")
        subsidies = dict(connection.execute(borne).tuples().all())
    ended = {"completed", "cancelled", "no_show"}
    assert subsidies == dict.fromkeys(set(orders) - ended, 7)
    assert {"accepted", "completed"} <= set(orders)
