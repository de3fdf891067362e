"""The coupons that a customer may still use; one of them is named when a price is asked for."""

from typing import Any

import sqlalchemy as sa
from marshmallow import Schema, fields
from sqlalchemy.orm import joinedload

from app.api.base import Caller, CustomerApi, operation
from app.api.fields import Instant, Localised
from app.api.paging import Page, page_of
from app.api.schemas import PageQuery, listed
from app.domain.states import CouponStatus
from app.models import Coupon
from app.services import clock


class CouponResponse(Schema):
    """Takes off `amount_fen`, or `rate_bp` of the price but at most `most_fen`, from a price of
    `from_fen` on. `services`: the codes of those that it is for; empty: all.
    """

    code = fields.String(required=True)
    name = Localised(required=True, attribute="template.name")
    amount_fen = fields.Integer(required=True, attribute="template.amount_fen")
    rate_bp = fields.Integer(required=True, attribute="template.rate_bp")
    from_fen = fields.Integer(required=True, attribute="template.from_fen")
    most_fen = fields.Integer(required=True, allow_none=True, attribute="template.most_fen")
    services = fields.List(fields.String(), required=True, attribute="template.service_codes")
    valid_from = Instant(required=True, attribute="template.valid_from")
    expires_at = Instant(required=True)


CouponListResponse = listed(CouponResponse)


class CouponApi(CustomerApi):
    @operation(
        "customer", "GET", "/coupons", summary="My coupons that can be used, newest first",
        query=PageQuery, response=CouponListResponse,
    )  # fmt: skip
    def list_coupons(self, caller: Caller, query: dict[str, Any]) -> Page:
        mine = sa.select(Coupon).where(
            Coupon.customer_id == caller.id,
            Coupon.status == CouponStatus.GIVEN.value,
            Coupon.expires_at > clock.now(),
        )
        whole = mine.options(joinedload(Coupon.template))
        return page_of(whole, [Coupon.id], query, newest_first=True)
