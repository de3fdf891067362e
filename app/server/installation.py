"""`flask init`: everything between an empty (or older) database and a product that can start.

Safe to repeat, and safe when two machines do it at once.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy.orm import Session

from app.domain.regions_gz import CITY_CODE, REGIONS
from app.extensions import db
from app.models import Branch, CommissionRule, Installation, Region
from app.security import sync_roles
from app.server import locks, permissions
from app.services import clock
from app.services.identity import administrators
from app.services.system import schema
from app.services.transactions import transaction

FIRST_USERNAME = "admin"
DEFAULT_BRANCH = {"code": "main", "name": "总部", "city_code": CITY_CODE}
# What the platform keeps until finance says otherwise: 20 %.
DEFAULT_RULE = {"code": "standard", "name": "标准佣金", "rate_bp": 2000}


@dataclass(frozen=True)
class Installed:
    """What an installation did. `password` is of the first administrator, told only once."""

    migrated: bool
    password: str | None
    password_file: Path


class WrongCity(Exception):
    """CITY_TIMEZONE differs from the one that was fixed when the company was set up."""


def install(app: Flask) -> Installed:
    """Migrate, and add what is missing. Raises schema.NewerSchema or WrongCity."""
    with app.app_context(), locks.installation(app):
        migrated = schema.upgrade()
        permissions.sync(app.extensions["appbuilder"])
        sync_roles(app.extensions["appbuilder"].sm)
        return Installed(migrated, _complete(app), password_file(app))


def password_file(app: Flask) -> Path:
    return Path(app.config["DATA_DIR"]) / "admin-password"


def _complete(app: Flask) -> str | None:
    """Add the rows that every company has; the first administrator's password if he is new."""
    with transaction() as session:
        _fix_city(session, app.config["CITY_TIMEZONE"])
        if session.scalar(sa.select(Branch.id).limit(1)) is None:
            session.add(Branch(**DEFAULT_BRANCH))
        _add_regions(session)
        if session.scalar(sa.select(CommissionRule.id).limit(1)) is None:
            session.add(CommissionRule(**DEFAULT_RULE, valid_from=clock.today()))
        if session.scalar(sa.select(User.id).limit(1)) is not None:
            return None
        password = secrets.token_urlsafe(15)
        role = session.scalars(sa.select(Role).filter_by(name=administrators.ADMINISTRATOR)).one()
        administrators.add(session, role, FIRST_USERNAME, password)
        # Before the commit: an administrator whose password nobody knows is worse than none.
        _write_private(password_file(app), password)
    return password


def _fix_city(session: Session, timezone: str) -> None:
    installation = session.get(Installation, 1)
    if installation is None:
        session.add(Installation(id=1, city_timezone=timezone))
    elif installation.city_timezone != timezone:
        raise WrongCity(
            f"This company was set up for {installation.city_timezone}; CITY_TIMEZONE says "
            f"{timezone}. The city's zone cannot change, because days are stored in it."
        )


def _add_regions(session: Session) -> None:
    """Those of the city that are not there yet; what is there may have been corrected."""
    known = set(session.scalars(sa.select(Region.code)))
    session.add_all(
        Region(
            code=row.code,
            parent_code=row.parent_code,
            name=row.name_zh,
            name_en=row.name_en,
            lat=row.lat,
            lng=row.lng,
        )
        for row in REGIONS
        if row.code not in known
    )


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{text}\n")


def demo_is_loaded() -> bool:
    return db.session.scalar(sa.select(Installation.demo_seeded_on)) is not None
