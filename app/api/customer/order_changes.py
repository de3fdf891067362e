"""What a customer does with an order that stands: change it, cancel it, answer an addition."""

from typing import Any

import sqlalchemy as sa
from marshmallow import Schema, fields

from app.api.base import Caller, CustomerApi, operation
from app.api.customer.order_schemas import OrderDisputeResponse, OrderResponse
from app.api.customer.orders import order_id_of, visit_id_of, whole_order
from app.api.fields import Choice, Instant, QueryWhole, Text, Whole, Word, text_for
from app.api.paging import Page, page_of
from app.api.schemas import PageQuery, Request, listed
from app.api.words import ADD_ON_STATUS, CANCEL_STEP, REFUND_STATUS
from app.domain.cancelling import Preview
from app.extensions import db
from app.models import AddOn, Cancellation, Complaint, Order, Refund
from app.services.orders import add_ons, calling_off, cancelling, editing

MOST_VISITS = 99


class EditRequest(Request):
    """A quote in the same area; without `starts_at` the time stays, without `note` that does."""

    quote_number = Text(24, required=True, pattern="[0-9A-Z]{5,24}")
    quote_hash = Text(64, required=True, pattern="[0-9a-f]{64}")
    starts_at = Instant(load_default=None)
    note = text_for(Order.note, load_default=None)


class CancelQuery(Request):
    """`visit`: only this one of several, by its number; otherwise all that remain."""

    visit = QueryWhole(1, MOST_VISITS, load_default=None)


class CancelRequest(Request):
    """`hash` of the preview, for the same `visit`: exactly that is done, or nothing."""

    visit = Whole(1, MOST_VISITS, load_default=None)

    hash = Text(64, required=True, pattern="[0-9a-f]{64}")
    reason_code = Choice(cancelling.REASONS, load_default="other")
    reason = text_for(Cancellation.reason, load_default="")


class CancellationResponse(Schema):
    """The arithmetic: fee = price x rate; what was paid beyond it comes back.

    `kept_fen`: of other visits, what stays charged.
    """

    step = fields.String(required=True)
    step_text = Word(CANCEL_STEP, required=True, attribute="step")
    rate_bp = fields.Integer(required=True)
    price_fen = fields.Integer(required=True)
    paid_fen = fields.Integer(required=True)
    fee_fen = fields.Integer(required=True)
    kept_fen = fields.Integer(required=True)
    refund_fen = fields.Integer(required=True)
    owed_fen = fields.Integer(required=True)
    hash = fields.String(required=True)


class RefundResponse(Schema):
    number = fields.String(required=True)
    amount_fen = fields.Integer(required=True)
    status = fields.String(required=True)
    status_text = Word(REFUND_STATUS, required=True, attribute="status")
    created_at = Instant(required=True)
    succeeded_at = Instant(required=True, allow_none=True)


class AddOnResponse(Schema):
    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    name = fields.String(required=True)
    minutes = fields.Integer(required=True)
    amount_fen = fields.Integer(required=True)
    status = fields.String(required=True)
    status_text = Word(ADD_ON_STATUS, required=True, attribute="status")
    created_at = Instant(required=True)


class AddOnDisputeRequest(Request):
    text = Text(900, low=2, required=True)


class OrderChangeApi(CustomerApi):
    @operation(
        "customer", "POST", "/orders/<number:number>/edit",
        summary="Change it to another quote; dearer and paid already, it waits for the difference",
        request=EditRequest, response=OrderResponse, errors=(404, 409, 422), idempotent=True,
    )  # fmt: skip
    def edit_order(self, caller: Caller, number: str, body: dict[str, Any]) -> dict[str, Any]:
        editing.edit_order(caller.id, order_id_of(caller, number), **body, actor=caller.actor)
        return whole_order(caller, number)

    @operation(
        "customer", "GET", "/orders/<number:number>/cancellation",
        summary="What cancelling it, or one visit of several, would cost now", query=CancelQuery,
        response=CancellationResponse, errors=(404, 422),
    )  # fmt: skip
    def preview_cancellation(self, caller: Caller, number: str, query: dict[str, Any]) -> Preview:
        order = db.session.get_one(Order, order_id_of(caller, number))
        visit_id = visit_id_of(order.id, query["visit"])
        return calling_off.preview_any(db.session(), order, "customer", visit_id)

    @operation(
        "customer", "POST", "/orders/<number:number>/cancel",
        summary="Cancel it or one visit, exactly as the preview said", request=CancelRequest,
        response=OrderResponse, errors=(404, 409, 422), idempotent=True,
    )  # fmt: skip
    def cancel_order(self, caller: Caller, number: str, body: dict[str, Any]) -> dict[str, Any]:
        order_id = order_id_of(caller, number)
        calling_off.cancel_any(
            order_id, body["hash"], visit_id=visit_id_of(order_id, body["visit"]),
            reason_code=body["reason_code"], reason=body["reason"], customer_id=caller.id,
            actor=caller.actor,
        )  # fmt: skip
        return whole_order(caller, number)

    @operation(
        "customer", "GET", "/orders/<number:number>/refunds",
        summary="What comes back, newest first", query=PageQuery,
        response=listed(RefundResponse), errors=(404,),
    )  # fmt: skip
    def list_refunds(self, caller: Caller, number: str, query: dict[str, Any]) -> Page:
        mine = sa.select(Refund).filter_by(order_id=order_id_of(caller, number))
        # They lower what is due, nothing comes back.
        mine = mine.where(Refund.kind.not_in(("set_off", "waiver")))
        return page_of(mine, [Refund.id], query, newest_first=True)

    @operation(
        "customer", "GET", "/orders/<number:number>/add-ons",
        summary="Additions that the worker proposed, newest first", query=PageQuery,
        response=listed(AddOnResponse), errors=(404,),
    )  # fmt: skip
    def list_add_ons(self, caller: Caller, number: str, query: dict[str, Any]) -> Page:
        mine = sa.select(AddOn).filter_by(order_id=order_id_of(caller, number))
        return page_of(mine, [AddOn.id], query, newest_first=True)

    @operation(
        "customer", "POST", "/orders/<number:number>/add-ons/<row:add_on_id>/approve",
        summary="Agree to an addition; it is owed from now on", response=AddOnResponse,
        errors=(404, 409, 422), idempotent=True,
    )  # fmt: skip
    def approve_add_on(self, caller: Caller, number: str, add_on_id: int) -> AddOn:
        order_id = order_id_of(caller, number)
        return add_ons.answer(caller.id, order_id, add_on_id, agree=True, actor=caller.actor)

    @operation(
        "customer", "POST", "/orders/<number:number>/add-ons/<row:add_on_id>/dispute",
        summary="I do not pay for an addition that I had agreed to: a complaint, nothing waits",
        request=AddOnDisputeRequest, response=OrderDisputeResponse, status=201,
        errors=(404, 409, 422), idempotent=True,
    )  # fmt: skip
    def dispute_add_on(
        self, caller: Caller, number: str, add_on_id: int, body: dict[str, Any]
    ) -> Complaint:
        order_id = order_id_of(caller, number)
        return add_ons.refuse_to_pay(caller.id, order_id, add_on_id, **body, actor=caller.actor)

    @operation(
        "customer", "POST", "/orders/<number:number>/add-ons/<row:add_on_id>/refuse",
        summary="Decline an addition", response=AddOnResponse, errors=(404, 409, 422),
        idempotent=True,
    )  # fmt: skip
    def refuse_add_on(self, caller: Caller, number: str, add_on_id: int) -> AddOn:
        order_id = order_id_of(caller, number)
        return add_ons.answer(caller.id, order_id, add_on_id, agree=False, actor=caller.actor)
