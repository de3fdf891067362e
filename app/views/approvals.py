"""What waits for a second person. Who asked does not decide; what is shown is executed."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Query
from wtforms.validators import Length

from app.domain.errors import Forbidden
from app.models import Approval
from app.services.system import approvals
from app.views import labels
from app.views.base import ModelInterface, RowForm, row_action
from app.views.fields import TextField
from app.views.formatters import money
from app.views.labels_codes import APPROVAL_KIND, PAYLOAD_KEY, word
from app.views.privacy import ReasonForm
from app.views.scoped import RecordView
from app.views.staff_names import name_of_staff
from app.views.widgets import TextWidget

# Which permission on this view decides a kind, and the page of its subject.
DECIDED_BY: Mapping[str, str] = {"settlement_run": "can_decide_money"}
SUBJECT_PAGE: Mapping[str, str] = {"settlement_run": "SettlementRunView.show"}


class NoteForm(RowForm):
    note = TextField(
        _l("Note"), description=_l("Kept with the decision; may be empty."), empty="",
        validators=[Length(max=300)], widget=TextWidget(),
    )  # fmt: skip


class ApprovalView(RecordView):
    route_base = "/approvals"
    base_permissions = ["can_list", "can_show", *dict.fromkeys(DECIDED_BY.values())]
    datamodel = ModelInterface(Approval)
    noun, noun_plural = _l("Approval"), _l("Approvals")
    list_columns = ["kind", "summary", "asked_by_id", "created_at", "expires_at", "status"]
    show_columns = [
        *list_columns, "reason", "decided_by_id", "decided_at", "decision_note",
    ]  # fmt: skip
    search_columns = ["kind", "status", "created_at"]
    label_columns = {
        "summary": _l("What"),
        "asked_by_id": _l("Asked by"),
        "expires_at": _l("Expires at"),
        "decided_by_id": _l("Decided by"),
        "decided_at": _l("Decided at"),
        "decision_note": _l("Note"),
    }
    formatters_columns = {"asked_by_id": name_of_staff, "decided_by_id": name_of_staff}
    choices = {"kind": APPROVAL_KIND, "status": labels.APPROVAL_STATUS}
    badges = {"status": labels.APPROVAL_KINDS}
    base_order = ("created_at", "desc")
    show_template = "money/approval.html"
    empty_text = _l("Nothing waits for a decision.")

    def name_of(self, row: Approval) -> str:
        return row.summary

    def scope(self, query: Query[Any]) -> Query[Any]:
        """What this person may decide, and what he asked for himself."""
        kinds = [kind for kind, permission in DECIDED_BY.items() if self.holds(permission)]
        wanted = sa.or_(Approval.kind.in_(kinds), Approval.asked_by_id == self.actor.id)
        return super().scope(query).filter(wanted)

    def show_context(self, row: Approval) -> dict[str, Any]:
        page = SUBJECT_PAGE.get(row.subject_kind)
        return {
            "payload": payload_in_words(row.payload),
            "subject_url": url_for(page, pk=row.subject_id) if page else "",
            "mine": row.asked_by_id == self.actor.id,
        }  # fmt: skip

    @row_action("approve", _l("Approve"), icon="fa-check", main=True, form=NoteForm,
                when=lambda row: row.status == "asked")  # fmt: skip
    def approve(self, pk: int, form: NoteForm) -> str:
        self._decide(pk, approve=True, note=str(form.note.data or ""))
        return str(_("Approved and carried out."))

    @row_action("refuse", _l("Refuse"), icon="fa-xmark", danger=True, form=ReasonForm,
                when=lambda row: row.status == "asked")  # fmt: skip
    def refuse(self, pk: int, form: ReasonForm) -> None:
        self._decide(pk, approve=False, note=form.why)

    def _decide(self, pk: int, *, approve: bool, note: str) -> None:
        permission = DECIDED_BY.get(self.row_or_404(pk).kind, "")
        if not self.holds(permission):
            raise Forbidden(_l("Your role does not decide this kind of request"))
        approvals.decide(pk, approve=approve, note=note, actor=self.actor)


def payload_in_words(payload: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Everything that is executed, what people know first."""
    order = {key: place for place, key in enumerate(PAYLOAD_KEY)}
    keys = sorted(payload, key=lambda key: (order.get(key, len(order)), key))
    return [(word(PAYLOAD_KEY, key), _shown(key, payload[key])) for key in keys]


def _shown(key: str, value: Any) -> Any:
    return money(value) if key.endswith("_fen") and isinstance(value, int) else value
