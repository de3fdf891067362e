"""What each role may do. Built-in roles are code; a company makes others of what is no money."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from flask import flash, request
from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    Role,
    ViewMenu,
    assoc_permissionview_role,
)
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy.orm import Query
from wtforms import Field
from wtforms.validators import InputRequired, Length

from app import security_custom
from app.domain.errors import RuleViolation
from app.extensions import db
from app.security import EMPTIED, Grant
from app.views import base_saving
from app.views.base import ModelInterface, ModelView, RowForm, expose, has_access
from app.views.fields import TextField
from app.views.role_words import in_words, role_name, screens_of
from app.views.widgets import TextWidget

SEPARATOR = "@"


class GrantsWidget:
    """A box for each permission, together by screen."""

    def __call__(self, field: "GrantsField", **_attributes: Any) -> Markup:
        groups = Markup("").join(self._group(field, *group) for group in field.groups())
        return Markup('<div class="grants">{}</div>').format(groups)

    def _group(self, field: Any, title: str, boxes: list[tuple[str, str]]) -> Markup:
        made = Markup("").join(self._box(field, value, label) for value, label in boxes)
        return Markup('<fieldset class="checks"><legend>{}</legend>{}</fieldset>').format(
            title, made
        )

    def _box(self, field: Any, value: str, label: str) -> Markup:
        held = Markup(" checked") if value in (field.data or ()) else ""
        box = Markup('<label><input type="checkbox" name="{}" value="{}"{}> {}</label>')
        return box.format(field.name, value, held, label)


class GrantsField(Field):
    """Permissions, as "permission@screen"."""

    widget = GrantsWidget()
    is_group = True

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = list(dict.fromkeys(valuelist))

    def groups(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        for screen, permissions in screens_of(security_custom.offered()):
            yield screen, [(SEPARATOR.join(grant), label) for grant, label in permissions]

    def grants(self) -> set[Grant]:
        pairs = (str(value).partition(SEPARATOR) for value in self.data or ())
        return {(permission, view) for permission, _separator, view in pairs}


def _name_field() -> TextField:
    return TextField(
        _l("Name"), validators=[InputRequired(), Length(min=2, max=64)], widget=TextWidget()
    )


class RoleView(ModelView):
    datamodel = ModelInterface(Role)
    route_base = "/roles"
    noun, noun_plural = _l("Role"), _l("Roles")
    base_order = ("name", "asc")
    list_columns = show_columns = ["name"]
    search_columns = ["name"]
    add_columns = edit_columns = ["name", "grants"]
    add_form_extra_fields = {
        "name": _name_field(),
        "grants": GrantsField(_l("What this role may do")),
    }
    edit_form_extra_fields = add_form_extra_fields
    label_columns = {"name": _l("Name"), "grants": _l("What this role may do")}
    formatters_columns = {"name": role_name}
    show_template = "appbuilder/general/security/role.html"

    def name_of(self, row: Role) -> str:
        return role_name(row)

    def scope(self, query: Query[Any]) -> Query[Any]:
        """Nobody holds FAB's own roles, so nobody is shown them."""
        return query.filter(Role.name.not_in(EMPTIED))

    def may_change(self, row: Role) -> bool:
        return not security_custom.is_built_in(row.name)

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> Any:
        """A built-in role says why it has no form."""
        try:
            security_custom.refuse_built_in(self.row_or_404(pk))
        except RuleViolation as error:
            flash(str(error), "warning")
            page = self.show(pk)
            return (page, 422) if request.method == "POST" else page
        return base_saving.edit(self, pk)

    def edit_values(self, row: Role) -> dict[str, Any]:
        return {"grants": [SEPARATOR.join(grant) for grant in grants_of(row.id)]}

    def create(self, form: RowForm) -> Role:
        return security_custom.make_role(
            form["name"].data, form["grants"].grants(), actor=self.actor
        )

    def change(self, row: Role, form: RowForm) -> None:
        security_custom.change_role(
            row.id, form["name"].data, form["grants"].grants(), actor=self.actor
        )

    def remove(self, row: Role) -> None:
        security_custom.delete_role(row.id, actor=self.actor)

    def show_context(self, row: Role) -> dict[str, Any]:
        built_in = security_custom.is_built_in(row.name)
        return {"grants": in_words(grants_of(row.id)), "built_in": built_in}


def grants_of(role_id: int) -> list[Grant]:
    """What a role holds, menus included."""
    held = assoc_permissionview_role
    query = (
        sa.select(Permission.name, ViewMenu.name)
        .select_from(held)
        .join(PermissionView, PermissionView.id == held.c.permission_view_id)
        .join(Permission, PermissionView.permission_id == Permission.id)
        .join(ViewMenu, PermissionView.view_menu_id == ViewMenu.id)
        .where(held.c.role_id == role_id)
        .order_by(ViewMenu.name, Permission.name)
    )
    return [(permission, view) for permission, view in db.session.execute(query)]
