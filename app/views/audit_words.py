"""Audit rows in the words of the screens: which record, which column, which value."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.money import yuan
from app.services.system.audit_reading import Told, is_sealed, pair
from app.views import formatters, labels
from app.views.base_labels import COMMON
from app.views.staff_names import name_of_staff

# What rows tell that are no change of a column.
FACTS: Mapping[str, Any] = {
    "via": _l("Way in"),
    "limited": _l("Too many tries"),
    "method": _l("Method"),
    "path": _l("Address of the page"),
    "why": _l("Reason"),
    "reason": _l("Reason"),
}
SHORT = 140
TOLD_IN_SHORT = 6


class Entities(Mapping[str, Any]):
    """{table: noun} of everything that has a screen, as far as screens are registered by now."""

    def __getitem__(self, table: str) -> Any:
        return self._nouns()[table]

    def __iter__(self) -> Iterator[str]:
        nouns = self._nouns()
        return iter(sorted(nouns, key=lambda table: str(nouns[table])))

    def __len__(self) -> int:
        return len(self._nouns())

    @staticmethod
    def _nouns() -> dict[str, Any]:
        return {table: view.noun for table, view in screens().items()}


def screens() -> dict[str, Any]:
    """{table: its screen}; of several the first that is registered."""
    found: dict[str, Any] = {}
    for view in current_app.appbuilder.baseviews:  # type: ignore[attr-defined]
        model = getattr(getattr(view, "datamodel", None), "obj", None)
        if model is not None and getattr(view, "noun", None):
            found.setdefault(model.__tablename__, view)
    return found


def subject(record: tuple[str, str]) -> Any:
    """The record: its noun and key, linked where the person may open it."""
    entity, key = record
    view = screens().get(entity) or _screen_named(entity)
    noun = str(view.noun) if view else entity
    text = f"{noun} {key}".strip()
    if view and key.isdigit() and "can_show" in view.base_permissions and view.holds("can_show"):
        return formatters.link(view.url_of("show", pk=key), text)
    return text


def _screen_named(name: str) -> Any:
    """Refusals name the screen, not a table."""
    views = current_app.appbuilder.baseviews  # type: ignore[attr-defined]
    return next((v for v in views if type(v).__name__ == name and getattr(v, "noun", None)), None)


def who(actor: tuple[str, int | None]) -> str:
    kind, key = actor
    label = labels.ACTOR_KIND.get(kind, kind)
    if kind == "staff":
        return f"{label} {name_of_staff(key)}"
    return str(label) if key is None else f"{label} {key}"


def differences(entity: str, told: list[Told]) -> list[tuple[Any, Any, Any]]:
    """(column, before, after) as the entity's screen would show them."""
    view = screens().get(entity)
    return [(_label(view, one.name), *_sides(view, one)) for one in told]


def in_short(changes: Mapping[str, Any] | None) -> str:
    """For lists; the row's page shows everything, and what is personal masked."""
    told = []
    for name, change in list((changes or {}).items())[:TOLD_IN_SHORT]:
        before, after = (_plain(part) for part in pair(change))
        label = _label(None, name)
        told.append(f"{label}: {before} → {after}" if before else f"{label}: {after}")
    text = "; ".join(told)
    return text if len(text) <= SHORT else f"{text[:SHORT]}…"


def _plain(part: Any) -> str:
    if isinstance(part, bool):
        return _("Yes") if part else _("No")
    return "***" if is_sealed(part) else "" if part is None else str(part)


def _label(view: Any, name: str) -> Any:
    known = {**FACTS, **COMMON, **(view.label_columns if view else {})}
    return known.get(name) or known.get(name.removesuffix("_id")) or name


def _sides(view: Any, one: Told) -> tuple[Any, Any]:
    if one.erased:
        gone = formatters.badge("off", _("Erased"))
        return gone, gone
    return _value(view, one.name, one.before), _value(view, one.name, one.after)


def _value(view: Any, name: str, value: Any) -> Any:
    if value is None or value == "":
        return formatters.EMPTY
    if isinstance(value, bool):
        return formatters.yes_no(value)
    if name.endswith("_fen") and isinstance(value, int):
        return f"¥{yuan(value)}" if value >= 0 else f"-¥{yuan(-value)}"
    if view and name in view.choices:
        return str(view.choices[name].get(str(value), value))
    if isinstance(value, str) and name.endswith("_at"):
        return _instant(value)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return formatters.joined(value)
    return formatters.json_text(value) if isinstance(value, (dict, list)) else str(value)


def _instant(value: str) -> Any:
    try:
        return formatters.instant(datetime.fromisoformat(value))
    except ValueError:
        return value
