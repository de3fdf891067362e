"""Cash that a worker takes on site."""

from typing import Any

from marshmallow import Schema, fields

from app.api.base import Caller, WorkerApi, operation
from app.api.fields import Instant, Whole
from app.api.schemas import Request
from app.models import PaymentAttempt
from app.services.money import offline


class CashRequest(Request):
    """All that the customer owes, as the order says: nothing is taken in parts."""

    amount_fen = Whole(1, required=True)


class CashResponse(Schema):
    number = fields.String(required=True, attribute="out_trade_no")
    status = fields.String(required=True)
    amount_fen = fields.Integer(required=True)
    paid_at = Instant(required=True, allow_none=True)


class CashApi(WorkerApi):
    @operation(
        "worker", "POST", "/visits/<row:visit_id>/cash",
        summary="I have the customer's cash; I owe it until it is handed in",
        request=CashRequest, response=CashResponse, errors=(404, 409, 422), idempotent=True,
    )  # fmt: skip
    def receive_cash(self, caller: Caller, visit_id: int, body: dict[str, Any]) -> PaymentAttempt:
        return offline.receive_cash(visit_id, caller.id, body["amount_fen"], actor=caller.actor)
