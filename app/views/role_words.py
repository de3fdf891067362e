"""Roles and permissions in the words of the people who give them."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import current_app
from flask_appbuilder.security.sqla.models import Role
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.security import Grant, role_label
from app.views.formatters import joined
from app.views.labels import word
from app.views.labels_approvals import APPROVAL_KIND

VERBS: Mapping[str, Any] = {
    "can_list": _l("see the list"),
    "can_show": _l("see the pages"),
    "can_add": _l("add"),
    "can_edit": _l("change"),
    "can_delete": _l("delete"),
    "can_get": _l("read over the interface for programs"),
    "can_post": _l("add over the interface for programs"),
    "can_put": _l("change over the interface for programs"),
    "can_add_address": _l("add an address"),
    "can_photo": _l("see photos"),
    "can_export": _l("export to Excel"),
    "can_booking": _l("book for a customer"),
    "can_booking_times": _l("see free times"),
    "can_cancellation": _l("cancel"),
    "can_change": _l("change"),
    "can_change_preview": _l("see what a change would cost"),
    "can_changing": _l("change"),
    "can_compensation": _l("compensate"),
    "can_change_business": _l("change business parameters"),
    "can_change_money": _l("change money parameters"),
    "can_change_system": _l("change system parameters"),
    "can_document": _l("see the papers"),
    "can_voucher": _l("see the papers"),
    "can_decide_absence": _l("decide whether nobody was at home"),
    "can_enter": _l("enter"),
    "can_fetch": _l("download"),
    "can_make": _l("make"),
    "can_make_plan": _l("make a plan"),
    "can_move_times": _l("see free times"),
    "can_plan_preview": _l("see what a plan would cost"),
    "can_quote": _l("make a quote"),
    "can_oversee": _l("see everybody's"),
    "can_see_all": _l("see everybody's"),
    "can_progress": _l("see the pages"),
    "can_prove": _l("prove"),
    "can_run_now": _l("start by hand"),
    "can_seal": _l("seal"),
    "can_timetable": _l("see the list"),
    "can_trace": _l("see the details of a failure"),
    "can_worker": _l("see a worker's balance"),
    "can_search": _l("search"),
    "can_reveal": _l("show personal data, with a reason"),
    "can_unmasked": _l("see personal data in full"),
    "can_rules": _l("see the list"),
    "can_rule": _l("see the pages"),
    "can_clock": _l("use"),
    "menu_access": _l("in the menu"),
}
DECIDE = "can_decide_"
OTHERS: Mapping[str, Any] = {"MenuApi": _l("Menu")}


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
    if permission.startswith(DECIDE):
        return _("decide: %(what)s", what=word(APPROVAL_KIND, permission.removeprefix(DECIDE)))
    name = permission.removeprefix("can_")
    action = getattr(view, "row_actions", {}).get(name) or _action_elsewhere(view, name)
    return str(action.label) if action else name.replace("_", " ")


def _action_elsewhere(view: Any, name: str) -> Any:
    """What programs may do is called as the button of a screen, at best of one with these rows."""
    model = getattr(getattr(view, "datamodel", None), "obj", None)
    screens = [one for one in _views() if name in getattr(one, "row_actions", {})]
    screens.sort(key=lambda one: one.datamodel.obj is not model)
    return screens[0].row_actions[name] if screens else None


def screen_words(view: Any, name: str) -> str:
    """The screen's title; what programs may read is called as the screen with the same rows."""
    title = getattr(view, "noun_plural", None) or getattr(view, "title", None)
    return str(title or _of_rows(view) or _of_menu(name) or OTHERS.get(name, name))


def _is_screen(view: Any) -> bool:
    return hasattr(view, "noun_plural") or hasattr(view, "title")


def screen_named(name: str) -> Any:
    return next((view for view in _views() if type(view).__name__ == name), None)


def _of_rows(view: Any) -> Any:
    model = getattr(getattr(view, "datamodel", None), "obj", None)
    screens = [one for one in _views() if hasattr(one, "noun_plural") and model is not None]
    return next((one.noun_plural for one in screens if one.datamodel.obj is model), None)


def _of_menu(name: str) -> Any:
    item = current_app.appbuilder.menu.find(name)  # type: ignore[attr-defined]
    return item.label if item else None


def screens_of(grants: Iterable[Grant]) -> list[tuple[str, list[tuple[Grant, str]]]]:
    """(screen, [(grant, what it lets somebody do)]), sorted; the menu goes without saying."""
    views = {type(view).__name__: view for view in _views()}
    screens: dict[str, list[tuple[Grant, str]]] = {}
    for permission, name in grants:
        if permission != "menu_access":
            view = views.get(name)
            label = verb_words(view, permission)
            if permission != "can_get" and not _is_screen(view) and _of_rows(view):
                label = _("%(what)s (by programs)", what=label)
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
