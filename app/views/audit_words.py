"""Audit rows in the words of the screens: which record, which column, which value."""

from collections.abc import Mapping
from typing import Any

from flask import current_app, g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from app.services.system.audit_reading import Told, is_sealed, pair
from app.views import formatters, labels, labels_audit, told
from app.views.audit_values import value_of
from app.views.base_labels import COMMON
from app.views.entities import screens
from app.views.role_words import screen_named
from app.views.staff_names import name_of_staff

# What rows tell that are no change of a column.
FACTS: Mapping[str, Any] = {
    "via": _l("Way in"),
    "limited": _l("Too many tries"),
    "list": _l("List"),
    "method": _l("Method"),
    "path": _l("Address of the page"),
    "why": _l("Reason"),
    "reason": _l("Reason"),
}
SHORT = 140
TOLD_IN_SHORT = 6


def subject(record: tuple[str, str]) -> Any:
    """The record: its noun and key, linked where the person may open it."""
    entity, key = record
    view = screens().get(entity) or _screen_named(entity)
    noun = str(view.noun if view else labels_audit.ENTITY.get(entity, entity))
    text = f"{noun} {key}".strip()
    if view and key.isdigit() and "can_show" in view.base_permissions and view.holds("can_show"):
        return formatters.link(view.url_of("show", pk=key), text)
    return text


def _screen_named(name: str) -> Any:
    """Refusals name the screen, not a table."""
    view = screen_named(name)
    return view if getattr(view, "noun", None) else None


def who(actor: tuple[str, int | None]) -> str:
    kind, key = actor
    label = labels.ACTOR_KIND.get(kind, kind)
    if kind == "staff":
        return f"{label} {name_of_staff(key)}"
    return str(label) if key is None else f"{label} {key}"


def differences(entity: str, told: list[Told]) -> list[tuple[Any, Any, Any]]:
    """(column, before, after) as the entity's screen would show them."""
    view = screens().get(entity)
    return [(_label(view, one.name), *_sides(entity, view, one)) for one in told]


def in_short(told: tuple[str, Mapping[str, Any]]) -> str:
    """For lists; the row's page shows everything, and what is personal masked."""
    entity, changes = told
    view, parts = screens().get(entity), []
    for name, change in list((changes or {}).items())[:TOLD_IN_SHORT]:
        before, after = (_plain(entity, view, name, part) for part in pair(change))
        label = _label(view, name)
        parts.append(f"{label}: {before} → {after}" if before else f"{label}: {after}")
    text = "; ".join(parts)
    return text if len(text) <= SHORT else f"{text[:SHORT]}…"


def _plain(entity: str, view: Any, name: str, part: Any) -> str:
    if part is None or part == "":
        return ""
    if is_sealed(part):
        return "***"
    return _text(value_of((entity, name), part, view))


def _text(value: Any) -> str:
    """Without the marks of a page."""
    return value.striptags() if isinstance(value, Markup) else str(value)


def _label(view: Any, name: str) -> Any:
    """As the entity's screen calls it, else as any other one does."""
    known = view.label_columns if view else {}
    for table in (FACTS, known, labels_audit.COLUMN, COMMON, _elsewhere()):
        for key in (name, name.removesuffix("_id")):
            if key in table:
                return table[key]
    return told.label_of(name)


def _elsewhere() -> Mapping[str, Any]:
    """{column: label} of all screens; what several name, as the first does. Once a request."""
    if "audit_labels" not in g:
        found: dict[str, Any] = {}
        for view in current_app.appbuilder.baseviews:  # type: ignore[attr-defined]
            found = {**(getattr(view, "label_columns", None) or {}), **found}
        g.audit_labels = found
    labels_: Mapping[str, Any] = g.audit_labels
    return labels_


def _sides(entity: str, view: Any, one: Told) -> tuple[Any, Any]:
    if one.erased:
        gone = formatters.badge("off", _("Erased"))
        return gone, gone
    before, after = (value_of((entity, one.name), side, view) for side in (one.before, one.after))
    return before, after
