"""What the office keeps around its work: notes, incidents, message templates, views, backups."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import current_app, g, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy.orm import Query
from wtforms.validators import InputRequired, Length

from app.domain.placeholders import check_words
from app.extensions import db
from app.models import (
    Backup,
    ImportBatch,
    Incident,
    Note,
    Notification,
    NotificationTemplate,
    RestoreJob,
    SavedView,
)
from app.services.system import incidents, notes
from app.services.visits import absence
from app.views import labels_office as words
from app.views.base import ModelInterface, RowForm, row_action
from app.views.entities import tables_told
from app.views.fields import TextField
from app.views.formatters import EMPTY, link, multiline
from app.views.labels_events import MESSAGE_EVENT
from app.views.labels_quality import SEVERITY, SEVERITY_KINDS
from app.views.links import link_to_row
from app.views.privacy import ReasonForm
from app.views.scoped import BRANCHES, ORDERS, WORKERS, RecordView, ReferenceView, long_text
from app.views.staff_names import name_of_staff
from app.views.told import in_words, problems
from app.views.widgets import LongTextWidget, TextWidget


def subject_of(note: Note) -> Any:
    """What the note is about, as a link for whoever may open it."""
    kind = words.NOTE_SUBJECT.get(note.subject_kind, note.subject_kind)
    return Markup("{} {}").format(kind, link_to_row(notes.subject_of(note)))


class NoteView(ReferenceView):
    """Notes are added on the page of what they are about."""

    base_permissions = ["can_list", "can_show", "can_edit", "can_delete"]
    datamodel = ModelInterface(Note)
    noun, noun_plural = _l("Note"), _l("Notes")
    list_columns = ["created_at", "subject_kind", "text", "staff_id", "pinned"]
    show_columns = ["created_at", "subject", "text", "staff_id", "pinned"]
    search_columns = ["subject_kind", "text", "pinned", "created_at"]
    edit_columns = ["text", "pinned"]
    label_columns = {
        "subject_kind": _l("About"),
        "subject": _l("About"),
        "text": _l("Note"),
        "staff_id": _l("Written by"),
        "pinned": _l("Kept on top"),
    }
    edit_form_extra_fields = {"text": long_text(_l("Note"), most=1000)}
    formatters_columns = {
        "staff_id": name_of_staff,
        "text": multiline,
        "subject": subject_of,
    }
    choices = {"subject_kind": words.NOTE_SUBJECT}
    base_order = ("id", "desc")
    empty_next = _l("Notes are written on the page of an order, a customer or a worker.")

    def scope(self, query: Query[Any]) -> Query[Any]:
        """Notes on what one may open oneself."""
        may_open = partial(self.appbuilder.sm.has_access, "can_show")
        return notes.readable(super().scope(query), may_open)

    def change(self, row: Note, form: RowForm) -> None:
        notes.check_own(row, actor=self.actor)
        super().change(row, form)

    def remove(self, row: Note) -> None:
        notes.check_own(row, actor=self.actor)
        super().remove(row)


class SolveForm(RowForm):
    outcome = TextField(
        _l("What came of it"), validators=[InputRequired(), Length(min=2, max=500)],
        widget=LongTextWidget(),
    )  # fmt: skip


def is_open_absence(incident: Incident) -> bool:
    return incident.kind == absence.KIND and incident.status != "solved"


def _opens_again(incident: Incident) -> bool:
    return incident.status == "solved" and incident.kind not in incidents.DECIDED


def _noted(details: Mapping[str, Any] | None) -> Any:
    """The order's page tells the visit; its key says nothing to people."""
    return in_words({key: value for key, value in (details or {}).items() if key != "visit_id"})


class IncidentView(RecordView):
    route_base = "/incidents"
    datamodel = ModelInterface(Incident)
    noun, noun_plural = _l("Incident"), _l("Incidents")
    list_columns = ["created_at", "kind", "severity", "order", "worker", "handler_id", "status"]
    show_columns = [*list_columns, "text", "details", "branch", "solved_at", "outcome"]
    search_columns = ["kind", "severity", "status", "order", "worker", "branch", "created_at"]
    label_columns = {
        "severity": _l("Severity"),
        "handler_id": _l("Handler"),
        "text": _l("What happened"),
        "solved_at": _l("Solved at"),
        "outcome": _l("What came of it"),
        "details": _l("Noted"),
    }
    formatters_columns = {
        "handler_id": name_of_staff,
        "text": multiline,
        "outcome": multiline,
        "details": _noted,
    }
    choices = {
        "kind": words.INCIDENT_KIND,
        "severity": SEVERITY,
        "status": words.INCIDENT_STATUS,
    }
    badges = {"status": words.INCIDENT_KINDS, "severity": SEVERITY_KINDS}
    lookups = {"order": ORDERS, "worker": WORKERS, "branch": BRANCHES}
    base_order = ("id", "desc")
    empty_text = _l("No incidents.")

    def name_of(self, row: Incident) -> str:
        return f"{words.INCIDENT_KIND.get(row.kind, row.kind)} {row.id}"

    @row_action("take", _l("I take it on"), icon="fa-hand", multiple=False,
                when=lambda row: row.status == "open" or _opens_again(row))  # fmt: skip
    def take(self, pk: int) -> None:
        incidents.take(pk, actor=self.actor)

    @row_action("confirm_absence", _l("Nobody was at home"), icon="fa-user-xmark", main=True,
                form=ReasonForm, when=lambda incident: is_open_absence(incident))  # fmt: skip
    def confirm_absence(self, pk: int, form: ReasonForm) -> str:
        absence.decide(pk, confirm=True, note=form.why, actor=self.actor)
        return str(_("The order ended for its fee, the worker is compensated."))

    @row_action("refuse_absence", _l("The visit goes on"), icon="fa-rotate-left",
                form=ReasonForm, when=lambda incident: is_open_absence(incident))  # fmt: skip
    def refuse_absence(self, pk: int, form: ReasonForm) -> str:
        absence.decide(pk, confirm=False, note=form.why, actor=self.actor)
        return str(_("The visit goes on; the worker is told."))

    @row_action("solve", _l("Solved"), icon="fa-check", form=SolveForm,
                when=lambda incident: incident.status != "solved"
                and incident.kind not in incidents.DECIDED)  # fmt: skip
    def solve(self, pk: int, form: SolveForm) -> None:
        incidents.solve(pk, str(form.outcome.data), actor=self.actor)


class NotificationTemplateView(ReferenceView):
    datamodel = ModelInterface(NotificationTemplate)
    noun, noun_plural = _l("Message template"), _l("Message templates")
    list_columns = ["event", "channel", "role", "text", "active"]
    show_columns = [
        "event", "channel", "role", "title", "title_en", "text", "text_en", "outside_id", "active",
    ]  # fmt: skip
    search_columns = ["event", "channel", "role", "active"]
    add_columns = edit_columns = show_columns
    label_columns = {
        "event": _l("Event"),
        "channel": _l("Sent over"),
        "role": _l("Sent to"),
        "title": _l("Title (Chinese)"),
        "title_en": _l("Title (English)"),
        "text": _l("Text (Chinese)"),
        "text_en": _l("Text (English)"),
        "outside_id": _l("Number at the provider"),
    }
    description_columns = {"outside_id": _l("For text messages and WeChat: the approved template")}
    add_form_extra_fields = {
        "text": TextField(
            label_columns["text"], validators=[InputRequired(), Length(max=500)],
            widget=LongTextWidget(),
            description=_l("Names in braces are filled in, for instance {number} or {company}"),
        ),
        "text_en": long_text(label_columns["text_en"], most=500),
    }  # fmt: skip
    edit_form_extra_fields = add_form_extra_fields
    choices = {
        "event": MESSAGE_EVENT,
        "channel": words.TEMPLATE_CHANNEL,
        "role": words.TEMPLATE_ROLE,
    }
    base_order = ("event", "asc")

    def name_of(self, row: NotificationTemplate) -> str:
        return f"{MESSAGE_EVENT.get(row.event, row.event)} · {words.TEMPLATE_CHANNEL[row.channel]}"

    def create(self, form: RowForm) -> Any:
        _check_placeholders(form)
        return super().create(form)

    def change(self, row: NotificationTemplate, form: RowForm) -> None:
        _check_placeholders(form)
        super().change(row, form)


def _check_placeholders(form: RowForm) -> None:
    typed = form.values()
    for name in ("title", "title_en", "text", "text_en"):
        check_words(typed["event"], typed[name] or "", name)


class NotificationView(RecordView):
    datamodel = ModelInterface(Notification)
    noun, noun_plural = _l("In-app message"), _l("In-app messages")
    list_columns = ["created_at", "recipient_kind", "recipient_id", "kind", "read_at"]
    show_columns = [*list_columns, "data"]
    search_columns = ["recipient_kind", "recipient_id", "kind", "created_at"]
    label_columns = {
        "recipient_kind": _l("Sent to"),
        "recipient_id": _l("Key of the recipient"),
        "read_at": _l("Read at"),
        "data": _l("Content"),
    }
    choices = {"recipient_kind": words.TEMPLATE_ROLE, "kind": MESSAGE_EVENT}
    base_order = ("id", "desc")


def where(address: str) -> Any:
    """A link to the list, called as the list is."""
    path = address.partition("?")[0].partition("/list")[0]
    views = current_app.appbuilder.baseviews  # type: ignore[attr-defined]
    found = (view for view in views if getattr(view, "route_base", None) == path)
    name = next((view.noun_plural for view in found if hasattr(view, "noun_plural")), address)
    return link(address, name) if address else EMPTY


class SavedViewView(ReferenceView):
    """Everybody sees the own ones, and what others share."""

    datamodel = ModelInterface(SavedView)
    noun, noun_plural = _l("Saved view"), _l("Saved views")
    list_columns = ["name", "opens", "staff_id", "shared", "created_at"]
    show_columns = list_columns
    search_columns = ["name", "shared"]
    add_columns = ["name", "opens", "shared"]
    edit_columns = ["name", "shared"]
    add_form_extra_fields = {
        "opens": TextField(
            _l("Opens"), validators=[InputRequired(), Length(max=1000)], widget=TextWidget(),
            description=_l("The address of the list with its filters, from the first / on"),
        )
    }  # fmt: skip
    label_columns = {
        "opens": _l("Opens"),
        "staff_id": _l("Saved by"),
        "shared": _l("Shared with colleagues"),
    }
    refusals = {
        "path_of_this_site": ("opens", _l("Only lists of this site: the address begins with one /"))
    }
    formatters_columns = {
        "staff_id": name_of_staff,
        "opens": where,
    }
    base_order = ("name", "asc")
    empty_next = _l("Filter a list, then save it under a name.")

    def scope(self, query: Query[Any]) -> Query[Any]:
        return query.filter((SavedView.staff_id == g.user.id) | SavedView.shared)

    def form_defaults(self) -> dict[str, Any]:
        return {"opens": request.args.get("opens", "")}

    def create(self, form: RowForm) -> SavedView:
        typed = form.values()
        path, _mark, query = typed["opens"].partition("?")
        row = SavedView(
            staff_id=self.actor.id, name=typed["name"], path=path[:64], query=query,
            shared=typed["shared"],
        )  # fmt: skip
        db.session.add(row)
        return row

    def change(self, row: SavedView, form: RowForm) -> None:
        notes.check_own(row, actor=self.actor)
        super().change(row, form)

    def remove(self, row: SavedView) -> None:
        notes.check_own(row, actor=self.actor)
        super().remove(row)


class ImportBatchView(RecordView):
    datamodel = ModelInterface(ImportBatch)
    noun, noun_plural = _l("Import"), _l("Imports")
    list_columns = ["created_at", "kind", "file_name", "rows", "staff_id", "status"]
    show_columns = [*list_columns, "sha256", "errors"]
    search_columns = ["kind", "file_name", "status", "created_at"]
    label_columns = {
        "file_name": _l("File"),
        "rows": _l("Rows"),
        "staff_id": _l("Who"),
        "sha256": _l("Fingerprint"),
        "errors": _l("Errors"),
    }
    formatters_columns: dict[str, Any] = {"staff_id": name_of_staff, "errors": problems}
    choices = {"status": words.IMPORT_STATUS, "kind": words.IMPORT_KIND}
    badges = {"status": words.IMPORT_KINDS}
    base_order = ("id", "desc")


class BackupView(RecordView):
    datamodel = ModelInterface(Backup)
    noun, noun_plural = _l("Backup"), _l("Backups")
    list_columns = ["created_at", "status", "size_bytes", "finished_at", "proved_at"]
    show_columns = [*list_columns, "storage_key", "sha256", "schema", "rows", "failure"]
    search_columns = ["status", "created_at"]
    label_columns = {
        "size_bytes": _l("Size (bytes)"),
        "finished_at": _l("Finished at"),
        "proved_at": _l("Proved at"),
        "storage_key": _l("Kept as"),
        "sha256": _l("Fingerprint"),
        "schema": _l("Version of the tables"),
        "rows": _l("Rows"),
        "failure": _l("Why it failed"),
    }
    formatters_columns = {"rows": tables_told}
    choices = {"status": words.BACKUP_STATUS}
    badges = {"status": words.BACKUP_KINDS}
    base_order = ("id", "desc")


class RestoreJobView(RecordView):
    datamodel = ModelInterface(RestoreJob)
    noun, noun_plural = _l("Restore"), _l("Restores")
    list_columns = ["created_at", "backup_id", "scope", "entities", "status"]
    show_columns = [*list_columns, "differences"]
    search_columns = ["status", "created_at"]
    label_columns = {
        "backup_id": _l("Backup"),
        "scope": _l("How much"),
        "entities": _l("Entities"),
        "differences": _l("Differences"),
    }
    formatters_columns: dict[str, Any] = {"entities": tables_told, "differences": tables_told}
    choices = {"status": words.RESTORE_STATUS, "scope": words.RESTORE_SCOPE}
    badges = {"status": words.RESTORE_KINDS}
    base_order = ("id", "desc")
