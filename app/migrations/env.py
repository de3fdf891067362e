"""Run by Alembic. Tables from the revisions, then the guards that no revision has to repeat."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context

from app.extensions import db
from app.models import guards


def run() -> None:
    with db.engine.connect() as connection, _without_foreign_keys(connection):
        connection = connection.execution_options(sqlite_begin="IMMEDIATE")
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            compare_type=True,
            render_as_batch=connection.dialect.name == "sqlite",
            render_item=_plain_type,
            process_revision_directives=_skip_empty,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            guards.set_aside(connection)
            context.run_migrations()
            # None before the first revision, and after the last downgrade.
            if set(sa.inspect(connection).get_table_names()) >= set(guards.append_only_tables()):
                guards.install(connection)


@contextmanager
def _without_foreign_keys(connection: sa.Connection) -> Iterator[None]:
    """SQLite changes a table by replacing it, and its keys would take what refers to it along."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        broken = driver.execute("PRAGMA foreign_key_check").fetchall()
    finally:
        driver.execute("PRAGMA foreign_keys=ON")
    if broken:
        raise RuntimeError(f"The migration broke references: {broken[:5]}")


def _skip_empty(_context: Any, _revision: Any, directives: list[Any]) -> None:
    if directives and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def _plain_type(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """A revision names plain types: it must stand when our classes change."""
    if kind == "type" and isinstance(item, sa.TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    if kind == "type" and isinstance(item, sa.JSON):
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    return False


run()
