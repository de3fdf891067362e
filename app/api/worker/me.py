"""The worker's own file, balance and inbox."""

from typing import Any

import sqlalchemy as sa
from marshmallow import Schema, fields
from sqlalchemy.orm import joinedload, selectinload

from app.api.base import Caller, WorkerApi, operation
from app.api.fields import Localised, Whole
from app.api.inbox import NotificationListResponse, inbox_of
from app.api.paging import Page
from app.api.places import point_of
from app.api.rating import rating_of
from app.api.schemas import PageQuery, PositionRequest, Request
from app.domain.phones import masked_phone
from app.extensions import db
from app.models import Worker, WorkerSkill
from app.services.money import withdrawals
from app.services.visits import positions

MOST_ACCURACY_M = 100_000


class SkillResponse(Schema):
    code = fields.String(required=True, attribute="skill.code")
    name = Localised(required=True, attribute="skill.name")
    level = fields.Integer(required=True)
    valid_to = fields.Date(required=True, allow_none=True)


class BalanceResponse(Schema):
    """`frozen_fen` is earned and not settled, `in_transit_fen` on its way to the worker;
    `cash_held_fen` is customers' cash that he has not handed in.
    """

    available_fen = fields.Integer(required=True)
    frozen_fen = fields.Integer(required=True)
    in_transit_fen = fields.Integer(required=True)
    cash_held_fen = fields.Integer(required=True)


class WorkerMeResponse(Schema):
    number = fields.String(required=True, attribute="worker.number")
    name = fields.String(required=True, attribute="worker.name")
    phone = fields.String(required=True)
    status = fields.String(required=True, attribute="worker.status")
    level = fields.Integer(required=True, attribute="worker.level")
    introduction = fields.String(required=True, attribute="worker.introduction")
    avatar_color = fields.String(required=True, attribute="worker.avatar_color")
    daily_cap = fields.Integer(required=True, attribute="worker.daily_cap")
    rating = fields.Float(required=True, allow_none=True)
    rating_count = fields.Integer(required=True, attribute="worker.rating_count")
    skills = fields.List(fields.Nested(SkillResponse), required=True, attribute="worker.skills")
    balance = fields.Nested(BalanceResponse, required=True)


class WhereRequest(Request):
    position = fields.Nested(PositionRequest, required=True)
    accuracy_m = Whole(0, MOST_ACCURACY_M, load_default=None)


class WorkerMeApi(WorkerApi):
    @operation(
        "worker", "POST", "/position",
        summary="Where I am: who is free and near is asked for visits for now",
        request=WhereRequest,
    )  # fmt: skip
    def tell_position(self, caller: Caller, body: dict[str, Any]) -> None:
        place = point_of(body["position"])
        positions.tell_position(caller.id, place, body["accuracy_m"], actor=caller.actor)

    @operation(
        "worker", "GET", "/me", summary="My file and what I have earned",
        response=WorkerMeResponse,
    )  # fmt: skip
    def get_me(self, caller: Caller) -> dict[str, Any]:
        whole = sa.select(Worker).options(
            joinedload(Worker.account), selectinload(Worker.skills).joinedload(WorkerSkill.skill)
        )
        worker = db.session.scalars(whole.where(Worker.id == caller.id)).one()
        return {
            "worker": worker,
            "phone": masked_phone(worker.account.phone),
            "rating": rating_of(worker),
            "balance": withdrawals.balance_of(worker.id),
        }

    @operation(
        "worker", "GET", "/notifications", summary="My messages, newest first",
        query=PageQuery, response=NotificationListResponse,
    )  # fmt: skip
    def list_notifications(self, caller: Caller, query: dict[str, Any]) -> Page:
        return inbox_of("worker", caller.id, query)
