"""Who is sent: workers, what they can, where they go, their papers, agencies."""

from typing import Any

from flask import abort, send_file
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms.validators import InputRequired, Length, NumberRange

from app.domain.errors import NotFound
from app.domain.states import WorkerStatus
from app.models import (
    Partner,
    PayoutAccount,
    Worker,
    WorkerArea,
    WorkerDocument,
    WorkerSkill,
)
from app.services import reveals
from app.services.identity import blocking
from app.services.money import adjustments
from app.services.workers import approval, documents, erasing, hiring, photos
from app.views import homes, labels, person_story
from app.views.base import Lookup, ModelInterface, RowForm, expose, has_access, row_action
from app.views.catalog import LEVELS
from app.views.complaints import ComplaintView
from app.views.dispatch import AssignmentView
from app.views.downloads import data_file
from app.views.fields import ChoiceField, TextField, YuanField
from app.views.labels import word
from app.views.labels_money import ADJUSTMENT_KIND
from app.views.noting import NotedView
from app.views.people import (
    AvailabilityView,
    ExperienceView,
    FaceCheckView,
    PerformancePeriodView,
    RewardView,
    TeamMemberView,
    TrainingRecordView,
)
from app.views.privacy import (
    BlockWorkerForm,
    PhoneIs,
    ReasonForm,
    RevealForm,
    masked_text,
    open_to,
    revealed,
)
from app.views.quality import ReviewView
from app.views.roster import LeaveView, ShiftView
from app.views.scoped import (
    BRANCHES,
    SKILLS,
    WORKERS,
    RecordView,
    ReferenceView,
    long_text,
    may_list,
    mine,
)
from app.views.settling import AdjustmentView
from app.views.traffic_light import valid_until
from app.views.widgets import TextWidget

APPLICANTS = (*approval.NEXT_STEP, "training")
ACCOUNT = ("account.phone", "account.status")
PARTNERS = Lookup(search=("name", "code"), small=True, scope=mine(Partner))


def required_text(label: object, *, most: int) -> TextField:
    """For what is kept encrypted, so that its column says nothing about its length."""
    return TextField(label, validators=[InputRequired(), Length(max=most)], widget=TextWidget())


def is_known(worker: Worker) -> bool:
    return worker.account.status != "erased"


def may_be_erased(worker: Worker) -> bool:
    return worker.status in erasing.GONE and is_known(worker)


class AdjustForm(ReasonForm):
    kind = ChoiceField(
        _l("Kind"),
        labels={key: ADJUSTMENT_KIND[key] for key in adjustments.KINDS},
        validators=[InputRequired()],
    )
    amount_fen = YuanField(
        _l("Amount"), validators=[InputRequired()],
        description=_l("Negative for a penalty. It stands on the next statement."),
    )  # fmt: skip


class PhotoForm(RowForm):
    file = FileField(
        _l("Picture"), validators=[FileRequired()],
        description=_l("JPEG, PNG or WebP. Customers who choose a worker see it."),
    )  # fmt: skip


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


class WorkerDocumentView(ReferenceView):
    base_permissions = ["can_list", "can_show", "can_add"]
    datamodel = ModelInterface(WorkerDocument)
    noun, noun_plural = _l("Document"), _l("Documents")
    list_columns = ["worker", "kind", "number", "valid_to", "status", "created_at"]
    show_columns = list_columns
    search_columns = ["worker", "kind", "status", "valid_to"]
    add_columns = ["worker", "kind", "number", "valid_to"]
    add_form_extra_fields = {"number": required_text(_l("Number"), most=32)}
    description_columns = {"kind": _l("Takes the place of an earlier one that was decided")}
    formatters_columns = {"number": masked_text, "valid_to": valid_until}
    choices = {"kind": labels.DOCUMENT_KIND, "status": labels.DOCUMENT_STATUS}
    badges = {"status": labels.DOCUMENT_KINDS}
    lookups = {"worker": WORKERS}
    base_order = ("valid_to", "asc")
    empty_text = _l("No documents here.")

    def name_of(self, row: WorkerDocument) -> str:
        return f"{row.worker} · {word(labels.DOCUMENT_KIND, row.kind)}"

    def create(self, form: RowForm) -> WorkerDocument:
        typed = form.values()
        return documents.submit(
            typed["worker"].id, typed["kind"], typed["number"], typed["valid_to"], actor=self.actor
        )

    @row_action("approve", _l("Approve"), icon="fa-check", main=True,
                when=lambda paper: paper.status == "submitted")  # fmt: skip
    def approve(self, pk: int) -> None:
        documents.approve(pk, actor=self.actor)

    @row_action("reveal", _l("Show the number"), icon="fa-eye", form=RevealForm)
    def reveal(self, pk: int, form: RevealForm) -> str:
        row = self.row_or_404(pk)
        number = reveals.reveal(row, "number", reason=form.why, actor=self.actor)
        return revealed(_l("Number"), number)

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

    @row_action("reveal", _l("Show the account"), icon="fa-eye", form=RevealForm)
    def reveal(self, pk: int, form: RevealForm) -> str:
        row = self.row_or_404(pk)
        number = reveals.reveal(row, "account", reason=form.why, actor=self.actor)
        return revealed(_l("Account"), number)


def _next_step(worker: Worker) -> str:
    step = approval.NEXT_STEP[WorkerStatus(worker.status)]
    return str(_("The application goes on to: %(step)s.", step=labels.WORKER_STATUS[step.value]))


class WorkerView(NotedView, ReferenceView):
    note_kind = "worker"
    base_permissions = ["can_list", "can_show", "can_add", "can_edit", "can_unmasked"]
    datamodel = ModelInterface(Worker)
    noun, noun_plural = _l("Worker"), _l("Workers")
    list_columns = ["number", "name", "account.phone", "kind", "level", "rating", "status"]
    show_fieldsets = [
        (_l("Person"), {"fields": ["number", "name", *ACCOUNT, "status", "introduction"]}),
        (_l("Work"), {"fields": ["kind", "partner", "branch", "level", "daily_cap", "radius_km"]}),
        (_l("Reviews"), {"fields": ["rating", "rating_count", "created_at"]}),
    ]
    search_columns = ["name", "number", "account", "status", "kind", "branch", "partner"]
    add_columns = [
        "name", "phone", "kind", "partner", "branch", "level", "district", "home_lat",
        "home_lng", "daily_cap", "radius_km", "introduction",
    ]  # fmt: skip
    edit_columns = [
        "name", "kind", "partner", "branch", "level", "daily_cap", "radius_km", "introduction",
    ]  # fmt: skip
    search_filters = {"account": [PhoneIs]}
    label_columns = {
        "name": _l("Full name"),
        "account": _l("Phone"),
        "account.phone": _l("Phone"),
        "account.status": _l("Log-in"),
        "partner": _l("Partner"),
        "level": _l("Level"),
        "district": _l("Lives in"),
        "home_lat": _l("Home: latitude (GCJ-02)"),
        "home_lng": _l("Home: longitude (GCJ-02)"),
        "daily_cap": _l("Most visits a day"),
        "radius_km": _l("Radius (km)"),
        "introduction": _l("Introduction"),
        "rating": _l("Rating"),
        "rating_count": _l("Reviews"),
    }
    edit_form_extra_fields = {"introduction": long_text(_l("Introduction"), most=500)}
    add_form_extra_fields = {
        **edit_form_extra_fields,
        "phone": required_text(_l("Phone"), most=20),
        **homes.FIELDS,
    }
    description_columns = {
        "radius_km": _l("Empty: the company's dispatch radius applies"),
    }
    formatters_columns = {"account.phone": open_to("WorkerView")}
    choices = {
        "status": labels.WORKER_STATUS,
        "kind": labels.WORKER_KIND,
        "account.status": labels.ACCOUNT_STATUS,
    }
    badges = {"status": labels.WORKER_KINDS, "account.status": labels.ACCOUNT_KINDS}
    lookups = {"partner": PARTNERS, "branch": BRANCHES}
    validators_columns = {
        **LEVELS,
        "daily_cap": [NumberRange(1, 20)],
        "radius_km": [NumberRange(1, 200)],
    }
    base_order = ("number", "asc")
    related_views = [
        WorkerDocumentView, WorkerSkillView, WorkerAreaView, ShiftView, LeaveView, AssignmentView,
        PerformancePeriodView, ReviewView, ComplaintView, TrainingRecordView, ExperienceView,
        TeamMemberView, AvailabilityView, FaceCheckView, RewardView, AdjustmentView,
        PayoutAccountView,
    ]  # fmt: skip
    show_template = "people/story.html"
    empty_next = _l("Add the first one, with documents, skills, areas and shifts.")

    def show_context(self, row: Worker) -> dict[str, Any]:
        stats = person_story.of_worker(row, lists=may_list, actor=self.actor)
        photo = self.url_of("photo", pk=row.id, v=row.photo_key[:8]) if row.photo_key else ""
        return {"stats": stats, "notes": self.notes_of(row), "photo": photo}

    @expose("/photo/<int:pk>", methods=["GET"])
    @has_access
    def photo(self, pk: int) -> Any:
        """Her picture, for who may see her."""
        try:
            file = photos.open_photo(self.row_or_404(pk))
        except NotFound:
            abort(404)
        response = send_file(file, photos.MIME, max_age=3600)
        response.headers["Cache-Control"] = "private, max-age=3600"
        return response

    @row_action("change_photo", _l("Change the picture"), icon="fa-image", form=PhotoForm,
                when=is_known)  # fmt: skip
    def change_photo(self, pk: int, form: PhotoForm) -> str:
        photos.change_photo(pk, form.file.data.read(), actor=self.actor)
        return str(_("Customers see the new picture from now on."))

    @row_action("remove_photo", _l("Remove the picture"), icon="fa-user-slash", multiple=False,
                confirm=_l("Show no picture of this worker?"),
                when=lambda worker: worker.photo_key is not None)  # fmt: skip
    def remove_photo(self, pk: int) -> None:
        photos.remove_photo(pk, actor=self.actor)

    def may_change(self, row: Worker) -> bool:
        return super().may_change(row) and is_known(row)

    def change(self, row: Worker, form: RowForm) -> None:
        blocking.check_not_erased(row.account)
        super().change(row, form)

    def create(self, form: RowForm) -> Worker:
        typed = form.values()
        home = homes.place_of(typed.pop("district"), typed.pop("home_lat"), typed.pop("home_lng"))
        partner, branch = typed.pop("partner"), typed.pop("branch")
        return hiring.add_worker(
            **typed,
            home=home,
            partner_id=partner.id if partner else None,
            branch_id=branch.id,
            actor=self.actor,
        )

    @row_action("advance", _l("Next step"), icon="fa-forward-step", main=True, asks=_next_step,
                when=lambda worker: worker.status in approval.NEXT_STEP)  # fmt: skip
    def advance(self, pk: int) -> None:
        approval.advance(pk, actor=self.actor)

    @row_action("reject", _l("Reject"), icon="fa-user-xmark", danger=True, form=ReasonForm,
                when=lambda worker: worker.status in APPLICANTS)  # fmt: skip
    def reject(self, pk: int, form: ReasonForm) -> None:
        approval.reject(pk, form.why, actor=self.actor)

    @row_action("approve", _l("Take on"), icon="fa-user-check", main=True, multiple=False,
                confirm=_l("Take this worker on? Orders can be offered from now on."),
                when=lambda worker: worker.status == "training")  # fmt: skip
    def approve(self, pk: int) -> None:
        approval.approve(pk, actor=self.actor)

    @row_action("adjust", _l("Reward or penalty"), icon="fa-scale-balanced", form=AdjustForm,
                when=lambda worker: worker.status in {"approved", "suspended"})  # fmt: skip
    def adjust(self, pk: int, form: AdjustForm) -> str:
        adjustments.request_adjustment(
            pk, str(form.kind.data), form.amount_fen.data or 0, reason=form.why, actor=self.actor
        )
        return str(_("Sent. Finance decides it under Approvals."))

    @row_action("suspend", _l("Suspend"), icon="fa-ban", danger=True, form=ReasonForm,
                when=lambda worker: worker.status == "approved")  # fmt: skip
    def suspend(self, pk: int, form: ReasonForm) -> None:
        approval.suspend(pk, form.why, actor=self.actor)

    @row_action("reinstate", _l("Reinstate"), icon="fa-rotate-left", form=ReasonForm,
                when=lambda worker: worker.status == "suspended")  # fmt: skip
    def reinstate(self, pk: int, form: ReasonForm) -> None:
        approval.reinstate(pk, form.why, actor=self.actor)

    @row_action("leave", _l("Has left"), icon="fa-door-open", danger=True, form=ReasonForm,
                confirm=_l("Does this worker leave the company? There is no way back."),
                when=lambda worker: worker.status in {"approved", "suspended"})  # fmt: skip
    def leave(self, pk: int, form: ReasonForm) -> str:
        approval.leave(pk, form.why, actor=self.actor)
        return str(_("Nothing is offered any more. What was earned can still be withdrawn."))

    @row_action("export_data", _l("Hand over all data"), icon="fa-file-export", multiple=False,
                when=is_known)  # fmt: skip
    def export_data(self, pk: int) -> Any:
        return data_file(erasing.data_of(pk, actor=self.actor), f"worker-{pk}.json")

    @row_action("ask_erasure", _l("Erase all data"), icon="fa-user-slash", danger=True,
                form=ReasonForm,
                confirm=_l("Ask somebody else to erase this worker? It cannot be undone."),
                when=may_be_erased)  # fmt: skip
    def ask_erasure(self, pk: int, form: ReasonForm) -> str:
        erasing.ask_erasure(pk, form.why, actor=self.actor)
        return str(_("Sent. HR or operations decide it under Approvals."))

    @row_action("block", _l("Block the log-in"), icon="fa-user-lock", danger=True,
                form=BlockWorkerForm,
                confirm=_l("Block this worker? The log-in ends at once and no more offers come."),
                when=lambda worker: worker.account.status == "active")  # fmt: skip
    def block(self, pk: int, form: BlockWorkerForm) -> None:
        blocking.block_worker(pk, form.why, actor=self.actor)

    @row_action("unblock", _l("Unblock the log-in"), icon="fa-lock-open", form=ReasonForm,
                when=lambda worker: worker.account.status == "blocked")  # fmt: skip
    def unblock(self, pk: int, form: ReasonForm) -> str:
        blocking.unblock_worker(pk, form.why, actor=self.actor)
        return str(_("The worker can log in again. Offers come after “Reinstate”."))

    @row_action("reveal", _l("Show the phone"), icon="fa-eye", form=RevealForm,
                when=is_known)  # fmt: skip
    def reveal(self, pk: int, form: RevealForm) -> str:
        account = self.row_or_404(pk).account
        number = reveals.reveal(account, "phone", reason=form.why, actor=self.actor)
        return revealed(_l("Phone"), number)
