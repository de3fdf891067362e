"""Where a row is used, for the sentence that refuses to delete it."""

from typing import Any

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _

from app.extensions import db
from app.fab_kinds import Model, key_column, mapper_of

MOST_COUNTED = 99


def uses_of(model: Model, key: Any) -> str:
    """ "3 orders, 99+ visits": the rows of other tables that point to this one."""
    found = []
    for table, columns in _pointing_to(model).items():
        count = _count(table, columns, key)
        if count:
            number = f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)
            found.append(_("%(noun)s: %(count)s", noun=_noun(table), count=number))
    return _(", ").join(dict.fromkeys(found))


def _pointing_to(model: Model) -> dict[sa.Table, list[sa.Column[Any]]]:
    key = key_column(model)
    pointing: dict[sa.Table, list[sa.Column[Any]]] = {}
    for table in key.table.metadata.sorted_tables:
        for foreign in table.foreign_keys:
            # What goes with the row is no use of it.
            if foreign.column is key and foreign.ondelete != "CASCADE":
                pointing.setdefault(table, []).append(foreign.parent)
    return pointing


def _count(table: sa.Table, columns: list[sa.Column[Any]], key: Any) -> int:
    here = sa.or_(*(column == key for column in columns))
    some = sa.select(sa.literal(1)).select_from(table).where(here).limit(MOST_COUNTED + 1)
    return db.session.scalar(sa.select(sa.func.count()).select_from(some.subquery())) or 0


def _noun(table: sa.Table) -> Any:
    """What the screen of the table calls its rows."""
    appbuilder: Any = current_app.extensions["appbuilder"]
    for view in appbuilder.baseviews:
        model = getattr(getattr(view, "datamodel", None), "obj", None)
        noun = getattr(view, "noun_plural", None)
        if noun and model is not None and mapper_of(model).local_table is table:
            return noun
    return _("other records")
