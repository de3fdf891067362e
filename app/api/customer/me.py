"""The customer's own account and inbox."""

from typing import Any

import sqlalchemy as sa
from marshmallow import Schema, fields

from app.api.base import Caller, CustomerApi, operation
from app.api.fields import Choice, Instant, text_for
from app.api.inbox import NotificationListResponse, inbox_of
from app.api.paging import Page
from app.api.schemas import PageQuery, Request
from app.extensions import db
from app.models import CustomerAccount
from app.services.customers import profile


class MeResponse(Schema):
    name = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    locale = fields.String(required=True)
    created_at = Instant(required=True)


class ChangeMeRequest(Request):
    name = text_for(CustomerAccount.name)
    locale = Choice(("zh", "en"))


class CustomerMeApi(CustomerApi):
    @operation("customer", "GET", "/me", summary="My account", response=MeResponse)
    def get_me(self, caller: Caller) -> CustomerAccount:
        return db.session.scalars(sa.select(CustomerAccount).filter_by(id=caller.id)).one()

    @operation(
        "customer", "PATCH", "/me", summary="Change my name or language",
        request=ChangeMeRequest, response=MeResponse, errors=(409,),
    )  # fmt: skip
    def change_me(self, caller: Caller, body: dict[str, Any]) -> CustomerAccount:
        return profile.change_profile(caller.id, **body, actor=caller.actor)

    @operation(
        "customer", "GET", "/notifications", summary="My messages, newest first",
        query=PageQuery, response=NotificationListResponse,
    )  # fmt: skip
    def list_notifications(self, caller: Caller, query: dict[str, Any]) -> Page:
        return inbox_of("customer", caller.id, query)
