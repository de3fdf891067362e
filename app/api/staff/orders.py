"""Orders and visits, and what is done with orders. Addresses, phones and notes are left to the
screens.
"""

from typing import Any

from marshmallow import Schema, fields

from app.api.customer.lines import LineResponse
from app.api.customer.quotes import COUPON, ItemWishRequest, wishes_of
from app.api.fields import LARGEST_WHOLE, Choice, Day, Instant, Length, Text, Whole, text_for
from app.api.moves import MoveAskRequest, MoveTimesResponse
from app.api.schemas import Request
from app.api.staff.base import StaffReadApi
from app.api.staff.money_verbs import (
    AskedRefundsResponse,
    CompensateRequest,
    CompensationPreviewResponse,
    CompensationRequest,
    GiveBackRequest,
)
from app.api.staff.verbs import verb
from app.domain.cancelling import Preview
from app.domain.states import OrderStatus
from app.extensions import db
from app.fab_interface import ModelInterface
from app.models import Cancellation, Order, Visit
from app.services.dispatch import dispatching
from app.services.money import refunds
from app.services.orders import (
    calling_off,
    cancelling,
    changing,
    choosing,
    exceptions,
    move_times,
    moving,
    quotes,
    reassigning,
    reworking,
)
from app.services.visits import stopping


class StaffMoveRequest(MoveAskRequest):
    """`side`: who wants it, a customer who called or the company itself."""

    side = Choice(("customer", "staff"), required=True)
    same_worker = fields.Boolean(load_default=False)
    visit_id = Whole(1, LARGEST_WHOLE, load_default=None)
    difference_fen = Whole(-LARGEST_WHOLE, LARGEST_WHOLE, load_default=None)


class StaffMoveTimesRequest(Request):
    """For whom the times are looked up, and of which visit; without one, of the next."""

    first = Day(required=True, data_key="from")
    last = Day(required=True, data_key="to")
    side = Choice(("customer", "staff"), load_default="staff")
    visit_id = Whole(1, LARGEST_WHOLE, load_default=None)


class StaffWhyRequest(Request):
    reason = Text(200, low=2, required=True)


class AssignRequest(StaffWhyRequest):
    worker_id = Whole(1, LARGEST_WHOLE, required=True)


class ReassignRequest(StaffWhyRequest):
    """Without `worker_id`: whoever accepts the next offer. `instead_of`: one of a crew.

    `visit_id`: only to this visit of several.
    """

    worker_id = Whole(1, LARGEST_WHOLE, load_default=None)
    instead_of = Whole(1, LARGEST_WHOLE, load_default=None)
    visit_id = Whole(1, LARGEST_WHOLE, load_default=None)
    fault = Choice(reassigning.FAULTS, required=True)
    starts_at = Instant(load_default=None)


class StaffChoiceRequest(Request):
    """What the customer has said on the telephone."""

    choice = Choice(choosing.CHOICES, required=True)
    starts_at = Instant(load_default=None)


class ResolveRequest(StaffWhyRequest):
    to = Choice([status.value for status in exceptions.NEEDS], required=True)


class StaffCancellationRequest(Request):
    """By the customer, for the fee of the ladder, or by the company. `visit_id`: only this one."""

    party = Choice(("customer", "platform"), load_default="customer")
    visit_id = Whole(1, LARGEST_WHOLE, load_default=None)


class StaffCancelRequest(StaffCancellationRequest):
    """`hash` of what `cancellation` showed."""

    hash = Text(64, required=True, pattern="[0-9a-f]{64}")
    reason_code = Choice(cancelling.REASONS, load_default="other")
    reason = text_for(Cancellation.reason, load_default="")


class CancellationPreviewResponse(Schema):
    """Amounts in fen: what it costs, what of other visits stays charged, what comes back."""

    step = fields.String(required=True)
    rate_bp = fields.Integer(required=True)
    price_fen = fields.Integer(required=True)
    kept_fen = fields.Integer(required=True)
    paid_fen = fields.Integer(required=True)
    fee_fen = fields.Integer(required=True)
    refund_fen = fields.Integer(required=True)
    owed_fen = fields.Integer(required=True)
    hash = fields.String(required=True)


class StaffStopRequest(StaffWhyRequest):
    """Without `done_percent`: the part of the planned time that was worked."""

    done_percent = Whole(0, 100, load_default=None)


class ChangedOrderRequest(Request):
    """What the order shall be, whole: what is left out of `items` is not done."""

    address_id = Whole(1, LARGEST_WHOLE, required=True)
    items = fields.List(
        fields.Nested(ItemWishRequest),
        required=True,
        validate=Length(min=1, max=quotes.MOST_ITEMS),
    )
    starts_at = Instant(required=True)
    coupon = Text(24, pattern=COUPON, load_default="")
    note = text_for(Order.note, load_default="")


class ChangeOrderRequest(ChangedOrderRequest):
    """`hash` of what `change-preview` showed."""

    hash = Text(64, required=True, pattern="[0-9a-f]{64}")


class ChangeOrderPreviewResponse(Schema):
    """Amounts in fen: what it costs then, how much that is more or less, what the customer pays
    still and what comes back to her. `lines`: of the new price; none where only the note changes.
    """

    lines = fields.List(fields.Nested(LineResponse), required=True)
    due_fen = fields.Integer(required=True)
    difference_fen = fields.Integer(required=True)
    to_pay_fen = fields.Integer(required=True)
    back_fen = fields.Integer(required=True)
    hash = fields.String(required=True)


class ReworkRequest(StaffWhyRequest):
    starts_at = Instant(required=True)


class StaffOrderApi(StaffReadApi):
    datamodel = ModelInterface(Order)
    resource_name = "orders"
    list_columns = [
        "id", "number", "status", "summary", "service_on", "promised_from", "promised_to",
        "region_name", "lead_worker", "due_fen", "captured_fen", "refunded_fen", "created_at",
    ]  # fmt: skip
    show_columns = [
        *list_columns, "source", "planned_start", "planned_end", "minutes", "crew_size",
        "pay_mode", "total_fen", "pay_by_at", "unassigned_reason", "completed_at",
    ]  # fmt: skip
    search_columns = ["number", "status", "service_on", "lead_worker"]
    base_order = ("id", "desc")

    @verb(StaffMoveRequest)
    def move(self, pk: int, body: dict[str, Any]) -> None:
        moving.propose(pk, **body, actor=self.actor)

    @verb(StaffMoveTimesRequest, MoveTimesResponse)
    def move_times(self, pk: int, body: dict[str, Any]) -> dict[str, Any]:
        """Times to which a visit can be moved, day by day; or why there is none."""
        return {"days": move_times.move_times(pk, **body)}

    @verb()
    def dispatch(self, pk: int, body: dict[str, Any]) -> None:
        dispatching.dispatch_order(pk, actor=self.actor)

    @verb(AssignRequest)
    def assign(self, pk: int, body: dict[str, Any]) -> None:
        dispatching.force_assign(pk, **body, actor=self.actor)

    @verb(GiveBackRequest, AskedRefundsResponse)
    def refund(self, pk: int, body: dict[str, Any]) -> Any:
        return {"refunds": refunds.request_refund(pk, **body, kind="refund", actor=self.actor)}

    @verb(CompensationRequest, CompensationPreviewResponse)
    def compensation(self, pk: int, body: dict[str, Any]) -> refunds.Spread:
        """How a compensation would be spread now; its hash goes with `compensate`."""
        return refunds.spread(db.session(), self._find(pk), body["amount_fen"])

    @verb(CompensateRequest, AskedRefundsResponse)
    def compensate(self, pk: int, body: dict[str, Any]) -> Any:
        asked = refunds.request_refund(
            pk, body["amount_fen"], reason=body["reason"], kind="compensation",
            shown=body["hash"], actor=self.actor,
        )  # fmt: skip
        return {"refunds": asked}

    @verb(ReassignRequest)
    def reassign(self, pk: int, body: dict[str, Any]) -> None:
        reassigning.reassign(pk, **body, actor=self.actor)

    @verb(StaffCancellationRequest, CancellationPreviewResponse)
    def cancellation(self, pk: int, body: dict[str, Any]) -> Preview:
        """What cancelling would cost now; its hash goes with `cancel`."""
        return calling_off.preview_any(db.session(), self._find(pk), **body)

    @verb(StaffCancelRequest)
    def cancel(self, pk: int, body: dict[str, Any]) -> None:
        calling_off.cancel_any(pk, body.pop("hash"), **body, actor=self.actor)

    @verb(ChangedOrderRequest, ChangeOrderPreviewResponse)
    def change_preview(self, pk: int, body: dict[str, Any]) -> changing.Change:
        """What the order would cost then; the hash goes with `change`."""
        return changing.preview(self._find(pk), _wish(body))

    @verb(ChangeOrderRequest)
    def change(self, pk: int, body: dict[str, Any]) -> None:
        changing.change(pk, _wish(body), body["hash"], actor=self.actor)

    @verb(StaffChoiceRequest)
    def choose(self, pk: int, body: dict[str, Any]) -> None:
        choosing.choose(pk, **body, actor=self.actor)

    @verb(StaffWhyRequest)
    def report_exception(self, pk: int, body: dict[str, Any]) -> None:
        exceptions.report(pk, **body, actor=self.actor)

    @verb(ResolveRequest)
    def resolve(self, pk: int, body: dict[str, Any]) -> None:
        to = OrderStatus(body["to"])
        exceptions.resolve(pk, to, reason=body["reason"], actor=self.actor)

    @verb(StaffStopRequest)
    def stop(self, pk: int, body: dict[str, Any]) -> None:
        stopping.stop(pk, **body, actor=self.actor)

    @verb(ReworkRequest)
    def rework(self, pk: int, body: dict[str, Any]) -> None:
        reworking.rework(pk, **body, actor=self.actor)


def _wish(body: dict[str, Any]) -> changing.Wish:
    return changing.Wish(
        body["address_id"],
        wishes_of(body["items"]),
        body["starts_at"],
        body["coupon"],
        body["note"],
    )


class StaffVisitApi(StaffReadApi):
    datamodel = ModelInterface(Visit)
    resource_name = "visits"
    list_columns = [
        "id", "order", "sequence", "service_on", "planned_start", "planned_end", "status",
        "checked_in_at", "checked_out_at",
    ]  # fmt: skip
    show_columns = list_columns
    search_columns = ["status", "service_on"]
    base_order = ("id", "desc")
