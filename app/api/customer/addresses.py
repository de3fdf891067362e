"""Where a customer wants to be visited."""

from typing import Any

import sqlalchemy as sa
from marshmallow import Schema, fields
from sqlalchemy.orm import joinedload

from app.api.base import Caller, CustomerApi, operation
from app.api.fields import PHONE, Localised, Text, text_for
from app.api.paging import Page, page_of
from app.api.places import point_of
from app.api.schemas import Located, PageQuery, PositionRequest, Request, listed
from app.models import Address
from app.services.customers import addresses
from app.services.customers.addresses import AddressInput

LONGEST_DETAIL = 200  # encrypted, so that its column has no length


class RegionNameResponse(Schema):
    code = fields.String(required=True)
    name = Localised(required=True)


class AddressRequest(Request):
    region_code = Text(6, required=True, pattern="[0-9]{6}")
    detail = Text(LONGEST_DETAIL, required=True, low=1)
    contact_name = text_for(Address.contact_name, low=1, required=True)
    contact_phone = Text(20, required=True, pattern=PHONE)
    position = fields.Nested(PositionRequest, required=True)
    label = text_for(Address.label, load_default="")
    access_note = text_for(Address.access_note, load_default="")


class AddressResponse(Located):
    id = fields.Integer(required=True)
    label = fields.String(required=True)
    region = fields.Nested(RegionNameResponse, required=True)
    detail = fields.String(required=True)
    contact_name = fields.String(required=True)
    contact_phone = fields.String(required=True)
    access_note = fields.String(required=True)


class AddressApi(CustomerApi):
    @operation(
        "customer", "GET", "/addresses", summary="My addresses",
        query=PageQuery, response=listed(AddressResponse),
    )  # fmt: skip
    def list_addresses(self, caller: Caller, query: dict[str, Any]) -> Page:
        mine = sa.select(Address).filter_by(customer_id=caller.id, archived=False)
        whole = mine.options(joinedload(Address.region))
        return page_of(whole, [Address.id], query, newest_first=False)

    @operation(
        "customer", "POST", "/addresses", summary="Add an address",
        request=AddressRequest, response=AddressResponse, status=201, errors=(404, 422),
        idempotent=True,
    )  # fmt: skip
    def add_address(self, caller: Caller, body: dict[str, Any]) -> Address:
        point = point_of(body.pop("position"))
        given = AddressInput(**body, lat=point.lat, lng=point.lng)
        return addresses.add_address(caller.id, given, actor=caller.actor)

    @operation(
        "customer", "DELETE", "/addresses/<row:address_id>",
        summary="Take an address off my list; orders keep theirs, a plan needs another one first",
        errors=(404, 422),
    )  # fmt: skip
    def remove_address(self, caller: Caller, address_id: int) -> None:
        addresses.archive_address(caller.id, address_id, actor=caller.actor)
