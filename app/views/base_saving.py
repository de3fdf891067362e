"""Adding, changing and removing a row through a form: all or nothing, and nothing typed is lost."""

from typing import TYPE_CHECKING, Any

from flask import abort, flash, redirect, request
from flask_babel import gettext as _
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from app.domain.errors import Conflict, DomainError, InvalidInput, NotFound
from app.fab_filters import RelationIs
from app.fab_kinds import value_at
from app.fab_messages import said
from app.services.transactions import transaction
from app.views.base_constraints import check_named_by, columns_named_by
from app.views.base_forms import VERSION, RowForm
from app.views.base_uses import uses_of

if TYPE_CHECKING:
    from app.views.base import ModelView

REFUSED = 422
TAKEN = 409


def add(view: "ModelView") -> Any:
    form = view.add_form(data=None) if request.method == "POST" else _blank(view)
    if request.method == "GET":
        view.update_redirect()
        return _add_page(view, form)
    if not form.validate():
        return _add_page(view, form), REFUSED
    try:
        key = _create(view, form)
    except (DomainError, IntegrityError, DataError) as error:
        status = _refuse(view, form, error)
        return _add_page(view, form), status
    flash(_("%(noun)s added.", noun=view.noun), "success")
    if "_another" in request.form:
        return redirect(view.url_of("add"))
    return redirect(view.after_adding(key))


def edit(view: "ModelView", pk: Any) -> Any:
    row = view.row_or_404(pk)
    form = view.edit_form(obj=row, data=view.edit_values(row))
    if request.method == "GET":
        view.update_redirect()
        return _edit_page(view, row, form)
    if not form.validate():
        return _edit_page(view, row, form), REFUSED
    try:
        _change(view, pk, form)
    except NotFound:
        abort(404)
    except (DomainError, IntegrityError, DataError) as error:
        status = _refuse(view, form, error)
        return _edit_page(view, view.row_or_404(pk), form, theirs=status == TAKEN), status
    flash(_("%(noun)s saved.", noun=view.noun), "success")
    return redirect(view.back_to_row(pk))


def delete(view: "ModelView", pk: Any) -> Any:
    view.row_or_404(pk)
    try:
        with transaction(actor=view.actor) as session:
            view.remove(_locked(view, pk))
            session.flush()
    except DomainError as error:
        view.note_refusal(error, pk)
        flash(said(error), "danger")
        return redirect(view.back_to_row(pk))
    except IntegrityError:
        flash(_in_use(view, pk), "danger")
        return redirect(view.back_to_row(pk))
    flash(_("%(noun)s deleted.", noun=view.noun), "success")
    return redirect(view.back_to_list())


def _in_use(view: "ModelView", pk: Any) -> str:
    places = uses_of(view.datamodel.obj, view.typed_key(pk))
    if not places:
        return _("This %(noun)s is in use and cannot be deleted.", noun=view.noun)
    return _(
        "This %(noun)s is in use and cannot be deleted: %(places)s.",
        noun=view.noun, places=places,
    )  # fmt: skip


def _create(view: "ModelView", form: RowForm) -> Any:
    with transaction(actor=view.actor) as session:
        row = view.create(form)
        session.flush()
        _must_stay_visible(view, session, row)
        return view.key_of(row)


def _change(view: "ModelView", pk: Any, form: RowForm) -> None:
    with transaction(actor=view.actor) as session:
        row = _locked(view, pk)
        _check_version(row, form)
        view.change(row, form)
        session.flush()
        _must_stay_visible(view, session, row)


def _locked(view: "ModelView", pk: Any) -> Any:
    row = view.find(pk, lock=True)
    if row is None:
        raise NotFound(_("This record does not exist"))
    return row


def _must_stay_visible(view: "ModelView", session: Session, row: Any) -> None:
    """A form must not move a row out of the scope of the one who fills it in."""
    session.expire(row)
    if view.find(view.key_of(row)) is None:
        raise InvalidInput(_("You may not save this: it would be outside your area."))


def _check_version(row: Any, form: RowForm) -> None:
    # What was sent, not what the field falls back to: a form without it is refused as well.
    if VERSION in form and [str(getattr(row, VERSION))] != list(form[VERSION].raw_data or []):
        raise Conflict(
            _(
                "Somebody else has changed this in the meantime. What you typed is still here: "
                "compare it with the values now saved, then save again."
            )
        )


def _refuse(view: "ModelView", form: RowForm, error: Exception) -> int:
    """Show the refusal in the form; the HTTP status that says the same."""
    view.note_refusal(error, (request.view_args or {}).get("pk", ""))
    if isinstance(error, Conflict):
        _refuse_duplicate(view, form, error)
        return TAKEN
    if isinstance(error, DomainError):
        form.refuse_with(error)
        return REFUSED
    field, sentence = view.refusals.get(
        check_named_by(view.datamodel.obj, error),
        ("", _("The values do not fit together; nothing was saved.")),
    )
    form.refuse(sentence, field)
    return REFUSED


def _refuse_duplicate(view: "ModelView", form: RowForm, error: Conflict) -> None:
    constraint = error.details.get("constraint", "")
    named = columns_named_by(view.datamodel.obj, constraint)
    fields = [name for name in named if name in form]
    if not fields:
        form.refuse_with(error)
    elif len(named) == 1:
        form.refuse(_("Another record already has this value."), fields[0])
    else:
        labels = _(", ").join(str(form[name].label.text) for name in fields)
        form.refuse(_("There is a record with the same %(fields)s.", fields=labels), fields[-1])


def _blank(view: "ModelView") -> RowForm:
    """An add form with the view's defaults, and the row of the list it was opened from."""
    given = dict(view.form_defaults())
    for argument, text in request.args.items():
        column = argument.removeprefix("_flt_0_")
        if column == argument or column not in view.lookups or not text:
            continue
        rows = view.lookups[column].find(view.datamodel.session, [text])
        if rows and isinstance(view.filter_of(column), RelationIs):
            given[column] = rows[0]
    form: RowForm = view.add_form(data={**_only_choices(view), **given})
    return form


def _only_choices(view: "ModelView") -> dict[str, Any]:
    """What has to be chosen where there is one row to choose, such as the only branch."""
    form, session = view.add_form(), view.datamodel.session
    asked = [name for name in view.lookups if name in form and form[name].flags.required]
    choices = {name: view.lookups[name].all(session) for name in asked if view.lookups[name].small}
    return {name: rows[0] for name, rows in choices.items() if len(rows) == 1}


def _add_page(view: "ModelView", form: RowForm) -> str:
    return view.render_template(
        view.add_template, title=view.add_title, form=form, crumbs=view.crumbs(),
        fieldsets=view.add_fieldsets, columns=view.add_columns, another=view.adds_several,
    )  # fmt: skip


def _edit_page(view: "ModelView", row: Any, form: RowForm, theirs: bool = False) -> str:
    saved = _saved_meanwhile(view, row, form) if theirs else {}
    return view.render_template(
        view.edit_template, title=view.edit_title, form=form, row=row, pk=view.key_of(row),
        crumbs=view.crumbs(row), fieldsets=view.edit_fieldsets, columns=view.edit_columns,
        saved=saved,
    )  # fmt: skip


def _saved_meanwhile(view: "ModelView", row: Any, form: RowForm) -> dict[str, Any]:
    """What the row now holds where it differs; the next save is a decision that knows it."""
    if VERSION not in form or str(form[VERSION].data) == str(getattr(row, VERSION)):
        return {}
    form[VERSION].data = str(getattr(row, VERSION))
    form[VERSION].raw_data = None
    return {
        name: view.formatter(name)(value_at(row, name))
        for name, typed in form.values().items()
        if hasattr(row, name) and typed != getattr(row, name)
    }
