"""Which field a refused constraint speaks of, in the words of both databases."""

import sqlalchemy as sa

from app.fab_kinds import Model, mapper_of


def column_named_by(model: Model, constraint: str) -> str | None:
    """The attribute to show a duplicate at, or None when the constraint is not of this table.

    SQLite names the columns ("service.code, service.branch_id"), PostgreSQL the constraint.
    """
    table = mapper_of(model).local_table
    if not isinstance(table, sa.Table) or not constraint:
        return None
    names = _from_columns(table, constraint) or _from_name(table, constraint)
    mapped = [prop.key for prop in mapper_of(model).column_attrs for column in prop.columns
              if column.name in names]  # fmt: skip
    return mapped[0] if mapped else None


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
