"""What clients and staff say of a change of time."""

from marshmallow import Schema, fields

from app.api.fields import Instant, Word, text_for
from app.api.schemas import Request, listed
from app.api.words import MOVE_ASKED_BY, MOVE_STATUS, NO_MOVE
from app.models import MoveRequest


class MoveAskRequest(Request):
    starts_at = Instant(required=True)
    reason = text_for(MoveRequest.reason, load_default="")


class MoveAnswerRequest(Request):
    note = text_for(MoveRequest.answer_note, load_default="")


class MoveResponse(Schema):
    """Until it has ended both times are kept, the old one and the new one."""

    id = fields.Integer(required=True)
    order_number = fields.String(required=True, attribute="order.number")
    asked_by = fields.String(required=True)
    asked_by_text = Word(MOVE_ASKED_BY, required=True, attribute="asked_by")
    old_start = Instant(required=True)
    new_start = Instant(required=True)
    new_end = Instant(required=True)
    reason = fields.String(required=True)
    difference_fen = fields.Integer(required=True)
    status = fields.String(required=True)
    status_text = Word(MOVE_STATUS, required=True, attribute="status")
    answer_by = Instant(required=True)
    answered_at = Instant(required=True, allow_none=True)
    answer_note = fields.String(required=True)
    created_at = Instant(required=True)


class MoveTimeResponse(Schema):
    """`same_worker`: who has accepted could come then too. `difference_fen`: how much more it
    costs then; less, where it is negative.
    """

    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    same_worker = fields.Boolean(required=True)
    difference_fen = fields.Integer(required=True)


class MoveDayResponse(Schema):
    """A day without a time says why: `reason` is its code, `reason_text` its words."""

    on = fields.Date(required=True)
    times = fields.List(fields.Nested(MoveTimeResponse), required=True)
    reason = fields.String(required=True)
    reason_text = Word(NO_MOVE, required=True, attribute="reason")


class MoveTimesResponse(Schema):
    days = fields.List(fields.Nested(MoveDayResponse), required=True)


MoveListResponse = listed(MoveResponse)
