"""Dispatch, proof of visits, and what happens to an order after it was made."""

from typing import Any

from app.api.moves import MoveAnswerRequest
from app.api.staff.base import StaffReadApi
from app.api.staff.orders import StaffWhyRequest
from app.api.staff.verbs import verb
from app.fab_interface import ModelInterface
from app.models import (
    AddOn,
    Assignment,
    BoardAction,
    Cancellation,
    CheckEvent,
    ChecklistAnswer,
    DispatchPolicy,
    DispatchRun,
    LocationPing,
    MoveRequest,
    Offer,
    VisitNote,
)
from app.services.orders import moving, waiving


class StaffAddOnApi(StaffReadApi):
    datamodel = ModelInterface(AddOn)
    resource_name = "add-ons"
    list_columns = ["id", "order", "worker", "kind", "name", "minutes", "amount_fen", "status"]
    show_columns = [*list_columns, "quantity", "created_at", "answered_at", "version"]
    search_columns = ["order", "worker", "kind", "status", "created_at"]
    base_order = ("id", "desc")

    @verb(StaffWhyRequest)
    def waive(self, pk: int, body: dict[str, Any]) -> None:
        """Its status tells whether the charge is dropped already, or others decide it first."""
        waiving.waive(pk, reason=body["reason"], actor=self.actor)


class StaffAssignmentApi(StaffReadApi):
    datamodel = ModelInterface(Assignment)
    resource_name = "assignments"
    list_columns = ["id", "order", "worker", "role", "status", "created_at"]
    show_columns = [*list_columns, "ended_reason", "version"]
    search_columns = ["order", "worker", "status", "role", "created_at"]
    base_order = ("id", "desc")


class StaffBoardActionApi(StaffReadApi):
    datamodel = ModelInterface(BoardAction)
    resource_name = "board-actions"
    list_columns = ["id", "created_at", "staff_id", "kind", "order", "undone_at"]
    show_columns = [*list_columns, "branch"]
    search_columns = ["kind", "created_at", "undone_at"]
    base_order = ("id", "desc")


class StaffCancellationApi(StaffReadApi):
    datamodel = ModelInterface(Cancellation)
    resource_name = "cancellations"
    list_columns = ["id", "order", "party", "reason", "fee_fen", "refund_fen", "at"]
    show_columns = [*list_columns, "reason_code", "step", "rate_bp", "arithmetic", "actor_kind"]
    search_columns = ["order", "party", "at"]
    base_order = ("id", "desc")


class StaffCheckEventApi(StaffReadApi):
    datamodel = ModelInterface(CheckEvent)
    resource_name = "check-events"
    list_columns = ["id", "visit", "worker", "kind", "method", "at", "distance_m"]
    show_columns = [*list_columns, "device_at"]
    search_columns = ["worker", "kind", "method", "at"]
    base_order = ("id", "desc")


class StaffChecklistAnswerApi(StaffReadApi):
    datamodel = ModelInterface(ChecklistAnswer)
    resource_name = "checklist-answers"
    list_columns = ["id", "visit", "checklist", "worker", "done", "note", "created_at"]
    show_columns = [*list_columns, "version"]
    search_columns = ["worker", "done", "created_at"]
    base_order = ("id", "desc")


class StaffDispatchPolicyApi(StaffReadApi):
    datamodel = ModelInterface(DispatchPolicy)
    resource_name = "dispatch-policies"
    list_columns = ["id", "name", "branch", "revision", "mode", "rounds", "batch", "active"]
    show_columns = [*list_columns, "weights", "created_at", "version"]
    search_columns = ["name", "branch", "mode", "active"]
    base_order = ("id", "desc")


class StaffDispatchRunApi(StaffReadApi):
    datamodel = ModelInterface(DispatchRun, load=("order",))
    resource_name = "dispatch-runs"
    list_columns = ["id", "order", "round", "outcome", "reason", "created_at"]
    show_columns = list_columns
    search_columns = ["order", "outcome", "created_at"]
    base_order = ("id", "desc")


class StaffLocationPingApi(StaffReadApi):
    datamodel = ModelInterface(LocationPing)
    resource_name = "location-pings"
    list_columns = ["id", "visit", "worker", "at", "accuracy_m"]
    show_columns = list_columns
    search_columns = ["worker", "at"]
    base_order = ("id", "desc")


class StaffMoveRequestApi(StaffReadApi):
    datamodel = ModelInterface(MoveRequest)
    resource_name = "move-requests"
    list_columns = ["id", "order", "asked_by", "old_start", "new_start", "status", "answer_by"]
    show_columns = [
        *list_columns, "new_end", "reason", "answered_at", "answer_note", "created_at", "version",
    ]  # fmt: skip
    search_columns = ["order", "asked_by", "status", "new_start"]
    base_order = ("id", "desc")

    @verb(MoveAnswerRequest)
    def pass_on(self, pk: int, body: dict[str, Any]) -> None:
        moving.review(pk, approve=True, **body, actor=self.actor)

    @verb(MoveAnswerRequest)
    def turn_down(self, pk: int, body: dict[str, Any]) -> None:
        moving.review(pk, approve=False, **body, actor=self.actor)

    @verb(MoveAnswerRequest)
    def agree(self, pk: int, body: dict[str, Any]) -> None:
        moving.answer(pk, agree=True, **body, actor=self.actor)

    @verb(MoveAnswerRequest)
    def decline(self, pk: int, body: dict[str, Any]) -> None:
        moving.answer(pk, agree=False, **body, actor=self.actor)

    @verb(MoveAnswerRequest)
    def withdraw(self, pk: int, body: dict[str, Any]) -> None:
        moving.withdraw(pk, **body, actor=self.actor)


class StaffOfferApi(StaffReadApi):
    datamodel = ModelInterface(Offer)
    resource_name = "offers"
    list_columns = [
        "id", "order", "worker", "mode", "status", "created_at", "expires_at", "answered_at",
    ]  # fmt: skip
    show_columns = [*list_columns, "reason_code", "reason_text", "version"]
    search_columns = ["order", "worker", "status", "created_at"]
    base_order = ("id", "desc")


class StaffVisitNoteApi(StaffReadApi):
    datamodel = ModelInterface(VisitNote)
    resource_name = "visit-notes"
    list_columns = ["id", "visit", "worker", "text", "created_at"]
    show_columns = list_columns
    search_columns = ["worker", "text", "created_at"]
    base_order = ("id", "desc")


APIS = (
    StaffAddOnApi,
    StaffAssignmentApi,
    StaffBoardActionApi,
    StaffCancellationApi,
    StaffCheckEventApi,
    StaffChecklistAnswerApi,
    StaffDispatchPolicyApi,
    StaffDispatchRunApi,
    StaffLocationPingApi,
    StaffMoveRequestApi,
    StaffOfferApi,
    StaffVisitNoteApi,
)
