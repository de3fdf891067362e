"""Applications for the tests: one a backend and process, made when the first test asks for it."""

from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from app import create_app
from app.extensions import db
from app.models import Branch, Installation, guards
from app.security import sync_roles
from app.server import permissions
from app.services.transactions import transaction
from tests.kit.clients import Client
from tests.kit.settings import settings_for
from tests.kit.templates import CompiledTemplates

COMPILED = CompiledTemplates()


def make(folder: Path, url: str) -> Flask:
    app = create_app(settings_for(folder, url))
    app.test_client_class = Client
    app.jinja_env.bytecode_cache = COMPILED
    return app


def fill(app: Flask) -> None:
    """Schema, guards, permissions, roles and the rows of `flask init`, without a migration."""
    with app.app_context():
        with db.engine.begin() as connection:
            db.metadata.create_all(connection)
            guards.install(connection)
        appbuilder = app.extensions["appbuilder"]
        permissions.sync(appbuilder)
        sync_roles(appbuilder.sm)
        with transaction() as session:
            session.add(Installation(id=1, city_timezone=app.config["CITY_TIMEZONE"]))
            session.add(Branch(code="main", name="Main branch", city_code="440100"))
        db.session.remove()
        if db.engine.dialect.name == "sqlite":
            with db.engine.connect() as connection:
                # The file is copied: nothing may be left in the log beside it.
                connection.rollback()
                connection.execution_options(isolation_level="AUTOCOMMIT")
                connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))
        db.engine.dispose()
