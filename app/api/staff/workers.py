"""Workers and their shifts, what workers are given or fined, and how they leave.

Phones and homes are left to the screens.
"""

from typing import Any

from app.api.staff.base import StaffReadApi
from app.api.staff.money_verbs import (
    AdjustWorkerRequest,
    AskedAdjustmentResponse,
    DecidedResponse,
)
from app.api.staff.verbs import DataResponse, WhyRequest, handing_over, verb
from app.fab_interface import ModelInterface
from app.models import Approval, Shift, Worker
from app.services.identity import blocking
from app.services.money import adjustments
from app.services.workers import approval, erasing


class StaffWorkerApi(StaffReadApi):
    datamodel = ModelInterface(Worker)
    resource_name = "workers"
    list_columns = [
        "id", "number", "name", "kind", "partner", "status", "level", "daily_cap",
        "rating_sum", "rating_count",
    ]  # fmt: skip
    show_columns = [*list_columns, "introduction", "radius_km", "created_at"]
    search_columns = ["number", "name", "status", "kind"]
    base_order = ("id", "asc")

    @verb(AdjustWorkerRequest, AskedAdjustmentResponse)
    def adjust(self, pk: int, body: dict[str, Any]) -> Any:
        return adjustments.request_adjustment(pk, **body, actor=self.actor)

    @verb(WhyRequest)
    def block(self, pk: int, body: dict[str, Any]) -> None:
        """The log-in ends at once, and no more offers come; accepted visits stand."""
        blocking.block_worker(pk, body["reason"], actor=self.actor)

    @verb(WhyRequest)
    def unblock(self, pk: int, body: dict[str, Any]) -> None:
        """The worker can log in again; offers come once HR has reinstated the worker."""
        blocking.unblock_worker(pk, body["reason"], actor=self.actor)

    @verb(WhyRequest)
    def leave(self, pk: int, body: dict[str, Any]) -> None:
        """The worker leaves the company; refused while visits are open."""
        approval.leave(pk, body["reason"], actor=self.actor)

    @handing_over(DataResponse)
    def export_data(self, pk: int) -> Any:
        """All that is kept about the worker, for the worker."""
        return {"tables": erasing.data_of(pk, actor=self.actor)}

    @verb(WhyRequest, DecidedResponse)
    def ask_erasure(self, pk: int, body: dict[str, Any]) -> Approval:
        """Ask a second person to erase a worker who left; refused while something is open."""
        return erasing.ask_erasure(pk, body["reason"], actor=self.actor)


class StaffShiftApi(StaffReadApi):
    datamodel = ModelInterface(Shift)
    resource_name = "shifts"
    list_columns = ["id", "worker", "service_on", "starts_at", "ends_at"]
    show_columns = list_columns
    search_columns = ["worker", "service_on"]
    base_order = ("id", "desc")
