"""Buttons that call a service: declared with `row_action`, answered to POST only."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Response, abort, flash, redirect, request
from flask_babel import gettext as _
from flask_babel import ngettext

from app.domain.errors import DomainError
from app.fab_marks import marked_methods
from app.fab_messages import said
from app.views.base_forms import RowForm

if TYPE_CHECKING:
    from app.views.base import ModelView

F = TypeVar("F", bound=Callable[..., Any])
MOST_ROWS = 100


@dataclass(frozen=True)
class RowAction:
    """One verb that a person may ask for a row, or for several chosen in a list."""

    name: str
    label: Any
    method: str
    confirm: Any = None
    icon: str = "fa-bolt"
    danger: bool = False
    form: type[Any] | None = None
    when: Callable[[Any], bool] | None = None
    single: bool = True
    multiple: bool = True
    main: bool = False
    asks: Callable[[Any], Any] | None = None

    @property
    def permission(self) -> str:
        return f"can_{self.name}"

    def question(self, row: Any) -> Any:
        """What is asked before it is done to this row; "" to ask nothing."""
        return self.asks(row) if self.asks else self.confirm or ""

    def suits(self, row: Any) -> bool:
        return self.when is None or bool(self.when(row))


def row_action(
    name: str,
    label: Any,
    *,
    multiple: bool | None = None,
    form: type[Any] | None = None,
    **options: Any,
) -> Callable[[F], F]:
    """Declare `def handler(self, pk)` (with a form: `handler(self, pk, form)`) as an action.

    confirm   the question asked before; with `danger=True` the button is red
    asks      row -> the question on its show page, where it names what the row says
    icon      a Font Awesome name, "fa-bolt"
    form      a RowForm or FlaskForm asked on a page of its own; such an action is for one row
    when      row -> bool: whether the show page offers it (the service decides all the same)
    single    whether the show page offers it; default yes
    multiple  whether a list offers it for chosen rows; default: yes without a form
    main      the highlighted button of the page
    The handler calls one service, with `actor=self.actor`; it gets only keys inside the scope.
    It may return a sentence to show, or a response. The permission is `can_<name>`.
    """
    in_lists = form is None if multiple is None else multiple

    def mark(handler: F) -> F:
        handler._row_action = RowAction(  # type: ignore[attr-defined]
            name, label, handler.__name__, form=form, multiple=in_lists, **options
        )
        return handler

    return mark


def actions_of(view_class: type) -> dict[str, RowAction]:
    methods = (getattr(view_class, name, None) for name in marked_methods(view_class))
    marked = (getattr(method, "_row_action", None) for method in methods)
    return {action.name: action for action in marked if action is not None}


def offered(view: "ModelView", row: Any = None) -> list[RowAction]:
    """The actions this person may take: on a row, or without one, on rows chosen in a list.

    What the page is for comes first, what does harm last.
    """
    fitting = (
        action
        for action in view.row_actions.values()
        if (action.multiple if row is None else action.single and action.suits(row))
    )
    held = [action for action in fitting if view.holds(action.permission)]
    return sorted(held, key=lambda action: (action.danger, not action.main))


def perform_on_one(view: "ModelView", name: str, pk: Any) -> Any:
    action = _allowed(view, name)
    row = view.row_or_404(pk)
    if action.form is not None:
        return _answer(view, action, row)
    return _result(view, pk, _attempt(view, action, pk))


def perform_on_many(view: "ModelView") -> Any:
    action = _allowed(view, request.form.get("action", ""))
    if not action.multiple:
        abort(404)
    keys = list(dict.fromkeys(request.form.getlist("rowid")))[:MOST_ROWS]
    # Ask the database again: a key from the page may be out of scope, or somebody's invention.
    inside = [view.key_of(row) for key in keys if (row := view.find(key)) is not None]
    if not inside:
        flash(_("Choose at least one row first."), "warning")
    results = [_attempt(view, action, key) for key in inside]
    _tell(results)
    response = next((result for result in results if isinstance(result, Response)), None)
    return response or redirect(view.back_to_list())


def ask_first(view: "ModelView", name: str, pk: Any) -> Any:
    action = _allowed(view, name)
    if action.form is None:
        abort(404)
    return _asked(view, action, view.row_or_404(pk), action.form())


def _allowed(view: "ModelView", name: str) -> RowAction:
    action = view.row_actions.get(name)
    if action is None:
        abort(404)
    view.demand(action.permission)
    return action


def _answer(view: "ModelView", action: RowAction, row: Any) -> Any:
    form, key = action.form(), view.key_of(row)  # type: ignore[misc]
    if not form.validate():
        return _asked(view, action, row, form), 422
    try:
        outcome = getattr(view, action.method)(key, form)
    except DomainError as error:
        view.note_refusal(error, key)
        _show_refusal(form, error)
        return _asked(view, action, view.row_or_404(key), form), 422
    return _result(view, key, outcome)


def _attempt(view: "ModelView", action: RowAction, key: Any) -> Any:
    """Run the handler; a refusal is returned, for its sentence."""
    try:
        return getattr(view, action.method)(view.typed_key(key))
    except DomainError as error:
        view.note_refusal(error, key)
        return error


def _result(view: "ModelView", key: Any, outcome: Any) -> Any:
    if isinstance(outcome, Response):
        return outcome
    if isinstance(outcome, DomainError):
        flash(said(outcome), "danger")
    else:
        flash(str(outcome) if outcome else _("Done."), "success")
    return redirect(view.back_to_row(key))


def _tell(results: list[Any]) -> None:
    refused = [said(result) for result in results if isinstance(result, DomainError)]
    done = len(results) - len(refused)
    if done:
        flash(ngettext("Done for %(num)d row.", "Done for %(num)d rows.", done), "success")
    for message in dict.fromkeys(refused):
        flash(message, "danger")


def _asked(view: "ModelView", action: RowAction, row: Any, form: Any) -> str:
    if isinstance(form, RowForm):
        form.look_at(row, view.actor)
    return view.render_template(
        "appbuilder/general/model/ask.html", title=str(action.label), action=action, row=row,
        form=form, pk=view.key_of(row), crumbs=view.crumbs(row),
    )  # fmt: skip


def _show_refusal(form: Any, error: DomainError) -> None:
    if isinstance(form, RowForm):
        form.refuse_with(error)
    else:
        form.form_errors = [*form.form_errors, said(error)]
