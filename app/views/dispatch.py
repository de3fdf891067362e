"""Who was asked, who answered, and why it was them."""

from typing import Any

from flask_babel import lazy_gettext as _l

from app.models import Assignment, DispatchRun, Offer
from app.views import labels
from app.views.base import Lookup, ModelInterface
from app.views.dispatch_story import candidate_rows, counted_rules
from app.views.formatters import plain
from app.views.labels import word
from app.views.labels_life import FAULT
from app.views.labels_reasons import REASON
from app.views.scoped import ORDERS, WORKERS, RecordView

__all__ = ["AssignmentView", "DispatchRunView", "OfferView"]
LOOKUPS: dict[str, Lookup] = {"order": ORDERS, "worker": WORKERS}


def reason(code: str) -> Any:
    return plain(word(REASON, code))


class OfferView(RecordView):
    datamodel = ModelInterface(Offer)
    noun, noun_plural = _l("Offer"), _l("Offers")
    list_columns = ["order", "worker", "mode", "status", "created_at", "expires_at", "answered_at"]
    show_columns = [*list_columns, "reason_code", "reason_text"]
    search_columns = ["order", "worker", "status", "created_at"]
    label_columns = {
        "mode": _l("Way of offering"),
        "expires_at": _l("Answer until"),
        "answered_at": _l("Answered at"),
        "reason_code": _l("Reason"),
        "reason_text": _l("In the worker's words"),
    }
    formatters_columns = {"reason_code": reason}
    choices = {"status": labels.OFFER_STATUS, "mode": labels.OFFER_MODE}
    badges = {"status": labels.OFFER_KINDS}
    lookups = LOOKUPS
    base_order = ("created_at", "desc")

    def name_of(self, row: Offer) -> str:
        return f"{row.order} · {row.worker}"


class AssignmentView(RecordView):
    datamodel = ModelInterface(Assignment)
    noun, noun_plural = _l("Assignment"), _l("Assignments")
    list_columns = ["order", "visit.planned_start", "worker", "role", "status", "created_at"]
    show_columns = [*list_columns, "ended_reason", "fault"]
    search_columns = ["order", "worker", "status", "role", "created_at"]
    label_columns = {
        "visit.planned_start": _l("Planned start"),
        "role": _l("Place in the crew"),
        "ended_reason": _l("Why it ended"),
        "fault": _l("Whose fault"),
    }
    formatters_columns = {"ended_reason": reason}
    choices = {
        "status": labels.ASSIGNMENT_STATUS, "role": labels.ASSIGNMENT_ROLE, "fault": FAULT,
    }  # fmt: skip
    badges = {"status": labels.ASSIGNMENT_KINDS}
    lookups = LOOKUPS
    base_order = ("created_at", "desc")

    def name_of(self, row: Assignment) -> str:
        return f"{row.order} · {row.worker}"


class DispatchRunView(RecordView):
    datamodel = ModelInterface(DispatchRun, load=("order",))
    noun, noun_plural = _l("Search for workers"), _l("Searches for workers")
    list_columns = ["order", "round", "outcome", "reason", "created_at"]
    show_columns = list_columns
    search_columns = ["order", "outcome", "created_at"]
    label_columns = {"round": _l("Round"), "outcome": _l("Outcome")}
    formatters_columns = {"reason": reason}
    choices = {"outcome": labels.RUN_OUTCOME}
    badges = {"outcome": labels.RUN_OUTCOME_KINDS}
    lookups = {"order": ORDERS}
    base_order = ("created_at", "desc")
    show_template = "dispatch/run.html"

    def name_of(self, row: DispatchRun) -> str:
        return f"{row.order} · {row.round}"

    def show_context(self, row: DispatchRun) -> dict[str, Any]:
        return {"candidates": candidate_rows(row.candidates), "counted": counted_rules(row)}
