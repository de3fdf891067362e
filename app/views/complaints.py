"""Complaints: who handles which, how long there is still time, and what was said."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired, Length, Optional

from app.extensions import db
from app.models import Cause, Complaint, ComplaintEvent
from app.services import clock
from app.services.quality import complaints
from app.views import labels
from app.views import labels_quality as words
from app.views.base import ModelInterface, RowForm, row_action
from app.views.fields import RowSelectField, TextField
from app.views.formatters import badge, instant, multiline
from app.views.order_story import Told
from app.views.quality_lists import CAUSES, CorrectiveActionView
from app.views.scoped import (
    BRANCHES,
    CUSTOMERS,
    ORDERS,
    STAFF,
    WORKERS,
    ReferenceView,
    long_text,
)
from app.views.staff_names import name_of_staff
from app.views.widgets import LongTextWidget

OPEN = {"new", "assigned", "investigating", "waiting_for_customer", "proposed"}


def _words(label: Any, hint: Any = "", most: int = 500) -> TextField:
    return TextField(
        label, description=hint, widget=LongTextWidget(),
        validators=[InputRequired(), Length(min=2, max=most)],
    )  # fmt: skip


class AssignHandlerForm(RowForm):
    handler: Any = RowSelectField(
        _l("Handler"), lookup=STAFF.of(User), validators=[InputRequired()],
        source=lambda: "/complaints/lookup/handler",
    )  # fmt: skip
    note = long_text(_l("Note"), most=500)


class InvestigateForm(RowForm):
    note = _words(_l("What is being looked into"))


class QuestionForm(RowForm):
    question = _words(_l("Question to the customer"), _l("The clock stands still until the answer"))


class AnswerForm(RowForm):
    answer = _words(_l("What the customer answered"))


class ProposalForm(RowForm):
    proposal = _words(_l("Solution"), _l("The customer reads this"))


class DeclineForm(RowForm):
    reason = _words(_l("Why the customer does not agree"))


class ResolveForm(RowForm):
    result = _words(_l("Result"), _l("The customer reads this"))
    cause: Any = RowSelectField(_l("Cause"), lookup=CAUSES.of(Cause), validators=[Optional()])


class ReopenForm(RowForm):
    reason = _words(_l("Why it is opened again"))


class NoteForm(RowForm):
    note = _words(_l("Note"), _l("For colleagues; the customer does not see it"), most=1000)


def time_left(row: Complaint) -> Any:
    """The time to solve it, red when it is over, standing while the customer is asked."""
    if row.status not in OPEN:
        late = row.resolved_at is not None and row.resolved_at > row.solve_by
        return badge("bad", _("Late")) if late else badge("good", _("In time"))
    if row.paused_at is not None:
        return badge("info", _("Clock stands still"))
    return badge("bad" if row.solve_by < clock.now() else "warn", instant(row.solve_by))


class ComplaintView(ReferenceView):
    """Written down in a form; afterwards it changes by verbs only."""

    base_permissions = ["can_list", "can_show", "can_add"]
    route_base = "/complaints"
    datamodel = ModelInterface(Complaint)
    noun, noun_plural = _l("Complaint"), _l("Complaints")
    list_columns = [
        "number", "customer", "category", "severity", "handler", "status", "clock", "created_at",
    ]  # fmt: skip
    show_fieldsets = [
        (
            _l("Complaint"),
            {
                "fields": [
                    "status", "customer", "order", "worker", "category", "severity", "source",
                    "text",
                ]
            },
        ),
        (
            _l("Who and until when"),
            {
                "fields": [
                    "handler", "branch", "answer_by", "answered_at", "solve_by", "clock",
                    "resolved_at", "reopened", "created_at",
                ]
            },
        ),
        (_l("Result"), {"fields": ["proposal", "result", "cause"]}),
    ]  # fmt: skip
    search_columns = [
        "number", "status", "severity", "category", "handler", "customer", "order", "worker",
        "branch", "created_at",
    ]  # fmt: skip
    add_columns = ["customer", "order", "category", "severity", "source", "text"]
    label_columns = {
        "category": _l("About"),
        "severity": _l("Severity"),
        "handler": _l("Handler"),
        "clock": _l("To be solved by"),
        "source": _l("Came in by"),
        "text": _l("In the customer's words"),
        "answer_by": _l("To be answered by"),
        "answered_at": _l("Answered at"),
        "solve_by": _l("Promised for"),
        "resolved_at": _l("Resolved at"),
        "reopened": _l("Times opened again"),
        "proposal": _l("Solution"),
        "result": _l("Result"),
        "cause": _l("Cause"),
    }
    add_form_extra_fields = {"text": _words(_l("In the customer's words"), most=2000)}
    formatters_columns: dict[str, Any] = {
        "handler": lambda user: name_of_staff(user.id if user else None),
        "clock": time_left,
        "text": multiline,
        "proposal": multiline,
        "result": multiline,
    }
    choices = {
        "status": words.COMPLAINT_STATUS,
        "category": words.COMPLAINT_CATEGORY,
        "severity": words.SEVERITY,
        "source": words.COMPLAINT_SOURCE,
    }
    badges = {"status": words.COMPLAINT_KINDS, "severity": words.SEVERITY_KINDS}
    lookups = {
        "customer": CUSTOMERS,
        "order": ORDERS,
        "worker": WORKERS,
        "handler": STAFF,
        "branch": BRANCHES,
    }
    base_order = ("id", "desc")
    show_template = "quality/complaint.html"
    related_views = [CorrectiveActionView]
    empty_text = _l("No complaints here.")

    def form_defaults(self) -> dict[str, Any]:
        return {"source": "phone"}  # whoever types it in has mostly somebody on the line

    def create(self, form: RowForm) -> Complaint:
        typed = form.values()
        customer, order = typed.pop("customer"), typed.pop("order")
        return complaints.create(
            customer.id, order_id=order.id if order else None, actor=self.actor, **typed
        )

    def show_context(self, row: Complaint) -> dict[str, Any]:
        return {"story": story_of(row)}

    @row_action("assign", _l("Name a handler"), icon="fa-user-tag", main=True,
                form=AssignHandlerForm,
                when=lambda row: row.status in {"new", "assigned", "investigating"})  # fmt: skip
    def assign(self, pk: int, form: AssignHandlerForm) -> None:
        note = str(form.note.data or "")
        complaints.assign(pk, form.handler.data.id, note=note, actor=self.actor)

    @row_action("investigate", _l("Look into it"), icon="fa-magnifying-glass",
                form=InvestigateForm, when=lambda row: row.status == "assigned")  # fmt: skip
    def investigate(self, pk: int, form: InvestigateForm) -> None:
        complaints.investigate(pk, str(form.note.data), actor=self.actor)

    @row_action("ask_customer", _l("Ask the customer"), icon="fa-circle-question",
                form=QuestionForm, when=lambda row: row.status == "investigating")  # fmt: skip
    def ask_customer(self, pk: int, form: QuestionForm) -> None:
        complaints.ask_customer(pk, str(form.question.data), actor=self.actor)

    @row_action("customer_answered", _l("The customer answered"), icon="fa-reply", form=AnswerForm,
                when=lambda row: row.status == "waiting_for_customer")  # fmt: skip
    def customer_answered(self, pk: int, form: AnswerForm) -> None:
        complaints.customer_answered(pk, str(form.answer.data), actor=self.actor)

    @row_action("propose", _l("Propose a solution"), icon="fa-handshake", form=ProposalForm,
                when=lambda row: row.status == "investigating")  # fmt: skip
    def propose(self, pk: int, form: ProposalForm) -> None:
        complaints.propose(pk, str(form.proposal.data), actor=self.actor)

    @row_action("decline_proposal", _l("The customer declined"), icon="fa-thumbs-down",
                form=DeclineForm, when=lambda row: row.status == "proposed")  # fmt: skip
    def decline_proposal(self, pk: int, form: DeclineForm) -> None:
        complaints.decline_proposal(pk, str(form.reason.data), actor=self.actor)

    @row_action("resolve", _l("Resolved"), icon="fa-check", main=True, form=ResolveForm,
                when=lambda row: row.status == "proposed")  # fmt: skip
    def resolve(self, pk: int, form: ResolveForm) -> None:
        cause = form.cause.data
        result = str(form.result.data)
        complaints.resolve(pk, result, cause_id=cause.id if cause else None, actor=self.actor)

    @row_action("close", _l("File it"), icon="fa-box-archive", main=True, multiple=True,
                when=lambda row: row.status == "resolved")  # fmt: skip
    def close(self, pk: int) -> None:
        complaints.close(pk, actor=self.actor)

    @row_action("reopen", _l("Open again"), icon="fa-rotate-left", form=ReopenForm,
                when=lambda row: row.status in {"resolved", "closed"})  # fmt: skip
    def reopen(self, pk: int, form: ReopenForm) -> None:
        complaints.reopen(pk, str(form.reason.data), actor=self.actor)

    @row_action("add_note", _l("Add a note"), icon="fa-note-sticky", form=NoteForm)
    def add_note(self, pk: int, form: NoteForm) -> None:
        complaints.add_note(pk, str(form.note.data), actor=self.actor)


def story_of(row: Complaint) -> Sequence[Told]:
    """What happened, the newest first."""
    events = sa.select(ComplaintEvent).filter_by(complaint_id=row.id)
    found = db.session.scalars(events.order_by(ComplaintEvent.id.desc()).limit(200)).all()
    return [_told(event) for event in found]


def _told(event: ComplaintEvent) -> Told:
    kind = "good" if event.kind in {"resolved", "closed"} else "info"
    who = str(labels.ACTOR_KIND.get(event.actor_kind, event.actor_kind))
    if event.actor_kind == "staff":
        who = f"{who} {name_of_staff(event.actor_id)}"
    parts = [event.text]
    if handler := (event.data or {}).get("handler_id"):
        parts.insert(0, _("Handler: %(name)s", name=name_of_staff(handler)))
    if event.shown_to_customer:
        parts.append(_("(the customer sees this)"))
    text = " · ".join(part for part in parts if part)
    return Told(event.at, str(words.COMPLAINT_EVENT[event.kind]), text, who, kind)
