"""Any list as an Excel file: the list's own page, replayed as the person who asked for it.

The same columns, masks, filters, order and rows as on the screen, because the same view gives
them; only the paging is left out. Keys are read first, in the order of the list, then the rows in
batches: the memory stays flat, and nothing is locked meanwhile.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import current_app, flash, g, redirect, request, url_for
from flask_appbuilder.security.sqla.models import User
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from app.domain.errors import DomainError, Forbidden, RuleViolation
from app.extensions import db
from app.fab_messages import said
from app.models import Export, StaffProfile
from app.reports.list_xlsx import MOST_ROWS, write_list
from app.services import clock
from app.services.system import exports, parameters
from app.views import base_lists
from app.views.base_export_cells import column_of
from app.views.base_export_rows import rows_of

if TYPE_CHECKING:
    from app.views.base import ModelView

SMALL = 2_000  # as many rows are a file at once
BATCH = 1_000
NOT_OF_A_FILE = ("page_", "psize_")
BORROWED = ("user", "_login_user", "staff_profile")  # of `g`
Progress = Callable[[int, int], None]


def address(view: "ModelView") -> str:
    """Where the button of a list sends to, with the filters and the order of the list."""
    arguments = {
        name: values
        for name, values in request.args.to_dict(flat=False).items()
        if not name.startswith(NOT_OF_A_FILE)
    }
    return view.url_of("export", **arguments)


def ask(view: "ModelView") -> Any:
    """Answer the button: the file's own page, where it is ready at once or being made."""
    filters = view._filters
    asked = base_lists.asked_of(view, filters)
    if asked.ignored:
        # The list itself shows all rows then; nobody asked for all of them as a file.
        flash(_("Not understood: %(names)s", names=_(", ").join(asked.ignored)), "danger")
        return redirect(view.back_to_list())
    query, locale = request.query_string.decode("ascii", "replace"), str(get_locale())
    try:
        export_id = exports.ask(
            type(view).__name__, str(view.list_title), query, locale=locale, actor=view.actor
        )
        if _is_small(view, asked):
            exports.make(export_id)
    except DomainError as error:
        flash(said(error), "danger")
        return redirect(view.back_to_list())
    return redirect(url_for("ExportView.show", pk=export_id))


def _is_small(view: "ModelView", asked: base_lists.Asked) -> bool:
    return sum(1 for _key in islice(_keys(view, asked, SMALL + 1), SMALL + 1)) <= SMALL


def write(export: Export, path: Path, progress: Progress) -> int:
    """Write the list that somebody asked for; returns how many rows. Raises DomainError."""
    view = _view_named(export.kind)
    address = f"{view.route_base}/list/?{export.asked.get('query', '')}"
    with _acting_as(export.staff_id, address), force_locale(export.locale):
        if not (view.holds("can_list") and view.holds("can_export")):
            raise Forbidden(_("Your role does not export this list any more"))
        asked = base_lists.asked_of(view, view._filters)
        if asked.ignored:
            raise RuleViolation(_("Not understood: %(names)s", names=_(", ").join(asked.ignored)))
        keys = _collected(_keys(view, asked, MOST_ROWS + 1))
        progress(0, len(keys))
        columns = [column_of(view, column) for column in view.list_columns]
        return write_list(path, columns, _rows(view, keys, progress), **_words(view, len(keys)))


def _keys(view: "ModelView", asked: base_lists.Asked, limit: int) -> Iterator[Any]:
    both = view._filters.get_joined_filters(view._base_filters)
    found: Iterator[Any] = view.datamodel.keys(both, asked.column, asked.direction, limit)
    return found


def _collected(keys: Iterator[Any]) -> Sequence[Any]:
    """All keys: eight bytes a row where they are numbers."""
    first = list(islice(keys, 1))
    numbers = all(isinstance(key, int) for key in first)
    found: Any = array("q", first) if numbers else first
    found.extend(keys)
    if len(found) > MOST_ROWS:
        raise RuleViolation(
            _("More than %(most)s rows do not fit a file: filter the list", most=f"{MOST_ROWS:,}")
        )
    return found


def _rows(view: "ModelView", keys: Sequence[Any], progress: Progress) -> Iterator[list[Any]]:
    read = rows_of(view)
    for start in range(0, len(keys), BATCH):
        batch = list(keys[start : start + BATCH])
        yield from read(batch)
        progress(start + len(batch), len(keys))


def _words(view: "ModelView", count: int) -> dict[str, str]:
    when = clock.city_time(clock.now()).strftime("%Y-%m-%d %H:%M")
    parts = [
        _("Made on %(when)s by %(who)s", when=when, who=g.user.username),
        _("%(count)s rows", count=f"{count:,}"),
        *_filters_in_words(view),
    ]
    company = str(parameters.get("company.name"))
    return {"title": str(view.list_title), "company": company, "subtitle": " · ".join(parts)}


def _filters_in_words(view: "ModelView") -> Iterator[str]:
    for control in base_lists.controls(view, view._filters):
        if control.active:
            named = {str(key): str(label) for key, label in control.options}
            value = control.shown or named.get(control.value, control.value)
            reach = f"{value} – {control.value_to}" if control.value_to else value
            yield _("%(what)s: %(value)s", what=control.label, value=reach)


def _view_named(name: str) -> "ModelView":
    views = current_app.appbuilder.baseviews  # type: ignore[attr-defined]
    found = next((view for view in views if type(view).__name__ == name), None)
    if found is None:
        raise RuleViolation(_("This list does not exist any more"))
    view: ModelView = found
    return view


@contextmanager
def _acting_as(staff_id: int, address: str) -> Iterator[None]:
    """A request for the list by this person, whoever and wherever we are."""
    user = db.session.get(User, staff_id)
    if user is None or not user.active:
        raise Forbidden(_("This account is switched off"))
    before = {name: g.get(name) for name in BORROWED}
    with current_app.test_request_context(address):
        g.user = g._login_user = user
        g.staff_profile = db.session.query(StaffProfile).filter_by(user_id=staff_id).first()
        try:
            yield
        finally:
            for name, value in before.items():
                g.pop(name, None)
                if value is not None:
                    setattr(g, name, value)
