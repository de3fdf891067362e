"""Being there: visits, and the proof of coming and going."""

from flask_babel import lazy_gettext as _l

from app.models import CheckEvent, Visit
from app.views import labels
from app.views.base import ModelInterface
from app.views.order_changes import (
    AddOnView,
    ChecklistAnswerView,
    LocationPingView,
    VisitNoteView,
)
from app.views.scoped import ORDERS, WORKERS, RecordView


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

    related_views = [
        CheckEventView, VisitNoteView, ChecklistAnswerView, AddOnView, LocationPingView,
    ]  # fmt: skip
