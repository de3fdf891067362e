"""Schemas of a worker's visits."""

from typing import Any
from urllib.parse import quote

from marshmallow import Schema, fields
from marshmallow.utils import get_value

from app.api.fields import Choice, Day, Instant, Text, Upload, Whole, Word, text_for
from app.api.schemas import Located, PositionRequest, Request
from app.api.words import ADD_ON_STATUS, ORDER_STATUS, VISIT_STATUS
from app.domain.contact import phone_visible
from app.domain.phones import masked_phone
from app.models import AddOn, Order
from app.services import clock
from app.services.orders import add_ons

NAVIGATION = "https://uri.amap.com/marker?position={lng:.6f},{lat:.6f}&name={name}&coordinate=gaode"


class ScheduleQuery(Request):
    first = Day(required=True, data_key="from")
    last = Day(required=True, data_key="to")


class PresenceRequest(Request):
    """Where the worker stands; `device_at` is the telephone's own clock."""

    position = fields.Nested(PositionRequest)
    device_at = Instant()


class AddOnRequest(Request):
    """An addition at the door. Its price is owed once the customer has agreed."""

    kind = Choice(add_ons.KINDS, required=True)
    name = text_for(AddOn.name, low=1, required=True)
    amount_fen = Whole(0, add_ons.LARGEST_FEN, required=True)
    minutes = Whole(0, 720, load_default=0)


class ProposedAddOnResponse(Schema):
    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    name = fields.String(required=True)
    minutes = fields.Integer(required=True)
    amount_fen = fields.Integer(required=True)
    status = fields.String(required=True)
    status_text = Word(ADD_ON_STATUS, required=True, attribute="status")


class CheckInRequest(PresenceRequest):
    code = Text(4, pattern="[0-9]{4}")


class PhotoForm(Request):
    file = Upload(required=True)
    kind = Choice(("before", "after", "other"), required=True)


class PhotoResponse(Schema):
    key = fields.String(required=True)
    kind = fields.String(required=True)
    mime = fields.String(required=True)
    size_bytes = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    created_at = Instant(required=True)


class VisitDoneResponse(Schema):
    id = fields.Integer(required=True)
    status = fields.String(required=True)
    status_text = Word(VISIT_STATUS, required=True, attribute="status")
    checked_in_at = Instant(required=True, allow_none=True)
    checked_out_at = Instant(required=True, allow_none=True)


class VisitRowResponse(Schema):
    """Dumped from the worker's place (Assignment) in the visit."""

    id = fields.Integer(required=True, attribute="visit_id")
    order_number = fields.String(required=True, attribute="order.number")
    order_status = fields.String(required=True, attribute="order.status")
    order_status_text = Word(ORDER_STATUS, required=True, attribute="order.status")
    role = fields.String(required=True)
    status = fields.String(required=True, attribute="visit.status")
    status_text = Word(VISIT_STATUS, required=True, attribute="visit.status")
    service_on = fields.Date(required=True, attribute="visit.service_on")
    planned_start = Instant(required=True, attribute="visit.planned_start")
    planned_end = Instant(required=True, attribute="visit.planned_end")
    summary = fields.String(required=True, attribute="order.summary")
    region_name = fields.String(required=True, attribute="order.region_name")


class VisitListResponse(Schema):
    items = fields.List(fields.Nested(VisitRowResponse), required=True)


class VisitAddressResponse(Located):
    """The phone is masked before acceptance, and again a day after the end."""

    region_name = fields.String(required=True)
    detail = fields.String(required=True, attribute="address_detail")
    access_note = fields.String(required=True)
    contact_name = fields.String(required=True)
    contact_phone = fields.Function(
        lambda order: _phone(order), required=True, metadata={"type": "string"}
    )
    navigation_url = fields.Function(
        lambda order: _navigation_url(order), required=True, metadata={"type": "string"}
    )


class WorkItemResponse(Schema):
    """What to do: a service, its quantity, and the options that the customer chose."""

    name = fields.String(required=True, attribute="service_name")
    quantity = fields.Integer(required=True)
    minutes = fields.Integer(required=True)
    options = fields.Function(
        lambda item: [option["name"] for option in item.options],
        required=True, metadata={"type": "array", "items": {"type": "string"}},
    )  # fmt: skip


class VisitResponse(VisitRowResponse):
    checked_in_at = Instant(required=True, allow_none=True, attribute="visit.checked_in_at")
    checked_out_at = Instant(required=True, allow_none=True, attribute="visit.checked_out_at")
    note = fields.String(required=True, attribute="order.note")
    address = fields.Nested(VisitAddressResponse, required=True, attribute="order")
    items = fields.List(fields.Nested(WorkItemResponse), required=True, attribute="order.items")
    photos = fields.List(fields.Nested(PhotoResponse), required=True)

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        return obj["photos"] if attr == "photos" else get_value(obj["place"], attr, default)


def _phone(order: Order) -> str:
    if phone_visible(order.status, order.completed_at, clock.now()):
        return order.contact_phone
    return masked_phone(order.contact_phone)


def _navigation_url(order: Order) -> str:
    """Opens the map application on the telephone; it reads GCJ-02."""
    return NAVIGATION.format(lat=order.lat, lng=order.lng, name=quote(order.region_name))
