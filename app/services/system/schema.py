"""Which revision the database has, which one the code wants, and the way from one to the other."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from app.extensions import db

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


class NewerSchema(Exception):
    """The database was migrated by a later version of the product."""


@cache
def head() -> str:
    """The revision that this code needs. Read from the file names: Alembic takes 0.3 s to load."""
    names = sorted(path.name for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))
    return names[-1].split("_", 1)[0]


def known() -> set[str]:
    return {path.name.split("_", 1)[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py")}


def current(connection: sa.Connection) -> str | None:
    """The database's revision; None for an empty one."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(sa.text("SELECT version_num FROM alembic_version"))


def has_tables() -> bool:
    """Whether the product's tables are there, and not those of another version."""
    with db.engine.connect() as connection:
        there = sa.inspect(connection).has_table("installation")
        return there and current(connection) in (None, head())


def is_current() -> bool:
    with db.engine.connect() as connection:
        return current(connection) == head()


def is_due() -> bool:
    """Whether an upgrade is needed. Raises NewerSchema for a revision this code does not know."""
    with db.engine.connect() as connection:
        revision = current(connection)
    if revision is not None and revision not in known():
        raise NewerSchema(
            f"The database has schema {revision}, which this version of the product does not "
            f"know (it has {head()}). Start the newer version, or restore a backup."
        )
    return revision != head()


def upgrade() -> bool:
    """Bring the database to our revision; True when there was something to do."""
    if not is_due():
        return False
    from alembic import command

    command.upgrade(config(), "head")
    return True


def config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
