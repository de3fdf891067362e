"""What must be said about a view before it starts. A fault stops the application."""

from typing import TYPE_CHECKING, Any

from flask_appbuilder.baseviews import BaseCRUDView

from app.fab_kinds import RELATIONS, Kind, is_known

if TYPE_CHECKING:
    from app.views.base import ModelView

HOOKS = (
    "pre_add", "post_add", "pre_update", "post_update", "pre_delete", "post_delete",
    "process_form", "prefill_form",
)  # fmt: skip


class ViewError(Exception):
    """A view that is not declared well enough to be shown."""


def check_view(view: "ModelView") -> None:
    """Raise ViewError with all faults of the view at once."""
    faults = [
        *_missing(view),
        *_unknown(view),
        *_unlabelled(view),
        *_relations(view),
        *_rules(view),
    ]
    if faults:
        raise ViewError(f"{type(view).__name__}: " + "; ".join(faults))


def _missing(view: "ModelView") -> list[str]:
    needed = ["list_columns", "show_columns", "search_columns"]
    needed += [
        f"{verb}_columns" for verb in ("add", "edit") if f"can_{verb}" in view.base_permissions
    ]
    faults = [f"say {name}" for name in needed if getattr(view, name) is None]
    faults += [
        f"{name} is empty" for name in ("list_columns", "show_columns") if getattr(view, name) == []
    ]
    faults += [f"say {name}" for name in ("noun", "noun_plural") if not getattr(view, name)]
    return faults


def _used(view: "ModelView") -> dict[str, list[str]]:
    names = ("list_columns", "show_columns", "search_columns", "add_columns", "edit_columns")
    return {name: list(getattr(view, name) or []) for name in names}


def _unknown(view: "ModelView") -> list[str]:
    model, faults = view.datamodel.obj, []
    for name, columns in _used(view).items():
        own = _own_fields(view, name)
        for column in columns:
            if column not in own and not is_known(model, column):
                faults.append(f"{model.__name__} has no {column!r} ({name})")
    return faults


def _own_fields(view: "ModelView", name: str) -> dict[str, Any]:
    return {
        "search_columns": view.search_filters,
        "add_columns": view.add_form_extra_fields,
        "edit_columns": view.edit_form_extra_fields,
    }.get(name) or {}


def _unlabelled(view: "ModelView") -> list[str]:
    used = {column for columns in _used(view).values() for column in columns}
    return [f"{column!r} has no label" for column in sorted(used - set(view.label_columns))]


def _relations(view: "ModelView") -> list[str]:
    """A relation as a filter or field loads its whole table, unless it is looked up."""
    faults = []
    for name in ("search_columns", "add_columns", "edit_columns"):
        for column in _used(view)[name]:
            if column in _own_fields(view, name):
                continue
            kind = view.kind(column)
            if kind in RELATIONS and column not in view.lookups:
                faults.append(f"relation {column!r} in {name} needs an entry in lookups")
            if kind is Kind.CHOICE and column not in view.choices:
                faults.append(f"{column!r} in {name} needs its labels in choices")
            if kind is Kind.COMPUTED or "." in column:
                faults.append(f"{column!r} in {name} is no column")
    bare = [
        name
        for name, lookup in view.lookups.items()
        if not lookup.small and not (lookup.search or lookup.match)
    ]
    return faults + [f"lookup {name!r} needs search or match" for name in bare]


def _rules(view: "ModelView") -> list[str]:
    written = [
        name for name in HOOKS if getattr(type(view), name) is not getattr(BaseCRUDView, name)
    ]
    faults = [f"{name} is a hook: put the rule into a service" for name in written]
    if view.method_permission_name:
        faults.append("method_permission_name is not supported: the role matrix names can_<method>")
    return faults
