"""The two kinds of screens of the back office; both show a person's own branch only."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import current_app, g
from flask_appbuilder.security.sqla.models import User
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Query
from wtforms.validators import Length

from app.domain.actors import SYSTEM, Actor
from app.models import Area, Branch, CustomerAccount, Order, Worker
from app.services import access
from app.views.base import Lookup, ModelView, ReadOnlyModelView
from app.views.fields import TextField
from app.views.widgets import LongTextWidget


def current_staff() -> Actor:
    """The signed-in member of staff, also where there is no view at hand."""
    user = getattr(g, "user", None)
    return Actor("staff", user.id) if user and user.is_authenticated else SYSTEM


def mine(model: type[Any]) -> Callable[[Query[Any]], Query[Any]]:
    """For lookups: only rows inside the person's scope can be chosen."""
    return lambda query: access.visible(query, model, current_staff())


def may_list(screen: str) -> bool:
    """Whether the signed-in person may list the rows of this screen."""
    sm = current_app.appbuilder.sm  # type: ignore[attr-defined]
    return bool(sm.has_access("can_list", screen))


class _Scoped:
    """Rows of the person's branch or agency, also those that he chooses in filters and forms."""

    datamodel: Any
    actor: Actor

    def _bound(self, name: str, lookup: Lookup) -> Lookup:
        bound: Lookup = super()._bound(name, lookup)  # type: ignore[misc]
        if bound.scope or bound.target in access.SHARED:
            return bound
        return replace(bound, scope=mine(bound.target))

    def scope(self, query: Query[Any]) -> Query[Any]:
        return access.visible(query, self.datamodel.obj, self.actor)


class ReferenceView(_Scoped, ModelView):
    """Reference data, which a form may change."""


class RecordView(_Scoped, ReadOnlyModelView):
    """What has states or money: read-only, changed by actions that call services."""


WORKERS = Lookup(
    search=("name", "number"), label=lambda worker: f"{worker.name} {worker.number}",
    scope=mine(Worker),
)  # fmt: skip
BRANCHES = Lookup(search=("name",), small=True, scope=mine(Branch))
CUSTOMERS = Lookup(search=("name",), scope=mine(CustomerAccount))
ORDERS = Lookup(search=("number",), scope=mine(Order))
STAFF = Lookup(
    search=("username", "first_name", "last_name"), order="username", scope=mine(User),
    label=lambda user: f"{user.last_name}{user.first_name}",
)  # fmt: skip
AREAS = Lookup(search=("name",), small=True, order="code", scope=mine(Area))
SERVICES = Lookup(search=("name", "name_en"))
SKILLS = Lookup(search=("name",), order="code", small=True)

NAMES: dict[str, Any] = {
    "name": _l("Name (Chinese)"),
    "name_en": _l("Name (English)"),
    "position": _l("Sort order"),
}


def long_text(label: Any, *, most: int) -> TextField:
    """A box of several lines for a text column that may be empty."""
    return TextField(label, validators=[Length(max=most)], empty="", widget=LongTextWidget())
