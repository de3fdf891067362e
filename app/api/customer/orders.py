"""A customer's orders: made, followed, confirmed, reviewed."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload

from app.api.base import Caller, CustomerApi, operation
from app.api.customer import order_story
from app.api.customer.order_schemas import (
    ConfirmedResponse,
    OrderListResponse,
    OrderQuery,
    OrderRequest,
    OrderResponse,
    ReviewRequest,
    ReviewResponse,
)
from app.api.paging import Page, page_of
from app.domain.errors import NotFound
from app.extensions import db
from app.models import Order, Review, Visit
from app.models.base import key_of
from app.services.orders import confirming, ordering
from app.services.quality import reviews

# One order's parts are loaded one after the other: as many statements as selectinload, and cheaper.
_BY_KEY = sa.select(Order).where(Order.id == sa.bindparam("order"))
_BY_NUMBER = (
    sa.select(Order)
    .where(Order.number == sa.bindparam("number"), Order.customer_id == sa.bindparam("customer"))
    .options(joinedload(Order.lead_worker))
)


class OrderApi(CustomerApi):
    @operation(
        "customer", "POST", "/orders", summary="Order what was quoted, at the time that is held",
        request=OrderRequest, response=OrderResponse, status=201, errors=(404, 409, 422),
        idempotent=True,
    )  # fmt: skip
    def create_order(self, caller: Caller, body: dict[str, Any]) -> dict[str, Any]:
        order = ordering.create_order(caller.id, **body, actor=caller.actor)
        return _whole(_BY_KEY, {"order": key_of(order)})

    @operation(
        "customer", "GET", "/orders", summary="My orders, newest first",
        query=OrderQuery, response=OrderListResponse,
    )  # fmt: skip
    def list_orders(self, caller: Caller, query: dict[str, Any]) -> Page:
        mine = sa.select(Order).filter_by(customer_id=caller.id)
        if query["status"]:
            mine = mine.filter_by(status=query["status"])
        whole = mine.options(joinedload(Order.lead_worker))
        return page_of(whole, [Order.id], query, newest_first=True)

    @operation(
        "customer", "GET", "/orders/<number:number>",
        summary="An order with its price, visits, worker, story, and what can be done now",
        response=OrderResponse, errors=(404,),
    )  # fmt: skip
    def get_order(self, caller: Caller, number: str) -> dict[str, Any]:
        return whole_order(caller, number)

    @operation(
        "customer", "POST", "/orders/<number:number>/confirm", summary="Say that it was done",
        response=ConfirmedResponse, errors=(404, 409, 422), idempotent=True,
    )  # fmt: skip
    def confirm_order(self, caller: Caller, number: str) -> Order:
        return confirming.confirm_order(caller.id, order_id_of(caller, number), actor=caller.actor)

    @operation(
        "customer", "POST", "/orders/<number:number>/review",
        summary="Give one to five stars for quality, attitude and skill, once",
        request=ReviewRequest, response=ReviewResponse, status=201, errors=(404, 409, 422),
        idempotent=True,
    )  # fmt: skip
    def review_order(self, caller: Caller, number: str, body: dict[str, Any]) -> Review:
        order_id = order_id_of(caller, number)
        return reviews.review_order(caller.id, order_id, **body, actor=caller.actor)


def order_id_of(caller: Caller, number: str) -> int:
    """The customer's own order. Raises NotFound."""
    query = sa.select(Order.id).filter_by(number=number, customer_id=caller.id)
    order_id = db.session.scalar(query)
    if order_id is None:
        raise NotFound(_l("This order does not exist"), number=number)
    return order_id


def visit_id_of(order_id: int, sequence: int | None) -> int | None:
    """Which of the order's visits is meant; None for none in particular. Raises NotFound."""
    if sequence is None:
        return None
    query = sa.select(Visit.id).filter_by(order_id=order_id, sequence=sequence)
    visit_id = db.session.scalar(query)
    if visit_id is None:
        raise NotFound(_l("This visit does not exist"), visit=sequence)
    return visit_id


def whole_order(caller: Caller, number: str) -> dict[str, Any]:
    """The caller's order and all that is told of it, in a fixed number of statements."""
    return _whole(_BY_NUMBER, {"number": number, "customer": caller.id})


def _whole(query: sa.Select[tuple[Order]], which: Mapping[str, Any]) -> dict[str, Any]:
    order = db.session.scalar(query, which)
    if order is None:
        raise NotFound(_l("This order does not exist"))
    return order_story.told(order)
