"""Recurring plans and their dates, read and changed as on their screens."""

from typing import Any

from marshmallow import Schema, fields

from app.api.customer.plan_schemas import (
    ChangePreviewResponse,
    ChangeRequest,
    DoChangeRequest,
    EndPreviewResponse,
    EndRequest,
    PauseRequest,
    PutBackRequest,
    SkipRequest,
)
from app.api.customer.plans import change_of
from app.api.fields import Choice, Day, Instant, Whole
from app.api.schemas import Request
from app.api.staff.base import StaffReadApi
from app.api.staff.verbs import verb
from app.extensions import db
from app.fab_interface import ModelInterface
from app.models import PlanOccurrence, ServicePlan, Worker
from app.services import access
from app.services.plans import changing, dates, ending, making, pausing
from app.services.plans.changing import ChangePreview
from app.services.plans.ending import EndPreview

PARTIES = ("customer", "platform")


class StaffEndQueryRequest(Request):
    """this, later: with `on`, the date or the first of them. all: without."""

    scope = Choice(ending.SCOPES, required=True)
    on = Day(load_default=None, allow_none=True)
    party = Choice(PARTIES, load_default="customer")


class StaffEndRequest(EndRequest):
    party = Choice(PARTIES, load_default="customer")


class StaffChangeRequest(ChangeRequest):
    """`party`: whose wish it is, for orders that were made already."""

    party = Choice(PARTIES, load_default="customer")


class StaffDoChangeRequest(DoChangeRequest):
    party = Choice(PARTIES, load_default="customer")


class MadePlanResponse(Schema):
    """The plan that was made; the resource `plans` tells the rest of it."""

    id = fields.Integer(required=True)
    number = fields.String(required=True)
    status = fields.String(required=True)


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

    @verb(StaffChangeRequest, ChangePreviewResponse)
    def change_preview(self, pk: int, body: dict[str, Any]) -> ChangePreview:
        """What changing this and later dates would end, cost and make; its hash goes with
        `change`.
        """
        change, party = change_of(self._find(pk), body), body["party"]
        return changing.preview_change(pk, change, party=party)

    @verb(StaffDoChangeRequest, MadePlanResponse)
    def change(self, pk: int, body: dict[str, Any]) -> ServicePlan:
        change, party = change_of(self._find(pk), body), body["party"]
        return changing.change_plan(
            pk, change, body["hash"], choices=[making.Choice(**one) for one in body["choices"]],
            party=party, reason=body["reason"], actor=self.actor,
        )  # fmt: skip


APIS = (StaffPlanOccurrenceApi, StaffServicePlanApi)
