"""What it costs, and when somebody could come."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields

from app.api.base import Caller, CustomerApi, operation
from app.api.customer.lines import LineResponse
from app.api.fields import Choice, Day, Instant, Length, Localised, Text, Whole, Word
from app.api.schemas import Request
from app.api.words import NO_SLOT, NOT_SHE
from app.domain.errors import NotFound
from app.domain.states import WorkerStatus
from app.extensions import db
from app.models import Quote, Worker
from app.services import clock
from app.services.orders import hold_limits, prices, quotes
from app.services.orders.quotes import ItemWish, OptionWish
from app.services.roster import slots

MOST_OPTIONS = 30
MOST_DAYS = 60
WHOLE = {"type": "integer"}
COUPON = "[0-9A-Za-z-]{0,24}"


class OptionWishRequest(Request):
    option_id = Whole(required=True)
    quantity = Whole(1, quotes.MOST_QUANTITY, load_default=1)


class ItemWishRequest(Request):
    service_id = Whole(required=True)
    quantity = Whole(1, quotes.MOST_QUANTITY, load_default=1)
    options = fields.List(
        fields.Nested(OptionWishRequest), load_default=list, validate=Length(max=MOST_OPTIONS)
    )


class QuoteRequest(Request):
    """`days`: on how many days in a row somebody comes; for services that allow more than one.

    `starts_at`: to learn the price at a time; without it, before the rules that ask for one.
    `coupon`: the code of one of the customer's.
    """

    coupon = Text(24, pattern=COUPON, load_default="")

    starts_at = Instant(load_default=None)
    address_id = Whole(required=True)
    days = Whole(1, MOST_DAYS, load_default=1)
    items = fields.List(
        fields.Nested(ItemWishRequest),
        required=True,
        validate=Length(min=1, max=quotes.MOST_ITEMS),
    )


class ItemResponse(Schema):
    code = fields.String(required=True)
    name = Localised(required=True)
    quantity = fields.Integer(required=True)
    minutes = fields.Integer(required=True)
    amount_fen = fields.Integer(required=True)


class QuoteResponse(Schema):
    """`hash` goes with the order, so that nobody pays another price than he saw. `coupon`: the code
    of the one that is in the price.
    """

    number = fields.String(required=True)
    hash = fields.String(required=True)
    items = fields.List(fields.Nested(ItemResponse), required=True, attribute="content.items")
    lines = fields.List(fields.Nested(LineResponse), required=True, attribute="content.lines")
    crew_size = fields.Integer(required=True, attribute="content.crew_size")
    pay_mode = fields.String(required=True, attribute="content.pay_mode")
    minutes = fields.Integer(required=True)
    days = fields.Function(lambda quote: slots.days_of(quote), required=True, metadata=WHOLE)
    total_fen = fields.Integer(required=True)
    coupon = fields.Function(
        lambda quote: quotes.coupon_of(quote), required=True,
        metadata={"type": ["string", "null"]},
    )  # fmt: skip
    expires_at = Instant(required=True)

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """`content` is a dict, whose own attributes are not what is meant."""
        place, _dot, key = attr.partition(".")
        return obj.content[key] if key else getattr(obj, place, default)


class SlotsQuery(Request):
    first = Day(required=True, data_key="from")
    last = Day(required=True, data_key="to")
    worker = Text(16, pattern="[0-9A-Z-]{1,16}", load_default=None)


class SlotResponse(Schema):
    """`workers`: how many could come. `total_fen`: what it costs then. `grade`: how well the time fits the day of the best of them;
    recommended, fine, or tight (much travel, or gaps that nobody can use).
    """

    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    workers = fields.Integer(required=True)
    total_fen = fields.Integer(required=True)
    grade = Choice(slots.GRADES, required=True)


class WithheldResponse(Schema):
    """A time that cannot be chosen, and why; `time_held`: somebody is just ordering it."""

    starts_at = Instant(required=True)
    reason = fields.String(required=True)
    reason_text = Word(NO_SLOT, required=True, attribute="reason")


class SlotDayResponse(Schema):
    """A day without a free time says why: `reason` is its code, `reason_text` its words."""

    on = fields.Date(required=True)
    slots = fields.List(fields.Nested(SlotResponse), required=True)
    withheld = fields.List(fields.Nested(WithheldResponse), required=True)
    reason = fields.String(required=True)
    reason_text = Word(NO_SLOT, required=True, attribute="reason")


class SlotDay(fields.Nested):
    """A day, written without asking each field: there are hundreds of times in an answer."""

    def __init__(self, **more: Any) -> None:
        super().__init__(SlotDayResponse, **more)

    def _serialize(  # type: ignore[override]  # marshmallow names its own argument differently
        self, value: slots.Day, attr: Any, obj: Any, **more: Any
    ) -> Any:
        words = NOT_SHE if obj.get("chosen") else NO_SLOT
        said = {reason: str(words.get(reason, reason)) for reason in _reasons(value)}
        zone = clock.city_zone()

        def at(instant: datetime) -> str:
            return instant.astimezone(zone).isoformat(timespec="seconds")

        return {
            "on": value.on.isoformat(),
            "slots": [
                {"starts_at": at(slot.starts_at), "ends_at": at(slot.ends_at),
                 "workers": slot.workers, "total_fen": slot.total_fen, "grade": slot.grade}
                for slot in value.slots
            ],
            "withheld": [
                {"starts_at": at(one.starts_at), "reason": one.reason,
                 "reason_text": said[one.reason]}
                for one in value.withheld
            ],
            "reason": value.reason,
            "reason_text": said[value.reason],
        }  # fmt: skip


def _reasons(day: slots.Day) -> set[str]:
    return {day.reason, *(one.reason for one in day.withheld)}


class SlotsResponse(Schema):
    days = fields.List(SlotDay(), required=True)


class NowQuery(Request):
    worker = Text(16, pattern="[0-9A-Z-]{1,16}", load_default=None)


class QuoteApi(CustomerApi):
    @operation(
        "customer", "POST", "/quotes", summary="Price services at an address, line by line",
        request=QuoteRequest, response=QuoteResponse, status=201, errors=(404, 422),
        idempotent=True,
    )  # fmt: skip
    def make_quote(self, caller: Caller, body: dict[str, Any]) -> Quote:
        wishes = wishes_of(body["items"])
        return quotes.make_quote(
            caller.id,
            body["address_id"],
            wishes,
            days=body["days"],
            starts_at=body["starts_at"],
            coupon=body["coupon"],
            actor=caller.actor,
        )

    @operation(
        "customer", "GET", "/quotes/<number:number>", summary="A quote that still stands",
        response=QuoteResponse, errors=(404, 422),
    )  # fmt: skip
    def get_quote(self, caller: Caller, number: str) -> Quote:
        return quotes.quote_of(caller.id, number)

    @operation(
        "customer", "GET", "/quotes/<number:number>/slots",
        summary="Free times day by day, of anybody or one worker; or why there is none",
        query=SlotsQuery, response=SlotsResponse, errors=(404, 422),
    )  # fmt: skip
    def list_slots(self, caller: Caller, number: str, query: dict[str, Any]) -> dict[str, Any]:
        quote = quotes.quote_of(caller.id, number)
        branch_id = quotes.branch_of(quote)
        chosen = worker_id_of(branch_id, query["worker"])
        own = frozenset(hold.owner for hold in hold_limits.replaced_by(quote))
        days = slots.free_times(quote, branch_id, query["first"], query["last"], chosen, own=own)
        return {"days": prices.with_totals(quote, days), "chosen": chosen}

    @operation(
        "customer", "GET", "/quotes/<number:number>/now",
        summary="Times within the hour, of workers who are idle and near; or why there is none",
        query=NowQuery, response=SlotDayResponse, errors=(404, 422),
    )  # fmt: skip
    def list_times_for_now(self, caller: Caller, number: str, query: dict[str, Any]) -> slots.Day:
        quote = quotes.quote_of(caller.id, number)
        branch_id = quotes.branch_of(quote)
        day = slots.times_for_now(quote, branch_id, worker_id_of(branch_id, query["worker"]))
        return prices.with_totals(quote, [day])[0]


def worker_id_of(branch_id: int, number: str | None) -> int | None:
    """The branch's worker whom a customer wishes for. Raises NotFound."""
    if number is None:
        return None
    active = sa.select(Worker.id).filter_by(number=number, status=WorkerStatus.APPROVED.value)
    worker_id = db.session.scalar(active.where(Worker.branch_id == branch_id))
    if worker_id is None:
        raise NotFound(_l("This worker does not exist"), worker=number)
    return worker_id


def wishes_of(items: Sequence[dict[str, Any]]) -> list[ItemWish]:
    """What was ticked."""
    return [
        ItemWish(
            item["service_id"], item["quantity"], [OptionWish(**one) for one in item["options"]]
        )
        for item in items
    ]
