"""The composition root: everything that the product consists of is put together here."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, abort, request
from werkzeug.middleware.proxy_fix import ProxyFix

from app import connections
from app.extensions import csrf, db
from app.quick_start import AppBuilder, LazyRule, ask_texts_less
from config import ConfigError, load_settings


def create_app(settings: dict[str, Any] | None = None) -> Flask:
    """Return a complete application; `settings` replaces what the environment says."""
    settings = load_settings() if settings is None else settings  # first: it may refuse
    ask_texts_less()
    connections.install()
    with _without_collecting():
        _load_everything()
        return _composed(settings)


def _composed(settings: dict[str, Any]) -> Flask:
    app = Flask(__name__)
    app.url_rule_class = LazyRule
    app.config.from_mapping(settings)
    _behind_proxies(app)
    app.before_request(_refuse_nul)
    db.init_app(app)
    csrf.init_app(app)
    with app.app_context():
        _install_clock(app)
        _install_gateways(app)
        _install_web(app)
    return app


@contextmanager
def _without_collecting() -> Iterator[None]:
    """What a start makes stays; looking for garbage in it takes a sixth of the start, and later
    a tenth of a second each time, unless it is set aside.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collects:
            gc.enable()


def _load_everything() -> None:
    """Before there is a context: in one, a lazy string touched while a class is made would be
    translated at once.
    """
    from app import api, views  # noqa: F401
    from app.api import base  # noqa: F401
    from app.jobs import handlers

    handlers.load()


def _install_clock(app: Flask) -> None:
    from app.jobs.schedule import DAILY, SWEEPS
    from app.services import audit, clock, queue

    app.extensions["clock"] = clock.DemoClock() if app.config["DEMO"] else clock.SystemClock()
    app.extensions["job_queue"] = queue.build(app.config)
    app.extensions["timetable"] = {entry.name: entry for entry in (*SWEEPS, *DAILY)}
    audit.install()


def _install_gateways(app: Flask) -> None:
    from app import gateways

    try:
        built = gateways.build_gateways(app.config, app.extensions["clock"].now)
    except ValueError as exc:
        raise ConfigError(str(exc)) from exc
    app.extensions["gateways"] = built


def _install_web(app: Flask) -> None:
    from app import api, cli, traces, views
    from app.api.base import install_error_handlers
    from app.views.headers import install_headers
    from app.views.health import health

    appbuilder = AppBuilder(app, db.session)
    views.register(appbuilder)
    api.register(appbuilder)
    install_headers(app)
    install_error_handlers(app)  # after the pages' own: below /api/ errors are JSON
    traces.install(app)
    app.register_blueprint(health)
    cli.register(app)


def _behind_proxies(app: Flask) -> None:
    count = app.config.get("TRUSTED_PROXIES", 0)
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, count, count, count, count)  # type: ignore[method-assign]


def _refuse_nul() -> None:
    """No address of ours has a NUL, and PostgreSQL cannot look for one."""
    if "\x00" in request.path:
        abort(404)
