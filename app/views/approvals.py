"""What waits for a second person. Who asked does not decide; what is shown is executed."""

from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Query
from wtforms.validators import Length

from app.domain.approvals import DECIDERS, permission_for
from app.models import Approval
from app.services.system import approvals
from app.views import inbox, labels
from app.views.approval_words import differences, subject_url, title_of
from app.views.base import ModelInterface, RowForm, row_action
from app.views.fields import TextField
from app.views.labels_approvals import APPROVAL_KIND
from app.views.privacy import ReasonForm
from app.views.scoped import RecordView, current_staff
from app.views.staff_names import name_of_staff
from app.views.widgets import TextWidget


class NoteForm(RowForm):
    note = TextField(
        _l("Note"), description=_l("Kept with the decision; may be empty."), empty="",
        validators=[Length(max=300)], widget=TextWidget(),
    )  # fmt: skip


def _mine_to_decide(row: Approval) -> bool:
    waits = row.status == "asked" and row.asked_by_id != current_staff().id
    return waits and row.kind in inbox.kinds_to_decide()


class ApprovalView(RecordView):
    route_base = "/approvals"
    base_permissions = [
        "can_list", "can_show", "can_oversee",
        *(f"can_{permission_for(kind)}" for kind in DECIDERS),
    ]  # fmt: skip
    datamodel = ModelInterface(Approval)
    noun, noun_plural = _l("Approval"), _l("Approvals")
    list_columns = ["title", "asked_by_id", "reason", "created_at", "expires_at", "status"]
    show_columns = [
        "kind", "status", "asked_by_id", "created_at", "reason", "expires_at", "decided_by_id",
        "decided_at", "decision_note",
    ]  # fmt: skip
    search_columns = ["box", "kind", "status", "created_at"]
    search_filters = {"box": [inbox.InBox]}
    label_columns = {
        "title": _l("What"),
        "box": _l("Inbox"),
        "asked_by_id": _l("Asked by"),
        "expires_at": _l("Expires at"),
        "decided_by_id": _l("Decided by"),
        "decided_at": _l("Decided at"),
        "decision_note": _l("Note"),
    }
    formatters_columns = {
        "title": title_of,
        "asked_by_id": name_of_staff,
        "decided_by_id": name_of_staff,
    }
    choices = {"kind": APPROVAL_KIND, "status": labels.APPROVAL_STATUS}
    badges = {"status": labels.APPROVAL_KINDS}
    base_order = ("created_at", "desc")
    list_template = "system/approvals.html"
    show_template = "system/approval.html"
    empty_text = _l("Nothing waits for a decision.")

    def name_of(self, row: Approval) -> str:
        return title_of(row)

    def scope(self, query: Query[Any]) -> Query[Any]:
        """What this person may decide, what he asked for himself; the auditor sees all."""
        inside = super().scope(query)
        if self.holds("can_oversee"):
            return inside
        mine = sa.or_(
            Approval.kind.in_(inbox.kinds_to_decide()), Approval.asked_by_id == self.actor.id
        )
        return inside.filter(mine)

    def list_context(self) -> dict[str, Any]:
        return {"tabs": inbox.tabs(lambda **asked: self.url_of("list", **asked))}

    def show_context(self, row: Approval) -> dict[str, Any]:
        return {
            "differences": differences(row),
            "subject_url": subject_url(row),
            "mine": row.asked_by_id == self.actor.id,
        }

    @row_action("approve", _l("Approve"), icon="fa-check", main=True, form=NoteForm,
                when=_mine_to_decide)  # fmt: skip
    def approve(self, pk: int, form: NoteForm) -> str:
        approvals.decide(pk, approve=True, note=str(form.note.data or ""), actor=self.actor)
        return str(_("Approved and carried out."))

    @row_action("refuse", _l("Refuse"), icon="fa-xmark", danger=True, form=ReasonForm,
                when=_mine_to_decide)  # fmt: skip
    def refuse(self, pk: int, form: ReasonForm) -> None:
        approvals.decide(pk, approve=False, note=form.why, actor=self.actor)
