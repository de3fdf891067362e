"""Names of the staff, for columns that hold the key of an account."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import request
from flask_appbuilder.security.sqla.models import User

from app.extensions import db
from app.views.formatters import EMPTY


def name_of_staff(user_id: int | None) -> Any:
    """One statement for all rows of a page: the staff are few."""
    known: Mapping[int, str] | None = request.environ.get("backoffice.staff")
    if known is None:
        known = request.environ["backoffice.staff"] = _all_names()
    return known.get(user_id or 0, EMPTY)


def _all_names() -> dict[int, str]:
    rows = db.session.execute(sa.select(User.id, User.last_name, User.first_name, User.username))
    return {key: f"{last or ''}{first or ''}" or name for key, last, first, name in rows}
