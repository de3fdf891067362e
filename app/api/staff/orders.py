"""Orders and visits, and what is done with orders. Addresses, phones and notes are left to the
screens.
"""

from typing import Any

from marshmallow import fields

from app.api.fields import Choice
from app.api.moves import MoveAskRequest
from app.api.staff.base import StaffReadApi
from app.api.staff.money_verbs import AskedRefundsResponse, GiveBackRequest
from app.api.staff.verbs import verb
from app.fab_interface import ModelInterface
from app.models import Order, Visit
from app.services.money import refunds
from app.services.orders import moving


class StaffMoveRequest(MoveAskRequest):
    """`side`: who wants it, a customer who called or the company itself."""

    side = Choice(("customer", "staff"), required=True)
    same_worker = fields.Boolean(load_default=False)


class StaffOrderApi(StaffReadApi):
    datamodel = ModelInterface(Order)
    resource_name = "orders"
    list_columns = [
        "id", "number", "status", "summary", "service_on", "promised_from", "promised_to",
        "region_name", "lead_worker", "due_fen", "captured_fen", "refunded_fen", "created_at",
    ]  # fmt: skip
    show_columns = [
        *list_columns, "source", "planned_start", "planned_end", "minutes", "crew_size",
        "pay_mode", "total_fen", "pay_by_at", "unassigned_reason", "completed_at",
    ]  # fmt: skip
    search_columns = ["number", "status", "service_on", "lead_worker"]
    base_order = ("id", "desc")

    @verb(StaffMoveRequest)
    def move(self, pk: int, body: dict[str, Any]) -> None:
        moving.propose(pk, **body, actor=self.actor)

    @verb(GiveBackRequest, AskedRefundsResponse)
    def refund(self, pk: int, body: dict[str, Any]) -> Any:
        return {"refunds": refunds.request_refund(pk, **body, kind="refund", actor=self.actor)}

    @verb(GiveBackRequest, AskedRefundsResponse)
    def compensate(self, pk: int, body: dict[str, Any]) -> Any:
        asked = refunds.request_refund(pk, **body, kind="compensation", actor=self.actor)
        return {"refunds": asked}


class StaffVisitApi(StaffReadApi):
    datamodel = ModelInterface(Visit)
    resource_name = "visits"
    list_columns = [
        "id", "order", "sequence", "service_on", "planned_start", "planned_end", "status",
        "checked_in_at", "checked_out_at",
    ]  # fmt: skip
    show_columns = list_columns
    search_columns = ["status", "service_on"]
    base_order = ("id", "desc")
