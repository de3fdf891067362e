"""Two applications on the same shop: one with FAB as it comes, one with our bases."""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_appbuilder import AppBuilder
from flask_appbuilder.security.sqla.models import User
from werkzeug.security import generate_password_hash

from app import connections
from app.extensions import csrf, db
from app.fab_security import StaffSecurityManager
from app.services.clock import FrozenClock
from app.views.base import IndexView
from app.views.headers import install_headers
from tests.fab import shop, shop_views
from tests.kit.templates import CompiledTemplates

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2030, 5, 6, 1, 0, tzinfo=UTC)
PASSWORD = "correct-horse-battery"
# Strong ones take a tenth of a second each time they are made or compared.
PASSWORD_HASH = generate_password_hash(PASSWORD, "pbkdf2:sha256:1")
ROWS = 60
# Each test has an application of its own; their templates are the same.
COMPILED = CompiledTemplates()
# FAB's own classes stand beside ours; their forms use what WTForms gives up.
STOCK_WARNS = pytest.mark.filterwarnings(
    "ignore:'DateTimeField' renders:DeprecationWarning",
    "ignore:Yielding raw tuples:DeprecationWarning",
)


def settings(path: Path) -> dict[str, Any]:
    return {
        "SECRET_KEY": "a key for the tests, long enough to sign with",
        "TESTING": True, "DEMO": True, "REDIS_URL": None,
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{path}",
        "CITY_TIMEZONE": "Asia/Shanghai", "DATA_KEY": b"d" * 32, "INDEX_KEY": b"i" * 32,
        "WTF_CSRF_ENABLED": False, "RATELIMIT_ENABLED": False, "AUTH_RATE_LIMITED": False,
        "APP_NAME": "到家 Back Office", "BABEL_DEFAULT_LOCALE": "en",
        "LANGUAGES": {code: {"flag": code, "name": name}
                      for code, name in (("zh", "中文"), ("en", "English"))},
        "FAB_UPDATE_PERMS": False, "FAB_CREATE_DB": False,
        "AUTH_DB_FAKE_PASSWORD_HASH_CHECK": PASSWORD_HASH,
        "FAB_ADD_OPENAPI_VIEWS": False, "UPLOAD_FOLDER": str(path.parent),
    }  # fmt: skip


def assemble(path: Path, views: tuple[type, ...], *, stock: bool, **changes: Any) -> Flask:
    """An application like ours, or one as FAB's manual tells it."""
    ours: dict[str, Any] = {
        "template_folder": str(ROOT / "app/templates"),
        "static_folder": str(ROOT / "app/static"),
    }
    app = Flask("shop", root_path=str(ROOT / "tests/fab"), **({} if stock else ours))
    app.config.update(settings(path) | changes)
    connections.install()
    db.init_app(app)
    app.extensions["clock"] = FrozenClock(NOW)
    app.jinja_env.bytecode_cache = COMPILED
    with app.app_context():
        if app.config["WTF_CSRF_ENABLED"]:
            csrf.init_app(app)
        manager = None if stock else StaffSecurityManager
        index = None if stock else IndexView
        appbuilder = AppBuilder(app, db.session, security_manager_class=manager, indexview=index)
        for view in views:
            appbuilder.add_view(view, view.__name__, category="Shop")
    if not stock:
        install_headers(app)
    return app


def prepare(app: Flask) -> None:
    """Tables, permissions, people and rows."""
    with app.app_context():
        db.create_all()
        shop.Base.metadata.create_all(db.engine)
        appbuilder = app.extensions["appbuilder"]
        appbuilder.sm.add_role("Admin")
        appbuilder.add_permissions(update_perms=True)
        _people(appbuilder)
        fill()
        db.session.remove()
        db.engine.dispose()


def _people(appbuilder: Any) -> None:
    """`boss` may do everything, `clerk-a` everything with orders, `guest` nothing."""
    sm = appbuilder.sm
    everything = sm.add_role("Everything")
    everything.permissions = db.session.query(sm.permissionview_model).all()
    clerk, nothing = sm.add_role("Clerk"), sm.add_role("Nothing")
    clerk.permissions = [row for row in everything.permissions if "OrderView" in row.view_menu.name]
    db.session.commit()
    for name, role in (("boss", everything), ("clerk-a", clerk), ("guest", nothing)):
        sm.add_user(name, name, "", f"{name}@example.com", role, hashed_password=PASSWORD_HASH)


def fill(rows: int = ROWS) -> None:
    cities = [shop.City(name=f"City {n}") for n in range(3)]
    customers = [shop.Customer(name=f"Customer {n:03}", city=cities[n % 3]) for n in range(40)]
    tags = [shop.Tag(name=f"Tag {n}") for n in range(4)]
    db.session.add_all([*cities, *customers, *tags])
    for n in range(1, rows + 1):
        order = shop.Order(
            code=f"O-{n:04}", state=list(shop_views.STATES)[n % 3], owner="ab"[n % 2],
            total_fen=n * 1250, starts_at=NOW + timedelta(hours=n % 7),
            customer=customers[n % 40], tags=[tags[n % 4]],
        )  # fmt: skip
        db.session.add(order)
    db.session.flush()
    db.session.add(shop.Line(name="Line 1", order_id=1))
    db.session.commit()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A filled database for each of the two applications."""
    logging.getLogger("flask_appbuilder").setLevel(logging.CRITICAL)
    paths = {}
    for name, views in (("stock", shop_views.STOCK), ("ours", shop_views.OURS)):
        paths[name] = tmp_path_factory.mktemp(name) / "shop.db"
        prepare(assemble(paths[name], views, stock=name == "stock"))
    return paths


@pytest.fixture(scope="session")
def kept() -> dict[str, Flask]:
    """The two applications as they are, to be used again by the next test."""
    return {}


@pytest.fixture
def make(
    prepared: dict[str, Path],
    kept: dict[str, Flask],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., Flask]:
    """make("ours" | "stock", **settings) -> an application on a fresh copy of the shop.

    `own=True` where a test adds something to the application.
    """

    def copy(
        kind: str, views: tuple[type, ...] | None = None, *, own: bool = False, **changes: Any
    ) -> Flask:
        if own or views or changes:
            path = tmp_path / f"{kind}.db"
            restore(prepared[kind], path)
            known = shop_views.STOCK if kind == "stock" else shop_views.OURS
            return assemble(path, views or known, stock=kind == "stock", **changes)
        if kind not in kept:
            path = tmp_path_factory.mktemp(f"kept-{kind}") / "shop.db"
            known = shop_views.STOCK if kind == "stock" else shop_views.OURS
            kept[kind] = assemble(path, known, stock=kind == "stock")
        begin_anew(kept[kind], prepared[kind])
        return kept[kind]

    return copy


def restore(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def begin_anew(app: Flask, source: Path) -> None:
    """The shop as it was, nobody signed in, the clock at its hour."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    restore(source, Path(app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")))
    app.extensions.pop("clients", None)
    app.extensions["clock"] = FrozenClock(NOW)


@pytest.fixture(scope="session")
def shared(prepared: dict[str, Path]) -> dict[str, Flask]:
    """Both applications, for tests that only read."""
    return {
        "stock": assemble(prepared["stock"], shop_views.STOCK, stock=True),
        "ours": assemble(prepared["ours"], shop_views.OURS, stock=False),
    }


@pytest.fixture
def ours(shared: dict[str, Flask]) -> Flask:
    return shared["ours"]


def sign_in(app: Flask, name: str = "boss") -> FlaskClient:
    """A client of this person; one is enough for each application."""
    known = app.extensions.setdefault("clients", {})
    if name not in known:
        known[name] = app.test_client()
        answer = known[name].post("/login/", data={"username": name, "password": PASSWORD})
        assert answer.status_code == 302, answer.text
    client: FlaskClient = known[name]
    return client


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The SQL that runs inside the block, without the words around transactions."""
    seen: list[str] = []

    def remember(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN")):
            seen.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", remember)
    try:
        yield seen
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", remember)


def user_named(name: str) -> User:
    found: User = db.session.query(User).filter_by(username=name).one()
    return found
