"""A time that is kept while the customer orders."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields
from sqlalchemy.orm import joinedload

from app.api.base import Caller, CustomerApi, operation
from app.api.customer.lines import LineResponse
from app.api.customer.quotes import worker_id_of
from app.api.fields import Instant, Text, Word
from app.api.schemas import Request
from app.api.words import HOLD_STATUS
from app.domain.errors import NotFound
from app.domain.states import HoldStatus
from app.extensions import db
from app.models import SlotHold
from app.models.base import key_of
from app.services import clock
from app.services.orders import holds, quotes

_WHOLE = sa.select(SlotHold).options(joinedload(SlotHold.quote))
_BY_KEY = _WHOLE.where(SlotHold.id == sa.bindparam("hold"))
_BY_NUMBER = _WHOLE.where(
    SlotHold.number == sa.bindparam("number"), SlotHold.customer_id == sa.bindparam("customer")
)


class HoldRequest(Request):
    quote_number = Text(24, required=True, pattern="[0-9A-Z]{5,24}")
    starts_at = Instant(required=True)
    worker = Text(16, pattern="[0-9A-Z-]{1,16}", load_default=None)
    instant = fields.Boolean(load_default=False)


class HoldResponse(Schema):
    """`quote_number`, `quote_hash`, `lines`: what it costs at that time; another quote than was asked for
    when a price rule holds then. It is ordered with this hash.
    """

    number = fields.String(required=True)
    quote_number = fields.String(required=True, attribute="quote.number")
    quote_hash = fields.String(required=True, attribute="quote.hash")
    total_fen = fields.Integer(required=True, attribute="quote.total_fen")
    lines = fields.List(fields.Nested(LineResponse), required=True, attribute="quote.content.lines")
    status = fields.String(required=True)
    status_text = Word(HOLD_STATUS, required=True, attribute="status")
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    instant = fields.Boolean(required=True)
    expires_at = Instant(required=True)
    seconds_left = fields.Function(
        lambda hold: seconds_left(hold), required=True, metadata={"type": "integer"}
    )


class HoldApi(CustomerApi):
    @operation(
        "customer", "POST", "/holds",
        summary="Keep a time; an earlier one for the same services ends. `instant`: for now",
        request=HoldRequest, response=HoldResponse, status=201, errors=(404, 409, 422, 429),
        idempotent=True,
    )  # fmt: skip
    def hold_slot(self, caller: Caller, body: dict[str, Any]) -> SlotHold:
        held = holds.hold_slot(
            caller.id,
            body["quote_number"],
            body["starts_at"],
            worker_id=_wished(caller, body),
            instant=body["instant"],
            actor=caller.actor,
        )
        return _whole(_BY_KEY, {"hold": key_of(held)})

    @operation(
        "customer", "GET", "/holds/<number:number>", summary="How long the time is still kept",
        response=HoldResponse, errors=(404,),
    )  # fmt: skip
    def get_hold(self, caller: Caller, number: str) -> SlotHold:
        return _whole(_BY_NUMBER, {"number": number, "customer": caller.id})

    @operation(
        "customer", "DELETE", "/holds/<number:number>", summary="Give the time back",
        errors=(404,),
    )  # fmt: skip
    def release_hold(self, caller: Caller, number: str) -> None:
        holds.release_hold(caller.id, number, actor=caller.actor)


def _wished(caller: Caller, body: dict[str, Any]) -> int | None:
    if body["worker"] is None:
        return None
    quote = quotes.quote_of(caller.id, body["quote_number"])
    return worker_id_of(quotes.branch_of(quote), body["worker"])


def _whole(query: sa.Select[tuple[SlotHold]], which: Mapping[str, Any]) -> SlotHold:
    """The held time with its quote. Raises NotFound."""
    hold = db.session.scalar(query, which)
    if hold is None:
        raise NotFound(_l("This held time does not exist"))
    return hold


def seconds_left(hold: SlotHold) -> int:
    """Whole seconds until the time is free for others."""
    if hold.status != HoldStatus.LIVE:
        return 0
    return max(int((hold.expires_at - clock.now()).total_seconds()), 0)
