"""The test kit. Every test that uses `app` (or what needs it) runs on each database.

Which databases: both; `@pytest.mark.backends("sqlite")` restricts one test or a module
(`pytestmark = ...`), `BACKENDS=sqlite pytest ...` restricts a run. What a test saves is thrown away
at its end although the code really commits; the test runs inside an open application context.

Fixtures
  backend          "sqlite" or "postgresql"
  app              the application in an open context, its database as after `flask init`
                   (schema, guards, permissions, roles, installation row, one branch "main")
  db               flask_sqlalchemy's `db` of that application; save with `transaction()`
  branch           the one branch
  clock            FrozenClock at NOW = 2030-05-06 01:00 UTC (Monday 09:00 in the city);
                   clock.travel(timedelta(...)), clock.instant = ...
  queue            InlineQueue: queue.started, queue.run_all()
  gateways         fakes: gateways.payment["wechat"].pay(number) / .notice(kind, state) /
                   .fails_with = ..., gateways.sms.sent / .last_code(), gateways.storage
  payment, sms     the two fakes themselves (tests.kit.gateways.FakePayment, FakeSms)
  client           HTTP client that is not signed in
  staff_client     staff_client("dispatcher", branch_id=None) -> client of a new staff member with
                   exactly this role, signed in through the login page; client.staff is the User.
                   staff_client(None) has no role at all
  customer_client  customer_client(account=None) -> client with a customer's token;
                   client.account is the CustomerAccount (a new one by default)
  worker_client    worker_client(worker) -> client with the token of this Worker
  count_queries    with count_queries() as statements: ...; len(statements)
  demo             the application as with DEMO=1 (settings only)

For many tests that look at the same rows
  once             module-wide: `rows = once(make)` in a module's fixture; rows(), in a fixture that
                   uses `app`, gives what make() made (a row, or a list or dataclass of rows) in the
                   test's session. A test's own changes are thrown away as ever, its clock and
                   fakes included: each test goes on from make(). One `once` may build on another
  company          factories.company(), once for the module; company_made() to build on it

For threads, processes and browsers, where real commits are needed
  real_app         the application on a fresh copy of the prepared database, really committed; each
                   thread opens its own `with real_app.app_context():`. Has the same clock, queue
                   and fakes. Do not use it together with `app`
  environment      environment of a process that uses real_app's database
  live_url         real_app served over HTTP by threads: "http://127.0.0.1:port"
  browser          Chromium (Playwright)
  page             a Chromium page (Playwright); fails the test when the page asks another host
                   for anything or when a script throws. `context_of(width, height)` for phones
  redis_url        an emptied private Redis
  empty_database   URL of a database without any table (for migrations), on each backend
  migrated         `app` on a database that the migrations have made, without a row
  installed_url    URL of a database as `flask init` leaves it, made by the migrations

Functions: tests.kit.clients (add_staff, sign_in, customer_token, worker_token, with_token),
tests.kit.settings (environment, settings_for).
Helpers of the domain (orders, workers, catalogue) live in tests/factories.py.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.kit import binaries
from tests.kit.databases import Backend, Postgresql, Sqlite
from tests.kit.servers import Servers

pytest_plugins = ["tests.kit.run", "tests.kit.browser", "tests.kit.standing"]
NOT_COUNTED = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET CONSTRAINTS")
NOW = datetime(2030, 5, 6, 1, 0, tzinfo=UTC)


# Databases and applications of this process.


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> Servers:
    return Servers(request.config.kit_folder)


@pytest.fixture(scope="session")
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if name == "postgresql" and not binaries.POSTGRESQL.path():
        pytest.skip(binaries.POSTGRESQL.why_missing())
    return name


@pytest.fixture(scope="session")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def _databases(servers: Servers, _folder: Path) -> dict[str, Backend]:
    from tests.kit import apps

    def build(url: str) -> None:
        apps.fill(apps.make(_folder, url))

    return {"sqlite": Sqlite(servers, build), "postgresql": Postgresql(servers, build)}


@pytest.fixture(scope="session")
def _app_of(_databases: dict[str, Backend], _folder: Path) -> Iterator[Callable[[str], Flask]]:
    """The process's application for a backend. Making one takes a second, so it is kept."""
    from app.extensions import db
    from tests.kit import apps

    made: dict[str, Flask] = {}

    def app_of(backend: str) -> Flask:
        if backend not in made:
            url = _databases[backend].fresh(f"work_{uuid.uuid4().hex[:12]}")
            made[backend] = apps.make(_folder, url)
        return made[backend]

    yield app_of
    for app in made.values():
        with app.app_context():
            db.engine.dispose()


@contextmanager
def _fitted(app: Flask, folder: Path) -> Iterator[None]:
    """The clock, queue and gateways that tests command."""
    from app.services.clock import FrozenClock
    from app.services.queue import InlineQueue
    from tests.kit.gateways import fake_gateways
    from tests.kit.isolation import as_before, is_kept

    usual_folder, app.config["DATA_DIR"] = app.config["DATA_DIR"], str(folder)
    if is_kept(app):
        with as_before(*_fakes(app)):
            yield
        app.config["DATA_DIR"] = usual_folder
        return
    usual = {name: app.extensions[name] for name in ("clock", "job_queue", "gateways")}
    clock = FrozenClock(NOW)
    app.extensions["clock"] = clock
    app.extensions["job_queue"] = InlineQueue()
    app.extensions["gateways"] = fake_gateways(folder, lambda: clock.now())
    yield
    app.extensions.update(usual)
    app.config["DATA_DIR"] = usual_folder


def _fakes(app: Flask) -> list[Any]:
    """What remembers what a test did with it."""
    gateways = app.extensions["gateways"]
    fakes = [gateways.payment["wechat"], gateways.payment["alipay"], gateways.sms]
    return [app.extensions["clock"], app.extensions["job_queue"], *fakes]


@pytest.fixture
def app(
    request: pytest.FixtureRequest, _app_of: Callable[[str], Flask], backend: str, tmp_path: Path
) -> Iterator[Flask]:
    from app.extensions import db
    from tests.kit.isolation import thrown_away

    if "real_app" in request.fixturenames:
        raise RuntimeError("A test uses either app or real_app")
    app = _app_of(backend)
    with _fitted(app, tmp_path), app.app_context(), thrown_away(app):
        yield app
        db.session.remove()


@pytest.fixture(scope="module")
def once(
    _app_of: Callable[[str], Flask], backend: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Callable[[], Any]]]:
    from app.extensions import db
    from tests.kit.isolation import attached, thrown_away

    app = _app_of(backend)
    with _fitted(app, tmp_path_factory.mktemp("once")), app.app_context(), thrown_away(app):

        def build(make: Callable[[], Any]) -> Callable[[], Any]:
            made = make()
            db.session.remove()
            return lambda: attached(made)

        yield build


@pytest.fixture
def real_app(
    _app_of: Callable[[str], Flask],
    _databases: dict[str, Backend],
    backend: str,
    tmp_path: Path,
) -> Iterator[Flask]:
    from app.extensions import db
    from tests.kit.isolation import other_engine

    app = _app_of(backend)
    name = f"real_{uuid.uuid4().hex[:12]}"
    url = _databases[backend].fresh(name)
    with _fitted(app, tmp_path), app.app_context(), other_engine(app, url):
        yield app
        db.session.remove()
    _databases[backend].drop(name)


@pytest.fixture
def empty_database(_databases: dict[str, Backend], backend: str) -> Iterator[str]:
    name = f"empty_{uuid.uuid4().hex[:12]}"
    yield _databases[backend].empty(name)
    _databases[backend].drop(name)


@pytest.fixture
def installed_url(_databases: dict[str, Backend], _folder: Path, backend: str) -> Iterator[str]:
    def build(url: str) -> None:
        from app.extensions import db
        from app.server import installation
        from tests.kit import apps

        app = apps.make(_folder, url)
        installation.install(app)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()

    name = f"installed_{uuid.uuid4().hex[:12]}"
    yield _databases[backend].fresh(name, "installed", build)
    _databases[backend].drop(name)


@pytest.fixture
def migrated(app: Flask, _databases: dict[str, Backend], backend: str) -> Iterator[Flask]:
    from app.services.system import schema
    from tests.kit.isolation import other_engine

    def build(url: str) -> None:
        with other_engine(app, url):
            schema.upgrade()

    name = f"migrated_{uuid.uuid4().hex[:12]}"
    with other_engine(app, _databases[backend].fresh(name, "migrated", build)):
        yield app
    _databases[backend].drop(name)


@pytest.fixture
def environment(real_app: Flask, tmp_path: Path) -> dict[str, str]:
    from tests.kit.settings import environment

    return environment(tmp_path, real_app.config["SQLALCHEMY_DATABASE_URI"])


@pytest.fixture
def redis_url(servers: Servers, worker_id: str) -> str:
    import redis

    if not binaries.REDIS.path():
        pytest.skip(binaries.REDIS.why_missing())
    number = int(worker_id.removeprefix("gw")) if worker_id != "master" else 0
    url = servers.redis_url(number)
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url


# What a test commands.


@pytest.fixture
def db(app: Flask) -> Any:
    from app.extensions import db

    return db


@pytest.fixture
def branch(app: Flask) -> Any:
    from app.extensions import db
    from app.models import Branch

    return db.session.scalars(sa.select(Branch)).one()


@pytest.fixture
def _any_app(request: pytest.FixtureRequest, backend: str) -> Flask:
    """real_app where the test asks for it (itself or through live_url), otherwise app."""
    wanted = "real_app" if "real_app" in request.fixturenames else "app"
    app: Flask = request.getfixturevalue(wanted)
    return app


@pytest.fixture
def clock(_any_app: Flask) -> Any:
    return _any_app.extensions["clock"]


@pytest.fixture
def queue(_any_app: Flask) -> Any:
    return _any_app.extensions["job_queue"]


@pytest.fixture
def gateways(_any_app: Flask) -> Any:
    return _any_app.extensions["gateways"]


@pytest.fixture
def payment(gateways: Any) -> Any:
    return gateways.payment["wechat"]


@pytest.fixture
def sms(gateways: Any) -> Any:
    return gateways.sms


@pytest.fixture
def demo(_any_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_any_app.config, "DEMO", True)


@pytest.fixture
def client(_any_app: Flask) -> FlaskClient:
    return _any_app.test_client()


@pytest.fixture
def staff_client(_any_app: Flask) -> Callable[..., FlaskClient]:
    from tests.kit import clients

    def make(role: str | None, **profile: Any) -> FlaskClient:
        user = clients.add_staff(role, **profile)
        client: Any = clients.sign_in(user)
        client.staff = user
        return client

    return make


@pytest.fixture
def customer_client(_any_app: Flask) -> Callable[..., FlaskClient]:
    from app.services.identity.login import register_customer
    from app.services.transactions import transaction
    from tests.kit import clients

    made: list[FlaskClient] = []

    def make(account: Any = None) -> FlaskClient:
        if account is None:
            with transaction():
                account = register_customer(f"138{len(made):08d}", "王女士")
        client: Any = clients.with_token(clients.customer_token(account))
        client.account = account
        made.append(client)
        return client

    return make


@pytest.fixture
def worker_client(_any_app: Flask) -> Callable[..., FlaskClient]:
    from tests.kit import clients

    def make(worker: Any) -> FlaskClient:
        client: Any = clients.with_token(clients.worker_token(worker))
        client.worker = worker
        return client

    return make


@pytest.fixture
def count_queries() -> Callable[[], AbstractContextManager[list[str]]]:
    @contextmanager
    def counter() -> Iterator[list[str]]:
        statements: list[str] = []

        def remember(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if not statement.startswith(NOT_COUNTED):
                statements.append(statement)

        sa.event.listen(sa.Engine, "before_cursor_execute", remember)
        try:
            yield statements
        finally:
            sa.event.remove(sa.Engine, "before_cursor_execute", remember)

    return counter


@pytest.fixture
def worker_id(request: pytest.FixtureRequest) -> str:
    return str(getattr(request.config, "workerinput", {}).get("workerid", "master"))
