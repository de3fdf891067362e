"""Orders that are offered to the worker."""

from typing import Any

import sqlalchemy as sa
from marshmallow import Schema, fields
from sqlalchemy.orm import joinedload

from app.api.base import Caller, WorkerApi, operation
from app.api.fields import Choice, Instant, Word, text_for
from app.api.paging import Page, page_of
from app.api.schemas import PageQuery, Request, listed
from app.api.words import REJECT_REASON
from app.domain.money import share
from app.domain.reasons import REJECT_REASONS
from app.domain.states import OfferStatus
from app.models import Assignment, Offer, Order
from app.services import clock
from app.services.dispatch import answering


class OfferResponse(Schema):
    """What one may know before one has accepted: the place roughly, and nobody's name."""

    id = fields.Integer(required=True)
    order_number = fields.String(required=True, attribute="order.number")
    summary = fields.String(required=True, attribute="order.summary")
    region_name = fields.String(required=True, attribute="order.region_name")
    service_on = fields.Date(required=True, attribute="order.service_on")
    planned_start = Instant(required=True, attribute="order.planned_start")
    planned_end = Instant(required=True, attribute="order.planned_end")
    minutes = fields.Integer(required=True, attribute="order.minutes")
    crew_size = fields.Integer(required=True, attribute="order.crew_size")
    earns_fen = fields.Function(
        lambda offer: _earns_fen(offer.order), required=True, metadata={"type": "integer"}
    )
    expires_at = Instant(required=True)
    seconds_left = fields.Function(
        lambda offer: _seconds_left(offer), required=True, metadata={"type": "integer"}
    )


class RejectRequest(Request):
    reason_code = Choice(REJECT_REASONS, required=True)
    reason_text = text_for(Offer.reason_text, load_default="")


class AnsweredResponse(Schema):
    offer_id = fields.Integer(required=True)
    status = fields.String(required=True)
    visit_id = fields.Integer(required=True, allow_none=True)


class ReasonResponse(Schema):
    code = fields.String(required=True)
    text = Word(REJECT_REASON, required=True, attribute="code")


class ReasonsResponse(Schema):
    items = fields.List(fields.Nested(ReasonResponse), required=True)


class OfferApi(WorkerApi):
    @operation(
        "worker", "GET", "/offers", summary="Offers that wait for my answer, oldest first",
        query=PageQuery, response=listed(OfferResponse),
    )  # fmt: skip
    def list_offers(self, caller: Caller, query: dict[str, Any]) -> Page:
        live = sa.select(Offer).where(
            Offer.worker_id == caller.id,
            Offer.status == OfferStatus.LIVE.value,
            Offer.expires_at > clock.now(),
        )
        return page_of(live.options(joinedload(Offer.order)), [Offer.id], query, newest_first=False)

    @operation(
        "worker", "POST", "/offers/<row:offer_id>/accept", summary="Take the order",
        response=AnsweredResponse, errors=(404, 409, 422), idempotent=True,
    )  # fmt: skip
    def accept_offer(self, caller: Caller, offer_id: int) -> dict[str, Any]:
        place: Assignment = answering.accept_offer(offer_id, caller.id, actor=caller.actor)
        return {"offer_id": offer_id, "status": "accepted", "visit_id": place.visit_id}

    @operation(
        "worker", "POST", "/offers/<row:offer_id>/reject", summary="Decline, with a reason",
        request=RejectRequest, response=AnsweredResponse, errors=(404, 409, 422),
        idempotent=True,
    )  # fmt: skip
    def reject_offer(self, caller: Caller, offer_id: int, body: dict[str, Any]) -> dict[str, Any]:
        offer = answering.reject_offer(offer_id, caller.id, **body, actor=caller.actor)
        return {"offer_id": offer_id, "status": offer.status, "visit_id": None}

    @operation(
        "worker", "GET", "/reject-reasons", summary="Reasons to decline an offer",
        response=ReasonsResponse,
    )  # fmt: skip
    def list_reasons(self, caller: Caller) -> dict[str, Any]:
        return {"items": [{"code": code} for code in REJECT_REASONS]}


def _earns_fen(order: Order) -> int:
    """The worker's part, as it looks now: an equal share of what the crew gets of the price, before
    the customer's coupon.
    """
    price = order.due_fen + order.subsidy_fen
    crew_fen = price - share(price, order.commission_bp)
    return crew_fen // order.crew_size


def _seconds_left(offer: Offer) -> int:
    return max(int((offer.expires_at - clock.now()).total_seconds()), 0)
