"""What a customer does when something goes wrong: choose, stop the work, dispute it."""

from typing import Any

from app.api.base import Caller, CustomerApi, operation
from app.api.customer.order_schemas import OrderDisputeResponse, OrderResponse
from app.api.customer.orders import order_id_of, whole_order
from app.api.fields import Choice, Instant, Text
from app.api.schemas import Request
from app.models import Complaint
from app.services.orders import choosing
from app.services.orders.move_rules import For
from app.services.quality import disputing
from app.services.visits import stopping

CATEGORIES = ("quality", "attitude", "late", "damage", "price", "safety", "other")


class GoOnRequest(Request):
    """`starts_at` with new_time, and only then."""

    choice = Choice(choosing.CHOICES, required=True)
    starts_at = Instant(load_default=None)


class StopWorkRequest(Request):
    reason = Text(200, low=2, required=True)


class OrderDisputeRequest(Request):
    category = Choice(CATEGORIES, load_default="quality")
    text = Text(1000, low=2, required=True)


class OrderTroubleApi(CustomerApi):
    @operation(
        "customer", "POST", "/orders/<number:number>/choice",
        summary="The worker did not come: another time, somebody else, or the money back",
        request=GoOnRequest, response=OrderResponse, errors=(404, 409, 422), idempotent=True,
    )  # fmt: skip
    def choose(self, caller: Caller, number: str, body: dict[str, Any]) -> dict[str, Any]:
        order_id = order_id_of(caller, number)
        choosing.choose(order_id, **body, customer_id=caller.id, actor=caller.actor)
        return whole_order(caller, number)

    @operation(
        "customer", "POST", "/orders/<number:number>/stop",
        summary="End the work now; only what was done is charged", request=StopWorkRequest,
        response=OrderResponse, errors=(404, 409, 422), idempotent=True,
    )  # fmt: skip
    def stop_work(self, caller: Caller, number: str, body: dict[str, Any]) -> dict[str, Any]:
        whose = For(customer_id=caller.id)
        stopping.stop(order_id_of(caller, number), **body, whose=whose, actor=caller.actor)
        return whole_order(caller, number)

    @operation(
        "customer", "POST", "/orders/<number:number>/dispute",
        summary="I do not agree with what was done: a complaint that holds the money",
        request=OrderDisputeRequest, response=OrderDisputeResponse, status=201, errors=(404, 409, 422),
        idempotent=True,
    )  # fmt: skip
    def dispute(self, caller: Caller, number: str, body: dict[str, Any]) -> Complaint:
        return disputing.dispute(caller.id, order_id_of(caller, number), **body, actor=caller.actor)
