"""What a worker does when a visit cannot go as planned."""

from typing import Any

from marshmallow import Schema, fields

from app.api.base import Caller, WorkerApi, operation
from app.api.fields import Choice, Instant, Text, Word, text_for
from app.api.places import point_of
from app.api.schemas import PositionRequest, Request
from app.api.words import ORDER_STATUS
from app.domain.reasons import REJECT_REASONS
from app.models import Incident, Offer, Order
from app.services.orders import exceptions, leaving
from app.services.orders.move_rules import For
from app.services.visits import absence, checking, stopping


class VisitBackRequest(Request):
    """`rest`: and all visits of the order after it."""

    reason_code = Choice(REJECT_REASONS, required=True)
    reason_text = text_for(Offer.reason_text, load_default="")
    rest = fields.Boolean(load_default=False)


class ArriveRequest(Request):
    position = fields.Nested(PositionRequest, required=True)


class AbsenceRequest(ArriveRequest):
    """`calls`: when the customer was called while the worker waited."""

    calls = fields.List(Instant(), required=True)
    note = text_for(Incident.text, load_default="")


class VisitWhyRequest(Request):
    reason = Text(200, low=2, required=True)


class OrderStateResponse(Schema):
    order_number = fields.String(required=True, attribute="number")
    order_status = fields.String(required=True, attribute="status")
    order_status_text = Word(ORDER_STATUS, required=True, attribute="status")


class AbsenceResponse(Schema):
    """Customer service decides; until then the visit stands."""

    id = fields.Integer(required=True)
    status = fields.String(required=True)
    created_at = Instant(required=True)


class VisitTroubleApi(WorkerApi):
    @operation(
        "worker", "POST", "/visits/<row:visit_id>/withdraw",
        summary="Give an accepted visit back, before the cut-off", request=VisitBackRequest,
        response=OrderStateResponse, errors=(404, 409, 422), idempotent=True,
    )  # fmt: skip
    def withdraw(self, caller: Caller, visit_id: int, body: dict[str, Any]) -> Order:
        return leaving.withdraw(visit_id, caller.id, **body, actor=caller.actor)

    @operation(
        "worker", "POST", "/visits/<row:visit_id>/arrive", summary="I am at the door",
        request=ArriveRequest, response=OrderStateResponse, errors=(404, 409, 422),
        idempotent=True,
    )  # fmt: skip
    def arrive(self, caller: Caller, visit_id: int, body: dict[str, Any]) -> Order:
        position = point_of(body["position"])
        return absence.arrive(visit_id, caller.id, position, actor=caller.actor)

    @operation(
        "worker", "POST", "/visits/<row:visit_id>/absence",
        summary="Nobody is at home: I have waited at the door and called twice",
        request=AbsenceRequest, response=AbsenceResponse, status=201, errors=(404, 409, 422),
        idempotent=True,
    )  # fmt: skip
    def report_absence(self, caller: Caller, visit_id: int, body: dict[str, Any]) -> Incident:
        position = point_of(body["position"])
        noted = {"calls": body["calls"], "note": body["note"]}
        return absence.report(visit_id, caller.id, position, **noted, actor=caller.actor)

    @operation(
        "worker", "POST", "/visits/<row:visit_id>/stop",
        summary="End the work before it is done; only what was done is charged",
        request=VisitWhyRequest, response=OrderStateResponse, errors=(404, 409, 422), idempotent=True,
    )  # fmt: skip
    def stop_work(self, caller: Caller, visit_id: int, body: dict[str, Any]) -> Order:
        order_id = checking.order_of_visit(visit_id, caller.id)
        whose = For(worker_id=caller.id)
        return stopping.stop(order_id, **body, whose=whose, actor=caller.actor)

    @operation(
        "worker", "POST", "/visits/<row:visit_id>/exception",
        summary="Something is wrong: the office takes over", request=VisitWhyRequest,
        response=OrderStateResponse, errors=(404, 409, 422), idempotent=True,
    )  # fmt: skip
    def report_exception(self, caller: Caller, visit_id: int, body: dict[str, Any]) -> Order:
        order_id = checking.order_of_visit(visit_id, caller.id)
        return exceptions.report(order_id, **body, worker_id=caller.id, actor=caller.actor)
