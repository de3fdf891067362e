"""The migrations make the same database as the models, on both backends, guards included."""

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.extensions import db
from app.models import guards
from app.services.system import schema
from tests.kit.isolation import other_engine


@pytest.fixture
def migrated(app, empty_database):
    with other_engine(app, empty_database):
        schema.upgrade()
        yield app


def test_models_match_migrations(migrated):
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, db.metadata) == []


def test_every_guard_stands_after_an_upgrade(migrated):
    with db.engine.connect() as connection:
        wanted = guards.expected(connection.dialect.name)

        assert guards.installed(connection) >= wanted
        assert wanted


def test_every_check_stands_after_an_upgrade(migrated):
    """Alembic does not compare CHECK constraints."""
    inspector = sa.inspect(db.engine)
    for table in db.metadata.sorted_tables:
        wanted = {
            constraint.name
            for constraint in table.constraints
            if isinstance(constraint, sa.CheckConstraint)
        }
        present = {check["name"] for check in inspector.get_check_constraints(table.name)}

        assert present >= wanted, table.name


@pytest.mark.backends("postgresql")
def test_sequences_that_the_models_name_exist(migrated):
    wanted = {
        column.default.name
        for table in db.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.default, sa.Sequence)
    }

    assert wanted <= set(sa.inspect(db.engine).get_sequence_names())


def test_upgrading_again_does_nothing(migrated):
    assert schema.upgrade() is False


def test_a_downgrade_leaves_nothing_behind(migrated):
    from alembic import command

    command.downgrade(schema.config(), "base")

    assert set(sa.inspect(db.engine).get_table_names()) <= {"alembic_version", "sqlite_sequence"}


def test_a_newer_schema_is_refused(migrated):
    with db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(schema.NewerSchema, match="schema 9999"):
        schema.upgrade()


def test_head_is_what_alembic_calls_head():
    script = ScriptDirectory.from_config(schema.config())

    assert [schema.head()] == script.get_heads()
    assert schema.known() == {revision.revision for revision in script.walk_revisions()}
