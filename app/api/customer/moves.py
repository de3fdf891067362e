"""A customer's changes of time: asked for, and answered when somebody else asks."""

from typing import Any

import sqlalchemy as sa
from marshmallow import fields
from sqlalchemy.orm import joinedload

from app.api.base import Caller, CustomerApi, operation
from app.api.customer.order_changes import MOST_VISITS
from app.api.customer.orders import order_id_of, visit_id_of
from app.api.fields import LARGEST_WHOLE, Day, QueryWhole, Whole
from app.api.moves import (
    MoveAnswerRequest,
    MoveAskRequest,
    MoveListResponse,
    MoveResponse,
    MoveTimesResponse,
)
from app.api.paging import Page, page_of
from app.api.schemas import PageQuery, Request
from app.domain.states import MoveStatus
from app.models import MoveRequest
from app.services.orders import move_times, moving
from app.services.orders.move_rules import For

# Operations may keep a worker's wish from her.
TOLD = (MoveStatus.AWAIT_OTHER_SIDE.value, MoveStatus.AGREED.value)


class CustomerMoveRequest(MoveAskRequest):
    """`same_worker`: rather no other time than another worker. `visit`: not the next one, but
    this one of several, by its number. `difference_fen` as it was shown, where it is dearer then.
    """

    difference_fen = Whole(-LARGEST_WHOLE, LARGEST_WHOLE, load_default=None)

    visit = Whole(1, MOST_VISITS, load_default=None)
    same_worker = fields.Boolean(load_default=False)


class MoveTimesQuery(Request):
    """`visit`: not the next one, but this one of several, by its number."""

    first = Day(required=True, data_key="from")
    last = Day(required=True, data_key="to")
    visit = QueryWhole(1, MOST_VISITS, load_default=None)


class CustomerMoveApi(CustomerApi):
    @operation(
        "customer", "GET", "/orders/<number:number>/move-times",
        summary="Times to which the next visit, or another one, can be moved; or why there is none",
        query=MoveTimesQuery, response=MoveTimesResponse, errors=(404, 409, 422),
    )  # fmt: skip
    def list_move_times(self, caller: Caller, number: str, query: dict[str, Any]) -> dict[str, Any]:
        order_id = order_id_of(caller, number)
        visit_id = visit_id_of(order_id, query.pop("visit"))
        days = move_times.move_times(order_id, **query, visit_id=visit_id, side="customer")
        return {"days": days}

    @operation(
        "customer", "POST", "/orders/<number:number>/moves",
        summary="Ask for another time; the old one is kept until the worker has agreed",
        request=CustomerMoveRequest, response=MoveResponse, status=201, errors=(404, 409, 422),
        idempotent=True,
    )  # fmt: skip
    def ask_for_move(self, caller: Caller, number: str, body: dict[str, Any]) -> MoveRequest:
        order_id = order_id_of(caller, number)
        visit_id = visit_id_of(order_id, body.pop("visit"))
        asked = {**body, "visit_id": visit_id, "side": "customer", **_as_customer(caller)}
        return moving.propose(order_id, **asked)

    @operation(
        "customer", "GET", "/orders/<number:number>/moves",
        summary="Changes of time that were asked for, newest first", query=PageQuery,
        response=MoveListResponse, errors=(404,),
    )  # fmt: skip
    def list_moves(self, caller: Caller, number: str, query: dict[str, Any]) -> Page:
        told = sa.or_(MoveRequest.asked_by != "worker", MoveRequest.status.in_(TOLD))
        mine = sa.select(MoveRequest).where(
            MoveRequest.order_id == order_id_of(caller, number), told
        )
        whole = mine.options(joinedload(MoveRequest.order))
        return page_of(whole, [MoveRequest.id], query, newest_first=True)

    @operation(
        "customer", "POST", "/moves/<row:move_id>/agree", summary="Agree to the new time",
        request=MoveAnswerRequest, response=MoveResponse, errors=(404, 409, 422), idempotent=True,
    )  # fmt: skip
    def agree_to_move(self, caller: Caller, move_id: int, body: dict[str, Any]) -> MoveRequest:
        return moving.answer(move_id, agree=True, **body, **_as_customer(caller))

    @operation(
        "customer", "POST", "/moves/<row:move_id>/decline", summary="Keep the old time",
        request=MoveAnswerRequest, response=MoveResponse, errors=(404, 409, 422), idempotent=True,
    )  # fmt: skip
    def decline_move(self, caller: Caller, move_id: int, body: dict[str, Any]) -> MoveRequest:
        return moving.answer(move_id, agree=False, **body, **_as_customer(caller))

    @operation(
        "customer", "POST", "/moves/<row:move_id>/withdraw",
        summary="Take back what I have asked for", response=MoveResponse,
        errors=(404, 409, 422), idempotent=True,
    )  # fmt: skip
    def withdraw_move(self, caller: Caller, move_id: int) -> MoveRequest:
        return moving.withdraw(move_id, **_as_customer(caller))


def _as_customer(caller: Caller) -> dict[str, Any]:
    return {"whose": For(customer_id=caller.id), "actor": caller.actor}
