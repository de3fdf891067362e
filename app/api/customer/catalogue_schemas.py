"""Schemas of the catalogue. Names are in the caller's language."""

from typing import Any

from marshmallow import Schema, fields

from app.api.fields import Choice, Localised, Text
from app.api.schemas import Located, PageQuery, listed


class RegionQuery(PageQuery):
    parent = Text(6, pattern="[0-9]{6}|", load_default="")


class RegionResponse(Located):
    code = fields.String(required=True)
    parent_code = fields.String(required=True, allow_none=True)
    name = Localised(required=True)
    served = fields.Boolean(required=True)


class CategoryResponse(Schema):
    code = fields.String(required=True)
    parent_code = fields.String(
        required=True, allow_none=True, attribute="parent.code", dump_default=None
    )
    name = Localised(required=True)


class CategoryNameResponse(Schema):
    code = fields.String(required=True)
    name = Localised(required=True)


class ServiceQuery(PageQuery):
    category = Text(32, load_default="")
    sort = Choice(("position", "price", "-price"), load_default="position")


class ServiceRowResponse(Schema):
    id = fields.Integer(required=True)
    code = fields.String(required=True)
    name = Localised(required=True)
    category = fields.Nested(CategoryNameResponse, required=True)
    description = fields.String(required=True)
    unit = fields.String(required=True)
    price_fen = fields.Integer(required=True)
    minutes = fields.Integer(required=True)
    crew_size = fields.Integer(required=True)
    pay_mode = fields.String(required=True)


class OptionResponse(Schema):
    id = fields.Integer(required=True)
    code = fields.String(required=True)
    name = Localised(required=True)
    price_fen = fields.Integer(required=True)
    minutes = fields.Integer(required=True)
    max_quantity = fields.Integer(required=True)


class _ActiveOptions(fields.List):
    """Options that were taken off are not shown."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **more: Any) -> Any:
        return super()._serialize([row for row in value if row.active], attr, obj, **more)


class OptionGroupResponse(Schema):
    code = fields.String(required=True)
    name = Localised(required=True)
    kind = fields.String(required=True)
    required = fields.Boolean(required=True)
    options = _ActiveOptions(fields.Nested(OptionResponse), required=True)


class ServiceResponse(ServiceRowResponse):
    """`days_most`: on how many days in a row it can be booked, one visit a day."""

    days_most = fields.Integer(required=True)
    warranty_days = fields.Integer(required=True)
    option_groups = fields.List(fields.Nested(OptionGroupResponse), required=True)


RegionListResponse = listed(RegionResponse)
CategoryListResponse = listed(CategoryResponse)
ServiceListResponse = listed(ServiceRowResponse)
