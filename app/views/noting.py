"""Notes of staff on the page of an order, a customer or a worker."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField
from wtforms.validators import InputRequired, Length

from app.services.system import notes
from app.views.base import RowForm, row_action
from app.views.fields import TextField
from app.views.staff_names import name_of_staff
from app.views.widgets import CheckboxWidget, LongTextWidget


class AddNoteForm(RowForm):
    text = TextField(
        _l("Note"), description=_l("Colleagues who may open this page read it"),
        validators=[InputRequired(), Length(min=2, max=1000)], widget=LongTextWidget(),
    )  # fmt: skip
    pinned = BooleanField(_l("Keep on top"), widget=CheckboxWidget())


class NotedView:
    """Gives a view the action "add a note"; its template includes office/notes.html."""

    actor: Any
    note_kind: str

    @row_action("add_note", _l("Add a note"), icon="fa-note-sticky", form=AddNoteForm)
    def add_note(self, pk: int, form: AddNoteForm) -> None:
        notes.add_note(
            self.note_kind, pk, str(form.text.data), pinned=bool(form.pinned.data),
            actor=self.actor,
        )  # fmt: skip

    def notes_of(self, row: Any) -> list[dict[str, Any]]:
        return [
            {"at": note.created_at, "who": name_of_staff(note.staff_id), "text": note.text,
             "pinned": note.pinned, "key": note.id}
            for note in notes.notes_on(self.note_kind, row.id, actor=self.actor)
        ]  # fmt: skip
