"""What happens to an order after it was made: moves, cancellations, additions, notes."""

from functools import partial

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.states import AddOnStatus
from app.models import (
    AddOn,
    Cancellation,
    ChecklistAnswer,
    LocationPing,
    VisitNote,
)
from app.services.orders import waiving
from app.views import labels
from app.views import labels_orders as words
from app.views.base import ModelInterface, row_action
from app.views.formatters import minutes, multiline, percent
from app.views.labels import word
from app.views.labels_cancelling import CANCEL_REASON, CANCEL_STEP
from app.views.privacy import ReasonForm
from app.views.scoped import ORDERS, WORKERS, RecordView


class CancellationView(RecordView):
    datamodel = ModelInterface(Cancellation)
    noun, noun_plural = _l("Cancellation"), _l("Cancellations")
    list_columns = ["order", "party", "reason", "fee_fen", "refund_fen", "at"]
    show_columns = [*list_columns, "reason_code", "step", "rate_bp", "arithmetic", "actor_kind"]
    search_columns = ["order", "party", "at"]
    label_columns = {
        "party": _l("Cancelled by"),
        "fee_fen": _l("Fee"),
        "refund_fen": _l("Given back"),
        "at": _l("Time"),
        "reason_code": _l("Code of the reason"),
        "step": _l("Step of the fee ladder"),
        "rate_bp": _l("Rate"),
        "arithmetic": _l("How it was reckoned"),
        "actor_kind": _l("Entered by"),
    }
    formatters_columns = {
        "rate_bp": percent,
        "step": partial(word, CANCEL_STEP),
        "reason_code": partial(word, CANCEL_REASON),
    }
    choices = {"party": words.CANCEL_PARTY, "actor_kind": labels.ACTOR_KIND}
    lookups = {"order": ORDERS}
    base_order = ("id", "desc")

    def name_of(self, row: Cancellation) -> str:
        return f"{row.order} · {self.noun}"


class AddOnView(RecordView):
    datamodel = ModelInterface(AddOn)
    noun, noun_plural = _l("Add-on"), _l("Add-ons")
    list_columns = ["order", "worker", "kind", "name", "minutes", "amount_fen", "status"]
    show_columns = [*list_columns, "quantity", "created_at", "answered_at"]
    search_columns = ["order", "worker", "kind", "status", "created_at"]
    label_columns = {
        "minutes": _l("Extra time"),
        "quantity": _l("Quantity"),
        "answered_at": _l("Answered at"),
    }
    formatters_columns = {"minutes": minutes}
    choices = {"status": words.ADD_ON_STATUS, "kind": words.ADD_ON_KIND}
    badges = {"status": words.ADD_ON_KINDS}
    lookups = {"order": ORDERS, "worker": WORKERS}
    base_order = ("id", "desc")

    @row_action("waive", _l("Drop the charge"), icon="fa-hand-holding-dollar", form=ReasonForm,
                danger=True, when=waiving.can_be_waived)  # fmt: skip
    def waive(self, pk: int, form: ReasonForm) -> str:
        row = waiving.waive(pk, reason=form.why, actor=self.actor)
        if row.status == AddOnStatus.WAIVED:
            return str(_("The customer owes it no more."))
        return str(_("Sent. Others decide it under Approvals."))

    def name_of(self, row: AddOn) -> str:
        return f"{row.order} · {row.name}"


class VisitNoteView(RecordView):
    datamodel = ModelInterface(VisitNote, load=("visit.order",))
    noun, noun_plural = _l("Note of a visit"), _l("Notes of visits")
    list_columns = ["visit.order.number", "worker", "text", "created_at"]
    show_columns = list_columns
    search_columns = ["worker", "text", "created_at"]
    label_columns = {"visit.order.number": _l("Order"), "text": _l("Note")}
    formatters_columns = {"text": multiline}
    lookups = {"worker": WORKERS}
    base_order = ("id", "desc")

    def name_of(self, row: VisitNote) -> str:
        return f"{row.visit.order.number} · {self.noun}"


class ChecklistAnswerView(RecordView):
    datamodel = ModelInterface(ChecklistAnswer, load=("visit.order",))
    noun, noun_plural = _l("Ticked point"), _l("Ticked points")
    list_columns = ["visit.order.number", "checklist", "worker", "done", "note", "created_at"]
    show_columns = list_columns
    search_columns = ["worker", "done", "created_at"]
    label_columns = {
        "visit.order.number": _l("Order"),
        "checklist": _l("Checklist point"),
        "done": _l("Done"),
    }
    lookups = {"worker": WORKERS}
    base_order = ("id", "desc")

    def name_of(self, row: ChecklistAnswer) -> str:
        return f"{row.visit.order.number} · {row.checklist}"


class LocationPingView(RecordView):
    datamodel = ModelInterface(LocationPing, load=("visit.order",))
    noun, noun_plural = _l("Position"), _l("Positions")
    list_columns = ["worker", "at", "visit.order.number", "lat", "lng", "accuracy_m"]
    show_columns = list_columns
    search_columns = ["worker", "at"]
    label_columns = {
        "at": _l("Time"),
        "visit.order.number": _l("Order"),
        "lat": _l("Latitude (GCJ-02)"),
        "lng": _l("Longitude (GCJ-02)"),
        "accuracy_m": _l("Accuracy (m)"),
    }
    lookups = {"worker": WORKERS}
    base_order = ("id", "desc")

    def name_of(self, row: LocationPing) -> str:
        return f"{row.worker} · {self.noun}"
