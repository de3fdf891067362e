"""Schemas of a customer's orders."""

from typing import Any

from marshmallow import Schema, fields
from marshmallow.utils import get_value

from app.api.customer.lines import LineResponse
from app.api.fields import Choice, Instant, Text, Whole, Word, text_for
from app.api.rating import rating_of
from app.api.schemas import Located, PageQuery, Request, listed
from app.api.telling import line_of
from app.api.words import ORDER_STATUS, VISIT_STATUS
from app.domain.states import OrderStatus
from app.models import Order, Review


class OrderRequest(Request):
    hold_number = Text(24, required=True, pattern="[0-9A-Z]{5,24}")
    quote_hash = Text(64, required=True, pattern="[0-9a-f]{64}")
    note = text_for(Order.note, load_default="")


class OrderQuery(PageQuery):
    status = Choice([status.value for status in OrderStatus], load_default="")


class ReviewRequest(Request):
    quality = Whole(1, 5, required=True)
    attitude = Whole(1, 5, required=True)
    skill = Whole(1, 5, required=True)
    text = text_for(Review.text, load_default="")


class ReviewResponse(Schema):
    quality = fields.Integer(required=True)
    attitude = fields.Integer(required=True)
    skill = fields.Integer(required=True)
    text = fields.String(required=True)
    created_at = Instant(required=True)


class ConfirmedResponse(Schema):
    number = fields.String(required=True)
    status = fields.String(required=True)
    status_text = Word(ORDER_STATUS, required=True, attribute="status")
    completed_at = Instant(required=True, allow_none=True)


class OrderRowResponse(Schema):
    number = fields.String(required=True)
    status = fields.String(required=True)
    status_text = Word(ORDER_STATUS, required=True, attribute="status")
    summary = fields.String(required=True)
    service_on = fields.Date(required=True)
    promised_from = Instant(required=True)
    promised_to = Instant(required=True)
    total_fen = fields.Integer(required=True)
    unpaid_fen = fields.Integer(required=True)
    pay_by_at = Instant(required=True, allow_none=True)
    worker_name = fields.String(
        required=True, allow_none=True, attribute="lead_worker.name", dump_default=None
    )
    created_at = Instant(required=True)


class OrderItemResponse(Schema):
    code = fields.String(required=True, attribute="service_code")
    name = fields.String(required=True, attribute="service_name")
    quantity = fields.Integer(required=True)
    minutes = fields.Integer(required=True)
    amount_fen = fields.Integer(required=True)


class OrderAddressResponse(Located):
    region_name = fields.String(required=True)
    detail = fields.String(required=True, attribute="address_detail")
    contact_name = fields.String(required=True)
    contact_phone = fields.String(required=True)
    access_note = fields.String(required=True)


class OrderVisitResponse(Schema):
    """`code`: four digits that the customer shows to the worker at the door."""

    sequence = fields.Integer(required=True, attribute="visit.sequence")
    status = fields.String(required=True, attribute="visit.status")
    status_text = Word(VISIT_STATUS, required=True, attribute="visit.status")
    planned_start = Instant(required=True, attribute="visit.planned_start")
    planned_end = Instant(required=True, attribute="visit.planned_end")
    checked_in_at = Instant(required=True, allow_none=True, attribute="visit.checked_in_at")
    checked_out_at = Instant(required=True, allow_none=True, attribute="visit.checked_out_at")
    code = fields.String(required=True, allow_none=True)


class WorkerCardResponse(Schema):
    """`phone` from the acceptance until a day after the end; null otherwise."""

    number = fields.String(required=True, attribute="worker.number")
    name = fields.String(required=True, attribute="worker.name")
    level = fields.Integer(required=True, attribute="worker.level")
    introduction = fields.String(required=True, attribute="worker.introduction")
    avatar_color = fields.String(required=True, attribute="worker.avatar_color")
    rating = fields.Function(
        lambda card: rating_of(card["worker"]),
        required=True, allow_none=True, metadata={"type": "number"},
    )  # fmt: skip
    rating_count = fields.Integer(required=True, attribute="worker.rating_count")
    phone = fields.String(required=True, allow_none=True)


class TimelineResponse(Schema):
    at = Instant(required=True)
    kind = fields.String(required=True)
    text = fields.Function(line_of, required=True, metadata={"type": "string"})


ACTIONS = (
    "pay", "edit", "move", "cancel", "choose", "stop", "dispute", "confirm", "review",
)  # fmt: skip


class OrderResponse(OrderRowResponse):
    note = fields.String(required=True)
    pay_mode = fields.String(required=True)
    minutes = fields.Integer(required=True)
    crew_size = fields.Integer(required=True)
    planned_start = Instant(required=True)
    planned_end = Instant(required=True)
    due_fen = fields.Integer(required=True)
    supplement_fen = fields.Integer(required=True)
    captured_fen = fields.Integer(required=True)
    refunded_fen = fields.Integer(required=True)
    completed_at = Instant(required=True, allow_none=True)
    address = fields.Nested(OrderAddressResponse, required=True, attribute="order")
    items = fields.List(fields.Nested(OrderItemResponse), required=True)
    lines = fields.List(fields.Nested(LineResponse), required=True)
    visits = fields.List(fields.Nested(OrderVisitResponse), required=True)
    worker = fields.Nested(WorkerCardResponse, required=True, allow_none=True)
    timeline = fields.List(fields.Nested(TimelineResponse), required=True)
    review = fields.Nested(ReviewResponse, required=True, allow_none=True)
    payment_url = fields.String(required=True, allow_none=True)
    actions = fields.List(
        fields.String(metadata={"enum": list(ACTIONS)}),
        required=True,
    )

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """What is told beside the order comes first, then the order's own columns."""
        if attr in obj:
            return obj[attr]
        return get_value(obj["order"], attr, default)


class OrderDisputeResponse(Schema):
    number = fields.String(required=True)
    status = fields.String(required=True)
    answer_by = Instant(required=True)
    created_at = Instant(required=True)


OrderListResponse = listed(OrderRowResponse)
