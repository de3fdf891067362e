"""Roles and permissions in the words of the people who give them."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import current_app
from flask_appbuilder.security.sqla.models import Role
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.security import Grant, role_label
from app.views.formatters import joined

VERBS: Mapping[str, Any] = {
    "can_list": _l("see the list"),
    "can_show": _l("see the pages"),
    "can_add": _l("add"),
    "can_edit": _l("change"),
    "can_delete": _l("delete"),
    "can_get": _l("read over the interface for programs"),
    "can_post": _l("add over the interface for programs"),
    "can_put": _l("change over the interface for programs"),
    "can_photo": _l("see photos"),
    "can_search": _l("search"),
    "can_reveal": _l("show personal data, with a reason"),
    "can_unmasked": _l("see personal data in full"),
    "can_rules": _l("see the list"),
    "can_rule": _l("see the pages"),
    "can_clock": _l("use"),
    "menu_access": _l("in the menu"),
}


def role_name(role: Role | str) -> str:
    """What people call a role; a custom one keeps the name that it was given."""
    return str(role_label(str(getattr(role, "name", role))))


def role_names(roles: Any) -> Any:
    return joined(role_name(role) for role in roles or [])


def verb_words(view: Any, permission: str) -> str:
    """What a permission on a screen lets somebody do."""
    known = VERBS.get(permission)
    if known is not None:
        return str(known)
    action = getattr(view, "row_actions", {}).get(permission.removeprefix("can_"))
    return str(action.label) if action else permission.removeprefix("can_").replace("_", " ")


def screen_words(view: Any, name: str) -> str:
    title = getattr(view, "noun_plural", None) or getattr(view, "title", None)
    return str(title or name)


def screens_of(grants: Iterable[Grant]) -> list[tuple[str, list[tuple[Grant, str]]]]:
    """(screen, [(grant, what it lets somebody do)]), sorted; the menu goes without saying."""
    views = {type(view).__name__: view for view in _views()}
    screens: dict[str, list[tuple[Grant, str]]] = {}
    for permission, name in grants:
        if permission != "menu_access":
            view = views.get(name)
            label = verb_words(view, permission)
            screens.setdefault(screen_words(view, name), []).append(((permission, name), label))
    return [(screen, sorted(screens[screen], key=lambda one: one[1])) for screen in sorted(screens)]


def in_words(grants: Iterable[Grant]) -> list[tuple[str, str]]:
    """(screen, everything that may be done there)."""
    return [
        (screen, _(", ").join(dict.fromkeys(label for _grant, label in permissions)))
        for screen, permissions in screens_of(grants)
    ]


def _views() -> list[Any]:
    found: list[Any] = current_app.appbuilder.baseviews  # type: ignore[attr-defined]
    return found
