"""Recurring plans and their dates, read and changed as on their screens."""

from typing import Any

from app.api.customer.plan_schemas import (
    EndPreviewResponse,
    EndRequest,
    PauseRequest,
    PutBackRequest,
    SkipRequest,
)
from app.api.fields import Choice, Day, Instant, Whole
from app.api.schemas import Request
from app.api.staff.base import StaffReadApi
from app.api.staff.verbs import verb
from app.extensions import db
from app.fab_interface import ModelInterface
from app.models import PlanOccurrence, ServicePlan, Worker
from app.services import access
from app.services.plans import dates, ending, pausing
from app.services.plans.ending import EndPreview

PARTIES = ("customer", "platform")


class StaffEndQueryRequest(Request):
    """this, later: with `on`, the date or the first of them. all: without."""

    scope = Choice(ending.SCOPES, required=True)
    on = Day(load_default=None, allow_none=True)
    party = Choice(PARTIES, load_default="customer")


class StaffEndRequest(EndRequest):
    party = Choice(PARTIES, load_default="customer")


class StaffShiftRequest(Request):
    starts_at = Instant(required=True)
    worker_id = Whole(load_default=None, allow_none=True)


class StaffPlanOccurrenceApi(StaffReadApi):
    datamodel = ModelInterface(PlanOccurrence)
    resource_name = "plan-occurrences"
    list_columns = ["id", "plan", "planned_on", "starts_at", "worker", "order", "status"]
    show_columns = [*list_columns, "reason", "created_at", "version"]
    search_columns = ["plan", "planned_on", "worker", "status"]
    base_order = ("id", "desc")

    @verb(StaffShiftRequest)
    def shift(self, pk: int, body: dict[str, Any]) -> None:
        row, worker_id = self._find(pk), body["worker_id"]
        if worker_id is not None:
            access.row_for(self.actor, Worker, worker_id)
        dates.shift_date(
            row.plan_id, row.planned_on, body["starts_at"], worker_id=worker_id, actor=self.actor
        )

    @verb(SkipRequest)
    def skip(self, pk: int, body: dict[str, Any]) -> None:
        row = self._find(pk)
        dates.skip_date(row.plan_id, row.planned_on, **body, actor=self.actor)

    @verb(PutBackRequest)
    def put_back(self, pk: int, body: dict[str, Any]) -> None:
        row = self._find(pk)
        dates.put_back(row.plan_id, row.planned_on, **body, actor=self.actor)


class StaffServicePlanApi(StaffReadApi):
    datamodel = ModelInterface(ServicePlan, load=("address.region",))
    resource_name = "plans"
    list_columns = [
        "id", "number", "customer", "rrule", "starts_on", "ends_on", "preferred_worker", "status",
    ]  # fmt: skip
    show_columns = [
        *list_columns, "start_minute", "on_holidays", "paused_until", "follows", "branch", "note",
        "created_at", "version",
    ]  # fmt: skip
    search_columns = ["number", "customer", "preferred_worker", "status", "branch", "starts_on"]
    base_order = ("id", "desc")

    @verb(PauseRequest)
    def pause(self, pk: int, body: dict[str, Any]) -> None:
        pausing.pause_plan(pk, **body, actor=self.actor)

    @verb()
    def resume(self, pk: int, body: dict[str, Any]) -> None:
        pausing.resume_plan(pk, actor=self.actor)

    @verb(StaffEndQueryRequest, EndPreviewResponse)
    def cancellation(self, pk: int, body: dict[str, Any]) -> EndPreview:
        """What cancelling would end and cost now; its hash goes with `cancel`."""
        return ending.preview_end(db.session(), self._find(pk), **body)

    @verb(StaffEndRequest)
    def cancel(self, pk: int, body: dict[str, Any]) -> None:
        ending.end_dates(pk, body.pop("scope"), body.pop("hash"), **body, actor=self.actor)


APIS = (StaffPlanOccurrenceApi, StaffServicePlanApi)
