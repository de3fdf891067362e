"""The migrations make the same database as the models, on both backends, guards included."""

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.extensions import db
from app.models import guards
from app.services.system import schema


def test_models_match_migrations(migrated):
    with db.engine.connect() as connection:
        options = {"compare_type": True, "include_object": is_of_a_model}
        context = MigrationContext.configure(connection, opts=options)

        assert compare_metadata(context, db.metadata) == []


def is_of_a_model(_object, name, *_more):
    """A column that only the database writes and reads is a guard of its own."""
    return name not in guards.PACKED


def test_every_guard_stands_after_an_upgrade(migrated):
    with db.engine.connect() as connection:
        wanted = guards.expected(connection.dialect.name)

        assert guards.installed(connection) >= wanted
        assert wanted


def rules_of(engine):
    """What CHECK constraints and indexes say, word for word: Alembic does not compare it."""
    inspector = sa.inspect(engine)
    found: dict[tuple[str, str | None], object] = {}
    ours = [table for table in db.metadata.sorted_tables if not table.name.startswith("ab_")]
    for table in ours:
        for check in inspector.get_check_constraints(table.name):
            found[table.name, check["name"]] = " ".join(check["sqltext"].split())
        for index in inspector.get_indexes(table.name):
            where = (index.get("dialect_options") or {}).get(f"{engine.name}_where")
            found[table.name, index["name"]] = (index["column_names"], index["unique"], str(where))
    return found


@pytest.fixture
def of_models(app):
    return rules_of(db.engine)


def test_every_check_and_index_says_what_the_models_say(of_models, migrated):
    of_migrations = rules_of(db.engine)

    assert {key: of_migrations.get(key) for key in of_models} == of_models
    assert len(of_models) > 300


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


@pytest.mark.backends("postgresql")
def test_an_upgrade_renews_what_the_guards_do(migrated):
    name = f"{guards.SEALED}_posting"
    text = sa.text("SELECT prosrc FROM pg_proc WHERE proname = :name")
    with db.engine.begin() as connection:
        wanted = connection.scalar(text, {"name": name})
        connection.exec_driver_sql(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RETURN NULL; END $$"
        )
        guards.install(connection)

        assert connection.scalar(text, {"name": name}) == wanted
        assert "sealed_to" in wanted


# Tables that stay short, or whose rows are never taken away.
SHORT = {
    "ab_user", "ab_role", "area", "branch", "category", "commission_rule", "partner", "region",
    "service", "skill",
}  # fmt: skip


def found_by_index(table):
    """Columns that lead an index over all rows."""
    for index in table.indexes:
        where = [index.dialect_options[name].get("where") for name in ("sqlite", "postgresql")]
        if where == [None, None]:
            yield next(iter(index.columns)).name
    for constraint in table.constraints:
        if isinstance(constraint, (sa.UniqueConstraint, sa.PrimaryKeyConstraint)):
            yield next(iter(constraint.columns)).name


def test_every_reference_to_many_rows_is_found_by_an_index():
    """Without one a page reads the whole table, and so does taking the other row away."""
    slow = [
        f"{table.name}.{column.name}"
        for table in db.metadata.sorted_tables
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table.name not in SHORT and column.name not in set(found_by_index(table))
    ]

    assert slow == []
