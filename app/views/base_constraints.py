"""Which fields a refused constraint speaks of, in the words of both databases."""

import re

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.fab_kinds import Model, mapper_of
from app.services.transactions import constraint_of

CHECK_OF_SQLITE = re.compile(r"CHECK constraint failed: (\w+)")


def columns_named_by(model: Model, constraint: str) -> list[str]:
    """The attributes to show a duplicate at; none when the constraint is not of this table.

    SQLite names the columns ("service.code, service.branch_id"), PostgreSQL the constraint.
    A key of another table is given by its relation, which is what a form holds.
    """
    table = mapper_of(model).local_table
    if not isinstance(table, sa.Table) or not constraint:
        return []
    names = _from_columns(table, constraint) or _from_name(table, constraint)
    return [_attribute(model, name) for name in names if name in table.columns]


def check_named_by(model: Model, error: Exception) -> str:
    """The short name of the check that was broken ("days_in_order"), or ""."""
    if not isinstance(error, IntegrityError):
        return ""
    found = CHECK_OF_SQLITE.search(str(error.orig))
    name = found.group(1) if found else constraint_of(error)
    return name.removeprefix(f"ck_{mapper_of(model).local_table.name}_")  # type: ignore[attr-defined]


def _attribute(model: Model, column: str) -> str:
    mapper = mapper_of(model)
    for relation in mapper.relationships:
        if not relation.uselist and {local.name for local in relation.local_columns} == {column}:
            return str(relation.key)
    return next(
        prop.key
        for prop in mapper.column_attrs
        if any(known.name == column for known in prop.columns)
    )


def _from_columns(table: sa.Table, text: str) -> list[str]:
    parts = [part.strip() for part in text.split(",")]
    prefix = f"{table.name}."
    return [part.removeprefix(prefix) for part in parts if part.startswith(prefix)]


def _from_name(table: sa.Table, name: str) -> list[str]:
    for constraint in table.constraints:
        if isinstance(constraint, sa.UniqueConstraint) and constraint.name == name:
            return [column.name for column in constraint.columns]
    for index in table.indexes:
        if index.unique and index.name == name:
            return [column.name for column in index.columns]
    # PostgreSQL's own name for a `unique=True` column without a naming convention.
    guesses = {f"{table.name}_{c.name}_key": c.name for c in table.columns if c.unique}
    return [guesses[name]] if name in guesses else []
