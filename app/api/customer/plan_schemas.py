"""Schemas of a customer's recurring plans."""

from marshmallow import Schema, fields

from app.api.fields import Choice, Day, Instant, Length, Localised, Text, Whole, Word, text_for
from app.api.schemas import PageQuery, Request, listed
from app.api.words import DATE_STATE, DATE_STATUS, NO_DATE, ORDER_STATUS, PLAN_STATUS, PLAN_STORY
from app.domain.calendar import clock_of
from app.domain.recurrence import KINDS, WEEKDAYS, WEEKS
from app.domain.states import PlanStatus
from app.models import PlanEvent, ServicePlan
from app.services.plans import ending, looking, making, openings
from app.services.plans.words import in_words

MOST_DATES = 100
HASH = "[0-9a-f]{64}"
MINUTE = "([01][0-9]|2[0-3]):[0-5][0-9]"
WORKER = "[0-9A-Z-]{1,16}"
QUOTE = "[0-9A-Z]{5,24}"


class RepeatsRequest(Request):
    """weekly, every_two_weeks: on `weekdays`. twice_a_month: two `weeks` of the month and their
    weekday, or one weekday each. monthly_weekday: one of each. monthly_day: on that `day`; in a
    month that is shorter, on its last day. A week is 1 to 4, or -1 for the last.
    """

    kind = Choice(KINDS, required=True)
    weekdays = fields.List(Choice(WEEKDAYS), load_default=list, validate=Length(max=7))
    weeks = fields.List(
        Whole(min(WEEKS), max(WEEKS)),
        load_default=list, validate=Length(max=2),
    )  # fmt: skip
    day = Whole(1, 31, load_default=None, allow_none=True)


class WishRequest(Request):
    """What was quoted, again and again; `start` is the city's time of day.

    `on_holidays`: whether rest days are left out or kept. A weekend that is worked is kept.
    """

    quote_number = Text(24, required=True, pattern=QUOTE)
    repeats = fields.Nested(RepeatsRequest, required=True)
    starts_on = Day(required=True)
    ends_on = Day(load_default=None, allow_none=True)
    start = Text(5, required=True, pattern=MINUTE)
    worker = Text(16, pattern=WORKER, load_default=None, allow_none=True)
    on_holidays = Choice(looking.ON_HOLIDAYS, load_default="skip")


class ChoiceRequest(Request):
    """Leave a date out, keep it (also a holiday), or choose another time for it."""

    on = Day(required=True)
    action = Choice((making.KEEP, making.SKIP), load_default=making.KEEP)
    starts_at = Instant(load_default=None, allow_none=True)


class PlanRequest(WishRequest):
    """`hash` of the preview: exactly that plan is made, or none."""

    hash = Text(64, required=True, pattern=HASH)
    choices = fields.List(
        fields.Nested(ChoiceRequest), load_default=list, validate=Length(max=MOST_DATES)
    )
    note = text_for(ServicePlan.note, load_default="")


class PauseRequest(Request):
    """Without `until` it stays paused until it is resumed."""

    until = Day(load_default=None, allow_none=True)
    reason = text_for(PlanEvent.reason, load_default="")


class SkipRequest(Request):
    reason = Text(64, load_default="")


class PutBackRequest(Request):
    starts_at = Instant(load_default=None, allow_none=True)


class ShiftRequest(Request):
    starts_at = Instant(required=True)
    worker = Text(16, pattern=WORKER, load_default=None, allow_none=True)


class EndQuery(Request):
    """this, later: with `on`, the date or the first of them. all: without."""

    scope = Choice(ending.SCOPES, required=True)
    on = Day(load_default=None)


class EndRequest(Request):
    scope = Choice(ending.SCOPES, required=True)
    on = Day(load_default=None, allow_none=True)
    hash = Text(64, required=True, pattern=HASH)
    reason = text_for(PlanEvent.reason, load_default="")


class ChangeRequest(Request):
    """From `on` (or the first date after it) in another way; today for all dates to come.

    Without `quote_number` the plan's services and address stay.
    """

    on = Day(required=True)
    quote_number = Text(24, pattern=QUOTE, load_default=None, allow_none=True)
    repeats = fields.Nested(RepeatsRequest, required=True)
    ends_on = Day(load_default=None, allow_none=True)
    start = Text(5, required=True, pattern=MINUTE)
    worker = Text(16, pattern=WORKER, load_default=None, allow_none=True)
    on_holidays = Choice(looking.ON_HOLIDAYS, load_default="skip")


class DoChangeRequest(ChangeRequest):
    """`hash` of the preview: exactly that is done, or nothing."""

    hash = Text(64, required=True, pattern=HASH)
    choices = fields.List(
        fields.Nested(ChoiceRequest), load_default=list, validate=Length(max=MOST_DATES)
    )
    reason = text_for(PlanEvent.reason, load_default="")


class PlanQuery(PageQuery):
    status = Choice([status.value for status in PlanStatus], load_default="")


class SeenResponse(Schema):
    """One date as it would be, and what it costs as prices are now. `alternatives`: times nearby at
    which somebody could come; `alternatives_fen`: what each of them costs.
    """

    on = fields.Date(required=True)
    starts_at = Instant(required=True)
    state = Choice(openings.STATES, required=True)
    state_text = Word(DATE_STATE, required=True, attribute="state")
    reason = fields.String(required=True)
    reason_text = Word(NO_DATE, required=True, attribute="reason")
    total_fen = fields.Integer(required=True)
    alternatives = fields.List(Instant(), required=True)
    alternatives_fen = fields.List(fields.Integer(), required=True, attribute="near_fen")
    day_kind = fields.String(required=True, metadata={"enum": ["", "rest", "working"]})
    day_name = Localised(required=True)


class PreviewResponse(Schema):
    rule = fields.String(required=True)
    repeats_text = fields.Function(
        lambda shown: in_words(shown.rule), required=True, metadata={"type": "string"}
    )
    total_fen = fields.Integer(required=True, attribute="quote.total_fen")
    dates = fields.List(fields.Nested(SeenResponse), required=True)
    hash = fields.String(required=True)


class DateResponse(Schema):
    """A date of a plan. `on` is the day that the rule gave; it may take place on another day."""

    on = fields.Date(required=True, attribute="planned_on")
    starts_at = Instant(required=True, attribute="comes_at")
    status = fields.String(required=True)
    status_text = Word(DATE_STATUS, required=True, attribute="status")
    reason = fields.String(required=True)
    reason_text = Word(NO_DATE, required=True, attribute="reason")
    worker_name = fields.String(
        required=True, allow_none=True, attribute="worker.name", dump_default=None
    )
    order_number = fields.String(
        required=True, allow_none=True, attribute="order.number", dump_default=None
    )
    order_status = fields.String(
        required=True, allow_none=True, attribute="order.status", dump_default=None
    )
    order_status_text = Word(
        ORDER_STATUS, required=True, allow_none=True, attribute="order.status", dump_default=None
    )
    unpaid_fen = fields.Integer(
        required=True, allow_none=True, attribute="order.unpaid_fen", dump_default=None
    )
    pay_by_at = Instant(
        required=True, allow_none=True, attribute="order.pay_by_at", dump_default=None
    )


class PlanRowResponse(Schema):
    number = fields.String(required=True, attribute="plan.number")
    status = fields.String(required=True, attribute="plan.status")
    status_text = Word(PLAN_STATUS, required=True, attribute="plan.status")
    rule = fields.String(required=True, attribute="plan.rrule")
    repeats_text = fields.Function(
        lambda told: in_words(told["plan"].rrule), required=True, metadata={"type": "string"}
    )
    start = fields.Function(
        lambda told: clock_of(told["plan"].start_minute),
        required=True, metadata={"type": "string"},
    )  # fmt: skip
    starts_on = fields.Date(required=True, attribute="plan.starts_on")
    ends_on = fields.Date(required=True, allow_none=True, attribute="plan.ends_on")
    paused_until = fields.Date(required=True, allow_none=True, attribute="plan.paused_until")
    on_holidays = fields.String(required=True, attribute="plan.on_holidays")
    worker_name = fields.String(
        required=True, allow_none=True, attribute="plan.preferred_worker.name", dump_default=None
    )
    services = fields.List(fields.String(), required=True)
    next_at = Instant(required=True, allow_none=True)


class StoryResponse(Schema):
    at = Instant(required=True)
    kind = fields.String(required=True)
    text = Word(PLAN_STORY, required=True, attribute="kind")
    on = fields.Date(required=True, allow_none=True, attribute="planned_on")


class PlanResponse(PlanRowResponse):
    note = fields.String(required=True, attribute="plan.note")
    follows = fields.String(
        required=True, allow_none=True, attribute="plan.follows.number", dump_default=None
    )
    followed_by = fields.String(required=True, allow_none=True)
    dates = fields.List(fields.Nested(DateResponse), required=True)
    story = fields.List(fields.Nested(StoryResponse), required=True)
    actions = fields.List(
        fields.String(metadata={"enum": ["pause", "resume", "change", "end"]}), required=True
    )


class EndedResponse(Schema):
    on = fields.Date(required=True)
    order = fields.String(required=True, allow_none=True)
    fee_fen = fields.Integer(required=True)
    refund_fen = fields.Integer(required=True)


class EndPreviewResponse(Schema):
    """`stays`: orders that cannot be cancelled any more."""

    dates = fields.List(fields.Nested(EndedResponse), required=True)
    stays = fields.List(fields.String(), required=True)
    fee_fen = fields.Integer(required=True)
    refund_fen = fields.Integer(required=True)
    hash = fields.String(required=True)


class ChangePreviewResponse(Schema):
    """What ends with the change, and the plan that follows as it would be."""

    ended = fields.Nested(EndPreviewResponse, required=True)
    made = fields.Nested(PreviewResponse, required=True)
    hash = fields.String(required=True)


class TimesResponse(Schema):
    """`totals_fen`: what each of the times costs."""

    times = fields.List(Instant(), required=True)
    totals_fen = fields.List(fields.Integer(), required=True)


PlanListResponse = listed(PlanRowResponse)
