"""Being there: visits, and the proof of coming and going."""

from typing import Any

from flask import redirect, url_for
from flask_babel import lazy_gettext as _l

from app.models import CheckEvent, Visit
from app.services.dispatch import crew
from app.views import labels
from app.views.base import ModelInterface, row_action
from app.views.moves import MoveForm
from app.views.order_changes import (
    AddOnView,
    ChecklistAnswerView,
    LocationPingView,
    VisitNoteView,
)
from app.views.order_troubles import ReassignForm, reassigned
from app.views.order_verbs import moved
from app.views.scoped import ORDERS, WORKERS, RecordView


def _one_of_several(visit: Visit) -> bool:
    """The only visit of an order is moved and cancelled with it, on the order's page."""
    return visit.status in crew.TO_COME and visit.order.visit_count > 1


class CheckEventView(RecordView):
    datamodel = ModelInterface(CheckEvent, load=("visit.order",))
    noun, noun_plural = _l("Check-in or check-out"), _l("Check-ins and check-outs")
    list_columns = ["visit.order.number", "worker", "kind", "method", "at", "distance_m"]
    show_columns = [*list_columns, "device_at", "lat", "lng"]
    search_columns = ["worker", "kind", "method", "at"]
    label_columns = {
        "visit.order.number": _l("Order"),
        "method": _l("How"),
        "at": _l("Time"),
        "device_at": _l("Time of the phone"),
        "distance_m": _l("Distance (m)"),
        "lat": _l("Latitude (GCJ-02)"),
        "lng": _l("Longitude (GCJ-02)"),
    }
    choices = {"kind": labels.CHECK_KIND, "method": labels.CHECK_METHOD}
    lookups = {"worker": WORKERS}
    base_order = ("at", "desc")


class VisitView(RecordView):
    datamodel = ModelInterface(Visit)
    noun, noun_plural = _l("Visit"), _l("Visits")
    list_columns = [
        "order", "order.summary", "order.lead_worker", "planned_start", "planned_end", "status",
        "checked_in_at", "checked_out_at",
    ]  # fmt: skip
    show_columns = ["order", "sequence", "service_on", *list_columns[1:]]
    search_columns = ["order", "status", "service_on", "planned_start"]
    label_columns = {
        "order.summary": _l("Services"),
        "order.lead_worker": _l("Worker"),
        "sequence": _l("Visit no."),
        "service_on": _l("Day"),
        "planned_start": _l("Planned start"),
        "planned_end": _l("Planned end"),
        "checked_in_at": _l("Work began"),
        "checked_out_at": _l("Work ended"),
    }
    choices = {"status": labels.VISIT_STATUS}
    badges = {"status": labels.VISIT_KINDS}
    lookups = {"order": ORDERS}
    base_order = ("planned_start", "desc")

    def name_of(self, row: Visit) -> str:
        return f"{row.order} · {row.sequence}"

    @row_action("move", _l("Move to another time"), icon="fa-right-left", form=MoveForm,
                when=lambda row: _one_of_several(row))  # fmt: skip
    def move(self, pk: int, form: MoveForm) -> str:
        return moved(self.row_or_404(pk).order_id, form, self.actor, visit_id=pk)

    @row_action("reassign", _l("Send somebody else"), icon="fa-people-arrows", form=ReassignForm,
                when=lambda row: _one_of_several(row))  # fmt: skip
    def reassign(self, pk: int, form: ReassignForm) -> str:
        return reassigned(self.row_or_404(pk).order_id, form, self.actor, visit_id=pk)

    @row_action("cancel", _l("Cancel this visit"), icon="fa-ban", danger=True, multiple=False,
                when=lambda row: _one_of_several(row))  # fmt: skip
    def cancel(self, pk: int) -> Any:
        order_id = self.row_or_404(pk).order_id
        return redirect(url_for("OrderView.cancellation", pk=order_id, visit=pk))

    related_views = [
        CheckEventView, VisitNoteView, ChecklistAnswerView, AddOnView, LocationPingView,
    ]  # fmt: skip
