"""Who is sent: workers, what they can, where they go, their papers, agencies."""

from datetime import date

from flask_babel import lazy_gettext as _l
from wtforms.validators import NumberRange

from app.models import Partner, PayoutAccount, Worker, WorkerArea, WorkerDocument, WorkerSkill
from app.services import access, clock
from app.services.workers import approval, documents
from app.views import labels
from app.views.base import Lookup, ModelInterface, row_action
from app.views.catalog import CODE, LEVELS
from app.views.formatters import badge, day
from app.views.privacy import PhoneIs, ReasonForm, RevealForm, masked_text, phone, revealed
from app.views.roster import LeaveView, ShiftView
from app.views.scoped import (
    BRANCHES,
    SKILLS,
    WORKERS,
    RecordView,
    ReferenceView,
    long_text,
    mine,
)

PARTNERS = Lookup(search=("name", "code"), small=True, scope=mine(Partner))


def valid_until(last_day: date | None) -> object:
    """The date with its traffic light, computed when it is read."""
    if last_day is None:
        return badge("good", _l("No end"))
    left = (last_day - clock.today()).days
    return badge("bad" if left < 0 else "warn" if left <= 30 else "good", day(last_day))


class WorkerSkillView(ReferenceView):
    datamodel = ModelInterface(WorkerSkill)
    noun, noun_plural = _l("Worker's skill"), _l("Workers' skills")
    list_columns = ["worker", "skill", "level", "valid_from", "valid_to"]
    show_columns = add_columns = edit_columns = list_columns
    search_columns = ["worker", "skill", "level", "valid_to"]
    label_columns = {"skill": _l("Skill"), "level": _l("Level")}
    description_columns = {"level": _l("1 is a beginner, 5 a master")}
    formatters_columns = {"valid_to": valid_until}
    validators_columns = LEVELS
    lookups = {"worker": WORKERS, "skill": SKILLS}


class WorkerAreaView(ReferenceView):
    datamodel = ModelInterface(WorkerArea)
    noun, noun_plural = _l("Worker's area"), _l("Workers' areas")
    list_columns = show_columns = add_columns = edit_columns = ["worker", "area"]
    search_columns = ["worker", "area"]
    label_columns = {"area": _l("Service area")}
    lookups = {
        "worker": WORKERS,
        "area": Lookup(search=("name",), small=True, order="code"),
    }


class WorkerDocumentView(RecordView):
    datamodel = ModelInterface(WorkerDocument)
    noun, noun_plural = _l("Document"), _l("Documents")
    list_columns = ["worker", "kind", "number", "valid_to", "status", "created_at"]
    show_columns = list_columns
    search_columns = ["worker", "kind", "status", "valid_to"]
    formatters_columns = {"number": masked_text, "valid_to": valid_until}
    choices = {"kind": labels.DOCUMENT_KIND, "status": labels.DOCUMENT_STATUS}
    badges = {"status": labels.DOCUMENT_KINDS}
    lookups = {"worker": WORKERS}
    base_order = ("valid_to", "asc")
    empty_text = _l("No documents here.")

    @row_action("approve", _l("Approve"), icon="fa-check", main=True,
                when=lambda paper: paper.status == "submitted")  # fmt: skip
    def approve(self, pk: int) -> None:
        documents.approve(pk, actor=self.actor)

    @row_action("refuse", _l("Refuse"), icon="fa-xmark", danger=True, form=ReasonForm,
                when=lambda paper: paper.status == "submitted")  # fmt: skip
    def refuse(self, pk: int, form: ReasonForm) -> None:
        documents.refuse(pk, form.why, actor=self.actor)


class PayoutAccountView(RecordView):
    datamodel = ModelInterface(PayoutAccount)
    noun, noun_plural = _l("Payout account"), _l("Payout accounts")
    list_columns = ["worker", "channel", "holder_name", "account_tail", "active", "created_at"]
    show_columns = list_columns
    search_columns = ["worker", "channel", "active"]
    label_columns = {
        "channel": _l("Channel"),
        "holder_name": _l("Holder"),
        "account_tail": _l("Account ends in"),
    }
    formatters_columns = {"holder_name": masked_text}
    choices = {"channel": labels.CHANNEL}
    lookups = {"worker": WORKERS}


class PartnerView(ReferenceView):
    datamodel = ModelInterface(Partner)
    noun, noun_plural = _l("Partner"), _l("Partners")
    list_columns = ["name", "code", "branch", "contact_name", "active"]
    show_columns = [*list_columns, "created_at"]
    search_columns = ["name", "code", "branch", "active"]
    add_columns = edit_columns = list_columns
    label_columns = {"contact_name": _l("Contact")}
    validators_columns = {"code": CODE}
    lookups = {"branch": BRANCHES}
    empty_next = _l("Add the agencies that supply workers, if there are any.")


class WorkerView(ReferenceView):
    base_permissions = ["can_list", "can_show", "can_edit"]
    datamodel = ModelInterface(Worker)
    noun, noun_plural = _l("Worker"), _l("Workers")
    list_columns = ["number", "name", "account.phone", "kind", "level", "rating", "status"]
    show_fieldsets = [
        (_l("Person"), {"fields": ["number", "name", "account.phone", "status", "introduction"]}),
        (_l("Work"), {"fields": ["kind", "partner", "branch", "level", "daily_cap", "radius_km"]}),
        (_l("Reviews"), {"fields": ["rating", "rating_count", "created_at"]}),
    ]
    search_columns = ["name", "number", "account", "status", "kind", "branch", "partner"]
    edit_columns = [
        "name", "kind", "partner", "branch", "level", "daily_cap", "radius_km", "introduction",
    ]  # fmt: skip
    search_filters = {"account": [PhoneIs]}
    label_columns = {
        "name": _l("Full name"),
        "account": _l("Phone"),
        "account.phone": _l("Phone"),
        "partner": _l("Partner"),
        "level": _l("Level"),
        "daily_cap": _l("Most visits a day"),
        "radius_km": _l("Radius (km)"),
        "introduction": _l("Introduction"),
        "rating": _l("Rating"),
        "rating_count": _l("Reviews"),
    }
    edit_form_extra_fields = {"introduction": long_text(_l("Introduction"), most=500)}
    description_columns = {"radius_km": _l("Empty: the company's dispatch radius applies")}
    formatters_columns = {"account.phone": phone}
    choices = {"status": labels.WORKER_STATUS, "kind": labels.WORKER_KIND}
    badges = {"status": labels.WORKER_KINDS}
    lookups = {"partner": PARTNERS, "branch": BRANCHES}
    validators_columns = {
        **LEVELS,
        "daily_cap": [NumberRange(1, 20)],
        "radius_km": [NumberRange(1, 200)],
    }
    base_order = ("number", "asc")
    related_views = [WorkerSkillView, WorkerAreaView, WorkerDocumentView, ShiftView, LeaveView]

    @row_action("approve", _l("Take on"), icon="fa-user-check", main=True, multiple=False,
                confirm=_l("Take this worker on? Orders can be offered from now on."),
                when=lambda worker: worker.status == "training")  # fmt: skip
    def approve(self, pk: int) -> None:
        approval.approve(pk, actor=self.actor)

    @row_action("suspend", _l("Suspend"), icon="fa-ban", danger=True, form=ReasonForm,
                when=lambda worker: worker.status == "approved")  # fmt: skip
    def suspend(self, pk: int, form: ReasonForm) -> None:
        approval.suspend(pk, form.why, actor=self.actor)

    @row_action("reinstate", _l("Reinstate"), icon="fa-rotate-left", form=ReasonForm,
                when=lambda worker: worker.status == "suspended")  # fmt: skip
    def reinstate(self, pk: int, form: ReasonForm) -> None:
        approval.reinstate(pk, form.why, actor=self.actor)

    @row_action("reveal", _l("Show the phone"), icon="fa-eye", form=RevealForm)
    def reveal(self, pk: int, form: RevealForm) -> str:
        account = self.row_or_404(pk).account
        number = access.reveal(account, "phone", reason=form.why, actor=self.actor)
        return revealed(_l("Phone"), number)
