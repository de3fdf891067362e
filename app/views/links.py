"""From a row to the rows that it names: the value of a relation leads to that row's own page."""

from collections.abc import Mapping
from typing import Any

from flask import current_app
from markupsafe import Markup

from app.fab_kinds import Kind
from app.views.base import ModelView
from app.views.in_templates import link_to


def linked(view: Any, row: Any, column: str, text: Any) -> Any:
    """What a page shows in a column; of another row, a link to it for whoever may open it."""
    if view.kind(column) is not Kind.TO_ONE or isinstance(text, Markup):
        return text
    return link_to_row(getattr(row, column, None), text)


def link_to_row(target: Any, text: Any = None) -> Any:
    """The name of a row, as a link to its page where it has one."""
    shown = str(target) if text is None else text
    screen = _screens().get(type(target).__name__)
    return link_to(screen, target.id, shown) if screen else shown


def _screens() -> Mapping[str, str]:
    """Table -> the screen that shows its rows, the first that does."""
    known = current_app.extensions.get("screens_of_tables")
    if known is None:
        shown = [view for view in _views() if "can_show" in view.base_permissions]
        known = {view.datamodel.obj.__name__: type(view).__name__ for view in reversed(shown)}
        current_app.extensions["screens_of_tables"] = known
    screens: Mapping[str, str] = known
    return screens


def _views() -> list[Any]:
    every = current_app.appbuilder.baseviews  # type: ignore[attr-defined]
    return [view for view in every if isinstance(view, ModelView)]
