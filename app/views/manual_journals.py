"""Journals by hand: entered in a form, shown to a second person, posted as they were shown."""

from typing import Any

import sqlalchemy as sa
from flask import abort, current_app, flash, redirect, request, send_file
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import DateField, FieldList, Form, FormField
from wtforms.validators import InputRequired, Length

from app.domain.errors import DomainError, InvalidInput
from app.domain.ledger import CHART, Line
from app.extensions import db
from app.fab_messages import said
from app.models import ManualJournal, Order
from app.services import access, clock
from app.services.money import manual_journals
from app.views import labels_money as words
from app.views.base import ModelInterface, RowForm, expose, has_access
from app.views.booked import journal_link
from app.views.fields import ChoiceField, TextField, YuanField
from app.views.journal_words import OWNERS, told_lines
from app.views.labels_ledger import ACCOUNT
from app.views.scoped import RecordView
from app.views.staff_names import name_of_staff
from app.views.widgets import TextWidget

LINES = 8
BY_HAND = {code: ACCOUNT[code] for code, account in CHART.items() if account.by_hand}


class LineForm(Form):
    """One line; an empty one is left out."""

    code = ChoiceField(_l("Ledger account"), labels=BY_HAND)
    owner = TextField(
        _l("Worker or partner number"), empty="", widget=TextWidget(), validators=[Length(max=32)]
    )
    order = TextField(
        _l("Order number"), empty="", widget=TextWidget(), validators=[Length(max=32)]
    )
    debit = YuanField(_l("Debit"))
    credit = YuanField(_l("Credit"))

    def is_empty(self) -> bool:
        return not any(field.data for field in self)

    def line(self, actor: Any) -> Line:
        """Raises InvalidInput for what makes no line."""
        debit, credit = self.debit.data or 0, self.credit.data or 0
        if not self.code.data:
            raise InvalidInput(_l("Choose an account"))
        if (debit > 0) == (credit > 0) or min(debit, credit) < 0:
            raise InvalidInput(_l("Enter either a debit or a credit, above zero"))
        owner_kind = CHART[self.code.data].owner_kind
        return Line(
            self.code.data, debit - credit, owner_kind, self._owner(owner_kind), self._order(actor)
        )

    def _owner(self, kind: str) -> int:
        typed = str(self.owner.data or "")
        if not kind:
            if typed:
                raise InvalidInput(_l("This account belongs to nobody else"))
            return 0
        model, number = OWNERS[kind]
        found = db.session.scalar(sa.select(model.id).where(number == typed))
        if found is None:
            raise InvalidInput(_l("There is no such owner"))
        return int(found)

    def _order(self, actor: Any) -> int | None:
        typed = str(self.order.data or "")
        if not typed:
            return None
        inside = access.condition(Order, actor)
        found = db.session.scalar(sa.select(Order.id).where(Order.number == typed, inside))
        if found is None:
            raise InvalidInput(_l("This order does not exist"))
        return int(found)


class EnterForm(RowForm):
    booked_on = DateField(_l("Booked on"), validators=[InputRequired()], widget=TextWidget("date"))
    reason = TextField(
        _l("Reason"),
        validators=[InputRequired(), Length(min=2, max=200)],
        widget=TextWidget(),
        empty="",
    )
    document = FileField(
        _l("Picture of the voucher"), description=_l("A picture; may be left out.")
    )
    lines = FieldList(FormField(LineForm), min_entries=LINES, max_entries=LINES)

    def wanted(self, actor: Any) -> list[Line] | None:
        """The lines, or None when one is wrong and says so."""
        typed = [row.form for row in self.lines if not row.form.is_empty()]
        made = [line for row in typed if (line := self._line(row, actor)) is not None]
        return made if len(made) == len(typed) else None

    def _line(self, row: LineForm, actor: Any) -> Line | None:
        try:
            return row.line(actor)
        except InvalidInput as error:
            row.form_errors = [*row.form_errors, said(error)]
            return None


class ManualJournalView(RecordView):
    route_base = "/manual-journals"
    base_permissions = ["can_list", "can_show", "can_enter", "can_document"]
    datamodel = ModelInterface(ManualJournal)
    noun, noun_plural = _l("Manual journal"), _l("Manual journals")
    list_columns = [
        "number",
        "booked_on",
        "reason",
        "total_fen",
        "status",
        "asked_by_id",
        "created_at",
    ]
    show_columns = [*list_columns, "approved_by_id", "reverses_id", "journal_id"]
    search_columns = ["number", "status", "booked_on", "total_fen", "created_at"]
    label_columns = {
        "booked_on": _l("Booked on"),
        "total_fen": _l("Amount"),
        "asked_by_id": _l("Entered by"),
        "approved_by_id": _l("Approved by"),
        "reverses_id": _l("Reverses"),
        "journal_id": _l("Journal"),
    }
    formatters_columns = {
        "asked_by_id": name_of_staff, "approved_by_id": name_of_staff,
        "reverses_id": journal_link, "journal_id": journal_link,
    }  # fmt: skip
    choices = {"status": words.MANUAL_STATUS}
    badges = {"status": words.MANUAL_KINDS}
    base_order = ("created_at", "desc")
    list_template = "money/manual_journals.html"
    show_template = "money/manual_journal.html"
    empty_text = _l("Nobody has entered a journal by hand.")

    def show_context(self, row: ManualJournal) -> dict[str, Any]:
        return {"lines": list(told_lines(row.lines))}

    @expose("/enter", methods=["GET", "POST"])
    @has_access
    def enter(self) -> Any:
        form = EnterForm(data={"booked_on": clock.today()})
        row = self._entered(form) if form.validate_on_submit() else None
        if row is not None:
            flash(_("Sent. Somebody else approves it under Approvals."), "success")
            return redirect(self.url_of("show", pk=row.id))
        page = self.render_template(
            "money/enter_journal.html", title=_("Enter a journal"), form=form, crumbs=self.crumbs()
        )
        return (page, 422) if form.is_submitted() else page

    def _entered(self, form: EnterForm) -> ManualJournal | None:
        lines = form.wanted(self.actor)
        if lines is None:
            return None
        sent = request.files.get("document")
        try:
            return manual_journals.ask(
                lines, reason=str(form.reason.data), booked_on=form.booked_on.data,
                document=sent.read() if sent else b"", actor=self.actor,
            )  # fmt: skip
        except DomainError as error:
            form.refuse_with(error)
            return None

    @expose("/document/<pk>", methods=["GET"])
    @has_access
    def document(self, pk: str) -> Any:
        """The picture that was entered with the journal."""
        row = self.row_or_404(pk)
        if not row.storage_key:
            abort(404)
        file = current_app.extensions["gateways"].storage.open(row.storage_key)
        response = send_file(file, mimetype=row.mime)
        response.headers["Content-Disposition"] = "inline"
        response.headers["Cache-Control"] = "private, no-store"
        return response
