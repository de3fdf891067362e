"""A customer's recurring plans: looked at, made, changed date by date, paused, ended."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload

from app.api.base import Caller, CustomerApi, operation
from app.api.customer import plan_story
from app.api.customer.plan_schemas import (
    ChangePreviewResponse,
    ChangeRequest,
    DoChangeRequest,
    EndPreviewResponse,
    EndQuery,
    EndRequest,
    PauseRequest,
    PlanListResponse,
    PlanQuery,
    PlanRequest,
    PlanResponse,
    PreviewResponse,
    PutBackRequest,
    ShiftRequest,
    SkipRequest,
    TimesResponse,
    WishRequest,
)
from app.api.customer.quotes import worker_id_of
from app.api.paging import Page, page_of
from app.domain.calendar import minute_of
from app.domain.errors import NotFound
from app.domain.recurrence import Repeats
from app.extensions import db
from app.models import ServicePlan
from app.services.orders import quotes
from app.services.plans import changing, dates, ending, looking, making, pausing, telling
from app.services.plans.changing import Change, ChangePreview
from app.services.plans.ending import EndPreview
from app.services.plans.looking import Preview, Wish
from app.services.plans.making import Choice


class PlanApi(CustomerApi):
    @operation(
        "customer", "POST", "/plans/preview",
        summary="Every date of a plan as it would be, before it is made",
        request=WishRequest, response=PreviewResponse, errors=(404, 422),
    )  # fmt: skip
    def preview_plan(self, caller: Caller, body: dict[str, Any]) -> Preview:
        number = body.pop("quote_number")
        wish = wish_of(caller.id, number, body)
        return looking.preview(quotes.quote_of(caller.id, number), wish)

    @operation(
        "customer", "POST", "/plans", summary="Make the plan that the preview showed",
        request=PlanRequest, response=PlanResponse, status=201, errors=(404, 409, 422),
        idempotent=True,
    )  # fmt: skip
    def create_plan(self, caller: Caller, body: dict[str, Any]) -> dict[str, Any]:
        number, shown, note = (body.pop(name) for name in ("quote_number", "hash", "note"))
        choices = [Choice(**choice) for choice in body.pop("choices")]
        plan = making.create_plan(
            caller.id, number, wish_of(caller.id, number, body), shown,
            choices=choices, note=note, actor=caller.actor,
        )  # fmt: skip
        return whole_plan(caller, plan.number)

    @operation(
        "customer", "GET", "/plans", summary="My recurring plans, newest first",
        query=PlanQuery, response=PlanListResponse,
    )  # fmt: skip
    def list_plans(self, caller: Caller, query: dict[str, Any]) -> Page:
        mine = sa.select(ServicePlan).filter_by(customer_id=caller.id)
        if query["status"]:
            mine = mine.filter_by(status=query["status"])
        whole = mine.options(joinedload(ServicePlan.preferred_worker))
        page = page_of(whole, [ServicePlan.id], query, newest_first=True)
        return {**page, "items": plan_story.rows(page["items"])}

    @operation(
        "customer", "GET", "/plans/<number:number>",
        summary="A plan with its dates, their orders, and its story",
        response=PlanResponse, errors=(404,),
    )  # fmt: skip
    def get_plan(self, caller: Caller, number: str) -> dict[str, Any]:
        return whole_plan(caller, number)

    @operation(
        "customer", "POST", "/plans/<number:number>/pause",
        summary="Make no more orders for a while; those that were made stay",
        request=PauseRequest, response=PlanResponse, errors=(404, 409, 422), idempotent=True,
    )  # fmt: skip
    def pause_plan(self, caller: Caller, number: str, body: dict[str, Any]) -> dict[str, Any]:
        plan_id = plan_of(caller, number).id
        pausing.pause_plan(plan_id, **body, customer_id=caller.id, actor=caller.actor)
        return whole_plan(caller, number)

    @operation(
        "customer", "POST", "/plans/<number:number>/resume", summary="Go on with a paused plan",
        response=PlanResponse, errors=(404, 409, 422), idempotent=True,
    )  # fmt: skip
    def resume_plan(self, caller: Caller, number: str) -> dict[str, Any]:
        plan_id = plan_of(caller, number).id
        pausing.resume_plan(plan_id, customer_id=caller.id, actor=caller.actor)
        return whole_plan(caller, number)

    @operation(
        "customer", "POST", "/plans/<number:number>/dates/<day:on>/skip",
        summary="Leave one date out, before its order is made",
        request=SkipRequest, response=PlanResponse, errors=(404, 409, 422), idempotent=True,
    )  # fmt: skip
    def skip_date(
        self, caller: Caller, number: str, on: date, body: dict[str, Any]
    ) -> dict[str, Any]:
        plan_id = plan_of(caller, number).id
        dates.skip_date(plan_id, on, **body, customer_id=caller.id, actor=caller.actor)
        return whole_plan(caller, number)

    @operation(
        "customer", "POST", "/plans/<number:number>/dates/<day:on>/put-back",
        summary="Take a date back that was left out",
        request=PutBackRequest, response=PlanResponse, errors=(404, 409, 422), idempotent=True,
    )  # fmt: skip
    def put_back(
        self, caller: Caller, number: str, on: date, body: dict[str, Any]
    ) -> dict[str, Any]:
        plan_id = plan_of(caller, number).id
        dates.put_back(plan_id, on, **body, customer_id=caller.id, actor=caller.actor)
        return whole_plan(caller, number)

    @operation(
        "customer", "POST", "/plans/<number:number>/dates/<day:on>/shift",
        summary="Let one date be at another time or another worker's, before its order is made",
        request=ShiftRequest, response=PlanResponse, errors=(404, 409, 422), idempotent=True,
    )  # fmt: skip
    def shift_date(
        self, caller: Caller, number: str, on: date, body: dict[str, Any]
    ) -> dict[str, Any]:
        plan = plan_of(caller, number)
        dates.shift_date(
            plan.id, on, body["starts_at"], worker_id=worker_id_of(plan.branch_id, body["worker"]),
            customer_id=caller.id, actor=caller.actor,
        )  # fmt: skip
        return whole_plan(caller, number)

    @operation(
        "customer", "GET", "/plans/<number:number>/dates/<day:on>/times",
        summary="Times near a date at which somebody could come",
        response=TimesResponse, errors=(404,),
    )  # fmt: skip
    def list_times(self, caller: Caller, number: str, on: date) -> dict[str, Any]:
        plan = plan_of(caller, number)
        times = dates.other_times(plan, on, db.session())
        return {"times": times, "totals_fen": telling.costs_of(plan, times)}

    @operation(
        "customer", "GET", "/plans/<number:number>/cancellation",
        summary="What cancelling one date, this and later, or all would end and cost now",
        query=EndQuery, response=EndPreviewResponse, errors=(404, 422),
    )  # fmt: skip
    def preview_end(self, caller: Caller, number: str, query: dict[str, Any]) -> EndPreview:
        return ending.preview_end(db.session(), plan_of(caller, number), **query)

    @operation(
        "customer", "POST", "/plans/<number:number>/cancel",
        summary="Cancel dates, exactly as the preview showed",
        request=EndRequest, response=PlanResponse, errors=(404, 409, 422), idempotent=True,
    )  # fmt: skip
    def cancel_dates(self, caller: Caller, number: str, body: dict[str, Any]) -> dict[str, Any]:
        plan_id = plan_of(caller, number).id
        shown = body.pop("hash")
        ending.end_dates(
            plan_id, body.pop("scope"), shown, **body, customer_id=caller.id, actor=caller.actor
        )
        return whole_plan(caller, number)


class PlanChangeApi(CustomerApi):
    @operation(
        "customer", "POST", "/plans/<number:number>/change-preview",
        summary="What changing this and later dates would end, cost and make",
        request=ChangeRequest, response=ChangePreviewResponse, errors=(404, 422),
    )  # fmt: skip
    def preview_change(self, caller: Caller, number: str, body: dict[str, Any]) -> ChangePreview:
        plan = plan_of(caller, number)
        return changing.preview_change(plan.id, change_of(plan, body))

    @operation(
        "customer", "POST", "/plans/<number:number>/change",
        summary="Change this and later dates, exactly as the preview showed; the plan that follows",
        request=DoChangeRequest, response=PlanResponse, errors=(404, 409, 422), idempotent=True,
    )  # fmt: skip
    def change_plan(self, caller: Caller, number: str, body: dict[str, Any]) -> dict[str, Any]:
        plan = plan_of(caller, number)
        new = changing.change_plan(
            plan.id, change_of(plan, body), body["hash"],
            choices=[Choice(**choice) for choice in body["choices"]], reason=body["reason"],
            customer_id=caller.id, actor=caller.actor,
        )  # fmt: skip
        return whole_plan(caller, new.number)


def change_of(plan: ServicePlan, body: dict[str, Any]) -> Change:
    """The change of a request; another quote brings its services and address."""
    quote = (
        quotes.quote_of(plan.customer_id, body["quote_number"]) if body["quote_number"] else None
    )
    branch_id = quotes.branch_of(quote) if quote else plan.branch_id
    return Change(
        body["on"],
        _wish({**body, "starts_on": body["on"]}, branch_id),
        quotes.wishes_of(quote.request) if quote else (),
        quote.address_id if quote else None,
    )


def wish_of(customer_id: int, quote_number: str, body: dict[str, Any]) -> Wish:
    """The wish of a request; the worker must be of the branch that serves the address."""
    return _wish(body, quotes.branch_of(quotes.quote_of(customer_id, quote_number)))


def _wish(body: dict[str, Any], branch_id: int) -> Wish:
    repeats = body["repeats"]
    return Wish(
        repeats=Repeats(
            repeats["kind"], tuple(repeats["weekdays"]), tuple(repeats["weeks"]), repeats["day"]
        ),
        starts_on=body["starts_on"],
        ends_on=body["ends_on"],
        start_minute=minute_of(body["start"]),
        worker_id=worker_id_of(branch_id, body["worker"]),
        on_holidays=body["on_holidays"],
    )


def plan_of(caller: Caller, number: str) -> ServicePlan:
    """The customer's own plan. Raises NotFound."""
    plan = db.session.scalar(sa.select(ServicePlan).filter_by(number=number, customer_id=caller.id))
    if plan is None:
        raise NotFound(_l("This plan does not exist"), number=number)
    return plan


def whole_plan(caller: Caller, number: str) -> dict[str, Any]:
    return plan_story.whole(plan_of(caller, number))
